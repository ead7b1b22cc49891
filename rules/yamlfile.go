package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// yamlFile reads one file strictly. It works on nodes rather than on structs:
// most of what a rule file says is expressions, whose mistakes need places.
type yamlFile struct{ *problem.Decoder }

// openYAML parses data; the node is nil if it cannot be, or if the file holds nothing.
func openYAML(name string, data []byte) (*yamlFile, *yaml.Node) {
	y := &yamlFile{&problem.Decoder{File: name}}
	return y, y.Parse(data)
}

// at tells a problem at a node.
func (y *yamlFile) at(n *yaml.Node, check, help, format string, args ...any) {
	y.Fail(n, check, fmt.Sprintf(format, args...), help)
}

// warn makes a warning of the problem told last.
func (y *yamlFile) warn() { y.Problems[len(y.Problems)-1].Severity = problem.Warning }

// inside tells the mistakes of an expression that begins at rune offset in the scalar's value.
func (y *yamlFile) inside(n *yaml.Node, offset int, mistakes []mistake) {
	for _, m := range mistakes {
		y.FailInside(n, m.from+offset, m.width, m.check, m.message, m.help)
		if m.warning {
			y.warn()
		}
	}
}

// mapping gives the values of a mapping by key; unknown and repeated keys are problems.
func (y *yamlFile) mapping(n *yaml.Node, what string, known ...string) map[string]*yaml.Node {
	values, meant := map[string]*yaml.Node{}, map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		y.at(n, "wrong-type", "write key: value lines", "%s must be a mapping", what)
		return nil
	}
	absent := absentFrom(n, known)
	for key, value := range y.Pairs(n) {
		switch {
		case !slices.Contains(known, key.Value):
			help := "known: " + strings.Join(known, ", ")
			if near := problem.Nearest(key.Value, absent); near != "" {
				help = fmt.Sprintf("did you mean %q?", near)
				meant[near] = value // so that it is not missing too
			}
			y.at(key, "unknown-key", help, "unknown key %q", key.Value)
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

// absentFrom is the known keys that a mapping does not have: one of them may be
// what an unknown one means.
func absentFrom(n *yaml.Node, known []string) []string {
	return slices.DeleteFunc(slices.Clone(known), func(key string) bool { return valueOf(n, key) != nil })
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

// oneLine gives a text as it stands within a line, such as a name in a table.
func (y *yamlFile) oneLine(n *yaml.Node, what, text string) string {
	text = strings.TrimSpace(text)
	if strings.ContainsFunc(text, unicode.IsControl) {
		y.at(n, "wrong-value", "write it on one line, without control characters", "%s is %q", what, text)
	}
	return text
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
	y.at(n, "wrong-value", problem.DidYouMean(n.Value, known), "%s is %q", what, n.Value)
	return "", false
}

// missing tells that a mapping lacks a key.
func (y *yamlFile) missing(n *yaml.Node, what, key, help string) {
	y.at(n, "missing-key", help, "%s has no %s", what, key)
}
