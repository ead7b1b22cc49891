package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"yujing/internal/calendar"
)

// Slot is where an expression stands in a rule file, and thus what it sees.
type Slot uint8

const (
	// SlotRule is a condition or a text of a rule: it sees the row.
	SlotRule Slot = iota
	// SlotOutcome is the outcome of a risk: it sees one signal and those before it.
	SlotOutcome
)

// WordKind says what a word of the language is.
type WordKind string

// The kinds of words.
const (
	WordName     WordKind = "name"     // of the vocabulary: case, contacts
	WordField    WordKind = "field"    // of the case or of a signal
	WordVariable WordKind = "variable" // that a let declares
	WordLevel    WordKind = "level"    // a constant: county
	WordFunction WordKind = "function" // and collection builtins
	WordText     WordKind = "text"     // a text that a field may hold, a kind of deadline
	WordOperator WordKind = "operator"
	WordValue    WordKind = "value" // an expression that is no single word
)

// Word is one thing that an expression can say, and what it means.
type Word struct {
	Name string // as it is written; a field that needs its leading dot has it
	Kind WordKind
	Type string // of the value, such as "time?"; of a function its signature
	Doc  string
}

// Suggestions are the words that can stand at a place, those of the nearest
// surroundings first. They take the place of the runes From..To of the source.
type Suggestions struct {
	From, To int
	Words    []Word
}

// Meaning is a word, or an expression with its type, that stands at the runes
// From..To of a source.
type Meaning struct {
	From, To int
	Word
}

// Language knows what the expressions of rule files can say. It is for tools that
// help to write them, and never changes: any number of goroutines may use it.
type Language struct {
	rule, outcome *scope
	deadlines     []calendar.Deadline
}

// NewLanguage is the language over a table of deadlines; nil = the default table.
func NewLanguage(deadlines []calendar.Deadline) *Language {
	if deadlines == nil {
		deadlines = calendar.Deadlines()
	}
	kinds := make([]string, len(deadlines))
	for i, d := range deadlines {
		kinds[i] = d.Kind
	}
	return &Language{ruleScope(kinds), outcomeScope(), deadlines}
}

// Words gives the texts that a field of a signal may hold, for each field whose
// values are a closed list: act, channel, purpose, rating.
func Words() map[string][]string { return words() }

// LevelWords gives the words for levels of organs, the lowest first.
func LevelWords() []string {
	list := make([]string, len(levels()))
	for word, level := range levels() {
		list[level-1] = word
	}
	return list
}

// Embedded finds the expression between {{ and }} of a text at a rune offset,
// also one that is not closed yet, and where in the text it begins.
func Embedded(text string, at int) (source string, from int, ok bool) {
	rest, offset := text, 0
	for {
		before, after, open := strings.Cut(rest, "{{")
		if !open {
			return "", 0, false
		}
		offset += len([]rune(before)) + 2
		source, length, closed := expressionEnd(after)
		if !closed {
			source, length = after, len(after)
		}
		if end := offset + len([]rune(source)); at >= offset && at <= end {
			return source, offset, true
		}
		offset += len([]rune(after[:length]))
		rest = after[length:]
	}
}

func (l *Language) scope(slot Slot) *scope {
	if slot == SlotOutcome {
		return l.outcome
	}
	return l.rule
}

// Meaning says what stands at a rune offset of an expression: a word with its
// meaning, or an operator with the type of what it gives.
func (l *Language) Meaning(slot Slot, source string, at int) (Meaning, bool) {
	tree, mistakes := parse(source)
	if mistakes != nil {
		return l.wordAt(slot, source, at)
	}
	v := newView(tree, l.scope(slot), l.deadlines)
	var best Meaning
	found := false
	v.walk(tree, nil, func(n ast.Node, above []ast.Node) {
		if loc := n.Location(); loc.From <= at && at < loc.To {
			if word, ok := v.meaning(n, above); ok && (!found || word.Kind != WordValue || best.Kind == WordValue) {
				best, found = Meaning{loc.From, loc.To, word}, true
			}
		}
	})
	return best, found
}

// wordAt looks a word up in an expression that cannot be parsed yet.
func (l *Language) wordAt(slot Slot, source string, at int) (Meaning, bool) {
	runes := []rune(source)
	from, to := wordAround(runes, at)
	if from == to {
		return Meaning{}, false
	}
	name := string(runes[from:to])
	for _, word := range l.Suggest(slot, source, from).Words {
		if strings.TrimPrefix(word.Name, ".") == name {
			return Meaning{from, to, word}, true
		}
	}
	return Meaning{}, false
}

// Declaration finds where the variable at a rune offset is declared by let.
func (l *Language) Declaration(slot Slot, source string, at int) (from, to int, ok bool) {
	tree, mistakes := parse(source)
	if mistakes != nil {
		return 0, 0, false
	}
	v := newView(tree, l.scope(slot), l.deadlines)
	v.walk(tree, nil, func(n ast.Node, above []ast.Node) {
		name, isName := n.(*ast.IdentifierNode)
		if loc := n.Location(); !isName || at < loc.From || at > loc.To {
			return
		}
		for i, outer := range slices.Backward(above) {
			let, isLet := outer.(*ast.VariableDeclaratorNode)
			if isLet && let.Name == name.Value && below(let.Expr, above, i, n) {
				from, to, ok = let.Location().From, let.Location().To, true
				return
			}
		}
	})
	return from, to, ok
}

// below says that the path goes on through part below its i-th node.
func below(part ast.Node, above []ast.Node, i int, n ast.Node) bool {
	if i+1 < len(above) {
		return above[i+1] == part
	}
	return n == part
}

// view is an expression with the types that the checker gave its parts, right or wrong.
type view struct {
	*checker
	deadlines []calendar.Deadline
}

func newView(tree ast.Node, s *scope, deadlines []calendar.Deadline) *view {
	c, _ := check(tree, s)
	return &view{c, deadlines}
}

// walk visits every node with those above it, outermost first.
func (v *view) walk(n ast.Node, above []ast.Node, visit func(n ast.Node, above []ast.Node)) {
	if n == nil {
		return
	}
	visit(n, above)
	above = append(slices.Clone(above), n)
	for _, part := range parts(n) {
		v.walk(part, above, visit)
	}
}

// meaning is what a node says, without the nodes around it if they are not needed.
func (v *view) meaning(n ast.Node, above []ast.Node) (Word, bool) {
	var parent ast.Node
	if len(above) > 0 {
		parent = above[len(above)-1]
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return v.textMeaning(n, above)
	case *ast.IdentifierNode:
		if call, ok := parent.(*ast.CallNode); ok && call.Callee == n {
			return functionWord(n.Value)
		}
		return v.name(n), true
	case *ast.BuiltinNode:
		word, ok := functionWord(n.Name)
		return word, ok
	case *ast.VariableDeclaratorNode:
		return Word{n.Name, WordVariable, v.types[n.Value].String(), "= " + show(n.Value)}, true
	case *ast.BinaryNode, *ast.UnaryNode, *ast.ConditionalNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.SliceNode, *ast.MemberNode:
		return Word{show(n), WordValue, v.types[n].String(), ""}, true
	}
	return Word{}, false // written by nobody: a chain, a predicate, the element that a leading dot stands for
}

// name is a name of the vocabulary, a level or a variable.
func (v *view) name(n *ast.IdentifierNode) Word {
	if t, ok := v.scope.names[n.Value]; ok {
		return Word{n.Value, WordName, t.String(), v.nameDoc(n.Value)}
	}
	if level, ok := levels()[n.Value]; ok {
		return levelWord(n.Value, level)
	}
	return Word{n.Value, WordVariable, v.types[n].String(), ""}
}

func (v *view) nameDoc(name string) string {
	if doc := docOf("Vocabulary", name); doc != "" {
		return doc
	}
	return docOf("Outcome", name)
}

func levelWord(name string, level int) Word {
	return Word{name, WordLevel, "int", fmt.Sprintf("%s, level %d", docOf("levels", name), level)}
}

// fieldWord is a field of a record.
func fieldWord(r *record, name string) Word {
	owner := "Element"
	if r.name == "case" {
		owner = "Case"
	}
	return Word{name, WordField, r.fields[name].String(), docOf(owner, name)}
}

// functionWord is a function or a builtin of the language.
func functionWord(name string) (Word, bool) {
	for _, f := range slices.Concat(functions(), builtins()) {
		if f.name == name {
			return Word{f.name, WordFunction, f.signature, f.doc}, true
		}
	}
	return Word{}, false
}

// textMeaning is what a text in quotes says: it may name a field, a kind of
// deadline, or a word of a closed list.
func (v *view) textMeaning(n *ast.StringNode, above []ast.Node) (Word, bool) {
	if len(above) == 0 {
		return Word{}, false
	}
	switch parent := above[len(above)-1].(type) {
	case *ast.MemberNode:
		t := v.types[parent.Node]
		if _, ok := fieldOf(t, n.Value); ok {
			word := fieldWord(t.fields, n.Value)
			word.Type = v.types[parent].String()
			return word, true
		}
	case *ast.CallNode:
		if i := slices.IndexFunc(v.deadlines, func(d calendar.Deadline) bool { return d.Kind == n.Value }); i >= 0 && asksDeadline(parent) {
			return deadlineWord(v.deadlines[i]), true
		}
	}
	if field := v.listedField(n, above); field != "" {
		return Word{n.Value, WordText, field, docOf("Element", field)}, true
	}
	return Word{}, false
}

func fieldOf(t typ, name string) (typ, bool) {
	if t.kind != kindRecord {
		return typ{}, false
	}
	f, ok := t.fields.fields[name]
	return f, ok
}

func asksDeadline(n *ast.CallNode) bool {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	return ok && (callee.Value == "due" || callee.Value == "overdue")
}

func deadlineWord(d calendar.Deadline) Word {
	days := "days"
	if d.Working {
		days = "working days"
	}
	doc := fmt.Sprintf("%d %s from %s; ends with %s", d.Length, days, strings.Join(d.Starts, ", "), strings.Join(d.Ends, ", "))
	if d.Extension > 0 {
		doc += fmt.Sprintf("; %d more once extended", d.Extension)
	}
	if d.Channel != "" {
		doc += "; only by " + d.Channel
	}
	return Word{d.Kind, WordText, "deadline", doc + ". " + d.Source}
}

// listedField is the field with a closed list of texts that a text stands beside:
// .act == "...", .act in ["..."], (.rating ?? "...").
func (v *view) listedField(n ast.Node, above []ast.Node) string {
	if len(above) == 0 {
		return ""
	}
	parent := above[len(above)-1]
	switch p := parent.(type) {
	case *ast.ArrayNode:
		return v.listedField(p, above[:len(above)-1])
	case *ast.BinaryNode:
		switch p.Operator {
		case "==", "!=", "??", "in":
			other := p.Left
			if other == n {
				other = p.Right
			}
			if name := v.fieldName(other); words()[name] != nil {
				return name
			}
			if p.Operator == "??" {
				return v.listedField(p, above[:len(above)-1])
			}
		}
	}
	return ""
}

// fieldName is the field that an expression asks for, "" if it is none.
func (v *view) fieldName(n ast.Node) string {
	switch n := n.(type) {
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return v.fieldName(n.Left)
		}
	case *ast.ChainNode:
		return v.fieldName(n.Node)
	case *ast.MemberNode:
		if name, ok := n.Property.(*ast.StringNode); ok && v.types[n.Node].kind == kindRecord {
			return name.Value
		}
	}
	return ""
}

// builtins are the words for collections and numbers: signature and meaning.
func builtins() []function {
	return []function{
		{"count", "count(C, predicate) int", "How many elements the predicate holds for. 0 of an empty collection."},
		{"any", "any(C, predicate) bool", "The predicate holds for at least one element. False of an empty collection."},
		{"all", "all(C, predicate) bool", "The predicate holds for every element. True of an empty collection."},
		{"none", "none(C, predicate) bool", "The predicate holds for no element. True of an empty collection."},
		{"one", "one(C, predicate) bool", "The predicate holds for exactly one element."},
		{"filter", "filter(C, predicate) list", "The elements that the predicate holds for, in order."},
		{"map", "map(C, value) list", "The value of each element, in order."},
		{"sum", "sum(C, value) number", "The sum of the values. 0 of an empty collection."},
		{"find", "find(C, predicate) signal?", "The first element that the predicate holds for. Unknown if there is none."},
		{"findLast", "findLast(C, predicate) signal?", "The last element that the predicate holds for. Unknown if there is none."},
		{"len", "len(C) int", "How many elements a collection has, or characters a text."},
		{"first", "first(C) signal?", "The first element. Unknown of an empty collection."},
		{"last", "last(C) signal?", "The last element. Unknown of an empty collection."},
		{"min", "min(C) number?", "The least number or time of a list, unknown if it is empty; or of two or more numbers."},
		{"max", "max(C) number?", "The greatest number or time of a list, unknown if it is empty; or of two or more numbers."},
		{"mean", "mean(C) float?", "The mean of the numbers of a list. Unknown if it is empty."},
		{"abs", "abs(x) number", "The number without its sign."},
		{"floor", "floor(x) float", "The greatest whole number that is not above x."},
		{"ceil", "ceil(x) float", "The least whole number that is not below x."},
	}
}
