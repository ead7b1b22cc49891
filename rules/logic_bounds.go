package rules

import (
	"math"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Numbers beyond these do not occur, nor beyond those of numbers.go: they keep
// the bounds of sums and products where floats are exact, and a value with
// bounds cannot be NaN.
const (
	mostCount  = 1 << 31
	exactFloat = 1 << 52
)

// constant is the value of a number that is written out.
func (r *reader) constant(n ast.Node, at place) (float64, bool) {
	n, at = r.resolve(n, at)
	v, ok := 0.0, true
	switch n := n.(type) {
	case *ast.IntegerNode:
		v = float64(n.Value)
	case *ast.FloatNode:
		v = n.Value
	case *ast.IdentifierNode:
		level, isLevel := levels()[n.Value]
		v, ok = float64(level), isLevel
	case *ast.UnaryNode:
		v, ok = r.constant(n.Node, at)
		v, ok = -v, ok && n.Operator == "-"
	default:
		return 0, false
	}
	return v, ok && math.Abs(v) < exactFloat
}

// word is the term of a text.
func (r *reader) word(n ast.Node, at place) *term {
	t := &term{key: r.text(n, at)}
	m, ok := n.(*ast.MemberNode)
	if !ok {
		return t
	}
	field, ok := m.Property.(*ast.StringNode)
	root := r.rootOf(m.Node, at)
	if !ok || root == "" {
		return t
	}
	switch known := words()[field.Value]; {
	case field.Value == "act" && (root == "contacts" || root == "group"):
		t.words = []string{""}
	case field.Value == "rating":
		t.words = slices.Sorted(slices.Values(known))
	case known != nil:
		t.words = append([]string{""}, slices.Sorted(slices.Values(known))...)
	}
	return t
}

// term is a number or a time, nil if it is one that can be NaN.
func (r *reader) term(n ast.Node, at place) *term {
	n, at = r.resolve(n, at)
	if r.fuel < 0 {
		return nil
	}
	if t := r.counted(n, at); t != nil {
		return t
	}
	if r.types[n].kind == kindTime {
		return &term{key: r.text(n, at), lo: math.Inf(-1), hi: math.Inf(1), integer: true}
	}
	if key, ok := r.ageOf(n, at); ok {
		return &term{key: key, hi: mostDays}
	}
	lo, hi, ok := r.bounds(n, at)
	whole := r.types[n].kind == kindInt
	if !ok && !whole {
		return nil
	}
	if !ok {
		lo, hi = math.Inf(-1), math.Inf(1)
	}
	return &term{key: r.text(n, at), lo: lo, hi: hi, integer: whole}
}

// counted is a number of elements: count, len of a list, complainants.
func (r *reader) counted(n ast.Node, at place) *term {
	switch n := n.(type) {
	case *ast.BuiltinNode:
		switch {
		case n.Name == "count" && len(n.Arguments) == 2:
			if l, ok := r.list(n.Arguments[0], at); ok {
				return r.logic.count(l.with(r.predicate(n.Arguments[1], l, at)), false)
			}
		case n.Name == "len" && r.types[n.Arguments[0]].kind == kindList:
			return r.size(n.Arguments[0], at)
		}
	case *ast.CallNode:
		if show(n.Callee) == "complainants" {
			if l, ok := r.list(n.Arguments[0], at); ok {
				return r.logic.count(l.with(always()), true)
			}
		}
	}
	return nil
}

// ageOf knows the age of a signal in now - .at, which is how it is made.
func (r *reader) ageOf(n ast.Node, at place) (string, bool) {
	b, ok := n.(*ast.BinaryNode)
	if !ok || b.Operator != "-" || r.types[b.Left].kind != kindTime || r.text(b.Left, at) != "now" {
		return "", false
	}
	key := r.text(b.Right, at)
	if !past(key) {
		return "", false
	}
	return key[:len(key)-len("at")] + "age", true
}

// rootOf says whose field is asked for: of the case, of it, or of an element of
// one of the collections. "" = not known.
func (r *reader) rootOf(n ast.Node, at place) string {
	n, at = r.resolve(n, at)
	switch n := n.(type) {
	case *ast.PointerNode:
		return at.root
	case *ast.IdentifierNode:
		return n.Value // case, it
	case *ast.BuiltinNode:
		if slices.Contains([]string{"first", "last", "find", "findLast"}, n.Name) {
			if l, ok := r.list(n.Arguments[0], at); ok {
				return l.pool.root
			}
		}
	case *ast.MemberNode:
		if l, ok := r.list(n.Node, at); ok {
			return l.pool.root
		}
	}
	return ""
}

// fieldBounds is what a number among the fields can be.
func fieldBounds(root, field string) (lo, hi float64, ok bool) {
	actions := root == "actions"
	switch field {
	case "age":
		return 0, mostDays, true
	case "who":
		if actions {
			return 0, 0, true
		}
		return 0, mostCount, true
	case "people":
		if root == "contacts" || root == "group" || root == "case" {
			return 1, mostPeople, true
		}
		return 0, mostPeople, true
	case "level", "competent":
		return village, nation, true
	case "above":
		return village - nation, nation - village, true
	}
	return 0, 0, false
}

// bounds is the least and the greatest that a number can be. Rounding keeps the
// order of numbers, so what holds of the ends holds of all between them.
func (r *reader) bounds(n ast.Node, at place) (lo, hi float64, ok bool) {
	n, at = r.resolve(n, at)
	if r.fuel < 0 {
		return 0, 0, false
	}
	if v, known := r.constant(n, at); known {
		return v, v, true
	}
	switch n := n.(type) {
	case *ast.MemberNode:
		if s, isField := n.Property.(*ast.StringNode); isField && r.types[n.Node].kind == kindRecord {
			return fieldBounds(r.rootOf(n.Node, at), s.Value)
		}
	case *ast.UnaryNode:
		lo, hi, ok = r.bounds(n.Node, at)
		return -hi, -lo, ok
	case *ast.ConditionalNode:
		return r.hull(at, n.Exp1, n.Exp2)
	case *ast.BinaryNode:
		return r.arithmetic(n, at)
	case *ast.CallNode:
		if show(n.Callee) == "workdays" {
			return -mostDays, mostDays, true
		}
		return 0, mostCount, true // complainants
	case *ast.BuiltinNode:
		return r.builtinBounds(n, at)
	}
	return 0, 0, false
}

// hull spans the bounds of several values.
func (r *reader) hull(at place, nodes ...ast.Node) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, n := range nodes {
		a, b, known := r.bounds(n, at)
		if !known {
			return 0, 0, false
		}
		lo, hi = min(lo, a), max(hi, b)
	}
	return lo, hi, true
}

func (r *reader) arithmetic(n *ast.BinaryNode, at place) (lo, hi float64, ok bool) {
	if n.Operator == "??" {
		return r.hull(at, n.Left, n.Right)
	}
	if n.Operator == "-" && r.types[n.Left].kind == kindTime {
		return -mostDays, mostDays, true
	}
	a, b, aKnown := r.bounds(n.Left, at)
	c, d, cKnown := r.bounds(n.Right, at)
	if !aKnown || !cKnown {
		return 0, 0, false
	}
	switch n.Operator {
	case "+":
		lo, hi = a+c, b+d
	case "-":
		lo, hi = a-d, b-c
	case "*":
		lo, hi = min(a*c, a*d, b*c, b*d), max(a*c, a*d, b*c, b*d)
	case "/":
		if c != d || c == 0 {
			return 0, 0, false
		}
		lo, hi = min(a/c, b/c), max(a/c, b/c)
	default: // %
		m := max(math.Abs(c), math.Abs(d))
		lo, hi = -m, m
	}
	return lo, hi, math.Abs(lo) < exactFloat && math.Abs(hi) < exactFloat
}

func (r *reader) builtinBounds(n *ast.BuiltinNode, at place) (lo, hi float64, ok bool) {
	switch n.Name {
	case "count", "len":
		return 0, mostCount, true
	case "abs":
		lo, hi, ok = r.bounds(n.Arguments[0], at)
		return 0, max(math.Abs(lo), math.Abs(hi)), ok
	case "floor", "ceil":
		lo, hi, ok = r.bounds(n.Arguments[0], at)
		return math.Floor(lo), math.Ceil(hi), ok
	case "min", "max":
		if len(n.Arguments) > 1 {
			return r.hull(at, n.Arguments...)
		}
		return r.elementBounds(n.Arguments[0], at)
	case "sum":
		if lo, hi, ok = r.summandBounds(n, at); !ok {
			return 0, 0, false
		}
		lo, hi = min(0, lo*mostCount), max(0, hi*mostCount)
		return lo, hi, math.Abs(lo) < exactFloat && math.Abs(hi) < exactFloat
	}
	return 0, 0, false // mean rounds
}

// elementBounds are the bounds of the values that a map gives.
func (r *reader) elementBounds(n ast.Node, at place) (lo, hi float64, ok bool) {
	n, at = r.resolve(n, at)
	if m, isMap := n.(*ast.BuiltinNode); isMap && m.Name == "map" {
		return r.summandBounds(m, at)
	}
	return 0, 0, false
}

// summandBounds are the bounds of what a sum or a map makes of each element.
func (r *reader) summandBounds(n *ast.BuiltinNode, at place) (lo, hi float64, ok bool) {
	if len(n.Arguments) < 2 {
		return r.elementBounds(n.Arguments[0], at)
	}
	p, isPredicate := n.Arguments[1].(*ast.PredicateNode)
	l, isList := r.list(n.Arguments[0], at)
	if !isPredicate || !isList {
		return 0, 0, false
	}
	return r.bounds(p.Node, l.within(at))
}
