package rules

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// yamlText is a YAML file that is edited by ranges of bytes, so that whatever no
// edit names stays as it is: comments, order, layout.
type yamlText struct {
	*yamlFile
	data  []byte
	lines []int // offset of the first byte of each line
}

// edit replaces data[from:to].
type edit struct {
	from, to int
	text     string
}

// errByHand says that a node does not end where it seems to.
var errByHand = errors.New("the YAML there is written in a way that cannot be edited safely; change it by hand")

func newYAMLText(y *yamlFile, data []byte) *yamlText {
	t := &yamlText{yamlFile: y, data: data, lines: []int{0}}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		t.lines[0] = 3 // the mark is no column of the first line
	}
	for i, b := range data {
		if b == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// eol is how the file ends its lines.
func (t *yamlText) eol() string {
	if bytes.Contains(t.data, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// offset is where a place begins.
func (t *yamlText) offset(p problem.Place) int {
	if p.Line < 1 || p.Line > len(t.lines) {
		return len(t.data)
	}
	at := t.lines[p.Line-1]
	for i := 1; i < p.Column && at < len(t.data) && t.data[at] != '\n'; i++ {
		_, size := utf8.DecodeRune(t.data[at:])
		at += size
	}
	return at
}

func (t *yamlText) start(n *yaml.Node) int {
	return t.offset(problem.Place{Line: n.Line, Column: n.Column})
}

// end is the offset behind a node, before what follows it on its last line.
func (t *yamlText) end(n *yaml.Node) (int, error) {
	switch {
	case n.Kind == yaml.ScalarNode:
		places := t.Places(n)
		at := t.offset(places[len(places)-1])
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			at++
		}
		return at, nil
	case n.Kind != yaml.MappingNode && n.Kind != yaml.SequenceNode:
		return 0, errByHand
	case n.Style&yaml.FlowStyle != 0:
		return t.flowEnd(n)
	case len(n.Content) == 0:
		return 0, errByHand
	}
	return t.end(n.Content[len(n.Content)-1])
}

// flowEnd finds the bracket that closes a flow collection: behind its last
// element stand nothing but blanks, commas and comments.
func (t *yamlText) flowEnd(n *yaml.Node) (int, error) {
	at := t.start(n) + 1
	if len(n.Content) > 0 {
		var err error
		if at, err = t.end(n.Content[len(n.Content)-1]); err != nil {
			return 0, err
		}
	}
	for ; at < len(t.data); at++ {
		switch t.data[at] {
		case ' ', '\t', '\r', '\n', ',':
		case '#':
			at = t.lineEnd(at) - 1
		case ']', '}':
			return at + 1, nil
		default:
			return 0, errByHand
		}
	}
	return 0, errByHand
}

// lineStart is the first byte of the line of an offset.
func (t *yamlText) lineStart(at int) int { return bytes.LastIndexByte(t.data[:at], '\n') + 1 }

// lineEnd is the offset of the line break behind an offset, or of the end of the file.
func (t *yamlText) lineEnd(at int) int {
	i := bytes.IndexByte(t.data[at:], '\n')
	if i < 0 {
		return len(t.data)
	}
	if i > 0 && t.data[at+i-1] == '\r' {
		i--
	}
	return at + i
}

// behindColon is the offset behind the colon of a key.
func (t *yamlText) behindColon(key *yaml.Node) (int, error) {
	at, err := t.end(key)
	if err != nil {
		return 0, err
	}
	for at < len(t.data) && t.data[at] == ' ' {
		at++
	}
	if at == len(t.data) || t.data[at] != ':' {
		return 0, errByHand
	}
	return at + 1, nil
}

// replace is the edit that puts text in the place of a node.
func (t *yamlText) replace(n *yaml.Node, text string) ([]edit, error) {
	end, err := t.end(n)
	if err != nil {
		return nil, err
	}
	from := t.start(n)
	if n.Kind != yaml.ScalarNode && bytes.ContainsRune(t.data[from:end], '#') {
		return nil, errByHand // there may be comments in it
	}
	if from == end && from > 0 && t.data[from-1] == ':' { // nothing stands there yet, not even a blank
		text = " " + text
	}
	return []edit{{from, end, text}}, nil
}

// lineOf is the range of the lines that the nodes from first to last stand on,
// with the line break before them.
func (t *yamlText) lineOf(first, last *yaml.Node) (from, to int, err error) {
	to, err = t.end(last)
	if err != nil {
		return 0, 0, err
	}
	from = t.lineStart(t.start(first))
	if from == 0 || strings.Trim(string(t.data[from:t.start(first)]), " -") != "" {
		return 0, 0, errByHand // something else stands on its line
	}
	from--
	if from > 0 && t.data[from-1] == '\r' {
		from--
	}
	return from, t.lineEnd(to), nil
}

// apply makes edits that do not overlap; at the same place the first stands first.
func apply(data []byte, edits []edit) ([]byte, error) {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	var out []byte
	at := 0
	for _, e := range edits {
		if e.from < at || e.to < e.from || e.to > len(data) {
			return nil, errByHand
		}
		out = append(append(out, data[at:e.from]...), e.text...)
		at = e.to
	}
	return append(out, data[at:]...), nil
}
