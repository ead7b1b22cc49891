package lsp

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"yujing/internal/schema"
)

// declared is a rule or a risk as a file declares it, well-formed or not: an editor
// must find it also while other rules have mistakes.
type declared struct {
	id     string
	name   string
	detail string
	doc    *document
	node   *yaml.Node // of its id
}

// hover describes it.
func (d *declared) hover() string {
	text := fmt.Sprintf("**%s**  \n%s", d.id, d.name)
	if d.detail != "" {
		text += "\n\n" + d.detail
	}
	return text + "\n\n" + filepath.Base(d.doc.path)
}

// location is where its id stands.
func (d *declared) location(e encoding) location {
	from := place{d.node.Line - 1, d.node.Column - 1}
	return location{d.doc.uri, d.doc.span(from, place{from.line, from.column + len([]rune(d.node.Value))}, e)}
}

// declarations gives the rules (of one risk, "" = of all) or risks of a directory.
func (w *workspace) declarations(dir string, kind schema.Kind, risk string) []*declared {
	var list []*declared
	for _, d := range w.files(dir) {
		if isTest(d.path) || w.kindOf(d) != kind {
			continue
		}
		root := parse(d.text)
		of := text(child(root, "risk"))
		if risk != "" && of != risk {
			continue
		}
		items := child(root, string(kind)) // rules: or risks:
		for i := 0; items != nil && i < len(items.Content); i++ {
			if one := declaration(d, items.Content[i], of); one != nil {
				list = append(list, one)
			}
		}
	}
	return list
}

func declaration(d *document, item *yaml.Node, risk string) *declared {
	id := child(item, "id")
	if id == nil || id.Value == "" {
		return nil
	}
	one := &declared{id: id.Value, doc: d, node: id}
	one.name = title(child(item, "name"))
	if points := text(child(item, "points")); points != "" {
		one.detail = points + " points"
	}
	if level := text(child(item, "at_least")); level != "" {
		one.detail = join(one.detail, "at least "+level)
	}
	if text(child(item, "mode")) == "shadow" {
		one.detail = join(one.detail, "in shadow mode")
	}
	if over := text(child(item, "over")); over != "" {
		one.detail = "over " + over
	}
	if risk != "" {
		one.detail = join(one.detail, "risk "+risk)
	}
	return one
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

// text gives the value of a scalar, "" if there is none.
func text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// title gives a name in both languages.
func title(n *yaml.Node) string {
	zh, en := text(child(n, "zh")), text(child(n, "en"))
	if en == "" {
		return zh
	}
	return zh + " / " + en
}

// named finds what a name stands for: a rule of the file's risk, or a risk.
func (w *workspace) named(d *document, s *spot, role string) []*declared {
	dir := filepath.Dir(d.path)
	switch {
	case d.path == "" || s.isKey != (role == schema.RoleByRule):
		return nil
	case role == schema.RoleRule || role == schema.RoleByRule || role == schema.RoleRuleID:
		return w.declarations(dir, schema.Rules, s.top("risk"))
	case role == schema.RoleRisk && w.kindOf(d) == schema.Config:
		return w.declarations(w.rules, schema.Risks, "")
	case role == schema.RoleRisk, role == schema.RoleRiskID:
		return w.declarations(dir, schema.Risks, "")
	}
	return nil
}

// bareColumn is a column that stands without quotes, not an expression.
var bareColumn = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_.]*$`)

// columns gives the columns that a feed's definition names, in order.
func columns(tree *schema.Tree, n *yaml.Node, path []schema.Step) []string {
	if n == nil {
		return nil
	}
	var list []string
	switch n.Kind {
	case yaml.ScalarNode:
		if tree.Role(path) == schema.RoleColumn && bareColumn.MatchString(n.Value) {
			list = append(list, n.Value)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			list = append(list, columns(tree, n.Content[i+1], append(slices.Clone(path), schema.Step{Key: n.Content[i].Value}))...)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			list = append(list, columns(tree, item, append(slices.Clone(path), schema.Step{Item: true}))...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// tables gives the names of the tables under maps:.
func tables(root *yaml.Node) []string {
	var list []string
	maps := child(root, "maps")
	for i := 0; maps != nil && i+1 < len(maps.Content); i += 2 {
		list = append(list, maps.Content[i].Value)
	}
	return list
}
