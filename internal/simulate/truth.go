package simulate

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

// truth writes what no feed shows: what came of each matter and group, and why.
type truth struct {
	composer *composer
	matters  *csvFile
	groups   *csvFile
	hazards  *csvFile // nil = not written
	last     map[hazardKey]float64
}

type hazardKey struct {
	risk Risk
	id   uint64
}

// csvFile is a plain CSV file: its values need no quotes.
type csvFile struct {
	file *os.File
	w    *bufio.Writer
	buf  []byte
}

func openTruth(dir string, hazards bool, c *composer) (*truth, error) {
	t := &truth{composer: c, last: map[hazardKey]float64{}}
	var err error
	open := func(name, header string) *csvFile {
		file, e := os.Create(filepath.Join(dir, name))
		if e != nil {
			err = errors.Join(err, e)
			return nil
		}
		f := &csvFile{file: file, w: bufio.NewWriterSize(file, 1<<16)}
		f.w.WriteString(header + "\n")
		return f
	}
	t.matters = open("truth.csv", "matter,source,ref,group,purpose,place,category,subject,first_at,contacts,anonymous,"+
		"double_at,repeat_at,repeat_after_missed_deadline,escalated_at,review_at,re_review_at,concluded_at,after_conclusion_at,previous,"+
		"harm,unit,unit_quality,slowness,stuck,solved,returned,missed_accept,missed_reply,rating,broken")
	t.groups = open("groups.csv", "group,source,ref,subject,place,category,first_at,contacts,collective_at")
	if hazards {
		t.hazards = open("hazards.csv", "at,risk,id,hazard")
	}
	return t, err
}

// matter writes one row. Times are empty for what never came.
func (t *truth) matter(w *world, m *matter) error {
	f, c, o := t.matters, t.composer, &m.outcome
	delete(t.last, hazardKey{Repeat, m.id})
	delete(t.last, hazardKey{Escalated, m.id})
	cat := &w.district.Categories[m.category]
	b := f.buf[:0]
	b = strconv.AppendUint(b, m.id, 10)
	b = append(append(b, ','), sourceNames()[m.first.source]...)
	b = c.ref(append(b, ','), m.first)
	b = strconv.AppendUint(append(b, ','), w.groups.at(m.group).id, 10)
	b = append(append(b, ','), purposeNames()[m.purpose]...)
	b = append(append(b, ','), w.district.Villages[m.place].Code...)
	b = append(append(b, ','), cat.Name[0]...)
	b = append(append(append(b, '/'), cat.Name[1]...), '/')
	b = append(append(b, cat.Name[2]...), ',')
	b = w.district.subject(b, cat.about, m.subject)
	b = t.time(append(b, ','), m.firstAt)
	b = strconv.AppendUint(append(b, ','), uint64(m.contacts), 10)
	b = appendBool(b, m.person == 0)
	b = t.time(append(b, ','), o.double)
	b = t.time(append(b, ','), o.repeat)
	b = appendBool(b, o.afterMissed)
	for _, at := range [...]int32{o.escalated, o.review, o.reReview, o.concluded, o.after} {
		b = t.time(append(b, ','), at)
	}
	b = append(b, ',')
	if m.previous != 0 {
		b = strconv.AppendUint(b, m.previous, 10)
	}
	b = appendBool(b, o.harm)
	unit := &w.district.Units[m.unit]
	b = append(append(b, ','), unit.Name...)
	b = strconv.AppendFloat(append(b, ','), unit.quality, 'f', 3, 64)
	b = strconv.AppendFloat(append(b, ','), float64(o.slowness), 'f', 2, 64)
	b = appendBool(appendBool(b, m.stuck), m.solved)
	b = strconv.AppendUint(append(b, ','), uint64(m.returned), 10)
	b = appendBool(appendBool(b, o.missedAccept), o.missedReply)
	b = append(append(b, ','), [...]string{"", "satisfied", "basically", "not"}[m.rating]...)
	b = appendBool(b, c.broken(&record{refKey: m.first}) != sound)
	return f.line(b)
}

func (t *truth) group(w *world, g *group) error {
	f, c := t.groups, t.composer
	delete(t.last, hazardKey{Collective, g.id})
	cat := &w.district.Categories[g.category]
	b := f.buf[:0]
	b = strconv.AppendUint(b, g.id, 10)
	b = append(append(b, ','), sourceNames()[g.first.source]...)
	b = c.ref(append(b, ','), g.first)
	b = w.district.subject(append(b, ','), cat.about, g.key.subject)
	b = append(append(b, ','), w.district.Villages[g.place].Code...)
	b = append(append(b, ','), cat.Name[0]...)
	b = append(append(b, '/'), cat.Name[1]...)
	b = t.time(append(b, ','), g.firstAt)
	b = strconv.AppendUint(append(b, ','), uint64(g.contacts), 10)
	b = t.time(append(b, ','), g.collectiveAt)
	return f.line(b)
}

// hazard writes a true hazard where it changed by a tenth or more.
func (t *truth) hazard(h Truth) {
	key := hazardKey{h.Risk, h.ID}
	was := t.last[key]
	if h.Hazard == was || h.Hazard > 0.9*was && h.Hazard < 1.1*was {
		return
	}
	t.last[key] = h.Hazard
	b := h.At.AppendFormat(t.hazards.buf[:0], "2006-01-02T15:04:05-07:00")
	b = append(append(b, ','), h.Risk.String()...)
	b = strconv.AppendUint(append(b, ','), h.ID, 10)
	b = strconv.AppendFloat(append(b, ','), h.Hazard, 'g', 5, 64)
	t.hazards.line(b) // close tells of errors: bufio keeps the first
}

func (t *truth) time(b []byte, at int32) []byte {
	if at == 0 {
		return b
	}
	return t.composer.stamps.rfc(b, at)
}

func appendBool(b []byte, v bool) []byte {
	return strconv.AppendBool(append(b, ','), v)
}

func (f *csvFile) line(b []byte) error {
	f.buf = append(b, '\n')
	_, err := f.w.Write(f.buf)
	return err
}

func (t *truth) close() error {
	var errs []error
	for _, f := range []*csvFile{t.matters, t.groups, t.hazards} {
		if f != nil {
			errs = append(errs, f.w.Flush(), f.file.Close())
		}
	}
	return errors.Join(errs...)
}
