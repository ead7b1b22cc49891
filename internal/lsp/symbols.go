package lsp

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"yujing/internal/schema"
)

// symbols gives what a document declares: rules, risks, tests, a source with its
// signals, the sections of the configuration.
func (w *workspace) symbols(d *document, e encoding) []documentSymbol {
	kind, root := w.kindOf(d), parse(d.text)
	list := []documentSymbol{}
	if root == nil || kind == "" {
		return list
	}
	switch kind {
	case schema.Rules:
		list = append(list, d.items(child(root, "rules"), "id", symbolFunction, e)...)
	case schema.Risks:
		list = append(list, d.items(child(root, "risks"), "id", symbolClass, e)...)
	case schema.Tests:
		list = append(list, d.items(child(root, "tests"), "name", symbolMethod, e)...)
	case schema.Source:
		list = append(list, d.items(child(root, "signals"), "name", symbolEvent, e)...)
	case schema.Config:
		for i := 0; root.Kind == yaml.MappingNode && i+1 < len(root.Content); i += 2 {
			list = append(list, d.symbol(root.Content[i], root.Content[i], d.endBefore(root, i+2), symbolNamespace, e))
		}
	}
	return list
}

// items gives a symbol for each item of a list that has a name.
func (d *document) items(list *yaml.Node, key string, kind int, e encoding) []documentSymbol {
	var out []documentSymbol
	for i := 0; list != nil && list.Kind == yaml.SequenceNode && i < len(list.Content); i++ {
		item := list.Content[i]
		name := child(item, key)
		if name == nil || name.Value == "" {
			continue
		}
		one := d.symbol(name, item, d.endBefore(list, i+1), kind, e)
		if kind != symbolMethod {
			one.Detail = title(child(item, "name"))
		}
		out = append(out, one)
	}
	return out
}

// symbol makes a symbol of a name; it begins where its node does and ends at the
// end of a line.
func (d *document) symbol(name, begins *yaml.Node, last int, kind int, e encoding) documentSymbol {
	line, column := name.Line-1, name.Column-1
	last = max(last, line)
	end := utf8.RuneCountInString(d.line(line))
	return documentSymbol{Name: name.Value, Kind: kind,
		Range:          d.span(place{begins.Line - 1, begins.Column - 1}, place{last, utf8.RuneCountInString(d.line(last))}, e),
		SelectionRange: d.onLine(line, column, min(column+utf8.RuneCountInString(name.Value), end), e)}
}

// endBefore is the last line that is not blank before the i-th part of a node; of
// the last part, the end of the document or of what the node stands in.
func (d *document) endBefore(n *yaml.Node, i int) int {
	last := len(d.lines) - 1
	if i < len(n.Content) {
		last = n.Content[i].Line - 2
		if n.Style&yaml.FlowStyle != 0 {
			last = n.Content[i].Line - 1
		}
	} else if i > 0 {
		last = d.endOfBlock(n.Content[i-1])
	}
	for last > 0 && (strings.TrimSpace(d.line(last)) == "" || strings.HasPrefix(strings.TrimSpace(d.line(last)), "#")) {
		last--
	}
	return last
}

// endOfBlock is the last line that is indented at least as far as a node.
func (d *document) endOfBlock(n *yaml.Node) int {
	last := n.Line - 1
	for i := n.Line; i < len(d.lines); i++ {
		text := d.line(i)
		if indent := len(text) - len(strings.TrimLeft(text, " ")); strings.TrimSpace(text) != "" && indent < n.Column-1 {
			break
		}
		last = i
	}
	return last
}
