package ingest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// step is one batch of an import: which matter each signal belongs to, what of
// it is new, known or a correction, and what is appended to the store.
type step struct {
	*run
	now time.Time

	cases   map[Key][]CaseID // all cases a key ever stood for, latest last
	matters map[CaseID]*matter
	open    map[ID]*believed
	last    map[ID]int // the last draft of a stored signal in this batch
	waits   map[Key][]*draft
	batch   Batch
	closing []closing
}

// believed is the row of a signal that is believed now, stored or of this batch.
type believed struct {
	Known
	row int // in the batch; -1 = in the store
}

// closing is a stored row that is no longer believed from an instant on.
type closing struct {
	Known
	until time.Time
}

// take stores what can be stored of some mapped records, in order. It gives
// back the records of which an action waits for its matter. done are the files
// that end here.
func (r *run) take(ctx context.Context, records []mapped, done []*FileReport) (waiting []mapped, err error) {
	st := &step{run: r, now: r.Now().UTC().Truncate(time.Millisecond), cases: map[Key][]CaseID{}, matters: map[CaseID]*matter{}, open: map[ID]*believed{}, last: map[ID]int{}, waits: map[Key][]*draft{}}
	good := records[:0:0]
	for i := range records {
		m := &records[i]
		if m.fault == nil {
			good = append(good, *m)
			continue
		}
		if err := st.refuse(m, m.fault, false); err != nil {
			return nil, err
		}
	}
	for _, file := range done {
		st.fileReject(file)
	}
	if err := st.lookUp(ctx, good); err != nil {
		return nil, err
	}
	st.place(good)
	waiting = st.rows(good)
	if err := st.close(ctx); err != nil {
		return nil, err
	}
	return waiting, st.append(ctx)
}

// refuse adds a reject for a record. One that is rejected again for the same
// reason stays as it is.
func (st *step) refuse(m *mapped, fault *Fault, waits bool) error {
	reject, err := rejectOf(st.Key, st.source, m, fault, waits, st.now)
	if err != nil {
		return err
	}
	if m.was == nil || m.was.Reason != reject.Reason || m.was.Waits != waits {
		st.batch.Rejects = append(st.batch.Rejects, reject)
	}
	st.report.add(m, reject)
	return nil
}

// lookUp fetches what is stored of the keys and cases of these records.
func (st *step) lookUp(ctx context.Context, records []mapped) error {
	var keys []Key
	for i := range records {
		m := &records[i]
		if m.key != 0 {
			keys = append(keys, m.key)
		}
		for j := range m.drafts {
			d := &m.drafts[j]
			st.fill(d)
			keys = append(keys, d.ref)
			if d.Link != 0 {
				keys = append(keys, d.Link)
			}
			keys = append(keys, d.Keys...)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) == 0 {
		return nil
	}
	links, err := st.Store.Links(ctx, keys)
	if err != nil {
		return fmt.Errorf("look up matters: %w", err)
	}
	cases := make([]CaseID, len(links))
	for i, l := range links {
		st.stands(l.Key, l.Case)
		cases[i] = l.Case
	}
	slices.Sort(cases)
	cases = slices.Compact(cases)
	if len(cases) == 0 {
		return nil
	}
	known, err := st.Store.Known(ctx, cases)
	if err != nil {
		return fmt.Errorf("look up stored signals: %w", err)
	}
	st.remember(known)
	return nil
}

// fill gives a signal without a time of its own the time at which it is stored.
func (st *step) fill(d *draft) {
	if d.At.IsZero() {
		d.At = st.now
	}
	if d.KnownAt.IsZero() {
		d.KnownAt = latest(st.now, d.At)
	}
}

// stands notes that a key stands for a case.
func (st *step) stands(key Key, id CaseID) {
	if !slices.Contains(st.cases[key], id) {
		st.cases[key] = append(st.cases[key], id)
	}
}

// remember takes up what the store knows of the cases.
func (st *step) remember(known []Known) {
	slices.SortFunc(known, func(a, b Known) int {
		return cmp.Or(a.At.Compare(b.At), slices.Compare(a.ID[:], b.ID[:]))
	})
	for i := range known {
		k := &known[i]
		st.open[k.ID] = &believed{Known: *k, row: -1}
		if !k.Until.IsZero() {
			continue // taken back: it no longer speaks for the matter
		}
		m := st.matter(k.Case)
		m.touch(k.Kind, k.Act, k.At)
		if k.Person != 0 {
			m.meet(k.Who, k.At, k.Person)
		}
	}
}

func (st *step) matter(id CaseID) *matter {
	m, ok := st.matters[id]
	if !ok {
		m = newMatter(id)
		st.matters[id] = m
	}
	return m
}

// append stores the step and tells whoever wants to know.
func (st *step) append(ctx context.Context) error {
	b := &st.batch
	if len(b.Links)+len(b.Rows)+len(b.Rejects)+len(b.Settled) == 0 {
		return nil
	}
	if err := st.Store.Append(ctx, b); err != nil {
		return fmt.Errorf("store %d signals: %w", len(b.Rows), err)
	}
	if st.Stored != nil && len(b.Rows) > 0 {
		st.Stored(b.Rows)
	}
	return nil
}

// close adds the closed copies of the stored rows that corrections replace.
func (st *step) close(ctx context.Context) error {
	if len(st.closing) == 0 {
		return nil
	}
	until := make(map[ID]closing, len(st.closing))
	known := make([]Known, len(st.closing))
	for i, c := range st.closing {
		until[c.ID], known[i] = c, c.Known
	}
	rows, err := st.Store.Rows(ctx, known)
	if err != nil {
		return fmt.Errorf("look up corrected signals: %w", err)
	}
	for _, row := range rows {
		c, ok := until[row.ID]
		if !ok || !row.KnownAt.Equal(c.KnownAt) {
			continue // closed by another import meanwhile
		}
		row.KnownUntil, row.ClosedAt = c.until, st.now
		st.batch.Rows = append(st.batch.Rows, row)
	}
	return nil
}
