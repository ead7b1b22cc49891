package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"yujing/ingest"
)

// jsonReader reads one JSON object a line. Its columns are the object's keys;
// what is nested has the names of its path, parts.0 or unit.name.
type jsonReader struct {
	*lines
	headers ingest.Headers
}

// Read gives the next records.
func (r *jsonReader) Read() (ingest.Chunk, error) { return r.chunk(r.next) }

func (r *jsonReader) next() (ingest.Record, bool) {
	for {
		raw, size, ok := r.physical()
		if !ok {
			return ingest.Record{}, false
		}
		rec := ingest.Record{Line: r.line}
		if size > mostBytes {
			return r.long(rec), true
		}
		ended := r.last(size)
		text, fault := r.take(raw, size)
		if fault == nil && strings.TrimSpace(text) == "" {
			continue
		}
		if fault == nil {
			fault = r.parse(text, ended, &rec)
		}
		if fault != nil {
			rec.Fields, rec.Fault, rec.Raw = nil, fault, string(raw)
		}
		return rec, true
	}
}

// parse fills a record with the flattened values of an object.
func (r *jsonReader) parse(text string, ended bool, rec *ingest.Record) *ingest.Fault {
	f := flattener{dec: json.NewDecoder(strings.NewReader(text))}
	f.dec.UseNumber()
	err := f.object()
	if err == nil {
		if _, rest := f.dec.Token(); rest != io.EOF {
			err = errors.New("something stands after the object")
		}
	}
	switch {
	case err != nil && ended:
		return &ingest.Fault{Reason: "the file ends inside this record: it is cut short", Remedy: "fetch the file again and import it"}
	case err != nil:
		return &ingest.Fault{Reason: fmt.Sprintf("is no JSON object: %v at character %d", simpler(err), f.dec.InputOffset()+1), Remedy: "write one object a line and import the file again"}
	}
	rec.Header, rec.Fields = r.headers.Of(f.names), f.values
	return nil
}

// simpler leaves what a JSON error quotes of the record out.
func simpler(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return errors.New("a character that does not belong there")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}

// flattener turns an object into names and texts.
type flattener struct {
	dec    *json.Decoder
	names  []string
	values []string
}

const (
	deepest    = 8
	mostValues = 1000
)

func (f *flattener) object() error {
	t, err := f.dec.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return errors.New("it does not begin with {")
	}
	return f.members("", 1)
}

// members reads an object or a list up to its end.
func (f *flattener) members(path string, depth int) error {
	if depth > deepest || len(f.names) > mostValues {
		return errors.New("it is nested too deep or has too many values")
	}
	for {
		t, err := f.dec.Token()
		if err != nil {
			return err
		}
		if d, ok := t.(json.Delim); ok && (d == '}' || d == ']') {
			return nil
		}
		if err := f.member(path, t, depth); err != nil {
			return err
		}
	}
}

// member reads one value; in an object t is its key.
func (f *flattener) member(path string, key json.Token, depth int) error {
	name, ok := key.(string)
	if !ok {
		return errors.New("a key is no text")
	}
	if path != "" {
		name = path + "." + name
	}
	value, err := f.dec.Token()
	if err != nil {
		return err
	}
	return f.value(name, value, depth)
}

func (f *flattener) value(name string, t json.Token, depth int) error {
	switch v := t.(type) {
	case json.Delim:
		if v == '{' {
			return f.members(name, depth+1)
		}
		return f.list(name, depth+1)
	case string:
		f.add(name, v)
	case json.Number:
		f.add(name, v.String())
	case bool:
		f.add(name, strconv.FormatBool(v))
	default:
		f.add(name, "")
	}
	return nil
}

func (f *flattener) list(path string, depth int) error {
	if depth > deepest || len(f.names) > mostValues {
		return errors.New("it is nested too deep or has too many values")
	}
	for i := 0; ; i++ {
		t, err := f.dec.Token()
		if err != nil {
			return err
		}
		if t == json.Delim(']') {
			return nil
		}
		if err := f.value(path+"."+strconv.Itoa(i), t, depth); err != nil {
			return err
		}
	}
}

func (f *flattener) add(name, value string) {
	f.names, f.values = append(f.names, name), append(f.values, value)
}
