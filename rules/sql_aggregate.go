package rules

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// closed says that a predicate looks at nothing but the stored element and the
// instant, so that it can be asked while rows are read.
//
// Over many instants the row's own signals are read once for all of them, so
// there it must not look at the instant either; what does is asked of the signals
// gathered.
func (e *sqlExpr) closed(l *sqlListValue, body ast.Node) bool {
	if l.made != "" || l.from == nil || !closedOver(l.from, inner(body), nil) {
		return false
	}
	return e.q.apart == 0 || l.from.name == "group" || !timed(inner(body))
}

// timed says that a predicate looks at the instant.
func timed(n ast.Node) bool {
	return n != nil && (readsClock(n) || slices.ContainsFunc(parts(n), timed))
}

// readsClock says that a node itself, apart from its parts, looks at the instant.
func readsClock(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value == "now"
	case *ast.MemberNode:
		s, named := n.Property.(*ast.StringNode)
		return named && s.Value == "age"
	}
	return false
}

func closedOver(from *sqlBase, n ast.Node, named []string) bool {
	all := func(nodes ...ast.Node) bool {
		return !slices.ContainsFunc(nodes, func(n ast.Node) bool { return !closedOver(from, n, named) })
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value == "now" || levels()[n.Value] != 0 || slices.Contains(named, n.Value)
	case *ast.MemberNode:
		if s, ok := n.Property.(*ast.StringNode); ok && from.name == "contacts" && (s.Value == "again" || s.Value == "who") {
			return false // they count over the other contacts
		}
		return all(n.Node)
	case *ast.CallNode:
		return n.Callee.(*ast.IdentifierNode).Value == "workdays" && all(n.Arguments...)
	case *ast.ArrayNode:
		return true // of literals
	case *ast.SliceNode, *ast.PredicateNode:
		return false
	case *ast.VariableDeclaratorNode:
		return all(n.Value) && closedOver(from, n.Expr, append(slices.Clone(named), n.Name))
	}
	return all(parts(n)...)
}

// numbers says that a condition asks who speaks, or whether again.
func (p *program) numbers() bool {
	found := &memberFinder{names: []string{"again", "who"}}
	ast.Walk(&p.tree, found)
	return found.found
}

// memberFinder looks for fields of some names.
type memberFinder struct {
	names []string
	found bool
}

// Visit implements ast.Visitor.
func (f *memberFinder) Visit(node *ast.Node) {
	if m, ok := (*node).(*ast.MemberNode); ok {
		s, named := m.Property.(*ast.StringNode)
		f.found = f.found || named && slices.Contains(f.names, s.Value)
	}
}

// total takes an aggregate that can be taken back: of the group, less what the
// row's own contacts gave as somebody else's, and more what they give as its own.
func (l *sqlListValue) total(format string, value func(elem sqlValue) string) string {
	of := func(mine string) string { return fmt.Sprintf(format, value(l.elem(mine)), l.where(mine)) }
	if l.from.name != "group" {
		return l.q.fact(of("true"))
	}
	own, others := of("true"), of("false")
	if own == others {
		return l.q.near.add(own)
	}
	return fmt.Sprintf("(%s - %s + %s)", l.q.near.add(others), l.q.own.add(others), l.q.own.add(own))
}

// split says that a list of the group's contacts, or what is taken of them, is
// another for each row of the group: somebody asks .mine.
func (l *sqlListValue) split() bool {
	return l.from.name == "group" && (l.where("true") != l.where("false") || l.elem("true").sql != l.elem("false").sql)
}

// together is the group's contacts as an array of each row. It is the last
// resort: the array of a large group stands as often as the group has rows.
func (l *sqlListValue) together() *sqlListValue {
	if l.q.group == nil {
		l.q.group = &sqlList{where: everyNeighbour, name: "group_signals", fields: []sqlField{stored("ord"), stored("matter")}}
	}
	signal := func(x string) sqlValue {
		return l.q.signal(l.from, l.q.group.field(x), "("+tupleElement(x, "matter")+" = row)")
	}
	out := &sqlListValue{q: l.q, made: l.q.group.name, element: signal}
	for _, cond := range l.conds {
		out.made = fmt.Sprintf("arrayFilter(x0 -> %s, %s)", cond(signal("x0")), out.made)
	}
	if l.of == nil {
		return out
	}
	return out.through("x0", l.of(signal("x0")))
}

// count is how many elements a list has.
func (l *sqlListValue) count() string {
	if l.made != "" {
		return "toInt64(length(" + l.made + "))"
	}
	return l.total("toInt64(countIf(%[2]s))", func(sqlValue) string { return "" })
}

// one takes an aggregate of stored signals that cannot be taken back.
func (l *sqlListValue) one(format string) string {
	text := fmt.Sprintf(format, l.elem("true").sql, l.where("true"))
	if l.from.name == "group" {
		return l.q.near.add(text)
	}
	return l.q.fact(text)
}

// reduce is sum, min, max or mean of a list of numbers or times.
func (l *sqlListValue) reduce(name string, t typ) string {
	switch {
	case l.made != "":
	case l.split() && (name != "sum" || l.inOrder(name)):
		l = l.together()
	case l.inOrder(name):
		l = l.asArray()
	}
	if l.made == "" {
		if name == "sum" {
			return l.total("sumIf(%s, %s)", func(v sqlValue) string { return v.sql })
		}
		return l.one(name + "OrNullIf(%s, %s)")
	}
	switch name {
	case "sum":
		return "arraySum(" + l.made + ")"
	case "mean":
		return l.q.once(l.made, func(list string) string {
			return fmt.Sprintf("if(empty(%[1]s), NULL, arraySum(arrayMap(x -> toFloat64(x), %[1]s)) / length(%[1]s))", list)
		})
	}
	return l.q.once(l.made, func(list string) string {
		return fmt.Sprintf("if(empty(%[1]s), NULL, array%[2]s(%[1]s))", list, map[string]string{"min": "Min", "max": "Max"}[name])
	})
}

// inOrder says that an aggregate depends on the order: floats add up to other
// bits in another one.
func (l *sqlListValue) inOrder(name string) bool {
	return name == "mean" || name == "sum" && l.elem("true").typ.kind == kindFloat
}

// asArray gathers the values of a list in order; of a group, all of them at once.
func (l *sqlListValue) asArray() *sqlListValue {
	if l.from.name != "group" {
		return l.gathered()
	}
	value := l.elem("true")
	made := l.q.near.add(fmt.Sprintf("arrayMap(x -> x.2, arraySort(x -> x.1, groupArrayIf((ord, %s), %s)))", value.sql, l.where("true")))
	return &sqlListValue{q: l.q, made: made, element: func(x string) sqlValue { return sqlValue{typ: value.typ, sql: x} }}
}

// ofSignals is complainants, earliest or latest of a list of signals.
func (l *sqlListValue) ofSignals(name string) string {
	if name == "complainants" {
		return l.complainants()
	}
	extreme := map[string]string{"earliest": "min", "latest": "max"}[name]
	if l.made == "" && l.split() {
		l = l.together()
	}
	if l.made == "" {
		at := *l
		at.of = func(signal sqlValue) sqlValue { return signal.part("at") }
		return at.one(extreme + "OrNullIf(%s, %s)")
	}
	return l.q.once(l.made, func(list string) string {
		return fmt.Sprintf("if(empty(%[1]s), NULL, array%[2]s(x -> %[3]s, %[1]s))", list,
			map[string]string{"min": "Min", "max": "Max"}[extreme], l.element("x").part("at").sql)
	})
}

// complainants is how many different known persons a list holds.
func (l *sqlListValue) complainants() string {
	if l.made != "" {
		return fmt.Sprintf("toInt64(arrayUniq(arrayFilter(p -> p != 0, arrayMap(x -> %s, %s))))", l.element("x").part("who").sql, l.made)
	}
	own, others := l.where("true"), l.where("false")
	count := "toInt64(uniqExactIf(person, person != 0 AND %s))"
	switch {
	case l.from.name != "group":
		return l.q.fact(fmt.Sprintf(count, own))
	case own == others:
		return l.q.near.add(fmt.Sprintf(count, own))
	}
	return fmt.Sprintf("(%s + %s)", l.q.near.add(fmt.Sprintf(count, others)), l.q.fix(own, others))
}
