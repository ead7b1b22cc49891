package rules

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// yamlFile reads one file strictly and keeps every problem with its place. It
// never decodes into structs: positions and unknown keys matter more.
type yamlFile struct {
	name     string // as shown
	lines    [][]rune
	problems problem.List
}

// openYAML parses data; the node is nil if it cannot be.
func openYAML(name string, data []byte) (*yamlFile, *yaml.Node) {
	y := &yamlFile{name: name}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		line := 1 + bytes.Count(data[:invalidAt(data)], []byte("\n"))
		y.add(problem.Problem{Line: line, Message: "not UTF-8", Help: "save the file as UTF-8", Check: "yaml"})
		return y, nil
	}
	for _, line := range strings.Split(string(data), "\n") {
		y.lines = append(y.lines, []rune(strings.TrimRight(line, "\r")))
	}
	node, err := decodeYAML(data)
	if err != nil {
		y.add(y.syntax(err))
		return y, nil
	}
	return y, node
}

// decodeYAML gives the one document's root, nil for an empty file.
func decodeYAML(data []byte) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser is not ours; a rule file must never end the daemon
			root, err = nil, fmt.Errorf("yaml: %v", r)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if err == io.EOF {
			return nil, nil
		}
		return nil, err
	}
	if err := decoder.Decode(&more); err != io.EOF {
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("yaml: line %d: a second document; keep one document in a file", more.Line)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	return doc.Content[0], nil
}

func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

// syntax takes the line out of the parser's message. The usual slips are pointed
// out where they are, since the parser tells them lines away.
func (y *yamlFile) syntax(err error) problem.Problem {
	for _, slip := range []struct{ pattern, message, help string }{
		{`^(\s*(?:- )?[\w-]+:\s+)\{\{`, "a text that begins with {{ reads as a mapping", "put it in single quotes"},
		{`^(\s*(?:- )?[\w-]+:\s+)"[^"]*"\s+[^\s#,}\]]`, "an expression that begins with a quoted text ends there", "put the whole expression in single quotes, or after | on a line of its own"},
	} {
		find := regexp.MustCompile(slip.pattern)
		for i, line := range y.lines {
			if m := find.FindStringSubmatch(string(line)); m != nil {
				return problem.Problem{Line: i + 1, Column: utf8.RuneCountInString(m[1]) + 1, Width: 2, Check: "yaml", Message: slip.message, Help: slip.help}
			}
		}
	}
	p := problem.Problem{Message: strings.TrimPrefix(err.Error(), "yaml: "), Check: "yaml", Help: "mind the indentation; put texts that hold ': ' or ' #' in single quotes"}
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(p.Message); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Message = strings.TrimPrefix(p.Message, m[0])
	}
	return p
}

// add fills in file and severity.
func (y *yamlFile) add(p problem.Problem) {
	p.File = y.name
	if p.Severity == "" {
		p.Severity = problem.Error
	}
	y.problems = append(y.problems, p)
}

// at tells a problem at a node.
func (y *yamlFile) at(n *yaml.Node, check, help, format string, args ...any) {
	width := 1
	if n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		width = max(1, utf8.RuneCountInString(n.Value))
		if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			width += 2
		}
		if n.Line-1 < len(y.lines) {
			width = max(1, min(width, len(y.lines[n.Line-1])-n.Column+1))
		}
	}
	y.add(problem.Problem{Line: n.Line, Column: n.Column, Width: width, Check: check, Help: help, Message: fmt.Sprintf(format, args...)})
}

// inside tells the mistakes of an expression that begins at rune offset in the scalar's value.
func (y *yamlFile) inside(n *yaml.Node, offset int, mistakes []mistake) {
	if len(mistakes) == 0 {
		return
	}
	places := scalarPositions(y.lines, n)
	comment := y.cutByComment(n)
	for _, m := range mistakes {
		if comment && m.check == "syntax" {
			m.help = "YAML reads ' #' as a comment: put the expression in single quotes, or after | on a line of its own"
		}
		at := places[min(max(m.from+offset, 0), len(places)-1)]
		p := problem.Problem{Line: at.line, Column: at.column, Width: max(1, m.width), Check: m.check, Message: m.message, Help: m.help}
		if m.warning {
			p.Severity = problem.Warning
		}
		y.add(p)
	}
}

// cutByComment says that a plain scalar ends where a # begins a comment: let c = #
// is written by accident so.
func (y *yamlFile) cutByComment(n *yaml.Node) bool {
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return false
	}
	end := scalarPositions(y.lines, n)
	last := end[len(end)-1]
	if last.line > len(y.lines) || last.column-1 > len(y.lines[last.line-1]) {
		return false
	}
	rest := strings.TrimSpace(string(y.lines[last.line-1][last.column-1:]))
	return strings.HasPrefix(rest, "#")
}

// mapping gives the values of a mapping by key; unknown and repeated keys are problems.
func (y *yamlFile) mapping(n *yaml.Node, what string, known ...string) map[string]*yaml.Node {
	values, meant := map[string]*yaml.Node{}, map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		y.at(n, "wrong-type", "write key: value lines", "%s must be a mapping", what)
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(known, key.Value) || key.Kind != yaml.ScalarNode:
			help := "known: " + strings.Join(known, ", ")
			if near := nearest(key.Value, known); near != "" {
				help = "did you mean " + near + "?"
				meant[near] = value // so that it is not missing too
			}
			y.at(key, "unknown-key", help, "unknown key %q in %s", key.Value, what)
		case values[key.Value] != nil:
			y.at(key, "duplicate-key", fmt.Sprintf("line %d has it already", values[key.Value].Line), "key %q stands twice", key.Value)
		case value.Kind == yaml.AliasNode:
			y.at(value, "yaml", "write the value out", "aliases are not read")
		default:
			values[key.Value] = value
		}
	}
	for key, value := range meant {
		if values[key] == nil && value.Kind != yaml.AliasNode {
			values[key] = value
		}
	}
	return values
}

// list gives the items of a sequence.
func (y *yamlFile) list(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		y.at(n, "wrong-type", "begin each item with - ", "%s must be a list", what)
		return nil
	}
	items := make([]*yaml.Node, 0, len(n.Content))
	for _, item := range n.Content {
		if item.Kind == yaml.AliasNode {
			y.at(item, "yaml", "write the value out", "aliases are not read")
			continue
		}
		items = append(items, item)
	}
	return items
}

// text gives a scalar that is not empty.
func (y *yamlFile) text(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		y.at(n, "wrong-type", "write one value", "%s must be a text", what)
		return "", false
	}
	if strings.TrimSpace(n.Value) == "" {
		y.at(n, "missing-key", "write it, or leave the key out", "%s is empty", what)
		return "", false
	}
	return n.Value, true
}

// whole gives a whole number within bounds.
func (y *yamlFile) whole(n *yaml.Node, what string, least, most int) (int, bool) {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil || v < least || v > most {
		y.at(n, "out-of-range", fmt.Sprintf("write a whole number from %d to %d", least, most), "%s is %q", what, n.Value)
		return 0, false
	}
	return v, true
}

// oneOf gives a scalar that is one of the known words.
func (y *yamlFile) oneOf(n *yaml.Node, what string, known ...string) (string, bool) {
	if n.Kind == yaml.ScalarNode && slices.Contains(known, n.Value) {
		return n.Value, true
	}
	help := "known: " + strings.Join(known, ", ")
	if near := nearest(n.Value, known); near != "" {
		help = "did you mean " + near + "?"
	}
	y.at(n, "wrong-value", help, "%s is %q", what, n.Value)
	return "", false
}

// missing tells that a mapping lacks a key.
func (y *yamlFile) missing(n *yaml.Node, what, key, help string) {
	y.at(n, "missing-key", help, "%s has no %s", what, key)
}
