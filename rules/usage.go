package rules

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/operator"
)

// usage collects which constructs of the language a checked tree uses, by ID.
type usage struct {
	types map[ast.Node]typ
	found map[string]bool
}

// Constructs gives the IDs of the constructs of the language that the condition uses, sorted.
func (r *Rule) Constructs() []string { return r.when.constructs() }

func (p *program) constructs() []string {
	u := &usage{p.types, map[string]bool{}}
	u.walk(p.tree)
	return slices.Sorted(maps.Keys(u.found))
}

func (u *usage) add(id string) { u.found[id] = true }

// walk visits what is evaluated; keys, kinds of deadlines and patterns are part of what they stand in.
func (u *usage) walk(n ast.Node) {
	if n == nil {
		return
	}
	u.node(n)
	switch n := n.(type) {
	case *ast.MemberNode:
		u.walk(n.Node)
		if u.kind(n.Node) == kindList {
			u.walk(n.Property)
		}
		return
	case *ast.CallNode:
		if name := u.callee(n); name == "due" || name == "overdue" {
			return
		}
	case *ast.BinaryNode:
		if n.Operator == "matches" {
			u.walk(n.Left)
			return
		}
	}
	for _, part := range parts(n) {
		u.walk(part)
	}
}

func (u *usage) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		u.add("int")
	case *ast.FloatNode:
		u.add("float")
	case *ast.StringNode:
		u.text(n)
	case *ast.BoolNode:
		u.add(map[bool]string{true: "true", false: "false"}[n.Value])
	case *ast.IdentifierNode:
		u.identifier(n)
	case *ast.PointerNode:
		if u.kind(n) != kindRecord {
			u.add("#")
		}
	case *ast.UnaryNode:
		u.unary(n)
	case *ast.BinaryNode:
		u.binary(n)
	case *ast.ConditionalNode:
		u.add("choice " + u.class(n))
	case *ast.VariableDeclaratorNode:
		u.add("let " + u.class(n.Value))
	case *ast.MemberNode:
		u.member(n)
	case *ast.SliceNode:
		u.slice(n)
	case *ast.CallNode:
		u.piped(n, n.Arguments)
		u.call(n)
	case *ast.BuiltinNode:
		u.piped(n, n.Arguments)
		u.builtin(n)
	}
}

func (u *usage) kind(n ast.Node) kind { return u.types[n].kind }

func (u *usage) callee(n *ast.CallNode) string { return n.Callee.(*ast.IdentifierNode).Value }

// class is a type as the table of constructs names it.
func (u *usage) class(n ast.Node) string {
	t := u.types[n]
	if t.opt {
		return "unknown"
	}
	switch t.kind {
	case kindBool:
		return "truth"
	case kindRecord:
		return "element"
	case kindList:
		return "list"
	}
	return t.String()
}

// operands is the kind of both sides of an operator; mixed is a whole number and a fraction.
func (u *usage) operands(n *ast.BinaryNode) string {
	l, r := u.types[n.Left], u.types[n.Right]
	if l.number() && r.number() && l.kind != r.kind {
		return "mixed"
	}
	return u.class(n.Left)
}

func (u *usage) text(n *ast.StringNode) {
	u.add("text")
	if strings.ContainsAny(n.Value, "'\"\\\n\t") {
		u.add("text escaped")
	}
	if n.Value == "" {
		u.add("text empty")
	}
}

func (u *usage) identifier(n *ast.IdentifierNode) {
	_, level := levels()[n.Value]
	if level || slices.Contains([]string{"contacts", "actions", "group", "now"}, n.Value) {
		u.add(n.Value)
	}
}

func (u *usage) unary(n *ast.UnaryNode) {
	b, ok := n.Node.(*ast.BinaryNode)
	switch {
	case n.Operator == "-":
		u.add("minus " + u.class(n.Node))
	case n.Operator == "not" && ok && operator.AllowedNegateSuffix(b.Operator):
		u.add("not " + b.Operator)
	default:
		u.add(n.Operator)
	}
}

func (u *usage) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "&&":
		if chained(n) {
			u.add("chain")
			return
		}
		u.add(n.Operator)
	case "and", "or", "||", "contains", "startsWith", "endsWith":
		u.add(n.Operator)
	case "==", "!=":
		if isNil(n.Left) || isNil(n.Right) {
			u.add(n.Operator + " nil")
			return
		}
		u.add(n.Operator + " " + u.operands(n))
	case "/", "%":
		u.divide(n)
	case "??":
		u.add("?? " + u.class(n))
	case "in":
		u.in(n)
	case "matches":
		u.add("matches")
		u.pattern(n.Right.(*ast.StringNode).Value)
	default:
		u.add(n.Operator + " " + u.operands(n))
	}
}

// chained tells a < b < c, which the parser gives as two comparisons that share b.
func chained(n *ast.BinaryNode) bool {
	r, isRight := n.Right.(*ast.BinaryNode)
	l, isLeft := n.Left.(*ast.BinaryNode)
	if isLeft && l.Operator == "&&" {
		l, isLeft = l.Right.(*ast.BinaryNode)
	}
	return isRight && isLeft && l.Right == r.Left
}

func (u *usage) divide(n *ast.BinaryNode) {
	_, level := n.Right.(*ast.IdentifierNode)
	switch {
	case u.types[n].opt:
		u.add(n.Operator + " unknown")
	case level:
		u.add(n.Operator + " level")
	default:
		u.add(n.Operator)
	}
}

func (u *usage) in(n *ast.BinaryNode) {
	list, literal := n.Right.(*ast.ArrayNode)
	if !literal {
		u.add("in values " + u.class(n.Left))
		return
	}
	for _, item := range list.Nodes {
		switch item.(type) {
		case *ast.IdentifierNode:
			u.add("in levels")
		case *ast.StringNode:
			u.add("in texts")
		case *ast.IntegerNode:
			u.add("in ints")
		}
	}
}

// pattern tells the forms of a pattern by what stands in it unescaped.
func (u *usage) pattern(s string) {
	if regexp.QuoteMeta(strings.ReplaceAll(s, "|", "")) == strings.ReplaceAll(s, "|", "") {
		u.add("pattern words")
		return
	}
	if rest, folded := strings.CutPrefix(s, "(?i)"); folded {
		u.add("pattern (?i)")
		s = rest
	}
	s = strings.ReplaceAll(s, "(?:", "(")
	escapes := regexp.MustCompile(`\\.`)
	for _, e := range escapes.FindAllString(s, -1) {
		if strings.HasSuffix(e, "b") {
			u.add("pattern \\b")
		} else {
			u.add("pattern escape")
		}
	}
	s = escapes.ReplaceAllString(s, "")
	classes := regexp.MustCompile(`\[\^?`)
	for _, c := range classes.FindAllString(s, -1) {
		u.add("pattern " + c)
	}
	s = classes.ReplaceAllString(s, "")
	for _, form := range []string{".", "*", "+", "?", "{", "(", "|", "^", "$"} {
		if strings.Contains(s, form) {
			u.add("pattern " + form)
		}
	}
}

func (u *usage) member(n *ast.MemberNode) {
	base := u.types[n.Node]
	switch base.kind {
	case kindRecord:
		word := n.Property.(*ast.StringNode).Value
		u.add(base.fields.name + "." + word)
		if n.Optional {
			u.add("?.")
		}
	case kindCategory:
		u.add("category[" + strconv.Itoa(n.Property.(*ast.IntegerNode).Value) + "]")
		if n.Optional {
			u.add("?.[]")
		}
	case kindAttrs:
		u.add("attrs[]")
		if n.Optional {
			u.add("?.[]")
		}
	case kindList:
		u.add(position(n.Property))
		if !base.signals() {
			u.add("[] values")
		}
	}
}

// position names an index.
func position(n ast.Node) string {
	if i, ok := n.(*ast.IntegerNode); ok {
		return map[bool]string{true: "[0]", false: "[1]"}[i.Value == 0]
	}
	if negative(n) {
		return "[-1]"
	}
	return "[computed]"
}

func negative(n ast.Node) bool {
	u, ok := n.(*ast.UnaryNode)
	if !ok || u.Operator != "-" {
		return false
	}
	_, literal := u.Node.(*ast.IntegerNode)
	return literal
}

func (u *usage) slice(n *ast.SliceNode) {
	switch {
	case n.From != nil && n.To != nil:
		u.add("[a:b]")
	case n.From != nil:
		u.add("[a:]")
	case n.To != nil:
		u.add("[:b]")
	default:
		u.add("[:]")
	}
	for _, bound := range []ast.Node{n.From, n.To} {
		if bound != nil && negative(bound) {
			u.add("slice negative")
		} else if bound != nil && position(bound) == "[computed]" {
			u.add("slice computed")
		}
	}
	if !u.types[n].signals() {
		u.add("slice values")
	}
}

// piped tells C | len() from len(C): there the collection stands before the word.
func (u *usage) piped(n ast.Node, arguments []ast.Node) {
	if len(arguments) > 0 && arguments[0].Location().From < n.Location().From {
		u.add("pipe")
	}
}

// origin says what a collection is made of.
func (u *usage) origin(n ast.Node) string {
	switch t := u.types[n]; {
	case t.group:
		return "group"
	case !t.signals():
		return "values"
	}
	if b, ok := n.(*ast.BuiltinNode); ok && b.Name == "filter" {
		return "filter"
	}
	return "signals"
}

func (u *usage) call(n *ast.CallNode) {
	switch name := u.callee(n); name {
	case "due", "overdue":
		u.add(name + " " + n.Arguments[0].(*ast.StringNode).Value)
	case "workdays":
		u.add(name)
	default:
		u.add(name + " " + u.origin(n.Arguments[0]))
	}
}

func (u *usage) builtin(n *ast.BuiltinNode) {
	list := u.types[n.Arguments[0]]
	switch {
	case len(n.Arguments) == 2 && list.kind == kindList:
		u.predicate(n)
	case list.kind != kindList:
		u.add(n.Name + " " + u.class(n.Arguments[0]))
		if len(n.Arguments) > 2 {
			u.add(n.Name + " three")
		}
		if len(n.Arguments) > 1 && u.kind(n.Arguments[0]) != u.kind(n.Arguments[1]) {
			u.add(n.Name + " mixed")
		}
	case n.Name == "min" || n.Name == "max":
		u.add(n.Name + " of " + list.elem.String())
		if list.group {
			u.add(n.Name + " of group")
		}
	default:
		u.add(n.Name + " of " + strings.Replace(u.origin(n.Arguments[0]), "filter", "signals", 1))
	}
}

func (u *usage) predicate(n *ast.BuiltinNode) {
	u.add(n.Name + " " + strings.Replace(u.origin(n.Arguments[0]), "filter", "signals", 1))
	body := n.Arguments[1].(*ast.PredicateNode).Node
	if u.types[n.Arguments[0]].group && u.contains(body, u.mine) {
		u.add("group .mine")
	}
	if u.contains(body, u.asks) {
		u.add("nested")
	}
	if u.contains(body, func(n ast.Node) bool { return u.asks(n) && u.contains(n.(*ast.BuiltinNode).Arguments[1], u.asks) }) {
		u.add("nested twice")
	}
	if let, ok := body.(*ast.VariableDeclaratorNode); ok {
		u.add("let in predicate")
		if u.kind(let.Value) == kindRecord && u.contains(let.Expr, func(n ast.Node) bool { return u.asks(n) && u.names(n, let.Name) }) {
			u.add("correlated")
		}
	}
}

// asks says that a node is a predicate over a collection.
func (u *usage) asks(n ast.Node) bool {
	b, ok := n.(*ast.BuiltinNode)
	if !ok || len(b.Arguments) != 2 {
		return false
	}
	_, ok = b.Arguments[1].(*ast.PredicateNode)
	return ok
}

func (u *usage) mine(n ast.Node) bool {
	m, ok := n.(*ast.MemberNode)
	if !ok || u.kind(m.Node) != kindRecord {
		return false
	}
	word, ok := m.Property.(*ast.StringNode)
	return ok && word.Value == "mine"
}

// names says that the predicate of a call mentions a variable.
func (u *usage) names(n ast.Node, variable string) bool {
	return u.contains(n.(*ast.BuiltinNode).Arguments[1], func(n ast.Node) bool {
		i, ok := n.(*ast.IdentifierNode)
		return ok && i.Value == variable
	})
}

func (u *usage) contains(n ast.Node, holds func(ast.Node) bool) bool {
	return n != nil && (holds(n) || slices.ContainsFunc(parts(n), func(part ast.Node) bool { return u.contains(part, holds) }))
}

// Show is the condition as a person would write it: equal conditions show alike.
func (r *Rule) Show() string { return show(r.when.tree) }

// Nodes is the size of the condition: of how many parts its tree is made.
func (r *Rule) Nodes() int {
	left := maxNodes
	within(r.when.tree, &left)
	return maxNodes - left
}
