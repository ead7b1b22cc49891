package problem

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Decoder fills Go values from YAML and collects every problem with its place:
// unknown and repeated keys, wrong types, values that are none.
type Decoder struct {
	File     string
	Problems List

	lines [][]rune // of the document parsed
}

// Parse reads one YAML document. nil if there is none or it is broken; the
// problem says why.
func (d *Decoder) Parse(data []byte) *yaml.Node {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		d.Problems = append(d.Problems, Problem{File: d.File, Line: 1 + bytes.Count(validPart(data), []byte("\n")), Severity: Error, Check: "encoding",
			Message: "is not UTF-8", Help: "save the file as UTF-8"})
		return nil
	}
	for _, line := range strings.Split(string(data), "\n") {
		d.lines = append(d.lines, []rune(strings.TrimRight(line, "\r")))
	}
	documents, err := decode(data)
	switch {
	case err != nil:
		d.syntax(data, err)
		return nil
	case len(documents) == 0 || len(documents[0].Content) == 0:
		d.Problems = append(d.Problems, Problem{File: d.File, Severity: Error, Check: "empty", Message: "holds nothing"})
		return nil
	case len(documents) > 1:
		d.Fail(&documents[1], "syntax", "a second document in one file", "give it a file of its own")
		return nil
	}
	return documents[0].Content[0]
}

// decode reads up to two documents.
func decode(data []byte) (documents []yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser is not ours; a bad file must never end the daemon
			documents, err = nil, fmt.Errorf("yaml: cannot be parsed: %v", r)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for len(documents) < 2 {
		var doc yaml.Node
		if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		documents = append(documents, doc)
	}
	return documents, nil
}

// validPart is the data up to the first byte that is not UTF-8.
func validPart(data []byte) []byte {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return data[:i]
		}
		i += size
	}
	return data
}

// syntax tells the parser's error where the document breaks. The parser's own line is
// that of what it was in the middle of, which may have begun far above.
func (d *Decoder) syntax(data []byte, err error) {
	p := Problem{File: d.File, Line: breaksAt(data), Severity: Error, Check: "syntax", Help: "check the indentation and quotes there",
		Message: regexp.MustCompile(`^yaml: (line \d+: )?`).ReplaceAllString(err.Error(), "")}
	for line := p.Line; line >= max(1, p.Line-1); line-- {
		if known, found := slip(string(d.lines[line-1])); found {
			p.Line, p.Column, p.Width, p.Message, p.Help = line, known.Column, known.Width, known.Message, known.Help
			break
		}
	}
	d.Problems = append(d.Problems, p)
}

// incomplete is how many lines a value in brackets or quotes may take, which is no
// YAML while it is cut off.
const incomplete = 10

// breaksAt is the first line, from 1, with which a text is no YAML any more,
// whatever of the text follows.
func breaksAt(data []byte) int {
	lines := bytes.SplitAfter(data, []byte("\n"))
	return 1 + sort.Search(len(lines), func(before int) bool {
		for n := before + 1; n < min(before+incomplete, len(lines)); n++ {
			if _, err := decode(bytes.Join(lines[:n], nil)); err == nil {
				return false
			}
		}
		return true
	})
}

// slip points out the usual mistakes in a line that is no YAML.
func slip(line string) (Problem, bool) {
	for _, s := range []struct {
		pattern, message, help string
		width                  int
	}{
		{`^(\s*(?:- )?[\w-]+:\s+)\{\{`, "a text that begins with {{ reads as a mapping", "put it in single quotes", 2},
		{`^(\s*(?:- )?[\w-]+:\s+)"[^"]*"\s+[^\s#,}\]]`, "an expression that begins with a quoted text ends there", "put the whole expression in single quotes, or after | on a line of its own", 2},
		{`^( *)\t`, "a tab in the indentation", "indent with blanks", 1},
		{`^(\s*(?:- )?[\w-]+)：`, "： is no :", "write : and a blank", 1},
		{`^(.*[{\[][^"']*?)，`, "， is no ,", "write , between the values, or put the text in quotes", 1},
	} {
		if m := regexp.MustCompile(s.pattern).FindStringSubmatch(line); m != nil {
			return Problem{Column: utf8.RuneCountInString(m[1]) + 1, Width: s.width, Message: s.message, Help: s.help}, true
		}
	}
	return Problem{}, false
}

// Fail adds an error at a node.
func (d *Decoder) Fail(at *yaml.Node, check, message, help string) {
	p := Problem{File: d.File, Severity: Error, Check: check, Message: message, Help: help}
	if at != nil {
		p.Line, p.Column, p.Width = at.Line, at.Column, d.width(at)
	}
	d.Problems = append(d.Problems, p)
}

// FailInside adds an error at a place within the text of a scalar node, such as
// an expression: offset and width in runes of its value.
func (d *Decoder) FailInside(at *yaml.Node, offset, wide int, check, message, help string) {
	d.Fail(at, check, message, help)
	p := &d.Problems[len(d.Problems)-1]
	list := d.Places(at)
	if len(list) == 0 {
		return
	}
	place := list[min(max(offset, 0), len(list)-1)]
	p.Line, p.Column, p.Width = place.Line, place.Column, max(1, wide)
	if p.Check == "syntax" && d.cutByComment(at, list[len(list)-1]) {
		p.Help = "YAML reads ' #' as a comment: put the expression in single quotes, or after | on a line of its own"
	}
}

// cutByComment says that a plain scalar ends where a # begins a comment, as an
// expression that holds " #" does by accident.
func (d *Decoder) cutByComment(n *yaml.Node, end Place) bool {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || end.Line > len(d.lines) {
		return false
	}
	line := d.lines[end.Line-1]
	return strings.HasPrefix(strings.TrimSpace(string(line[min(end.Column-1, len(line)):])), "#")
}

// Places gives the place in the file of every rune of a scalar's value, and one
// more for its end, whatever way the scalar is quoted or folded. It is nil for
// other nodes.
func (d *Decoder) Places(n *yaml.Node) []Place {
	if n.Kind != yaml.ScalarNode {
		return nil
	}
	return places(d.lines, n)
}

// width is how many runes a caret underlines: the scalar on its line.
func (d *Decoder) width(n *yaml.Node) int {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Line < 1 || n.Line > len(d.lines) {
		return 1
	}
	w := utf8.RuneCountInString(n.Value)
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		w += 2
	}
	return max(1, min(w, len(d.lines[n.Line-1])-n.Column+1))
}

// Decode fills into, a pointer, from a node. A struct's keys are its fields'
// yaml tags; a field tagged ",rest" of type map[string]*yaml.Node takes the
// keys that no other field names, else those are problems. Fields of type
// *yaml.Node take the node as it is.
func (d *Decoder) Decode(node *yaml.Node, into any) {
	d.value(node, reflect.ValueOf(into).Elem())
}

var (
	nodeType     = reflect.TypeFor[*yaml.Node]()
	durationType = reflect.TypeFor[time.Duration]()
)

func (d *Decoder) value(n *yaml.Node, v reflect.Value) {
	if v.Type() == nodeType {
		v.Set(reflect.ValueOf(n))
		return
	}
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		d.Fail(n, "empty", "has no value", "give it one or leave the key out")
		return
	}
	if v.Type() == durationType {
		d.duration(n, v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v)
	case reflect.Map:
		d.table(n, v)
	case reflect.Slice:
		d.list(n, v)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem())
	default:
		d.scalar(n, v)
	}
}

func (d *Decoder) scalar(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.Fail(n, "type", "is a "+kindName(n)+", want a "+typeName(v), "")
		return
	}
	var err error
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
	case reflect.Bool:
		var b bool
		if err = n.Decode(&b); err == nil {
			v.SetBool(b)
		}
	case reflect.Int, reflect.Int64:
		var i int64
		if i, err = strconv.ParseInt(n.Value, 10, 64); err == nil {
			v.SetInt(i)
		}
	case reflect.Float64:
		var f float64
		if f, err = strconv.ParseFloat(n.Value, 64); err == nil {
			v.SetFloat(f)
		}
	default:
		err = errors.New("no such type")
	}
	if err != nil {
		d.Fail(n, "type", fmt.Sprintf("%q is no %s", n.Value, typeName(v)), "")
	}
}

// duration is Go's notation with days: 90s, 15m, 8h, 7d, 1d12h.
func (d *Decoder) duration(n *yaml.Node, v reflect.Value) {
	value, err := Duration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		d.Fail(n, "duration", fmt.Sprintf("%q is no length of time", n.Value), "write it as 90s, 15m, 8h, 7d or 1d12h")
		return
	}
	v.SetInt(int64(value))
}

// Duration reads a length of time in Go's notation, with d for 24 hours in front.
func Duration(s string) (time.Duration, error) {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		return time.ParseDuration(s)
	}
	n, err := strconv.Atoi(days)
	if err != nil || n < 0 || n > 36500 {
		return 0, fmt.Errorf("%q is no length of time", s)
	}
	total := time.Duration(n) * 24 * time.Hour
	if rest == "" {
		return total, nil
	}
	more, err := time.ParseDuration(rest)
	return total + more, err
}

func (d *Decoder) list(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		one := reflect.New(v.Type().Elem()).Elem()
		d.value(n, one) // one element needs no brackets
		v.Set(reflect.Append(v, one))
		return
	}
	for _, item := range n.Content {
		one := reflect.New(v.Type().Elem()).Elem()
		d.value(item, one)
		v.Set(reflect.Append(v, one))
	}
}

func (d *Decoder) table(n *yaml.Node, v reflect.Value) {
	if !d.isMapping(n) {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for key, value := range d.pairs(n) {
		one := reflect.New(v.Type().Elem()).Elem()
		d.value(value, one)
		v.SetMapIndex(reflect.ValueOf(key.Value), one)
	}
}

func (d *Decoder) mapping(n *yaml.Node, v reflect.Value) {
	if !d.isMapping(n) {
		return
	}
	fields, rest := fieldsOf(v)
	for key, value := range d.pairs(n) {
		field, ok := fields[key.Value]
		switch {
		case ok:
			d.value(value, field)
		case rest.IsValid():
			if rest.IsNil() {
				rest.Set(reflect.MakeMap(rest.Type()))
			}
			rest.SetMapIndex(reflect.ValueOf(key.Value), reflect.ValueOf(value))
		default:
			d.UnknownKey(key, names(fields))
		}
	}
}

// UnknownKey adds the problem of a key that means nothing there.
func (d *Decoder) UnknownKey(key *yaml.Node, known []string) {
	d.Fail(key, "unknown-key", fmt.Sprintf("unknown key %q", key.Value), DidYouMean(key.Value, known))
}

func (d *Decoder) isMapping(n *yaml.Node) bool {
	if n.Kind != yaml.MappingNode {
		d.Fail(n, "type", "is a "+kindName(n)+", want keys with values", "")
		return false
	}
	return true
}

// pairs gives the keys of a mapping in order and tells of repeated ones.
func (d *Decoder) pairs(n *yaml.Node) func(func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		seen := map[string]bool{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode {
				d.Fail(key, "type", "a key is a text", "")
				continue
			}
			if seen[key.Value] {
				d.Fail(key, "repeated-key", fmt.Sprintf("key %q stands here twice", key.Value), "keep one of them")
				continue
			}
			seen[key.Value] = true
			if !yield(key, n.Content[i+1]) {
				return
			}
		}
	}
}

// Pairs gives the keys and values of a mapping node in the order of the file;
// repeated keys and nodes that are no mapping are problems.
func (d *Decoder) Pairs(n *yaml.Node) func(func(key, value *yaml.Node) bool) {
	if !d.isMapping(n) {
		return func(func(key, value *yaml.Node) bool) {}
	}
	return d.pairs(n)
}

func fieldsOf(v reflect.Value) (fields map[string]reflect.Value, rest reflect.Value) {
	fields = map[string]reflect.Value{}
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case option == "rest":
			rest = v.Field(i)
		case option == "inline":
			inner, _ := fieldsOf(v.Field(i))
			for k, f := range inner {
				fields[k] = f
			}
		case name != "" && name != "-":
			fields[name] = v.Field(i)
		}
	}
	return fields, rest
}

func names(fields map[string]reflect.Value) []string {
	out := make([]string, 0, len(fields))
	for name := range fields {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "list"
	case yaml.MappingNode:
		return "mapping"
	default:
		return "single value"
	}
}

func typeName(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "whole number"
	case reflect.Float64:
		return "number"
	default:
		return "text"
	}
}
