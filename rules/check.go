package rules

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/parser/operator"

	"yujing/internal/problem"
)

// mistake is one thing wrong with an expression, by rune offset in its source.
type mistake struct {
	from, width   int
	check         string
	message, help string
	warning       bool
}

// checker walks one expression once: it refuses what is outside the language,
// types every node, and holds that no unknown value is used as if it were known.
type checker struct {
	scope    *scope
	types    map[ast.Node]typ
	vars     []variable
	frames   []frame // predicates around the present node, innermost last
	mistakes []mistake
}

type variable struct {
	name string
	typ  typ
}

// frame is a predicate: its element, and whether it is over group and thus closed.
type frame struct {
	element typ
	closed  bool
	vars    int // variables declared outside
}

// parse gives the tree of an expression, or the one mistake a parser finds.
func parse(source string) (node ast.Node, found []mistake) {
	if utf8.RuneCountInString(source) > maxSource {
		return nil, []mistake{{check: "cost", message: fmt.Sprintf("expression longer than %d characters", maxSource),
			help: "split it into several rules"}}
	}
	config := conf.CreateNew()
	config.MaxNodes = maxNodes
	defer func() {
		if r := recover(); r != nil { // the parser is not ours; a rule file must never end the daemon
			node, found = nil, []mistake{{check: "syntax", message: fmt.Sprintf("cannot be parsed: %v", r)}}
		}
	}()
	tree, err := parser.ParseWithConfig(source, config)
	var at *file.Error
	switch {
	case errors.As(err, &at):
		return nil, []mistake{badSyntax(source, at)}
	case err != nil:
		return nil, []mistake{{check: "syntax", message: err.Error()}}
	}
	if limit := maxNodes; !within(tree.Node, &limit) {
		return nil, []mistake{{check: "cost", message: fmt.Sprintf("expression of more than %d parts", maxNodes), help: "split it into several rules"}}
	}
	return tree.Node, nil
}

// check types the tree. The types are of no use if there are mistakes that are not warnings.
func check(node ast.Node, s *scope) (*checker, typ) {
	c := &checker{scope: s, types: map[ast.Node]typ{}}
	t := c.visit(node)
	return c, t
}

// failed says that a mistake was found that is more than a warning.
func (c *checker) failed() bool {
	return slices.ContainsFunc(c.mistakes, func(m mistake) bool { return !m.warning })
}

func (c *checker) say(n ast.Node, check, help, format string, args ...any) typ {
	loc := n.Location()
	c.mistakes = append(c.mistakes, mistake{from: loc.From, width: loc.To - loc.From, check: check,
		message: fmt.Sprintf(format, args...), help: help})
	return typ{}
}

func (c *checker) warn(n ast.Node, help, format string, args ...any) {
	c.say(n, "never-unknown", help, format, args...)
	c.mistakes[len(c.mistakes)-1].warning = true
}

func (c *checker) outside(n ast.Node, what, word string) typ {
	return c.say(n, "outside-language", equivalent(word), "%s is not in the language", what)
}

// plain types a node whose value must be known.
func (c *checker) plain(n ast.Node) typ {
	t := c.visit(n)
	switch {
	case t.kind == kindNil:
		return c.say(n, "maybe-unknown", "compare with == nil or != nil", "nil is not a value")
	case t.opt:
		t.opt = false
		c.say(n, "maybe-unknown", sayWhatThen(n, t), "%s may be unknown", show(n))
		if t.kind == kindRecord {
			return typ{} // meant is a field of it
		}
	}
	return t
}

// sayWhatThen is the remedy for a value that may be unknown. ?? binds tighter
// than every other operator, so an operation needs brackets before it.
func sayWhatThen(n ast.Node, t typ) string {
	return fmt.Sprintf("say what then: (%s), or ask with == nil or != nil", madeKnown(n, t))
}

// madeKnown is an example of a value that is known: of a signal, of a field of it.
func madeKnown(n ast.Node, t typ) string {
	switch t.kind {
	case kindText:
		return base(n) + ` ?? ""`
	case kindTime:
		return base(n) + " ?? now"
	case kindRecord:
		return base(n) + "?.age ?? 0"
	}
	return base(n) + " ?? 0"
}

// want types a node that must be known and of this kind.
func (c *checker) want(n ast.Node, k kind) {
	t := c.plain(n)
	if t.kind != k && t.kind != kindInvalid {
		c.mismatch(n, typ{kind: k}.String(), t)
	}
}

func (c *checker) mismatch(n ast.Node, want string, got typ) typ {
	return c.say(n, "wrong-type", "", "%s is %s, not %s", show(n), got, want)
}

// number types a node that must be a known number.
func (c *checker) number(n ast.Node) typ {
	t := c.plain(n)
	if !t.number() && t.kind != kindInvalid {
		c.mismatch(n, "a number", t)
		return typ{}
	}
	return t
}

func (c *checker) visit(n ast.Node) typ {
	t := c.node(n)
	c.types[n] = t
	return t
}

func (c *checker) node(n ast.Node) typ {
	switch n := n.(type) {
	case *ast.NilNode:
		return typ{kind: kindNil, opt: true}
	case *ast.BoolNode:
		return typ{kind: kindBool}
	case *ast.IntegerNode:
		return c.magnitude(n, math.Abs(float64(n.Value)), kindInt)
	case *ast.FloatNode:
		return c.magnitude(n, math.Abs(n.Value), kindFloat)
	case *ast.StringNode:
		return c.literal(n)
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ChainNode:
		return c.visit(n.Node)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.SliceNode:
		return c.slice(n)
	case *ast.CallNode:
		return c.call(n)
	case *ast.BuiltinNode:
		return c.builtin(n)
	case *ast.PointerNode:
		return c.pointer(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.VariableDeclaratorNode:
		return c.declaration(n)
	case *ast.ArrayNode:
		return c.say(n, "outside-language", `lists stand only after in: .act in ["replied", "closed"]`, "a list is not a value here")
	case *ast.SequenceNode:
		return c.say(n, "outside-language", "write one condition; join with and, or", "several expressions in one")
	case *ast.MapNode:
		return c.say(n, "outside-language", `lists stand only after in: .act in ["replied", "closed"]`, "a map is not in the language")
	}
	return c.say(n, "outside-language", "docs/language.md lists what the language has", "%s is not in the language", show(n))
}

// magnitude types a number that the rule writes.
func (c *checker) magnitude(n ast.Node, size float64, k kind) typ {
	switch {
	case size > maxLiteral:
		return c.say(n, "number", "numbers are written up to 10^15", "%s is too large", show(n))
	case size != 0 && size < minLiteral:
		return c.say(n, "number", "fractions are written down to 10^-9, a tenth of a millisecond in days", "%s is too small", show(n))
	}
	return typ{kind: k}
}

// readable refuses a text that the engines could read differently.
func (c *checker) readable(n *ast.StringNode) {
	if !utf8.ValidString(n.Value) || strings.ContainsRune(n.Value, 0) {
		c.say(n, "outside-language", "write the characters themselves, or \\u4e00", "a text that is not valid UTF-8, or holds the character NUL, is not in the language")
	}
}

func (c *checker) literal(n *ast.StringNode) typ {
	c.readable(n)
	if word := forbiddenGroup(n.Value); word != "" {
		c.say(n, "responsible-use", "rules see how the matter was handled and what it is, never who the citizen is", "%q looks for a kind of citizen (%s)", n.Value, word)
	}
	return typ{kind: kindText}
}

func (c *checker) identifier(n *ast.IdentifierNode) typ {
	for i := len(c.vars) - 1; i >= 0; i-- {
		if c.vars[i].name == n.Value {
			if f, closed := c.closed(); closed && i < f.vars {
				return c.notClosed(n)
			}
			return c.vars[i].typ
		}
	}
	if _, ok := levels()[n.Value]; ok {
		return typ{kind: kindInt}
	}
	t, ok := c.scope.names[n.Value]
	if !ok {
		return c.unknownName(n, n.Value)
	}
	if _, closed := c.closed(); closed {
		return c.notClosed(n)
	}
	return t
}

func (c *checker) notClosed(n ast.Node) typ {
	return c.say(n, "group-closed", "name fields of the element only: .age, .mine, .purpose", "a predicate over group mentions %s, which is outside the element", show(n))
}

// closed finds the innermost predicate over group around the present node.
func (c *checker) closed() (frame, bool) {
	for i := len(c.frames) - 1; i >= 0; i-- {
		if c.frames[i].closed {
			return c.frames[i], true
		}
	}
	return frame{}, false
}

func (c *checker) unknownName(n ast.Node, name string) typ {
	known := slices.Collect(maps.Keys(c.scope.names))
	known = append(known, slices.Collect(maps.Keys(levels()))...)
	help := "docs/rules.md lists what a rule sees"
	if near := problem.Nearest(name, known); near != "" {
		help = "did you mean " + near + "?"
	} else if slices.Contains(slices.Concat(slices.Collect(maps.Values(words()))...), name) {
		help = fmt.Sprintf("a word stands in quotes: %q", name)
	} else if len(c.frames) > 0 {
		fields := c.frames[len(c.frames)-1].element.fields
		if fields != nil {
			if _, ok := fields.fields[name]; ok {
				help = "a field of the element needs its dot: ." + name
			}
		}
	}
	return c.say(n, "unknown-name", help, "unknown name %s", name)
}

func (c *checker) unary(n *ast.UnaryNode) typ {
	switch n.Operator {
	case "not", "!":
		if t := c.plain(n.Node); t.kind != kindBool && t.kind != kindInvalid {
			return c.say(n.Node, "wrong-type", "not binds before all else: write not (...), or not contains, not in, not matches", "%s is %s, not bool", show(n.Node), t)
		}
		return typ{kind: kindBool}
	case "-":
		return c.number(n.Node)
	}
	c.visit(n.Node)
	return c.outside(n, "the sign "+n.Operator, n.Operator)
}

func (c *checker) binary(n *ast.BinaryNode) typ {
	truth := typ{kind: kindBool}
	switch n.Operator {
	case "and", "or", "&&", "||":
		c.want(n.Left, kindBool)
		c.want(n.Right, kindBool)
		return truth
	case "==", "!=":
		c.equal(n)
		return truth
	case "<", "<=", ">", ">=":
		c.compare(n)
		return truth
	case "in":
		c.in(n)
		return truth
	case "contains", "startsWith", "endsWith":
		c.want(n.Left, kindText)
		c.want(n.Right, kindText)
		return truth
	case "matches":
		c.matches(n)
		return truth
	case "+", "-", "*":
		return c.arithmetic(n)
	case "/", "%":
		return c.divide(n)
	case "??":
		return c.coalesce(n)
	}
	c.visit(n.Left)
	c.visit(n.Right)
	return c.outside(n, "the operator "+n.Operator, n.Operator)
}

func isNil(n ast.Node) bool {
	_, ok := n.(*ast.NilNode)
	return ok
}

func (c *checker) equal(n *ast.BinaryNode) {
	if isNil(n.Left) || isNil(n.Right) {
		value := n.Left
		if isNil(value) {
			value = n.Right
		}
		t := c.visit(value)
		if t.kind == kindCategory || t.kind == kindAttrs {
			c.whole(value, t)
		} else if !t.opt && t.kind != kindInvalid {
			c.warn(n, "leave the comparison out", "%s is never unknown", show(value))
		} else if t.kind == kindNil {
			c.say(n, "wrong-type", "name the value on one side", "nil is compared with nil")
		}
		return
	}
	l, r := c.plain(n.Left), c.plain(n.Right)
	if !same(l, r) {
		c.say(n, "wrong-type", "", "%s (%s) and %s (%s) cannot be equal", show(n.Left), l, show(n.Right), r)
		return
	}
	switch l.kind {
	case kindRecord, kindList, kindCategory, kindAttrs:
		c.say(n, "wrong-type", "compare a field of it", "a %s is not compared as a whole", l)
	}
	c.word(n.Left, n.Right)
	c.word(n.Right, n.Left)
}

// word refuses a literal that a field with a closed list of values never has.
func (c *checker) word(field, literal ast.Node) {
	if b, ok := field.(*ast.BinaryNode); ok && b.Operator == "??" {
		field = b.Left
	}
	if chain, ok := field.(*ast.ChainNode); ok {
		field = chain.Node
	}
	m, ok := field.(*ast.MemberNode)
	if !ok || c.types[m.Node].kind != kindRecord {
		return
	}
	name, ok := m.Property.(*ast.StringNode)
	text, isText := literal.(*ast.StringNode)
	if !ok || !isText || text.Value == "" {
		return
	}
	if known := words()[name.Value]; known != nil && !slices.Contains(known, text.Value) {
		c.say(text, "unknown-word", problem.DidYouMean(text.Value, known), "%s is never %q", name.Value, text.Value)
	}
}

func (c *checker) compare(n *ast.BinaryNode) {
	l, r := c.plain(n.Left), c.plain(n.Right)
	switch {
	case l.kind == kindInvalid || r.kind == kindInvalid:
	case l.number() && r.number(), l.kind == kindTime && r.kind == kindTime:
	case l.kind == kindText && r.kind == kindText:
		c.say(n, "wrong-type", "levels are numbers, written without quotes: (.level ?? 0) >= county", "texts have no order")
	case l.kind == kindTime || r.kind == kindTime:
		c.say(n, "wrong-type", "a difference of times is in days: now - case.at > 7; or use .age", "%s is %s, %s is %s", show(n.Left), l, show(n.Right), r)
	default:
		c.say(n, "wrong-type", "", "%s is %s, %s is %s: they have no order", show(n.Left), l, show(n.Right), r)
	}
}

// in takes a literal list, or a list of values that map gave.
func (c *checker) in(n *ast.BinaryNode) {
	l := c.plain(n.Left)
	if a, ok := n.Right.(*ast.ArrayNode); ok {
		if len(a.Nodes) == 0 {
			c.say(a, "wrong-type", "leave the condition out", "nothing is in an empty list")
		}
		for _, item := range a.Nodes {
			c.listed(item, l)
			c.word(n.Left, item)
		}
		return
	}
	r := c.plain(n.Right)
	switch {
	case r.kind == kindInvalid || l.kind == kindInvalid:
	case r.kind != kindList || !r.elem.plain():
		c.say(n.Right, "wrong-type", `write a list: .act in ["replied", "closed"]`, "%s is %s, not a list of values", show(n.Right), r)
	case r.group:
		c.say(n.Right, "group-closed", "ask with any(group, ...)", "values of the group cannot be looked up")
	case r.elem.kind != l.kind:
		c.say(n.Right, "wrong-type", "", "%s is %s, the list holds %s", show(n.Left), l, r.elem)
	}
}

func (c *checker) listed(item ast.Node, want typ) {
	t := c.plain(item)
	literal := false
	switch item := item.(type) {
	case *ast.StringNode, *ast.IntegerNode:
		literal = true
	case *ast.IdentifierNode:
		_, literal = levels()[item.Value]
	}
	switch {
	case t.kind == kindInvalid || want.kind == kindInvalid:
	case !literal:
		c.say(item, "outside-language", "write whole numbers, texts in quotes, or levels; else compare with == and or", "a list holds literals")
	case t.kind != want.kind:
		c.say(item, "wrong-type", "", "%s in a list of values for %s", t, want)
	}
}

func (c *checker) matches(n *ast.BinaryNode) {
	c.want(n.Left, kindText)
	s, ok := n.Right.(*ast.StringNode)
	if !ok {
		c.visit(n.Right)
		c.say(n.Right, "outside-language", `write the pattern in quotes: .text matches "多次|再次"`, "a pattern is a literal")
		return
	}
	c.visit(s)
	if message, help := patternProblem(s.Value); message != "" {
		c.say(s, "pattern", help, "%s", message)
	}
}

func (c *checker) arithmetic(n *ast.BinaryNode) typ {
	l, r := c.plain(n.Left), c.plain(n.Right)
	switch {
	case l.kind == kindInvalid || r.kind == kindInvalid:
		return typ{}
	case n.Operator == "-" && l.kind == kindTime && r.kind == kindTime:
		return typ{kind: kindFloat} // days
	case l.kind == kindInt && r.kind == kindInt:
		return typ{kind: kindInt}
	case l.number() && r.number():
		return typ{kind: kindFloat}
	case l.kind == kindTime || r.kind == kindTime:
		return c.say(n, "wrong-type", "times only differ, in days: now - .at > 7", "%s %s %s", l, n.Operator, r)
	case l.kind == kindText && n.Operator == "+":
		return c.say(n, "outside-language", "a message joins its parts itself: {{ ... }}", "texts are not added")
	}
	return c.say(n, "wrong-type", "", "%s %s %s", l, n.Operator, r)
}

// divide gives an unknown value where the divisor can be zero.
func (c *checker) divide(n *ast.BinaryNode) typ {
	l, r := c.number(n.Left), c.number(n.Right)
	if n.Operator == "%" {
		for _, side := range []struct {
			node ast.Node
			typ  typ
		}{{n.Left, l}, {n.Right, r}} {
			if side.typ.kind == kindFloat {
				c.mismatch(side.node, "int", side.typ)
			}
		}
		return typ{kind: kindInt, opt: !nonZero(n.Right)}
	}
	return typ{kind: kindFloat, opt: !nonZero(n.Right)}
}

// nonZero says that a divisor is a literal other than zero.
func nonZero(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return n.Value != 0
	case *ast.FloatNode:
		return n.Value != 0
	case *ast.UnaryNode:
		return n.Operator == "-" && nonZero(n.Node)
	case *ast.IdentifierNode:
		return levels()[n.Value] != 0
	}
	return false
}

func (c *checker) coalesce(n *ast.BinaryNode) typ {
	l := c.visit(n.Left)
	r := c.visit(n.Right)
	switch {
	case l.kind == kindInvalid || r.kind == kindInvalid: // that is told: the other one says what it would be
	case l.kind == kindNil || r.kind == kindNil:
		return c.say(n, "wrong-type", "write a value that stands in", "?? nil says nothing")
	case !l.plain():
		return c.say(n, "outside-language", "ask for a field first: first(contacts)?.age ?? 0", "%s, a %s, has no stand-in", show(n.Left), l)
	case !same(l, r):
		return c.say(n, "wrong-type", "", "%s is %s, but %s stands in for it, which is %s", show(n.Left), l, show(n.Right), r)
	case !l.opt:
		c.warn(n, "leave ?? out", "%s is never unknown", show(n.Left))
	}
	l.opt = false
	return join(l, r)
}

func (c *checker) conditional(n *ast.ConditionalNode) typ {
	c.want(n.Cond, kindBool)
	a, b := c.visit(n.Exp1), c.visit(n.Exp2)
	switch {
	case !n.Ternary:
		return c.outside(n.Cond, "if ... else", "if")
	case a.kind == kindNil || b.kind == kindNil:
		return c.say(n, "maybe-unknown", "write a value on both sides", "nil is not a value")
	case !same(a, b):
		return c.say(n, "wrong-type", "both sides give the same type", "%s is %s, %s is %s", show(n.Exp1), a, show(n.Exp2), b)
	}
	return c.chosen(n, join(a, b))
}

// chosen holds that a choice is between plain values: a list or an element of two
// origins would have no one meaning for what hangs on its origin.
func (c *checker) chosen(n *ast.ConditionalNode, t typ) typ {
	if t.kind != kindInvalid && !t.plain() {
		return c.say(n.Cond, "outside-language", "choose between values: case.age > 7 ? len(contacts) : len(actions)", "a choice between values of type %s is not in the language", t)
	}
	return t
}

// whole refuses a category, attributes, the case or it as a value of its own.
func (c *checker) whole(n ast.Node, t typ) typ {
	return c.say(n, "outside-language", "name a field of it: case.age, .category[1], .attrs[\"窗口\"]", "%s as a whole is not in the language", show(n))
}

func (c *checker) declaration(n *ast.VariableDeclaratorNode) typ {
	if c.taken(n.Name) {
		c.say(n, "duplicate-name", "choose another name", "%s has a meaning already", n.Name)
	}
	t := c.visit(n.Value)
	if t.kind == kindNil {
		c.say(n.Value, "maybe-unknown", "", "nil is not a value")
		t = typ{}
	}
	if _, name := n.Value.(*ast.IdentifierNode); t.kind == kindCategory || t.kind == kindAttrs || (name && t.kind == kindRecord) {
		t = c.whole(n.Value, t)
	}
	c.vars = append(c.vars, variable{n.Name, t})
	defer func() { c.vars = c.vars[:len(c.vars)-1] }()
	return c.visit(n.Expr)
}

// taken says that a word has a meaning that let may not hide.
func (c *checker) taken(name string) bool {
	_, known := c.scope.names[name]
	_, isLevel := levels()[name]
	_, isOperator := operator.Binary[name]
	return known || isLevel || isOperator ||
		slices.ContainsFunc(c.vars, func(v variable) bool { return v.name == name }) ||
		slices.ContainsFunc(functions(), func(f function) bool { return f.name == name }) ||
		slices.Contains(predicates(), name) || slices.Contains(plainBuiltins(), name)
}

func (c *checker) pointer(n *ast.PointerNode) typ {
	if n.Name != "" {
		return c.say(n, "outside-language", "name a field of the element: .age", "#%s is not in the language", n.Name)
	}
	if len(c.frames) == 0 {
		return c.say(n, "wrong-type", "", "# stands only in a predicate")
	}
	return c.frames[len(c.frames)-1].element
}
