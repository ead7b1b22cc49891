package lsp

import (
	"fmt"
	"strings"

	"yujing/internal/schema"
	"yujing/rules"
)

// completion offers what can stand at a place.
type completion struct {
	*workspace
	doc      *document
	at       place
	encoding encoding
	snippets bool
	items    []completionItem
}

// complete gives the items of the first reading of the text that has any.
func (w *workspace) complete(d *document, at place, e encoding, snippets bool) []completionItem {
	kind := w.kindOf(d)
	if kind == "" {
		return []completionItem{}
	}
	for s := range d.spots(at) {
		c := &completion{w, d, at, e, snippets, nil}
		c.spot(s, w.schemas[kind])
		if len(c.items) > 0 {
			return c.items
		}
	}
	return []completionItem{}
}

func (c *completion) spot(s *spot, tree *schema.Tree) {
	path := s.schemaPath()
	role := tree.Role(path)
	if e, ok := s.expression(role); ok {
		c.words(e)
		return
	}
	for _, one := range c.named(c.doc, s, role) {
		if role != schema.RoleRuleID && role != schema.RoleRiskID {
			c.add(completionItem{Label: one.id, Kind: itemReference, Detail: one.name, Documentation: doc(one.detail)}, one.id+colon(s))
		}
	}
	if s.isKey {
		c.keys(s, tree, path)
		return
	}
	switch role {
	case schema.RoleColumn:
		c.columns(s, tree)
	case schema.RoleTable:
		for _, name := range tables(s.root) {
			c.add(completionItem{Label: name, Kind: itemReference, Documentation: doc(tree.Describe(path))}, name)
		}
	}
	for _, value := range tree.Values(path) {
		c.add(completionItem{Label: value, Kind: itemValue, Documentation: doc(tree.Describe(path))}, value)
	}
}

// colon ends a key.
func colon(s *spot) string {
	if s.isKey {
		return ": "
	}
	return ""
}

// keys offers the keys that the mapping does not have yet.
func (c *completion) keys(s *spot, tree *schema.Tree, path []schema.Step) {
	present := node(s.root, s.path)
	for _, p := range tree.Keys(path) {
		if child(present, p.Name) == nil {
			c.add(completionItem{Label: p.Name, Kind: itemProperty, Documentation: doc(p.Describe(tree))}, p.Name+": ")
		}
	}
}

// columns offers the columns that the definition names elsewhere.
func (c *completion) columns(s *spot, tree *schema.Tree) {
	for _, name := range columns(tree, s.root, nil) {
		if !strings.Contains(name, mark) {
			c.add(completionItem{Label: name, Kind: itemField}, name)
		}
	}
}

// add puts an item in the place of the word at the cursor.
func (c *completion) add(item completionItem, text string) {
	item.TextEdit = textEdit{c.doc.word(c.at, c.encoding), text}
	line := []rune(c.doc.line(c.at.line))
	if rest := strings.TrimSpace(string(line[c.at.column:])); strings.HasSuffix(text, ": ") && strings.HasPrefix(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz_"), ":") {
		item.TextEdit.NewText = strings.TrimSuffix(text, ": ") // the key has its colon
	}
	c.put(item)
}

func (c *completion) put(item completionItem) {
	item.SortText = fmt.Sprintf("%04d", len(c.items))
	c.items = append(c.items, item)
}

// words offers the words of the language.
func (c *completion) words(e expression) {
	suggested := c.language().Suggest(e.slot, e.source, e.at)
	where := c.doc.around(c.at, e.source, e.at, suggested.From, suggested.To, c.encoding)
	if where == nil {
		word := c.doc.word(c.at, c.encoding)
		where = &word
	}
	for _, w := range suggested.Words {
		item := completionItem{Label: w.Name, Kind: itemKind(w.Kind), Detail: w.Type, Documentation: doc(w.Doc),
			FilterText: strings.TrimPrefix(w.Name, "."), TextEdit: textEdit{*where, w.Name}}
		if w.Kind == rules.WordFunction && c.snippets {
			item.InsertTextFormat, item.TextEdit.NewText = formatSnippet, w.Name+"($0)"
		}
		c.put(item)
	}
}

func itemKind(k rules.WordKind) int {
	switch k {
	case rules.WordFunction:
		return itemFunction
	case rules.WordField:
		return itemField
	case rules.WordLevel:
		return itemConstant
	case rules.WordText:
		return itemValue
	case rules.WordOperator:
		return itemKeyword
	}
	return itemVariable
}

func doc(text string) *markup {
	if text == "" {
		return nil
	}
	m := markdown(text)
	return &m
}
