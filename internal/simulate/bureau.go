package simulate

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// BureauHeader is the header of the petition bureau's export.
func BureauHeader() []string {
	return []string{"信访件编号", "信访形式", "登记时间", "登记机构级别", "有权处理机关级别", "信访目的", "问题属地", "内容分类", "投诉对象",
		"信访人数", "联系电话", "证件号码", "主要内容", "关联件", "转送时间", "交办时间", "责任单位", "限办截止", "受理时间", "不予受理时间",
		"退回时间", "延期时间", "答复时间", "办结时间", "回访时间", "评价时间", "满意度", "督办时间", "复查时间", "复核时间", "终结时间",
		"听证时间", "走访时间"}
}

// BureauSheet is the name of its sheet.
const BureauSheet = "信访件"

// rowsPerSheet is what a sheet can hold, without the header.
const rowsPerSheet = 1<<20 - 1

// bureauXLSX writes the bureau's petitions, one row each in their present state.
// Half the files have real dates, the others have them as text: both occur.
type bureauXLSX struct {
	*composer
	buf []byte
	row []any
}

func (x *bureauXLSX) write(b batch, open create) (t tally, err error) {
	name := fileName(fromBureau, x.stamps, b.until, "xlsx")
	for part := 0; len(b.records) > 0; part++ {
		n := min(len(b.records), rowsPerSheet)
		if part > 0 {
			name = strings.TrimSuffix(name, ".xlsx") + "-" + string(appendPadded(nil, uint64(part+1), 1)) + ".xlsx"
		}
		broken, err := x.workbook(name, b.until, b.records[:n], open)
		if err != nil {
			return t, err
		}
		t.rows, t.broken, t.files = t.rows+n, t.broken+broken, t.files+1
		b.records = b.records[n:]
	}
	return t, nil
}

// workbook writes one file and says how many of its rows are broken.
func (x *bureauXLSX) workbook(name string, until int32, records []record, open create) (broken int, err error) {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", BureauSheet); err != nil {
		return 0, err
	}
	format := "yyyy-mm-dd hh:mm:ss"
	style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return 0, err
	}
	sheet, err := book.NewStreamWriter(BureauSheet)
	if err != nil {
		return 0, err
	}
	header := make([]any, 0, len(BureauHeader()))
	for _, h := range BureauHeader() {
		header = append(header, h)
	}
	if err := sheet.SetRow("A1", header); err != nil {
		return 0, err
	}
	coin := rng(until)
	real := coin.chance(0.5)
	for i := range records {
		how := x.fill(&records[i], real, style)
		if how != sound {
			broken++
		}
		cell := "A" + string(appendPadded(nil, uint64(i+2), 1))
		if err := sheet.SetRow(cell, x.row); err != nil {
			return broken, err
		}
	}
	if err := sheet.Flush(); err != nil {
		return broken, err
	}
	file, err := open(fromBureau, name)
	if err != nil {
		return broken, err
	}
	if _, err := book.WriteTo(file); err != nil {
		file.Close()
		return broken, err
	}
	return broken, file.Close()
}

// str turns what f appends into a cell.
func (x *bureauXLSX) str(f func([]byte) []byte) {
	x.buf = f(x.buf[:0])
	if len(x.buf) == 0 {
		x.row = append(x.row, nil)
		return
	}
	x.row = append(x.row, string(x.buf))
}

// fill puts one petition into x.row, and says how it is broken.
func (x *bureauXLSX) fill(rec *record, real bool, style int) uint8 {
	how := x.broken(rec)
	cat := &x.district.Categories[rec.category]
	spell := rng(rec.voice)
	id := identityOf(rec.person, rec.source)
	when := func(t int32) {
		switch {
		case t == 0:
			x.row = append(x.row, nil)
		case real: // a cell has no zone: the local time as it stands on the clock
			x.row = append(x.row, excelize.Cell{StyleID: style, Value: serial(x.stamps, x.stamps.of(t))})
		default:
			x.str(func(b []byte) []byte { return x.stamps.time(b, t) })
		}
	}
	x.row = x.row[:0]
	x.str(func(b []byte) []byte {
		if how == noRef {
			return b
		}
		return x.ref(b, rec.refKey)
	})
	x.row = append(x.row, channelWords()[rec.channel])
	if how == badTime {
		x.row = append(x.row, "2026年13月32日")
	} else {
		when(rec.at)
	}
	level, purpose, place := levelWords()[rec.level],
		[...]string{"投诉求决", "求助", "意见建议", "咨询", "感谢", "复查", "复核", "检举控告"}[rec.purpose], x.district.Villages[rec.place].Code
	switch how {
	case badLevel:
		level = "片区"
	case badPurpose:
		purpose = "打听"
	case badPlace:
		place = "不详-33"
	}
	x.row = append(x.row, level, levelWords()[rec.competent], purpose, place, strings.Join(cat.Name[:], "/"))
	x.str(func(b []byte) []byte { return x.district.subject(b, cat.about, rec.subject) })
	if how == badPeople {
		x.row = append(x.row, "若干")
	} else {
		x.row = append(x.row, int(rec.people))
	}
	if how == cutShort || how == strayQuote { // a workbook's row that was filled in by half
		x.row[2] = nil
		return how
	}
	x.str(func(b []byte) []byte {
		if !id.phone {
			return b
		}
		return spellPhone(b, rec.person, &spell)
	})
	x.str(func(b []byte) []byte {
		if !id.id {
			return b
		}
		return spellID(b, rec.person, &spell)
	})
	x.str(func(b []byte) []byte { return x.text(b, rec) })
	x.str(func(b []byte) []byte { return x.ref(b, rec.related) })
	when(rec.times[transferred])
	when(rec.times[assigned])
	x.row = append(x.row, x.unit(rec))
	if due, ok := x.stamps.due(rec); ok {
		x.str(func(b []byte) []byte { return x.stamps.plain(b, due, ' ') })
	} else {
		x.row = append(x.row, nil)
	}
	for _, act := range [...]uint8{accepted, notAccepted, returned, extended, replied, closed, calledBack, rated} {
		when(rec.times[act])
	}
	x.row = append(x.row, ratingWords()[rec.rating])
	for _, act := range [...]uint8{supervised, reviewed, reReviewed, concluded, hearing, visited} {
		when(rec.times[act])
	}
	return how
}

// serial is a date as a workbook stores it: days since 1899-12-30.
func serial(s *stamps, t int32) float64 {
	return float64(s.clock.sinceDay) + 25569 + float64(t)/day
}
