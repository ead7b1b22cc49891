package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// sqlListValue is a list in SQL, in one of two forms: signals that are still where
// they are stored, of which an aggregate is taken while the rows are read, or an
// array that was gathered.
type sqlListValue struct {
	q *query

	from     *sqlBase                // stored signals
	conds    []func(sqlValue) string // that meet these conditions
	of       func(sqlValue) sqlValue // what map made of each; nil = the signal itself
	numbered bool                    // .again or .who may be asked for, which count over all signals

	made    string                  // an array
	element func(x string) sqlValue // what an element of it is, by its name
}

// sqlBase is one of the collections that rules name.
type sqlBase struct {
	name string // contacts, actions, group
	rows string // the condition on rows
	elem typ
}

// base is the collection of a name. The group of a group row is the row itself.
func (e *sqlExpr) base(name string, t typ) *sqlListValue {
	b := &sqlBase{name, "contact", *t.elem}
	switch {
	case name == "actions":
		b.rows = "NOT contact"
	case name == "group" && e.q.over == OverGroup:
		b.name = "contacts"
	case name == "group":
		b.rows = ""
	}
	return &sqlListValue{q: e.q, from: b, numbered: b.name == "contacts" && e.p.numbers()}
}

// elem is an element while rows are read; mine says whether it is the row's own.
func (l *sqlListValue) elem(mine string) sqlValue {
	return l.result(l.q.signal(l.from, columnOf, mine))
}

// result is what map made of a signal.
func (l *sqlListValue) result(signal sqlValue) sqlValue {
	if l.of == nil {
		return signal
	}
	return l.of(signal)
}

// where is the condition on the stored signals.
func (l *sqlListValue) where(mine string) string {
	parts := []string{}
	if l.from.rows != "" {
		parts = append(parts, l.from.rows)
	}
	signal := l.q.signal(l.from, columnOf, mine)
	for _, cond := range l.conds {
		parts = append(parts, cond(signal))
	}
	if len(parts) == 0 {
		return "true"
	}
	return strings.Join(parts, " AND ")
}

// gathered is the list as an array, oldest first. Conditions are met before the
// signals are gathered, unless the others count in .again and .who.
func (l *sqlListValue) gathered() *sqlListValue {
	if l.made != "" {
		return l
	}
	where, later := l.where("true"), []func(sqlValue) string(nil)
	if l.numbered {
		where, later = l.from.rows, l.conds
	}
	g := l.q.gather(where)
	out := &sqlListValue{q: l.q, made: g.name, element: func(x string) sqlValue {
		return l.q.signal(l.from, g.field(x), "true")
	}}
	for _, cond := range later {
		out.made = fmt.Sprintf("arrayFilter(x0 -> %s, %s)", cond(out.element("x0")), out.made)
	}
	if l.of == nil {
		return out
	}
	return out.through("x0", l.of(out.element("x0")))
}

// through is a value for each element x of an array.
func (l *sqlListValue) through(x string, v sqlValue) *sqlListValue {
	return &sqlListValue{q: l.q, made: fmt.Sprintf("arrayMap(%s -> %s, %s)", x, v.sql, l.made),
		element: func(x string) sqlValue { return sqlValue{typ: v.typ, sql: x} }}
}

// collection is a builtin over a list.
func (e *sqlExpr) collection(n *ast.BuiltinNode, t typ) sqlValue {
	list := e.value(n.Arguments[0]).list
	var body ast.Node
	if len(n.Arguments) > 1 {
		body = n.Arguments[1]
	}
	switch n.Name {
	case "filter":
		return sqlValue{typ: t, list: e.filter(list, body)}
	case "map":
		return sqlValue{typ: t, list: e.mapped(list, body)}
	case "find":
		return e.only(e.filter(list, body), t, "First")
	case "findLast":
		return e.only(e.filter(list, body), t, "Last")
	case "first":
		return e.only(list, t, "First")
	case "last":
		return e.only(list, t, "Last")
	}
	return scalar(t, "%s", e.aggregate(n.Name, list, body, t))
}

// aggregate is one value of a list.
func (e *sqlExpr) aggregate(name string, l *sqlListValue, body ast.Node, t typ) string {
	switch name {
	case "all": // none that fails
		if !e.closed(l, body) {
			l = l.gathered()
			return fmt.Sprintf("arrayAll(%s, %s)", e.lambda(l, body), l.made)
		}
		return "(" + e.filter(l, not(body)).count() + " = 0)"
	case "sum", "min", "max", "mean":
		if body != nil {
			l = e.mapped(l, body)
		}
		return l.reduce(name, t)
	}
	if body != nil {
		l = e.filter(l, body)
	}
	switch n := l.count(); name {
	case "any":
		return "(" + n + " > 0)"
	case "none":
		return "(" + n + " = 0)"
	case "one":
		return "(" + n + " = 1)"
	default: // count, len
		return n
	}
}

func not(body ast.Node) ast.Node {
	return &ast.PredicateNode{Node: &ast.UnaryNode{Operator: "not", Node: inner(body)}}
}

func inner(body ast.Node) ast.Node {
	if p, ok := body.(*ast.PredicateNode); ok {
		return p.Node
	}
	return body
}

// filter keeps the elements for which a predicate holds. What of it looks at
// nothing but the stored element is asked while rows are read; the rest, and
// what is left after it, of the array.
func (e *sqlExpr) filter(l *sqlListValue, body ast.Node) *sqlListValue {
	if l.made != "" {
		return l.with("arrayFilter(%s, %s)", e.lambda(l, body), l.made)
	}
	lets, parts := conjunction(inner(body))
	var open []ast.Node
	for _, part := range parts {
		if whole := underLets(lets, part); e.closed(l, whole) {
			l = e.narrowed(l, whole)
		} else {
			open = append(open, whole)
		}
	}
	if open == nil {
		return l
	}
	l = l.gathered()
	for _, part := range open {
		l = l.with("arrayFilter(%s, %s)", e.lambda(l, part), l.made)
	}
	return l
}

// with is a list of the same elements.
func (l *sqlListValue) with(format string, args ...any) *sqlListValue {
	out := *l
	out.made = fmt.Sprintf(format, args...)
	return &out
}

// narrowed adds a closed condition on stored signals.
func (e *sqlExpr) narrowed(l *sqlListValue, cond ast.Node) *sqlListValue {
	out, inside := *l, e.copy()
	out.conds = append(slices.Clone(l.conds), func(signal sqlValue) string {
		return inside.within(l.result(signal), cond).sql
	})
	return &out
}

// copy keeps what is named now for a part that is written later.
func (e *sqlExpr) copy() *sqlExpr {
	return &sqlExpr{q: e.q, p: e.p, risk: e.risk, vars: slices.Clone(e.vars), frame: slices.Clone(e.frame)}
}

// conjunction takes "let a = #; let b = .x; p and q and r" apart.
func conjunction(n ast.Node) (lets []*ast.VariableDeclaratorNode, parts []ast.Node) {
	switch n := n.(type) {
	case *ast.VariableDeclaratorNode:
		lets, parts = conjunction(n.Expr)
		return append([]*ast.VariableDeclaratorNode{n}, lets...), parts
	case *ast.BinaryNode:
		if n.Operator != "and" && n.Operator != "&&" {
			break
		}
		left, a := conjunction(n.Left)
		right, b := conjunction(n.Right)
		if left == nil && right == nil {
			return nil, append(a, b...)
		}
	}
	return nil, []ast.Node{n}
}

func underLets(lets []*ast.VariableDeclaratorNode, n ast.Node) ast.Node {
	for _, let := range slices.Backward(lets) {
		n = &ast.VariableDeclaratorNode{Name: let.Name, Value: let.Value, Expr: n}
	}
	return n
}

// mapped gives one value for each element.
func (e *sqlExpr) mapped(l *sqlListValue, body ast.Node) *sqlListValue {
	if e.closed(l, body) {
		out, inside := *l, e.copy()
		out.of = func(signal sqlValue) sqlValue { return inside.within(l.result(signal), inner(body)) }
		return &out
	}
	l = l.gathered()
	x := e.name()
	return l.through(x, e.within(l.element(x), body))
}

// within gives the value of a predicate's body for an element.
func (e *sqlExpr) within(elem sqlValue, body ast.Node) sqlValue {
	inside := e.copy()
	inside.frame = append(inside.frame, elem)
	return inside.value(inner(body))
}

// name is that of an element one predicate further in.
func (e *sqlExpr) name() string { return fmt.Sprintf("x%d", len(e.frame)+1) }

// lambda is a predicate as a function of an array's elements.
func (e *sqlExpr) lambda(l *sqlListValue, body ast.Node) string {
	x := e.name()
	return fmt.Sprintf("%s -> %s", x, e.within(l.element(x), body).sql)
}

// only is the first or last element of a list, unknown if it is empty.
func (e *sqlExpr) only(list *sqlListValue, t typ, which string) sqlValue {
	l := list.gathered()
	return l.missing(t, "empty("+l.made+")", func(value string) string {
		if value != "x" {
			value = fmt.Sprintf("arrayMap(x -> %s, %s)", value, l.made)
		} else {
			value = l.made
		}
		return fmt.Sprintf("array%sOrNull(x -> true, %s)", which, value)
	})
}

// index is C[i]; a negative index counts from the last.
func (e *sqlExpr) index(v sqlValue, n *ast.MemberNode) sqlValue {
	l, i := v.list.gathered(), e.value(n.Property).sql
	at := func(f func(list, i, length string) string) string {
		return e.q.once(l.made, func(list string) string {
			return e.q.once(i, func(i string) string { return f(list, i, "toInt64(length("+list+"))") })
		})
	}
	beyond := func(list, i, length string) string {
		return fmt.Sprintf("(%[1]s >= %[2]s OR %[1]s < negate(%[2]s))", i, length)
	}
	return l.missing(e.typeOf(n), at(beyond), func(value string) string {
		return at(func(list, i, length string) string {
			return fmt.Sprintf("if(%s, NULL, arrayMap(x -> %s, [%s[if(%[4]s < 0, %[4]s, %[4]s + 1)]])[1])", beyond(list, i, length), value, list, i)
		})
	})
}

// missing is an element that may not be there: null says when it is not, and
// read gives a value of it, written over the element x, or nothing.
func (l *sqlListValue) missing(t typ, null string, read func(value string) string) sqlValue {
	var wrap func(v sqlValue) sqlValue
	wrap = func(v sqlValue) sqlValue {
		v.typ.opt = true
		if v.part != nil {
			part := v.part
			v.null, v.part = null, func(name string) sqlValue { return wrap(part(name)) }
			return v
		}
		v.sql = read(v.sql)
		return v
	}
	v := wrap(l.element("x"))
	v.typ = t
	return v
}

// slice is C[a:b] as Go reads it after negative bounds are counted from the end.
func (e *sqlExpr) slice(n *ast.SliceNode) *sqlListValue {
	l := e.value(n.Node).list.gathered()
	from, fromKnown := wholeLiteral(n.From, 0)
	to, toKnown := wholeLiteral(n.To, 0)
	switch {
	case fromKnown && n.To == nil && from >= 0:
		return l.with("arraySlice(%s, %d)", l.made, from+1)
	case fromKnown && n.To == nil:
		return l.with("arraySlice(%s, %d)", l.made, from)
	case fromKnown && toKnown && from >= 0 && to >= 0:
		return l.with("arraySlice(%s, %d, %d)", l.made, from+1, max(to-from, 0))
	}
	bound := func(n ast.Node, otherwise, length string) string {
		if n == nil {
			return otherwise
		}
		return e.q.once(e.value(n).sql, func(i string) string {
			return fmt.Sprintf("least(greatest(if(%[1]s < 0, %[1]s + %[2]s, %[1]s), 0), %[2]s)", i, length)
		})
	}
	return l.with("%s", e.q.once(l.made, func(list string) string {
		length := "toInt64(length(" + list + "))"
		return e.q.once(bound(n.From, "toInt64(0)", length), func(from string) string {
			return fmt.Sprintf("arraySlice(%[1]s, %[2]s + 1, greatest(%[3]s - %[2]s, 0))", list, from, bound(n.To, length, length))
		})
	}))
}

// wholeLiteral is the value of a literal bound.
func wholeLiteral(n ast.Node, otherwise int) (int, bool) {
	switch n := n.(type) {
	case nil:
		return otherwise, true
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.UnaryNode:
		i, ok := n.Node.(*ast.IntegerNode)
		if ok && n.Operator == "-" {
			return -i.Value, true
		}
	}
	return 0, false
}
