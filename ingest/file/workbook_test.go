package file

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// book writes a workbook with one sheet.
func book(t testing.TB, sheet string, rows [][]any, styles ...string) []byte {
	t.Helper()
	x := excelize.NewFile()
	defer x.Close()
	if err := x.SetSheetName("Sheet1", sheet); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for j, v := range row {
			if v == nil {
				continue
			}
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := x.SetCellValue(sheet, cell, v); err != nil {
				t.Fatal(err)
			}
			if j < len(styles) && styles[j] != "" && i > 0 {
				id, err := x.NewStyle(&excelize.Style{CustomNumFmt: &styles[j]})
				if err != nil {
					t.Fatal(err)
				}
				if err := x.SetCellStyle(sheet, cell, cell, id); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var b bytes.Buffer
	if err := x.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A date reads the same whether it is a text or a real date, however it is displayed.
func TestWorkbookDates(t *testing.T) {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	for _, format := range []string{"m/d/yy h:mm", "yyyy-mm-dd hh:mm:ss", `yyyy"年"m"月"d"日"`, "dd\\-mm", "[h]:mm:ss"} {
		data := book(t, "信访件", [][]any{{"编号", "登记时间", "备注"}, {"1", at, 1.5}, {"2", "2026-01-02 15:04:05", "x"}}, "", format)
		want := "2: 编号=1|登记时间=2026-01-02 15:04:05|备注=1.5\n3: 编号=2|登记时间=2026-01-02 15:04:05|备注=x\n"
		if diff := cmp.Diff(want, readBytes(t, feedOf(t, "{format: xlsx, sheet: 信访件}"), "a.xlsx", data)); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
	for serial, want := range map[float64]string{46024: "2026-01-02 00:00:00", 46024.5: "2026-01-02 12:00:00", 46024.627835648: "2026-01-02 15:04:05", 46024.9999999: "2026-01-02 23:59:59.991"} {
		r := &sheetReader{book: &workbook{}}
		if got, ok := r.date(serial); !ok || got != want {
			t.Errorf("%v: %s, want %s", serial, got, want)
		}
	}
	r := &sheetReader{book: &workbook{from04: true}}
	if got, _ := r.date(46024 - 1462); got != "2026-01-02 00:00:00" {
		t.Errorf("from 1904: %s", got)
	}
}

func TestNumberFormatsThatShowDates(t *testing.T) {
	for code, want := range map[string]bool{
		"yyyy-mm-dd": true, "h:mm": true, "[hh]:mm": true, `yyyy"年"`: true, "[$-804]yyyy/m/d": true, "d": true,
		"General": false, "0.00": false, "#,##0": false, `0"days"`: false, "[Red]0.0": false, `0\d`: false, "@": false, "_-* 0": false, "[": false,
	} {
		if got := showsDate(code); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// Numbers, blanks, notes in the margin, a title, an empty row.
func TestWorkbookCells(t *testing.T) {
	data := book(t, "信访件", [][]any{
		{"信访件登记表"}, {}, {"编号", "电话", nil, "人数", "主要内容"},
		{"1", 13905711234.0, "x", 5, "一 & 二 <三>\n四"}, {}, {"2", "１３９", nil, true, nil, "note", "in the margin"},
	})
	want := "4: 编号=1|电话=13905711234|=x|人数=5|主要内容=一 & 二 <三>\n四\n6: 编号=2|电话=１３９|=|人数=1|主要内容=\n"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(data)
	z.Close()
	for name, data := range map[string][]byte{"a.xlsx": data, "a.xlsx.gz": packed.Bytes()} {
		if diff := cmp.Diff(want, readBytes(t, feedOf(t, "{format: xlsx}"), name, data)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWorkbookWithoutTheSheet(t *testing.T) {
	data := book(t, "张三 13905711234", [][]any{{"a", "b"}})
	got := readBytes(t, feedOf(t, "{format: xlsx, sheet: 信访件}"), "a.xlsx", data)
	if !strings.Contains(got, `no sheet "信访件" in the workbook; there are: 张三 [电话]; rename the sheet`) {
		t.Error(got)
	}
}

// part replaces one part of a workbook.
func part(t testing.TB, data []byte, name string, change func([]byte) []byte) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == name {
			text = change(text)
		}
		w, err := out.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(text)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const sheetPart = "xl/worksheets/sheet1.xml"

// A sheet that is cut short gives its whole rows; the rest is told.
func TestWorkbookCutShort(t *testing.T) {
	data := book(t, "s", [][]any{{"id", "text"}, {"1", "a"}, {"2", "b"}, {"3", "c"}})
	data = part(t, data, sheetPart, func(text []byte) []byte { return text[:bytes.LastIndex(text, []byte("<row"))+20] })
	want := "2: id=1|text=a\n3: id=2|text=b\nfile, from line 4: the sheet is damaged or cut short here; fetch the workbook again and import it; what was read before is stored\n"
	if diff := cmp.Diff(want, readBytes(t, feedOf(t, "format: xlsx"), "a.xlsx", data)); diff != "" {
		t.Error(diff)
	}
}

// What other programs write: inline texts, no cell names, phonetic runs, escapes.
func TestWorkbookOfOtherPrograms(t *testing.T) {
	data := book(t, "s", [][]any{{"id", "text"}})
	data = part(t, data, sheetPart, func([]byte) []byte {
		return []byte(`<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>` +
			`<x:row><x:c t="inlineStr"><x:is><x:t>id</x:t></x:is></x:c><x:c t="str"><x:v>text</x:v></x:c></x:row>` +
			`<x:row><x:c><x:v>1.3905711234E10</x:v></x:c><x:c t="inlineStr"><x:is><x:r><x:t>路</x:t></x:r><x:r><x:t>灯</x:t></x:r><x:rPh><x:t>lu</x:t></x:rPh></x:is></x:c></x:row>` +
			`<x:row/><x:row r="9"><x:c r="B9" t="str"><x:v>a_x000D_b_xD83D__xDE00_ _x_</x:v></x:c><x:c r="A9" t="e"><x:v>#N/A</x:v></x:c></x:row>` +
			`</x:sheetData></x:worksheet>`)
	})
	want := "2: id=13905711234|text=路灯\n9: id=#N/A|text=a\rb😀 _x_\n"
	if diff := cmp.Diff(want, readBytes(t, feedOf(t, "format: xlsx"), "a.xlsx", data)); diff != "" {
		t.Error(diff)
	}
}

func TestWorkbookWithoutParts(t *testing.T) {
	data := book(t, "s", [][]any{{"id", "text"}, {"1", "a"}})
	for _, name := range []string{"xl/workbook.xml", "xl/_rels/workbook.xml.rels", sheetPart, "xl/sharedStrings.xml", "xl/styles.xml"} {
		broken := part(t, data, name, func([]byte) []byte { return []byte("<a><b>") })
		if got := readBytes(t, feedOf(t, "format: xlsx"), "a.xlsx", broken); !strings.Contains(got, "file, from line") {
			t.Errorf("%s broken: %s", name, got)
		}
	}
}

func FuzzSheet(f *testing.F) {
	data := book(f, "s", [][]any{{"id", "text"}, {"1", 46024.5}, {2, "b"}})
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="ZZZZ1"><v>1</v></c></row><row r="-3"><c s="9"><v>1e400</v></c></row></sheetData>`))
	f.Add([]byte(`<row><c><is><t>x</t></is></c>`))
	f.Fuzz(func(t *testing.T, sheet []byte) {
		// Whatever the sheet says, it is read or refused: no panic, no hang.
		readBytes(t, feedOf(t, "format: xlsx"), "a.xlsx", part(t, data, sheetPart, func([]byte) []byte { return sheet }))
	})
}

func BenchmarkReadWorkbook(b *testing.B) {
	rows := [][]any{{"a", "b", "c", "d", "e", "f", "g", "h"}}
	for range 2000 {
		rows = append(rows, []any{"330106", "2026-01-02 15:04:05", "县区", "路灯不亮", 5, nil, "x", "投诉"})
	}
	data := book(b, "s", rows)
	feed := feedOf(b, "format: xlsx")
	b.ReportAllocs()
	for b.Loop() {
		readBytes(b, feed, "a.xlsx", data)
	}
	b.ReportMetric(float64(b.N*2000)/b.Elapsed().Seconds(), "rows/s")
}
