package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// sqlExpr compiles one condition. Its nodes have the meanings that rewriter and
// functions.go give them in the VM; what differs between the engines is settled
// here, next to each other operator's like.
type sqlExpr struct {
	q     *query
	p     *program
	risk  *Risk
	vars  []sqlVariable
	frame []sqlValue // elements of the predicates around, innermost last
}

// sqlVariable is what let named.
type sqlVariable struct {
	name  string
	value sqlValue
	step  int // at which its value is computed; 0 within a predicate, or if it is written out
}

// condition is a rule's condition over the columns of a row.
func (q *query) condition(p *program, r *Risk) string {
	e := &sqlExpr{q: q, p: p, risk: r}
	return e.value(p.tree).sql
}

func (e *sqlExpr) typeOf(n ast.Node) typ { return e.p.types[n] }

func (e *sqlExpr) value(n ast.Node) sqlValue {
	switch n := n.(type) {
	case *ast.BoolNode:
		return scalar(typ{kind: kindBool}, "%s", map[bool]string{true: "true", false: "false"}[n.Value])
	case *ast.IntegerNode:
		return scalar(typ{kind: kindInt}, "%s", integer(n.Value))
	case *ast.FloatNode:
		return scalar(typ{kind: kindFloat}, "%s", fraction(n.Value))
	case *ast.StringNode:
		return sqlValue{typ: typ{kind: kindText}, sql: quote(n.Value)}
	case *ast.IdentifierNode:
		return e.identifier(n)
	case *ast.PointerNode:
		return e.frame[len(e.frame)-1]
	case *ast.UnaryNode:
		return e.unary(n)
	case *ast.BinaryNode:
		return e.binary(n)
	case *ast.ChainNode:
		return e.value(n.Node)
	case *ast.MemberNode:
		return e.member(n)
	case *ast.SliceNode:
		return sqlValue{typ: e.typeOf(n), list: e.slice(n)}
	case *ast.CallNode:
		return e.call(n)
	case *ast.BuiltinNode:
		return e.builtin(n)
	case *ast.ConditionalNode:
		return choose(e.value(n.Cond).sql, e.value(n.Exp1), e.value(n.Exp2))
	case *ast.VariableDeclaratorNode:
		return e.let(n)
	}
	panic(fmt.Sprintf("rules: %T has no SQL", n)) // the checker refuses every other node
}

func (e *sqlExpr) identifier(n *ast.IdentifierNode) sqlValue {
	if v, known := e.variable(n.Value); known {
		return v.value
	}
	if l, known := levels()[n.Value]; known {
		return scalar(typ{kind: kindInt}, "%s", integer(l))
	}
	t := e.typeOf(n)
	switch n.Value {
	case "now":
		return scalar(t, "now")
	case "case":
		return sqlValue{typ: t, part: e.q.caseField}
	}
	return sqlValue{typ: t, list: e.base(n.Value, t)}
}

func (e *sqlExpr) variable(name string) (sqlVariable, bool) {
	for _, v := range slices.Backward(e.vars) {
		if v.name == name {
			return v, true
		}
	}
	return sqlVariable{}, false
}

// let writes a value out where that costs nothing, and computes it once where
// it can: outside a predicate as a column of its own step.
func (e *sqlExpr) let(n *ast.VariableDeclaratorNode) sqlValue {
	v := sqlVariable{name: n.Name, value: e.value(n.Value)}
	before := len(e.vars)
	defer func() { e.vars = e.vars[:before] }()
	switch {
	case v.value.sql == "" || trivial(n.Value):
		v.step = e.lastStep(n.Value)
	case len(e.frame) == 0:
		v.step = max(stepLets, e.lastStep(n.Value)+1)
		v.value.sql = e.q.step(v.step, v.value.sql)
	default:
		return e.letWithin(n, v)
	}
	e.vars = append(e.vars, v)
	return e.value(n.Expr)
}

// letWithin gives a value its name inside a predicate.
func (e *sqlExpr) letWithin(n *ast.VariableDeclaratorNode, v sqlVariable) sqlValue {
	body := sqlValue{}
	sql := e.q.once(v.value.sql, func(name string) string {
		v.value.sql = name
		e.vars = append(e.vars, v)
		body = e.value(n.Expr)
		return body.sql
	})
	if body.sql == "" {
		panic("rules: a let within a predicate gives no plain value") // the checker refuses it
	}
	body.sql = sql
	return body
}

// trivial says that a value is as cheap as a name.
func trivial(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.IdentifierNode, *ast.PointerNode:
		return true
	case *ast.ChainNode:
		return trivial(n.Node)
	case *ast.MemberNode:
		return trivial(n.Node)
	}
	return false
}

// lastStep is the latest step at which a variable in a part is computed.
func (e *sqlExpr) lastStep(n ast.Node) int {
	f := &variableFinder{scope: e.p.scope, own: map[string]bool{}}
	ast.Walk(&n, f)
	last := 0
	for _, name := range f.used {
		if v, known := e.variable(name); known {
			last = max(last, v.step)
		}
	}
	return last
}

func (e *sqlExpr) unary(n *ast.UnaryNode) sqlValue {
	v := e.value(n.Node)
	if n.Operator == "-" {
		return scalar(v.typ, "negate(%s)", v.sql)
	}
	return scalar(v.typ, "(NOT %s)", v.sql)
}

func (e *sqlExpr) binary(n *ast.BinaryNode) sqlValue {
	t := e.typeOf(n)
	switch n.Operator {
	case "and", "&&":
		return scalar(t, "(%s AND %s)", e.value(n.Left).sql, e.value(n.Right).sql)
	case "or", "||":
		return scalar(t, "(%s OR %s)", e.value(n.Left).sql, e.value(n.Right).sql)
	case "==", "!=":
		return e.equal(n)
	case "<", "<=", ">", ">=":
		return e.compare(n, n.Operator)
	case "in":
		return e.in(n)
	case "contains", "startsWith", "endsWith":
		return e.textual(n)
	case "matches":
		return scalar(t, "%s", matches(e.value(n.Left).sql, n.Right.(*ast.StringNode).Value))
	case "??":
		return otherwise(e.value(n.Left), e.value(n.Right))
	}
	return e.arithmetic(n, t)
}

func (e *sqlExpr) equal(n *ast.BinaryNode) sqlValue {
	t := typ{kind: kindBool}
	if !isNil(n.Left) && !isNil(n.Right) {
		op := map[string]string{"==": "=", "!=": "!="}[n.Operator]
		return e.compare(n, op)
	}
	side := n.Left
	if isNil(side) {
		side = n.Right
	}
	v := e.value(side)
	switch {
	case !v.typ.opt: // known for certain; the checker warned
		return scalar(t, "%s", map[string]string{"==": "false", "!=": "true"}[n.Operator])
	case n.Operator == "==":
		return scalar(t, "%s", v.isNull())
	}
	return scalar(t, "(NOT %s)", v.isNull())
}

// compare brings both sides to floats if one is: ClickHouse compares an integer
// with a float exactly, Go compares the float nearest to it.
func (e *sqlExpr) compare(n *ast.BinaryNode, op string) sqlValue {
	l, r := e.value(n.Left), e.value(n.Right)
	a, b := l.sql, r.sql
	if l.typ.number() && l.typ.kind != r.typ.kind {
		a, b = l.float(), r.float()
	}
	return scalar(typ{kind: kindBool}, "(%s %s %s)", a, op, b)
}

func (e *sqlExpr) in(n *ast.BinaryNode) sqlValue {
	t, l := typ{kind: kindBool}, e.value(n.Left)
	if a, ok := n.Right.(*ast.ArrayNode); ok {
		items := make([]string, len(a.Nodes))
		for i, item := range a.Nodes {
			switch item := item.(type) {
			case *ast.StringNode:
				items[i] = quote(item.Value)
			case *ast.IntegerNode:
				items[i] = strconv.Itoa(item.Value)
			case *ast.IdentifierNode:
				items[i] = strconv.Itoa(levels()[item.Value])
			}
		}
		return scalar(t, "(%s IN (%s))", l.sql, strings.Join(items, ", "))
	}
	return scalar(t, "has(%s, %s)", e.value(n.Right).list.gathered().made, l.sql)
}

func (e *sqlExpr) textual(n *ast.BinaryNode) sqlValue {
	l, r := e.value(n.Left).sql, e.value(n.Right).sql
	if n.Operator == "contains" {
		return scalar(typ{kind: kindBool}, "(position(%s, %s) > 0)", l, r)
	}
	return scalar(typ{kind: kindBool}, "%s(%s, %s)", n.Operator, l, r)
}

// matches is a pattern in RE2. ClickHouse lets . match a newline unless told
// otherwise; a pattern of mere words is looked for without one.
func matches(text, pattern string) string {
	words := plainWords(pattern)
	if words == nil || len(words) > mostNeedles || slices.Contains(words, "") {
		return fmt.Sprintf("match(%s, %s)", text, quote(enginePattern(pattern)))
	}
	if len(words) == 1 {
		return fmt.Sprintf("(position(%s, %s) > 0)", text, quote(words[0]))
	}
	for i, w := range words {
		words[i] = quote(w)
	}
	return fmt.Sprintf("multiSearchAny(%s, [%s])", text, strings.Join(words, ", "))
}

// mostNeedles is how many words multiSearchAny takes.
const mostNeedles = 255

func (e *sqlExpr) arithmetic(n *ast.BinaryNode, t typ) sqlValue {
	l, r := e.value(n.Left), e.value(n.Right)
	switch {
	case n.Operator == "/":
		return e.quotient(t, l.float(), r.float())
	case n.Operator == "%":
		return e.remainder(t, l.sql, r.sql)
	case l.typ.kind == kindTime: // a difference, in days
		return scalar(t, "((%s - %s) / %d)", l.sql, r.sql, dayMillis)
	case t.kind == kindFloat:
		return scalar(t, "(%s %s %s)", l.float(), n.Operator, r.float())
	}
	return scalar(t, "(%s %s %s)", l.sql, n.Operator, r.sql)
}

func (e *sqlExpr) quotient(t typ, a, b string) sqlValue {
	if !t.opt {
		return scalar(t, "(%s / %s)", a, b)
	}
	return scalar(t, "%s", e.q.once("("+a+" / "+b+")", func(q string) string {
		return fmt.Sprintf("if(abs(%[1]s) <= %[2]s, %[1]s, NULL)", q, fraction(maxQuotient))
	}))
}

// remainder has the sign of the dividend in both engines. Modulo 0 would end the
// whole query, and so would the least integer modulo -1, which is 0 in Go.
func (e *sqlExpr) remainder(t typ, a, b string) sqlValue {
	return scalar(t, "%s", e.q.once(b, func(b string) string {
		safe := fmt.Sprintf("(%s %% if(%s IN (0, -1), 1, %s))", a, b, b)
		if !t.opt {
			return safe
		}
		return fmt.Sprintf("if(%s = 0, NULL, %s)", b, safe)
	}))
}

func (e *sqlExpr) member(n *ast.MemberNode) sqlValue {
	v := e.value(n.Node)
	switch v.typ.kind {
	case kindList:
		return e.index(v, n)
	case kindCategory:
		return v.part(strconv.Itoa(n.Property.(*ast.IntegerNode).Value + 1))
	}
	return v.part(n.Property.(*ast.StringNode).Value)
}

// call is a function of the vocabulary.
func (e *sqlExpr) call(n *ast.CallNode) sqlValue {
	t := e.typeOf(n)
	switch name := n.Callee.(*ast.IdentifierNode).Value; name {
	case "due":
		return scalar(t, "%s", e.q.deadline(n.Arguments[0].(*ast.StringNode).Value, e.risk.Zone).due)
	case "overdue":
		return scalar(t, "%s", e.q.deadline(n.Arguments[0].(*ast.StringNode).Value, e.risk.Zone).overdue)
	case "workdays":
		return scalar(t, "%s", e.q.workdays(e.value(n.Arguments[0]).sql, e.value(n.Arguments[1]).sql, e.risk.Zone))
	default:
		return scalar(t, "%s", e.value(n.Arguments[0]).list.ofSignals(name))
	}
}

// builtin is a word of expr that takes values or a list.
func (e *sqlExpr) builtin(n *ast.BuiltinNode) sqlValue {
	t := e.typeOf(n)
	switch n.Name {
	case "abs":
		v := e.value(n.Arguments[0])
		if v.typ.kind == kindInt {
			return scalar(t, "toInt64(abs(%s))", v.sql)
		}
		return scalar(t, "abs(%s)", v.sql)
	case "floor", "ceil":
		return scalar(t, "%s(%s)", n.Name, e.value(n.Arguments[0]).float())
	case "len":
		if v := e.value(n.Arguments[0]); v.list == nil {
			return scalar(t, "toInt64(lengthUTF8(%s))", v.sql)
		}
	case "min", "max":
		if len(n.Arguments) > 1 {
			return e.extremeOf(n, t)
		}
	}
	return e.collection(n, t)
}

func (e *sqlExpr) extremeOf(n *ast.BuiltinNode, t typ) sqlValue {
	args := make([]string, len(n.Arguments))
	for i, a := range n.Arguments {
		v := e.value(a)
		if args[i] = v.sql; t.kind == kindFloat {
			args[i] = v.float()
		}
	}
	return scalar(t, "%s(%s)", map[string]string{"min": "least", "max": "greatest"}[n.Name], strings.Join(args, ", "))
}
