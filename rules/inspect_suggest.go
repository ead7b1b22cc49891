package rules

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"
)

// probe stands in a source for the word that is being written.
const probe = "yujingprobe"

// Suggest gives the words that can stand at a rune offset of an expression that
// is still being written: what stands behind it does not count.
func (l *Language) Suggest(slot Slot, source string, at int) Suggestions {
	runes := []rune(source)
	at = min(max(at, 0), len(runes))
	o := scan(runes[:at])
	if o.quote != 0 {
		to := at
		for to < len(runes) && runes[to] != o.quote && runes[to] != '\n' {
			to++
		}
		return Suggestions{o.quoted + 1, to, l.suggestTexts(slot, string(runes[:o.quoted]), o)}
	}
	from, _ := wordAround(runes[:at], at)
	_, to := wordAround(runes, at)
	if from < at && unicode.IsDigit(runes[from]) {
		return Suggestions{From: at, To: at}
	}
	return Suggestions{from, to, l.suggestWords(slot, string(runes[:from]), o)}
}

// wordAround gives the runes of the word that an offset touches.
func wordAround(runes []rune, at int) (from, to int) {
	from = min(max(at, 0), len(runes))
	to = from
	for from > 0 && wordRune(runes[from-1]) {
		from--
	}
	for to < len(runes) && wordRune(runes[to]) {
		to++
	}
	return from, to
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// suggestTexts gives what can stand in the quotes that open at the end of before.
func (l *Language) suggestTexts(slot Slot, before string, o opened) []Word {
	tree, mistakes := parse(before + `"` + probe + `"` + o.close())
	if mistakes != nil {
		return nil
	}
	v := newView(tree, l.scope(slot), l.deadlines)
	var list []Word
	v.walk(tree, nil, func(n ast.Node, above []ast.Node) {
		if s, ok := n.(*ast.StringNode); !ok || s.Value != probe || len(above) == 0 {
			return
		}
		if call, ok := above[len(above)-1].(*ast.CallNode); ok && asksDeadline(call) && v.scope.kinds != nil {
			for _, d := range l.deadlines {
				list = append(list, deadlineWord(d))
			}
			return
		}
		if field := v.listedField(n, above); field != "" {
			for _, word := range words()[field] {
				list = append(list, Word{word, WordText, field, docOf("Element", field)})
			}
		}
	})
	return list
}

// suggestWords gives the words that can stand behind before.
func (l *Language) suggestWords(slot Slot, before string, o opened) []Word {
	trimmed := strings.TrimRightFunc(before, unicode.IsSpace)
	if strings.HasSuffix(trimmed, "|") && !strings.HasSuffix(trimmed, "||") {
		return l.collectionFunctions(slot)
	}
	tree, mistakes := parse(before + probe + o.close())
	if mistakes != nil {
		return l.suggestOperators(slot, trimmed, o)
	}
	v := newView(tree, l.scope(slot), l.deadlines)
	var list []Word
	v.walk(tree, nil, func(n ast.Node, above []ast.Node) {
		switch n := n.(type) {
		case *ast.IdentifierNode:
			if n.Value == probe && list == nil {
				list = v.names(n, above)
			}
		case *ast.MemberNode:
			if p, ok := n.Property.(*ast.StringNode); ok && p.Value == probe && list == nil {
				list = v.fields(v.types[n.Node], "")
			}
		}
	})
	return list
}

// fields gives the fields of a record in the order of the alphabet.
func (v *view) fields(t typ, dot string) []Word {
	list := []Word{}
	if t.kind != kindRecord {
		return list
	}
	for _, name := range slices.Sorted(maps.Keys(t.fields.fields)) {
		word := fieldWord(t.fields, name)
		word.Name = dot + name
		list = append(list, word)
	}
	return list
}

// names gives what an operand can begin with at a node, the nearest first:
// fields of the element, variables, the vocabulary, functions, levels.
func (v *view) names(n ast.Node, above []ast.Node) []Word {
	var list []Word
	closed := false
	path := append(slices.Clone(above), n)
	for i, outer := range slices.Backward(above) {
		switch outer := outer.(type) {
		case *ast.BuiltinNode:
			if _, inside := path[i+1].(*ast.PredicateNode); !inside || closed {
				continue
			}
			t := v.types[outer.Arguments[0]]
			if t.kind != kindList {
				continue
			}
			if !slices.ContainsFunc(list, func(w Word) bool { return w.Kind == WordField }) {
				list = append(list, v.fields(*t.elem, ".")...)
			}
			closed = t.group
		case *ast.VariableDeclaratorNode:
			if path[i+1] == outer.Expr && !closed {
				list = append(list, Word{outer.Name, WordVariable, v.types[outer.Value].String(), "= " + show(outer.Value)})
			}
		}
	}
	if !closed {
		list = append(list, v.vocabulary()...)
	}
	for _, f := range slices.Concat(functions(), builtins()) {
		if v.scope.kinds != nil && !closed || f.name != "due" && f.name != "overdue" {
			list = append(list, Word{f.name, WordFunction, f.signature, f.doc})
		}
	}
	for i, name := range LevelWords() {
		list = append(list, levelWord(name, i+1))
	}
	for _, word := range []string{"not", "true", "false", "nil", "let"} {
		list = append(list, Word{word, WordOperator, "", operators()[word]})
	}
	return list
}

func (v *view) vocabulary() []Word {
	var list []Word
	for _, name := range slices.Sorted(maps.Keys(v.scope.names)) {
		list = append(list, Word{name, WordName, v.scope.names[name].String(), v.nameDoc(name)})
	}
	return list
}

// collectionFunctions are what a pipe can lead to.
func (l *Language) collectionFunctions(Slot) []Word {
	var list []Word
	for _, f := range slices.Concat(functions(), builtins()) {
		if strings.Contains(f.signature, "(C") {
			list = append(list, Word{f.name, WordFunction, f.signature, f.doc})
		}
	}
	return list
}

// suggestOperators gives what can stand behind a whole operand, by its type.
func (l *Language) suggestOperators(slot Slot, before string, o opened) []Word {
	tree, mistakes := parse(before + o.close())
	if mistakes != nil {
		return nil
	}
	v := newView(tree, l.scope(slot), l.deadlines)
	end := len([]rune(before))
	var last typ
	v.walk(tree, nil, func(n ast.Node, _ []ast.Node) {
		switch n.(type) {
		case *ast.MemberNode, *ast.IdentifierNode, *ast.StringNode, *ast.ChainNode:
			if n.Location().To == end && v.types[n].kind != kindInvalid && last.kind == kindInvalid {
				last = v.types[n]
			}
		}
	})
	names := []string{"and", "or"}
	if last.kind == kindText {
		names = []string{"in", "contains", "startsWith", "endsWith", "matches", "and", "or"}
	} else if last.kind == kindInt {
		names = []string{"in", "and", "or"}
	}
	var list []Word
	for _, name := range names {
		list = append(list, Word{name, WordOperator, "", operators()[name]})
	}
	return list
}

// operators are the operators that are words, and the other words of the language.
func operators() map[string]string {
	return map[string]string{
		"and":        "Both conditions hold.",
		"or":         "At least one of the conditions holds.",
		"not":        "The condition does not hold.",
		"in":         `The value is one of a list: .act in ["replied", "closed"].`,
		"contains":   "The text holds the other one.",
		"startsWith": "The text begins with the other one.",
		"endsWith":   "The text ends with the other one.",
		"matches":    `The text fits an RE2 pattern: .text matches "多次|再次".`,
		"true":       "",
		"false":      "",
		"nil":        "Unknown: stands only after == and !=.",
		"let":        "let x = value; expression: names a value. In a predicate in braces.",
	}
}
