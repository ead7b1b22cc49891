package file

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"yujing/ingest"
)

// csvReader reads fields parted by a delimiter, quoted as RFC 4180 has it. After
// a broken quote it goes on with the next line, so that one record is lost to
// it, not the rest of the file.
type csvReader struct {
	*lines
	dialect
	header *ingest.Header
}

// dialect is how a file parts and quotes its fields.
type dialect struct {
	delimiter byte
	plain     bool // a quote within a field that does not begin with one is a character
}

// Read gives the next records.
func (r *csvReader) Read() (ingest.Chunk, error) {
	if r.header == nil {
		if err := r.readHeader(); err != nil {
			return ingest.Chunk{}, err
		}
	}
	return r.chunk(r.next)
}

// headerWithin is in how many lines from the top the header is looked for:
// above it may stand a title.
const headerWithin = 20

// readHeader takes the first line with at least two columns.
func (r *csvReader) readHeader() error {
	for range headerWithin {
		rec, ok := r.record()
		if !ok {
			if r.ending() != io.EOF {
				return r.ending()
			}
			break
		}
		if rec.Fault != nil {
			return &ingest.Fault{Line: rec.Line, Reason: "the header cannot be read: " + rec.Fault.Reason, Remedy: rec.Fault.Remedy}
		}
		if named(rec.Fields) >= 2 {
			r.header = newHeader(rec.Fields)
			return nil
		}
	}
	if r.line == 1 && len(r.window()) == 0 {
		return &ingest.Fault{Line: 1, Reason: "the file is empty", Remedy: "export it again"}
	}
	return &ingest.Fault{Line: 1, Reason: fmt.Sprintf("no header: none of the first lines has two columns parted by %q", r.delimiter),
		Remedy: "put the names of the columns into the first line, or correct delimiter: in the source's definition"}
}

func named(fields []string) (n int) {
	for _, f := range fields {
		if strings.TrimSpace(f) != "" {
			n++
		}
	}
	return n
}

func newHeader(fields []string) *ingest.Header {
	h := &ingest.Header{Columns: make([]string, len(fields))}
	for i, f := range fields {
		h.Columns[i] = strings.TrimSpace(f)
	}
	return h
}

// next gives the next record under the header; lines without any value are none.
func (r *csvReader) next() (ingest.Record, bool) {
	for {
		rec, ok := r.record()
		if !ok {
			return rec, false
		}
		if rec.Fault == nil && named(rec.Fields) == 0 {
			continue
		}
		return rec, true
	}
}

// record takes one record. Without a header it has what columns it has.
func (r *csvReader) record() (ingest.Record, bool) {
	for {
		size, problem := r.extent()
		if size == 0 {
			return ingest.Record{}, false
		}
		raw := bytes.TrimRight(r.window()[:size], "\r\n")
		if len(raw) == 0 {
			r.take(nil, size)
			continue
		}
		rec := ingest.Record{Header: r.header, Line: r.line}
		if size > mostBytes {
			return r.long(rec), true
		}
		ended := r.last(size)
		if problem == nil && r.swallows(raw) {
			size, problem = r.firstLine(), unclosed()
			raw = bytes.TrimRight(r.window()[:size], "\r\n")
		}
		text, fault := r.take(raw, size)
		if problem != nil {
			fault = problem
		}
		if fault == nil {
			rec.Fields = split(text, r.delimiter)
			fault = r.width(&rec, ended)
		}
		if fault != nil {
			rec.Fields, rec.Fault, rec.Raw = nil, fault, string(raw)
		}
		return rec, true
	}
}

func unclosed() *ingest.Fault {
	return &ingest.Fault{Reason: "a quote is broken: not closed, or within a field that is not quoted",
		Remedy: `quote the whole field and write a quote within it twice (""); if this source never quotes so, write quotes: plain in its definition`}
}

// width compares the number of fields with the header. Empty ones too many are
// what some programs leave at the end of a line.
func (r *csvReader) width(rec *ingest.Record, ended bool) *ingest.Fault {
	if r.header == nil {
		return nil
	}
	want := len(r.header.Columns)
	for len(rec.Fields) > want && strings.TrimSpace(rec.Fields[len(rec.Fields)-1]) == "" {
		rec.Fields = rec.Fields[:len(rec.Fields)-1]
	}
	switch {
	case len(rec.Fields) == want:
		return nil
	case ended && len(rec.Fields) < want:
		return &ingest.Fault{Reason: "the file ends inside this record: it is cut short", Remedy: "fetch the file again and import it"}
	default:
		return &ingest.Fault{Reason: fmt.Sprintf("the record has %d fields, the header %d", len(rec.Fields), want),
			Remedy: "look for a delimiter or an end of line that is not quoted, and import the file again"}
	}
}

// extent gives the size of the record at the start of the window, with its end
// of line; 0 at the end of the file. A broken quote ends it with its first line,
// which alone can be longer than mostBytes.
func (r *csvReader) extent() (int, *ingest.Fault) {
	for {
		size, state := r.scan(r.window(), r.end == io.EOF)
		switch {
		case state == complete && size <= mostBytes:
			return size, nil
		case state == incomplete && r.end == nil && len(r.window()) <= mostBytes:
			r.more()
			continue
		case state == incomplete && r.end != nil && r.end != io.EOF:
			return 0, nil // the rest cannot be read: that is told of the file
		case len(r.window()) == 0:
			return 0, nil
		default:
			return r.firstLine(), unclosed()
		}
	}
}

// firstLine is the size of the line at the start of the window, which may end
// only in what is not yet read; 0 if it cannot be read to its end.
func (r *csvReader) firstLine() int {
	_, size, ok := r.physical()
	if !ok {
		return 0
	}
	return size
}

// swallows says that a record of several lines is really a quote that was never
// closed: it has not the columns of the header, but its second line has.
func (r *csvReader) swallows(raw []byte) bool {
	i := bytes.IndexByte(raw, '\n')
	if i < 0 || r.header == nil || len(split(string(raw), r.delimiter)) == len(r.header.Columns) {
		return false
	}
	second := raw[i+1:]
	size, state := r.scan(second, true)
	return state == complete && len(split(string(bytes.TrimRight(second[:size], "\r\n")), r.delimiter)) == len(r.header.Columns)
}

type extentState int

const (
	complete extentState = iota
	incomplete
	broken
)

// scan finds the end of the first record of b. It works on bytes: in UTF-8 and
// in GB18030 no part of another character looks like a quote, a comma, a
// semicolon, a tab or an end of line.
func (d dialect) scan(b []byte, atEnd bool) (size int, state extentState) {
	for i := 0; ; i++ { // i is at the start of a field
		if i < len(b) && b[i] == '"' {
			end, state := d.quoted(b, i, atEnd)
			if state != complete {
				return 0, state
			}
			i = end
		} else {
			for i < len(b) && b[i] != d.delimiter && b[i] != '\n' {
				if b[i] == '"' && !d.plain {
					return 0, broken
				}
				i++
			}
		}
		switch {
		case i >= len(b) && atEnd && len(b) > 0:
			return len(b), complete
		case i >= len(b):
			return 0, incomplete
		case b[i] == '\n':
			return i + 1, complete
		}
	}
}

// quoted gives the place after the closing quote of the field that opens at i:
// a delimiter, an end of line or the end.
func (d dialect) quoted(b []byte, i int, atEnd bool) (int, extentState) {
	for i++; ; {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			if atEnd {
				return 0, broken
			}
			return 0, incomplete
		}
		i += j + 1
		rest := b[i:]
		switch {
		case len(rest) == 0 && !atEnd:
			return 0, incomplete
		case len(rest) == 0, rest[0] == d.delimiter, rest[0] == '\n':
			return i, complete
		case rest[0] == '"':
			i++
		case rest[0] == '\r' && (len(rest) == 1 || rest[1] == '\n'):
			if len(rest) == 1 && !atEnd {
				return 0, incomplete
			}
			return min(i+1, len(b)), complete
		default:
			return 0, broken
		}
	}
}

// split gives the fields of a record that scan found complete.
func split(s string, delimiter byte) []string {
	fields := make([]string, 0, strings.Count(s, string(delimiter))+1)
	for {
		if !strings.HasPrefix(s, `"`) {
			field, rest, more := strings.Cut(s, string(delimiter))
			fields = append(fields, field)
			if !more {
				return fields
			}
			s = rest
			continue
		}
		field, rest, more := unquote(s[1:], delimiter)
		fields = append(fields, field)
		if !more {
			return fields
		}
		s = rest
	}
}

// unquote gives a quoted field, from after its quote, and what follows it.
func unquote(s string, delimiter byte) (field, rest string, more bool) {
	end, doubled := 0, false
	for {
		i := strings.IndexByte(s[end:], '"')
		if i < 0 {
			return s, "", false
		}
		end += i
		if !strings.HasPrefix(s[end:], `""`) {
			break
		}
		end, doubled = end+2, true
	}
	field, rest = s[:end], s[end+1:]
	if doubled {
		field = strings.ReplaceAll(field, `""`, `"`)
	}
	rest = strings.TrimPrefix(rest, "\r")
	if rest == "" || rest[0] != delimiter {
		return field, "", false
	}
	return field, rest[1:], true
}
