package rules

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Bounds on reading. maxReading is how many nodes the reader visits: a let that
// is used twice is read twice, and lets within lets double each time.
const (
	maxReading = 5000
	maxKey     = 1 << 14 // bytes: ?: within the condition of ?: doubles a formula each time
)

// reader reads one checked expression as a formula.
type reader struct {
	logic *logic
	types map[ast.Node]typ
	fuel  int
	parts []readPart // operands of "and" and "or", the outer before the inner
}

// readPart is an operand of "and" or "or".
type readPart struct {
	node    ast.Node
	formula *formula
}

// place is where a part of an expression stands: which element # is, and what names mean.
type place struct {
	element, root string // of the innermost predicate; "" outside
	depth         int    // predicates around it
	vars          *binding
}

// binding is a let.
type binding struct {
	name  string
	node  ast.Node
	at    place
	outer *binding
}

// read gives the formula of a condition, nil if it is too large to be read.
func (l *logic) read(p *program) *formula {
	r := l.reader(p)
	f := r.formula(p.tree, place{})
	if r.fuel < 0 {
		return nil
	}
	return f
}

func (l *logic) reader(p *program) *reader {
	return &reader{logic: l, types: p.types, fuel: maxReading}
}

func (r *reader) tired() bool {
	r.fuel--
	return r.fuel < 0
}

// resolve follows lets and chains to what gives the value. What a let names is
// read where the let stands, but its predicates get names that are free here.
func (r *reader) resolve(n ast.Node, at place) (ast.Node, place) {
	for !r.tired() {
		switch v := n.(type) {
		case *ast.ChainNode:
			n = v.Node
		case *ast.VariableDeclaratorNode:
			at.vars = &binding{v.Name, v.Value, at, at.vars}
			n = v.Expr
		case *ast.IdentifierNode:
			b := at.vars
			for b != nil && b.name != v.Value {
				b = b.outer
			}
			if b == nil {
				return n, at
			}
			depth := at.depth
			n, at = b.node, b.at
			at.depth = depth
		default:
			return n, at
		}
	}
	return n, at
}

// formula reads a condition.
func (r *reader) formula(n ast.Node, at place) *formula {
	n, at = r.resolve(n, at)
	if r.fuel < 0 {
		return always()
	}
	switch n := n.(type) {
	case *ast.BoolNode:
		return truth(n.Value)
	case *ast.UnaryNode:
		return negated(r.formula(n.Node, at))
	case *ast.ConditionalNode:
		return r.choice(r.formula(n.Cond, at), r.formula(n.Exp1, at), r.formula(n.Exp2, at))
	case *ast.BinaryNode:
		return r.binary(n, at)
	case *ast.BuiltinNode:
		return r.quantified(n, at)
	case *ast.MemberNode:
		if s, ok := n.Property.(*ast.StringNode); ok && s.Value == "again" && r.rootOf(n.Node, at) == "actions" {
			return never() // an action has no complainant
		}
	}
	return flag(r.text(n, at), true)
}

// choice is c ? a : b.
func (r *reader) choice(c, a, b *formula) *formula {
	if len(c.key)+len(a.key)+len(b.key) > maxKey {
		r.fuel = -1
		return always()
	}
	return some(all(c, a), all(negated(c), b))
}

func (r *reader) binary(n *ast.BinaryNode, at place) *formula {
	switch n.Operator {
	case "and", "&&":
		return all(r.part(n.Left, at), r.part(n.Right, at))
	case "or", "||":
		return some(r.part(n.Left, at), r.part(n.Right, at))
	case "??":
		return r.choice(r.known(n.Left, at), r.formula(n.Left, at), r.formula(n.Right, at))
	case "==", "!=":
		return r.equality(n, at)
	case "in":
		return r.in(n, at)
	case "contains", "startsWith", "endsWith", "matches":
		return r.search(n, at)
	}
	return r.compare(n, n.Operator, at)
}

// part reads an operand of "and" or "or".
func (r *reader) part(n ast.Node, at place) *formula {
	i := len(r.parts)
	r.parts = append(r.parts, readPart{node: n})
	f := r.formula(n, at)
	r.parts[i].formula = f
	return f
}

// conjuncts reads what is joined by "and" at the top of a condition.
func (r *reader) conjuncts(n ast.Node, at place) []readPart {
	n, at = r.resolve(n, at)
	if b, ok := n.(*ast.BinaryNode); ok && (b.Operator == "and" || b.Operator == "&&") {
		return append(r.conjuncts(b.Left, at), r.conjuncts(b.Right, at)...)
	}
	return []readPart{{n, r.formula(n, at)}}
}

func (r *reader) equality(n *ast.BinaryNode, at place) *formula {
	var f *formula
	switch {
	case isNil(n.Right):
		f = negated(r.known(n.Left, at))
	case isNil(n.Left):
		f = negated(r.known(n.Right, at))
	case r.types[n.Left].kind == kindBool:
		a, b := r.formula(n.Left, at), r.formula(n.Right, at)
		f = r.choice(a, b, negated(b))
	default:
		return r.compare(n, n.Operator, at)
	}
	if n.Operator == "!=" {
		return negated(f)
	}
	return f
}

// cases reads a value: where it is chosen by ?: or ??, each choice by itself.
func (r *reader) cases(n ast.Node, at place, read func(ast.Node, place) *formula) *formula {
	n, at = r.resolve(n, at)
	if r.fuel < 0 {
		return always()
	}
	switch n := n.(type) {
	case *ast.ConditionalNode:
		return r.choice(r.formula(n.Cond, at), r.cases(n.Exp1, at, read), r.cases(n.Exp2, at, read))
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return r.choice(r.known(n.Left, at), r.cases(n.Left, at, read), r.cases(n.Right, at, read))
		}
	}
	return read(n, at)
}

// compare reads a comparison of numbers, times or texts.
func (r *reader) compare(n *ast.BinaryNode, op string, at place) *formula {
	return r.cases(n.Left, at, func(x ast.Node, xAt place) *formula {
		return r.cases(n.Right, at, func(y ast.Node, yAt place) *formula {
			switch r.types[x].kind {
			case kindText:
				return r.sameText(operand{x, xAt}, op, operand{y, yAt})
			case kindInt, kindFloat, kindTime:
				return r.relation(operand{x, xAt}, op, operand{y, yAt})
			}
			return r.opaque(op, operand{x, xAt}, operand{y, yAt})
		})
	})
}

// operand is one side of a comparison, and where it stands.
type operand struct {
	ast.Node
	at place
}

// opaque is a comparison that the prover knows nothing of.
func (r *reader) opaque(op string, x, y operand) *formula {
	if op == "!=" {
		return flag("(== "+r.text(x.Node, x.at)+" "+r.text(y.Node, y.at)+")", false)
	}
	return flag("("+op+" "+r.text(x.Node, x.at)+" "+r.text(y.Node, y.at)+")", true)
}

// mirror is the comparison with its sides changed.
func mirror(op string) string {
	if m, ok := map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]; ok {
		return m
	}
	return op
}

// relation compares numbers or times.
func (r *reader) relation(x operand, op string, y operand) *formula {
	a, aKnown := r.constant(x.Node, x.at)
	b, bKnown := r.constant(y.Node, y.at)
	switch {
	case aKnown && bKnown:
		return truth(orderHolds(a, op, b))
	case aKnown:
		return r.relation(y, mirror(op), x)
	case bKnown:
		if inner, c, ok := r.shifted(x, b); ok {
			return r.relation(inner, op, c)
		}
		if t := r.term(x.Node, x.at); t != nil {
			return compared(t, op, b)
		}
		return r.opaque(op, x, y)
	}
	s, t := r.term(x.Node, x.at), r.term(y.Node, y.at)
	if s == nil || t == nil {
		return r.opaque(op, x, y)
	}
	return r.order(s, op, t)
}

func orderHolds(a float64, op string, b float64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// shifted takes a whole number from one side to the other: x + 1 > 3 is x > 2.
// Of fractions this would round.
func (r *reader) shifted(x operand, c float64) (operand, operand, bool) {
	n, ok := x.Node.(*ast.BinaryNode)
	if !ok || (n.Operator != "+" && n.Operator != "-") || r.types[n].kind != kindInt {
		return operand{}, operand{}, false
	}
	by, known := r.constant(n.Right, x.at)
	_, _, bounded := r.bounds(n.Left, x.at) // what has no bounds may overflow
	if !known || !bounded || by != float64(int(by)) || math.Abs(by)+math.Abs(c) > mostCount {
		return operand{}, operand{}, false
	}
	if n.Operator == "+" {
		by = -by
	}
	inner, at := r.resolve(n.Left, x.at)
	if _, ok := inner.(*ast.ConditionalNode); ok {
		return operand{}, operand{}, false
	}
	if b, ok := inner.(*ast.BinaryNode); ok && b.Operator == "??" {
		return operand{}, operand{}, false
	}
	return operand{inner, at}, operand{&ast.FloatNode{Value: c + by}, place{}}, true
}

// order compares two terms by the sign of their difference.
func (r *reader) order(a *term, op string, b *term) *formula {
	if a.key == b.key {
		return truth(orderHolds(0, op, 0))
	}
	if a.key > b.key {
		a, b, op = b, a, mirror(op)
	}
	t := &term{key: "(sign " + a.key + " " + b.key + ")", lo: -1, hi: 1, integer: true}
	switch lo, hi := a.lo-b.hi, a.hi-b.lo; {
	case lo > 0:
		t.lo = 1
	case lo == 0:
		t.lo = 0
	case hi < 0:
		t.hi = -1
	case hi == 0:
		t.hi = 0
	}
	if b.key == "now" && past(a.key) {
		t.hi = 0
	}
	if a.key == "now" && past(b.key) {
		t.lo = 0
	}
	if r.logic.fewer(a.card, b.card) {
		t.hi = min(t.hi, 0)
	}
	if r.logic.fewer(b.card, a.card) {
		t.lo = max(t.lo, 0)
	}
	return compared(t, op, 0)
}

// past says that a time is when something happened that a rule sees: not after now.
func past(key string) bool {
	field := strings.HasSuffix(key, ".at")
	name := strings.TrimRight(strings.TrimSuffix(key, ".at"), "0123456789")
	return field && slices.Contains([]string{"case", "contacts", "actions", "group"}, name)
}

// sameText compares texts; they have no order.
func (r *reader) sameText(x operand, op string, y operand) *formula {
	a, aLiteral := x.Node.(*ast.StringNode)
	b, bLiteral := y.Node.(*ast.StringNode)
	want := op == "=="
	switch {
	case aLiteral && bLiteral:
		return truth((a.Value == b.Value) == want)
	case aLiteral:
		return oneOfWords(r.word(y.Node, y.at), []string{a.Value}, want)
	case bLiteral:
		return oneOfWords(r.word(x.Node, x.at), []string{b.Value}, want)
	}
	s, t := r.text(x.Node, x.at), r.text(y.Node, y.at)
	if s == t {
		return truth(want)
	}
	return flag("(== "+min(s, t)+" "+max(s, t)+")", want)
}

// in reads a look-up in a literal list.
func (r *reader) in(n *ast.BinaryNode, at place) *formula {
	return r.cases(n.Left, at, func(x ast.Node, xAt place) *formula {
		list, ok := n.Right.(*ast.ArrayNode)
		if !ok {
			return r.opaque("in", operand{x, xAt}, operand{n.Right, at})
		}
		if r.types[x].kind != kindText {
			var each []*formula
			for _, item := range list.Nodes {
				each = append(each, r.relation(operand{x, xAt}, "==", operand{item, at}))
			}
			return some(each...)
		}
		var words []string
		for _, item := range list.Nodes {
			words = append(words, item.(*ast.StringNode).Value) // the checker has seen to it
		}
		if s, ok := x.(*ast.StringNode); ok {
			return truth(slices.Contains(words, s.Value))
		}
		return oneOfWords(r.word(x, xAt), words, true)
	})
}

// search reads contains, startsWith, endsWith, matches with a literal. A pattern
// of nothing but words is each of them.
func (r *reader) search(n *ast.BinaryNode, at place) *formula {
	return r.cases(n.Left, at, func(x ast.Node, xAt place) *formula {
		literal, ok := n.Right.(*ast.StringNode)
		if !ok {
			return r.opaque(n.Operator, operand{x, xAt}, operand{n.Right, at})
		}
		if s, ok := x.(*ast.StringNode); ok {
			return truth(textHolds(s.Value, n.Operator, literal.Value))
		}
		t := r.word(x, xAt)
		words := anyOf(n)
		if words == nil {
			return textual(t, n.Operator, literal.Value, true)
		}
		var each []*formula
		for _, w := range words {
			each = append(each, textual(t, "contains", w, true))
		}
		return some(each...)
	})
}

// textHolds is what the operators of texts mean.
func textHolds(text, op, literal string) bool {
	switch op {
	case "contains":
		return strings.Contains(text, literal)
	case "startsWith":
		return strings.HasPrefix(text, literal)
	case "endsWith":
		return strings.HasSuffix(text, literal)
	}
	return regexp.MustCompile(literal).MatchString(text) // the checker has compiled it
}

// quantified reads any, all, none, one as counts.
func (r *reader) quantified(n *ast.BuiltinNode, at place) *formula {
	if len(n.Arguments) == 2 && slices.Contains([]string{"any", "all", "none", "one"}, n.Name) {
		if l, ok := r.list(n.Arguments[0], at); ok {
			holds := r.predicate(n.Arguments[1], l, at)
			switch n.Name {
			case "any":
				return compared(r.logic.count(l.with(holds), false), ">=", 1)
			case "none":
				return compared(r.logic.count(l.with(holds), false), "==", 0)
			case "all":
				return compared(r.logic.count(l.with(negated(holds)), false), "==", 0)
			}
			return compared(r.logic.count(l.with(holds), false), "==", 1)
		}
	}
	return flag(r.text(n, at), true)
}

// selection is a collection with what its elements fulfil.
type selection struct {
	pool    *pool
	element string
	pred    *formula
}

func (l selection) with(f *formula) card {
	return card{pool: l.pool, element: l.element, pred: all(l.pred, f)}
}

// list reads a collection: a root, a filter, a slice of one.
func (r *reader) list(n ast.Node, at place) (selection, bool) {
	n, at = r.resolve(n, at)
	if r.fuel < 0 {
		return selection{}, false
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		least := 0.0
		if n.Value == "contacts" {
			least = 1
		}
		return selection{&pool{key: n.Value, root: n.Value, least: least}, fmt.Sprint(n.Value, at.depth+1), always()}, true
	case *ast.BuiltinNode:
		if n.Name != "filter" {
			return selection{}, false
		}
		l, ok := r.list(n.Arguments[0], at)
		if ok {
			l.pred = all(l.pred, r.predicate(n.Arguments[1], l, at))
		}
		return l, ok
	case *ast.SliceNode:
		l, ok := r.list(n.Node, at)
		if ok {
			l.pool = &pool{key: "(" + l.pool.key + " " + l.pred.key + " " + r.optional(n.From, at) + ":" + r.optional(n.To, at) + ")", root: l.pool.root, parent: l.pool}
		}
		return l, ok
	}
	return selection{}, false
}

// within is the place of a predicate over a list.
func (l selection) within(at place) place {
	return place{l.element, l.pool.root, at.depth + 1, at.vars}
}

// predicate reads the body of a predicate.
func (r *reader) predicate(n ast.Node, l selection, at place) *formula {
	if p, ok := n.(*ast.PredicateNode); ok {
		return r.formula(p.Node, l.within(at))
	}
	return flag(r.text(n, at), true)
}

// known reads x != nil.
func (r *reader) known(n ast.Node, at place) *formula {
	if !r.types[n].opt {
		return always()
	}
	n, at = r.resolve(n, at)
	if r.fuel < 0 || !r.types[n].opt {
		return always()
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return never()
	case *ast.ConditionalNode:
		return r.choice(r.formula(n.Cond, at), r.known(n.Exp1, at), r.known(n.Exp2, at))
	case *ast.BinaryNode:
		switch n.Operator {
		case "??":
			return some(r.known(n.Left, at), r.known(n.Right, at))
		case "/", "%":
			return r.compare(&ast.BinaryNode{Left: n.Right, Right: &ast.IntegerNode{}}, "!=", at)
		}
	case *ast.MemberNode:
		return r.knownMember(n, at)
	case *ast.BuiltinNode:
		if t := r.source(n, at); t != nil {
			return compared(t, ">=", 1)
		}
	case *ast.CallNode:
		if name := show(n.Callee); name == "earliest" || name == "latest" {
			if t := r.size(n.Arguments[0], at); t != nil {
				return compared(t, ">=", 1)
			}
		}
	}
	return flag("known "+r.text(n, at), true)
}

// source counts what a find, first, last, min, max or mean takes its value from.
func (r *reader) source(n *ast.BuiltinNode, at place) *term {
	switch n.Name {
	case "find", "findLast":
		if l, ok := r.list(n.Arguments[0], at); ok {
			return r.logic.count(l.with(r.predicate(n.Arguments[1], l, at)), false)
		}
	case "first", "last", "min", "max", "mean":
		if len(n.Arguments) == 1 {
			return r.size(n.Arguments[0], at)
		}
	}
	return nil
}

func (r *reader) knownMember(n *ast.MemberNode, at place) *formula {
	on := r.types[n.Node]
	if on.kind == kindList {
		i, literal := r.constant(n.Property, at)
		t := r.size(n.Node, at)
		switch {
		case t == nil || !literal:
			return flag("known "+r.text(n, at), true)
		case i < 0:
			return compared(t, ">=", -i)
		}
		return compared(t, ">=", i+1)
	}
	field, ok := n.Property.(*ast.StringNode)
	base := r.known(n.Node, at)
	switch {
	case on.kind != kindRecord || !ok || !on.fields.fields[field.Value].opt:
		return base
	case field.Value == "above": // the difference of two that must be known
		on := r.text(n.Node, at)
		return all(base, flag("known "+on+".level", true), flag("known "+on+".competent", true))
	}
	return all(base, flag("known "+r.text(n, at), true))
}

// size counts the elements of a list, nil if it is none that the reader knows.
func (r *reader) size(n ast.Node, at place) *term {
	n, at = r.resolve(n, at)
	if b, ok := n.(*ast.BuiltinNode); ok && b.Name == "map" {
		return r.size(b.Arguments[0], at)
	}
	if l, ok := r.list(n, at); ok {
		return r.logic.count(l.with(always()), false)
	}
	return nil
}

// text writes a value so that equal values have equal texts, whatever lets and
// dots it is written with.
func (r *reader) text(n ast.Node, at place) string {
	n, at = r.resolve(n, at)
	if r.fuel < 0 || n == nil {
		return ""
	}
	switch n := n.(type) {
	case *ast.PointerNode:
		return at.element
	case *ast.StringNode:
		return strconv.Quote(n.Value)
	case *ast.UnaryNode:
		if n.Operator == "-" {
			return "(- " + r.text(n.Node, at) + ")"
		}
		return r.formula(n, at).key
	case *ast.BinaryNode:
		if r.types[n].kind == kindBool && n.Operator != "??" {
			return r.formula(n, at).key
		}
		return "(" + n.Operator + " " + r.text(n.Left, at) + " " + r.text(n.Right, at) + ")"
	case *ast.ConditionalNode:
		return "(? " + r.formula(n.Cond, at).key + " " + r.text(n.Exp1, at) + " " + r.text(n.Exp2, at) + ")"
	case *ast.MemberNode:
		if s, ok := n.Property.(*ast.StringNode); ok && r.types[n.Node].kind == kindRecord {
			return r.text(n.Node, at) + "." + s.Value
		}
		return r.text(n.Node, at) + "[" + r.text(n.Property, at) + "]"
	case *ast.CallNode:
		return "(" + show(n.Callee) + " " + r.texts(n.Arguments, at) + ")"
	case *ast.ArrayNode:
		return "[" + r.texts(n.Nodes, at) + "]"
	case *ast.BuiltinNode:
		return r.builtinText(n, at)
	case *ast.SliceNode:
		if l, ok := r.list(n, at); ok {
			return "(list " + l.pool.key + " " + l.pred.key + ")"
		}
		return "(slice " + r.text(n.Node, at) + " " + r.optional(n.From, at) + ":" + r.optional(n.To, at) + ")"
	}
	return show(n)
}

func (r *reader) optional(n ast.Node, at place) string {
	if n == nil {
		return ""
	}
	return r.text(n, at)
}

func (r *reader) texts(nodes []ast.Node, at place) string {
	list := make([]string, len(nodes))
	for i, n := range nodes {
		list[i] = r.text(n, at)
	}
	return strings.Join(list, " ")
}

func (r *reader) builtinText(n *ast.BuiltinNode, at place) string {
	if n.Name == "filter" {
		if l, ok := r.list(n, at); ok {
			return "(list " + l.pool.key + " " + l.pred.key + ")"
		}
	}
	if len(n.Arguments) < 2 {
		return "(" + n.Name + " " + r.texts(n.Arguments, at) + ")"
	}
	p, ok := n.Arguments[1].(*ast.PredicateNode)
	if !ok {
		return "(" + n.Name + " " + r.texts(n.Arguments, at) + ")"
	}
	body, on := at, r.text(n.Arguments[0], at)
	if l, ok := r.list(n.Arguments[0], at); ok {
		body = l.within(at)
	} else { // elements of a map: nothing is known of them but their name
		body = place{fmt.Sprint("element", at.depth+1), "", at.depth + 1, at.vars}
	}
	return "(" + n.Name + " " + on + " " + r.text(p.Node, body) + ")"
}
