package simulate

import (
	"fmt"
	"io"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// HotlineHeader is the header of the 12345 hotline's export.
func HotlineHeader() []string {
	return []string{"工单编号", "来电时间", "来电号码", "证件号码", "问题属地", "诉求目的", "一级分类", "二级分类", "三级分类", "诉求对象",
		"联名人数", "诉求内容", "关联工单", "登记级别", "有权级别", "转派时间", "责任单位", "限办截止", "受理时间", "不予受理时间",
		"退回时间", "延期时间", "答复时间", "办结时间", "回访时间", "评价时间", "满意度", "更新时间"}
}

// hotlineCSV writes the hotline's orders, one row each in their present state.
type hotlineCSV struct {
	*composer
	utf8 bool
	buf  []byte
}

const flushAt = 1 << 16

func (h *hotlineCSV) write(b batch, open create) (t tally, err error) {
	file, err := open(fromHotline, fileName(fromHotline, h.stamps, b.until, "csv"))
	if err != nil {
		return t, err
	}
	var w io.Writer = file
	if !h.utf8 {
		w = transform.NewWriter(file, simplifiedchinese.GB18030.NewEncoder())
	}
	h.buf = h.buf[:0]
	for i, name := range HotlineHeader() {
		if i > 0 {
			h.buf = append(h.buf, ',')
		}
		h.buf = append(h.buf, name...)
	}
	h.buf = append(h.buf, '\r', '\n')
	for i := range b.records {
		if h.row(&b.records[i]) != sound {
			t.broken++
		}
		t.rows++
		if len(h.buf) >= flushAt || i == len(b.records)-1 {
			if _, err := w.Write(h.buf); err != nil {
				return t, fmt.Errorf("rows: %w", err)
			}
			h.buf = h.buf[:0]
		}
	}
	t.files = 1
	return t, file.Close()
}

// row appends one order, and says how it is broken.
func (h *hotlineCSV) row(rec *record) uint8 {
	how := h.broken(rec)
	cat := &h.district.Categories[rec.category]
	spell := rng(rec.voice)
	id := identityOf(rec.person, rec.source)
	b := h.buf
	if how != noRef {
		b = h.ref(b, rec.refKey)
	}
	b = append(b, ',')
	if how == badTime {
		b = append(b, "2026-13-32 25:61:00"...)
	} else {
		b = h.stamps.time(b, rec.at)
	}
	b = append(b, ',')
	if id.phone {
		b = spellPhone(b, rec.person, &spell)
	}
	b = append(b, ',')
	if id.id {
		b = spellID(b, rec.person, &spell)
	}
	b = append(b, ',')
	if how == badPlace {
		b = append(b, "不详-33"...)
	} else {
		b = append(b, h.district.Villages[rec.place].Code...)
	}
	b = append(b, ',')
	if how == badPurpose {
		b = append(b, "打听"...)
	} else {
		b = append(b, [...]string{"投诉", "求助", "建议", "咨询", "感谢", "复查", "复核", "检举"}[rec.purpose]...)
	}
	for _, name := range cat.Name {
		b = append(append(b, ','), name...)
	}
	b = append(b, ',')
	b = h.district.subject(b, cat.about, rec.subject)
	b = append(b, ',')
	if how == badPeople {
		b = append(b, "若干"...)
	} else {
		b = appendPadded(b, uint64(rec.people), 1)
	}
	if how == cutShort {
		h.buf = append(b, '\r', '\n')
		return how
	}
	b = append(b, ',')
	if how == strayQuote {
		b = append(b, "来电人说\"马上"...)
	}
	start := len(b)
	b = h.text(b, rec)
	if how != strayQuote {
		b = quoteCSV(b, start)
	}
	h.buf = h.rest(b, rec, how)
	return how
}

// rest appends what the office did.
func (h *hotlineCSV) rest(b []byte, rec *record, how uint8) []byte {
	b = append(b, ',')
	b = h.ref(b, rec.related)
	b = append(b, ',')
	if how == badLevel {
		b = append(b, "片区"...)
	} else {
		b = append(b, levelWords()[rec.level]...)
	}
	b = append(append(b, ','), levelWords()[rec.competent]...)
	b = append(b, ',')
	b = h.stamps.time(b, rec.times[transferred])
	b = append(append(b, ','), h.unit(rec)...)
	b = append(b, ',')
	if due, ok := h.stamps.due(rec); ok {
		b = h.stamps.plain(b, due, ' ')
	}
	for _, act := range [...]uint8{accepted, notAccepted, returned, extended, replied, closed, calledBack, rated} {
		b = h.stamps.time(append(b, ','), rec.times[act])
	}
	b = append(append(b, ','), ratingWords()[rec.rating]...)
	b = h.stamps.time(append(b, ','), rec.changed)
	return append(b, '\r', '\n')
}

// quoteCSV quotes the field that begins at start if it must be.
func quoteCSV(b []byte, start int) []byte {
	special := 0
	quotes := 0
	for _, c := range b[start:] {
		switch c {
		case '"':
			quotes++
			special++
		case ',', '\n', '\r':
			special++
		}
	}
	if special == 0 {
		return b
	}
	field := string(b[start:])
	b = append(b[:start], '"')
	for i := range len(field) {
		if field[i] == '"' {
			b = append(b, '"')
		}
		b = append(b, field[i])
	}
	return append(b, '"')
}
