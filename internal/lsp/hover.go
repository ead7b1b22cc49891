package lsp

import (
	"yujing/internal/problem"
	"yujing/internal/schema"
	"yujing/rules"
)

// hover says what stands at a place; nil if there is nothing to say.
func (w *workspace) hover(d *document, at place, e encoding) *hover {
	kind := w.kindOf(d)
	if kind == "" {
		return nil
	}
	tree := w.schemas[kind]
	tried := 0
	for s := range d.spots(at) {
		if tried++; tried > 2 { // the rest are other ways to mend the same text
			break
		}
		if h := w.hoverSpot(d, at, s, tree, e); h != nil {
			return h
		}
	}
	return nil
}

func (w *workspace) hoverSpot(d *document, at place, s *spot, tree *schema.Tree, e encoding) *hover {
	path := s.schemaPath()
	role := tree.Role(path)
	whole := d.around(at, s.text, s.at, 0, len([]rune(s.text)), e)
	if x, ok := s.expression(role); ok {
		m, ok := w.language().Meaning(x.slot, x.source, x.at)
		if !ok {
			return nil
		}
		return &hover{markdown(meaning(m)), d.around(at, x.source, x.at, m.From, m.To, e)}
	}
	for _, one := range w.named(d, s, role) {
		if one.id == s.text {
			return &hover{markdown(one.hover()), whole}
		}
	}
	switch {
	case len(path) == 0 && !s.isKey: // a word of a file that is broken
		return nil
	case s.isKey:
		path = append(path, schema.Step{Key: s.text})
		if tree.At(path) == nil {
			return nil
		}
	}
	if text := tree.Describe(path); text != "" {
		return &hover{markdown(text), whole}
	}
	return nil
}

// meaning writes what a word or an expression means.
func meaning(m rules.Meaning) string {
	code := m.Name
	switch {
	case m.Kind == rules.WordFunction:
		code = m.Type
	case m.Type != "":
		code += ": " + m.Type
	}
	text := "```\n" + code + "\n```"
	if m.Doc != "" {
		text += "\n\n" + m.Doc
	}
	return text
}

// definition finds where what stands at a place is declared.
func (w *workspace) definition(d *document, at place, e encoding) []location {
	kind := w.kindOf(d)
	if kind == "" {
		return []location{}
	}
	tree := w.schemas[kind]
	for s := range d.spots(at) {
		role := tree.Role(s.schemaPath())
		if x, ok := s.expression(role); ok {
			return w.variable(d, s, x, e)
		}
		list := []location{}
		for _, one := range w.named(d, s, role) {
			if one.id == s.text {
				list = append(list, one.location(e))
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return []location{}
}

// variable finds the let that declares the variable at the cursor.
func (w *workspace) variable(d *document, s *spot, x expression, e encoding) []location {
	from, to, ok := w.language().Declaration(x.slot, x.source, x.at)
	if !ok {
		return []location{}
	}
	decoder := &problem.Decoder{}
	value := node(decoder.Parse([]byte(d.text)), s.path)
	if value == nil {
		return []location{}
	}
	places := decoder.Places(value)
	if x.from+to >= len(places) {
		return []location{}
	}
	a, b := places[x.from+from], places[x.from+to]
	return []location{{d.uri, d.span(place{a.Line - 1, a.Column - 1}, place{b.Line - 1, b.Column - 1}, e)}}
}
