package lsp

import (
	"iter"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
	"yujing/internal/schema"
	"yujing/rules"
)

// mark is written where the cursor is, and looked for in the parsed text. Nobody
// writes these runes, which Unicode leaves to private use.
const mark = "\ue000\ue001\ue000"

// spot is what the cursor is in: a key, or a value.
type spot struct {
	root  *yaml.Node
	path  []step // of the value; of a key the mapping that it stands in
	isKey bool
	text  string // the key or value without the mark
	at    int    // the cursor in it, in runes
}

// step is a key, or an item of a list by its number.
type step struct {
	key  string
	item int // -1 = a key
}

// schemaPath is the path as schemas know it.
func (s *spot) schemaPath() []schema.Step {
	list := make([]schema.Step, len(s.path))
	for i, step := range s.path {
		list[i] = schema.Step{Key: step.key, Item: step.item >= 0}
	}
	return list
}

// top gives the text of a key at the top of the document.
func (s *spot) top(key string) string {
	if n := child(s.root, key); n != nil {
		return n.Value
	}
	return ""
}

// spots finds what the cursor may be in: usually one thing, but at the beginning
// of a line both a key to come and the continuation of the value before. The text
// may be unfinished there.
func (d *document) spots(at place) iter.Seq[*spot] {
	return func(yield func(*spot) bool) {
		for text := range d.attempts(at) {
			root := parse(text)
			if root == nil {
				continue
			}
			s := find(root, nil)
			if s == nil {
				continue
			}
			s.root = root
			if !yield(s) {
				return
			}
		}
	}
}

// attempts are the texts in which the mark may be found, the likeliest first: a
// key that is being written, the text as it stands, the text up to the cursor.
func (d *document) attempts(at place) iter.Seq[string] {
	line := []rune(d.line(at.line))
	before, after := string(line[:at.column]), string(line[at.column:])
	word := after[:len(after)-len(strings.TrimLeftFunc(after, isWord))]
	whole := func(line string) string { return d.with(at.line, line, len(d.lines)) }
	upTo := func(end string) string { return d.with(at.line, before+mark+word+end, at.line+1) }
	return func(yield func(string) bool) {
		if beginsKey.MatchString(before) && !strings.Contains(after, ":") {
			if !yield(whole(before+mark+word+": x")) || !yield(upTo(": x")) {
				return
			}
		}
		if !yield(whole(before + mark + after)) {
			return
		}
		for _, end := range []string{"", ": x", `"`, `'`, `}`, `]`, `]}`, `"}`, `'}`, `"]`} {
			if !yield(upTo(end)) {
				return
			}
		}
	}
}

// beginsKey is the beginning of a line up to a word that may become a key.
var beginsKey = regexp.MustCompile(`^\s*(?:- +)*[\w-]*$`)

// parse gives the tree of a YAML text, nil if it is broken.
func parse(text string) *yaml.Node {
	d := &problem.Decoder{}
	return d.Parse([]byte(text))
}

// find looks for the mark.
func find(n *yaml.Node, path []step) *spot {
	deeper := func(s step) []step { return append(append([]step(nil), path...), s) }
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if before, after, ok := strings.Cut(key.Value, mark); ok {
				return &spot{path: path, isKey: true, text: before + after, at: utf8.RuneCountInString(before)}
			}
			if s := find(n.Content[i+1], deeper(step{key.Value, -1})); s != nil {
				return s
			}
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			if s := find(item, deeper(step{"", i})); s != nil {
				return s
			}
		}
	case yaml.ScalarNode:
		if before, after, ok := strings.Cut(n.Value, mark); ok {
			return &spot{path: path, text: before + after, at: utf8.RuneCountInString(before)}
		}
	}
	return nil
}

// child gives the value of a key, nil if there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// node follows a path in another tree, nil if it ends.
func node(n *yaml.Node, path []step) *yaml.Node {
	for _, s := range path {
		switch {
		case s.item < 0:
			n = child(n, s.key)
		case n != nil && n.Kind == yaml.SequenceNode && s.item < len(n.Content):
			n = n.Content[s.item]
		default:
			return nil
		}
	}
	return n
}

// expression is the expression that the cursor is in.
type expression struct {
	slot   rules.Slot
	source string
	at     int // the cursor in it, in runes
	from   int // where it begins in the value
}

// expression gives the expression that a value of this role is, or holds at the cursor.
func (s *spot) expression(role string) (expression, bool) {
	switch {
	case s.isKey:
	case role == schema.RoleCondition:
		return expression{rules.SlotRule, s.text, s.at, 0}, true
	case role == schema.RoleOutcome:
		return expression{rules.SlotOutcome, s.text, s.at, 0}, true
	case role == schema.RoleText:
		source, from, ok := rules.Embedded(s.text, s.at)
		return expression{rules.SlotRule, source, s.at - from, from}, ok
	}
	return expression{}, false
}

// around gives the span of runes of a text that stands around the cursor on its
// line: those from..to, where the cursor is at. nil if they do not stand there, as
// when the value goes over lines or is escaped.
func (d *document) around(cursor place, text string, at, from, to int, e encoding) *span {
	line, runes := []rune(d.line(cursor.line)), []rune(text)
	start, end := cursor.column-(at-from), cursor.column+(to-at)
	if start < 0 || end > len(line) || from > to || string(line[start:end]) != string(runes[from:to]) {
		return nil
	}
	s := d.onLine(cursor.line, start, end, e)
	return &s
}

// word is the span of the word that the cursor touches.
func (d *document) word(cursor place, e encoding) span {
	line := []rune(d.line(cursor.line))
	from, to := cursor.column, cursor.column
	for from > 0 && isWord(line[from-1]) {
		from--
	}
	for to < len(line) && isWord(line[to]) {
		to++
	}
	return d.onLine(cursor.line, from, to, e)
}

func isWord(r rune) bool {
	return r == '_' || r == '-' || r > 127 || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}
