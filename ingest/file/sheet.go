package file

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"yujing/ingest"
)

// sheetReader reads the rows of one sheet. A record's line is its row.
type sheetReader struct {
	book   *workbook
	closer io.Closer
	part   io.ReadCloser
	xml    *xml.Decoder
	size   int64
	header *ingest.Header
	row    int
	cells  []string
	end    error
}

func (r *sheetReader) Close() error { return errors.Join(r.part.Close(), r.closer.Close()) }

// Read gives the next records.
func (r *sheetReader) Read() (ingest.Chunk, error) {
	if r.header == nil {
		if err := r.readHeader(); err != nil {
			return ingest.Chunk{}, err
		}
	}
	var records []ingest.Record
	for len(records) < chunkSize && r.nextRow() {
		if named(r.cells) > 0 {
			records = append(records, r.record())
		}
	}
	if len(records) > 0 {
		return ingest.Chunk{Records: records, Offset: r.offset()}, nil
	}
	return ingest.Chunk{Offset: r.offset()}, r.end
}

// offset: how far we are is not known before the end.
func (r *sheetReader) offset() int64 {
	if r.end != nil {
		return r.size
	}
	return 0
}

func (r *sheetReader) readHeader() error {
	for range headerWithin {
		if !r.nextRow() {
			break
		}
		if named(r.cells) >= 2 {
			r.header = newHeader(r.cells)
			return nil
		}
	}
	if r.end != nil && !errors.Is(r.end, io.EOF) {
		return r.end
	}
	return &ingest.Fault{Line: 1, Reason: "no header: none of the first rows has two columns", Remedy: "put the names of the columns into the first row, or correct sheet: in the source's definition"}
}

// record takes the row; cells outside of the header are notes in the margin.
func (r *sheetReader) record() ingest.Record {
	fields := make([]string, len(r.header.Columns))
	copy(fields, r.cells)
	return ingest.Record{Header: r.header, Line: r.row, Fields: fields}
}

// nextRow reads the next row into cells; false at the end.
func (r *sheetReader) nextRow() bool {
	for r.end == nil {
		t, err := r.xml.RawToken()
		if err != nil {
			r.fail(err)
			return false
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "row" {
				return r.readRow(t)
			}
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				r.end = io.EOF
			}
		}
	}
	return false
}

// fail ends the sheet before its time.
func (r *sheetReader) fail(error) {
	r.end = &ingest.Fault{Line: r.row + 1, Reason: "the sheet is damaged or cut short here", Remedy: "fetch the workbook again and import it; what was read before is stored"}
}

func (r *sheetReader) readRow(start xml.StartElement) bool {
	r.row++
	if n, err := strconv.Atoi(attribute(start, "r")); err == nil && n > 0 {
		r.row = n
	}
	r.cells = r.cells[:0]
	for {
		t, err := r.xml.RawToken()
		if err != nil {
			r.row--
			r.fail(err)
			return false
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			if err := r.readCell(t); err != nil {
				r.row--
				r.fail(err)
				return false
			}
		case xml.EndElement:
			if t.Name.Local == "row" {
				return true
			}
		}
	}
}

// mostColumns is what a sheet can have.
const mostColumns = 16384

// readCell puts a cell at its column.
func (r *sheetReader) readCell(start xml.StartElement) error {
	column := columnOf(attribute(start, "r"))
	if column < 0 {
		column = len(r.cells)
	}
	if column >= mostColumns {
		return errors.New("no such column")
	}
	kind, style := attribute(start, "t"), attribute(start, "s")
	text, err := r.cellText()
	if err != nil {
		return err
	}
	for len(r.cells) <= column {
		r.cells = append(r.cells, "")
	}
	r.cells[column] = r.shown(kind, style, text)
	return nil
}

// cellText gives what stands between <v> and </v>, or in an inline text.
func (r *sheetReader) cellText() (string, error) {
	var text string
	within := false
	for {
		t, err := r.xml.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if within = t.Name.Local == "v"; within {
				continue
			}
			if t.Name.Local == "is" {
				if text, err = richText(r.xml, "is"); err != nil {
					return "", err
				}
			}
		case xml.CharData:
			if within {
				text += string(t)
			}
		case xml.EndElement:
			within = false
			if t.Name.Local == "c" {
				return text, nil
			}
		}
	}
}

// shown gives a cell's value as text: a date as 2006-01-02 15:04:05 whatever
// its format, a number without exponent.
func (r *sheetReader) shown(kind, style, text string) string {
	switch kind {
	case "s":
		if i, err := strconv.Atoi(text); err == nil && i >= 0 && i < len(r.book.texts) {
			return r.book.texts[i]
		}
		return ""
	case "inlineStr":
		return text
	case "str":
		return unescape(text)
	case "", "n":
	default:
		return text
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	if s, err := strconv.Atoi(style); err == nil && s >= 0 && s < len(r.book.dates) && r.book.dates[s] {
		if date, ok := r.date(number); ok {
			return date
		}
	}
	if strings.ContainsAny(text, "eE") {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return text
}

// date is the text of a serial date: days since the end of 1899, or since 1904.
// Excel believes in a 29 February 1900, so days before March 1900 are no dates here.
func (r *sheetReader) date(serial float64) (string, bool) {
	if !(serial >= 61) || serial > 109574 { // 2199-12-31
		return "", false
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if r.book.from04 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	days := math.Floor(serial)
	milli := math.Round((serial - days) * 24 * 60 * 60 * 1000)
	t := epoch.AddDate(0, 0, int(days)).Add(time.Duration(milli) * time.Millisecond)
	if t.Nanosecond() == 0 {
		return t.Format(time.DateTime), true
	}
	return t.Format("2006-01-02 15:04:05.000"), true
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// columnOf gives the column of a cell name such as AB12, from 0; -1 if it has none.
func columnOf(cell string) int {
	n := 0
	for i := 0; i < len(cell) && i < 4; i++ {
		c := cell[i]
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A'+1)
	}
	return n - 1
}

// unescape resolves _x000D_ and the like, by which workbooks write what XML
// cannot hold.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	var units []uint16
	flush := func() {
		out.WriteString(string(utf16.Decode(units)))
		units = units[:0]
	}
	for i := 0; i < len(s); {
		if code, ok := escaped(s[i:]); ok {
			units = append(units, code)
			i += len("_x000D_")
			continue
		}
		flush()
		out.WriteByte(s[i])
		i++
	}
	flush()
	return out.String()
}

func escaped(s string) (uint16, bool) {
	if len(s) < 7 || s[:2] != "_x" || s[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return uint16(n), err == nil
}
