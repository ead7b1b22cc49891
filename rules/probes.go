package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/vm"
)

// probes are the points of a condition at which it can go two ways, and which of
// them it went. They are built into a second program of the same condition: each
// passes its value on and notes it, so that what short-circuit leaves out is not
// noted, and what happens in a predicate is noted for each element.
type probes struct {
	points []point
	of     map[ast.Node]int // index in points of the node whose value tells
	known  []string         // what cannot be unknown where the walk is
	inside int              // the point the walk is in, -1 = none
	code   *vm.Program
}

// point is one place that can go two ways.
type point struct {
	node   ast.Node // what is shown
	within int      // the point it is a part of, -1 = none
	kind   pointKind
	counts [2]int // times it was false (or the value known), true (or unknown)
}

// pointKind says what decides at a point.
type pointKind uint8

const (
	pointCondition pointKind = iota // an operand of and, or; a predicate: true or false
	pointTernary                    // condition ? this : that
	pointFallback                   // value ?? fallback: the value is known or unknown
)

// instrument finds the points of a condition and compiles it with probes at them.
func instrument(p *program) (*probes, error) {
	s := &probes{of: map[ast.Node]int{}, inside: -1}
	s.condition(p.tree, pointCondition, true)
	_, code, err := p.rewrite(p.tree, s)
	s.code = code
	return s, err
}

// condition finds the points of a node whose being true or false matters. Operands
// of and and or are its points rather than the whole, which goes both ways if
// they do. The root is no point: it is the rule's own firing.
func (s *probes) condition(n ast.Node, kind pointKind, root bool) {
	if joint := junction(n); joint != nil {
		s.condition(joint.Left, pointCondition, false)
		s.given(joint.Left, joint.Operator == "and" || joint.Operator == "&&", func() {
			s.condition(joint.Right, pointCondition, false)
		})
		return
	}
	if let, ok := n.(*ast.VariableDeclaratorNode); ok {
		s.value(let.Value)
		s.condition(let.Expr, kind, root)
		return
	}
	if !root {
		s.add(n, n, kind)
		defer func(before int) { s.inside = before }(s.inside)
		s.inside = s.of[n]
	}
	s.value(n)
}

// junction is the and, or below any number of nots, nil if there is none.
func junction(n ast.Node) *ast.BinaryNode {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return junction(n.Node)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			return n
		}
	}
	return nil
}

// value finds the points within a node whose value does not decide by itself.
func (s *probes) value(n ast.Node) {
	switch n := n.(type) {
	case nil:
		return
	case *ast.BinaryNode:
		if junction(n) != nil {
			s.condition(n, pointCondition, false)
			return
		}
		if n.Operator == "??" && !slices.Contains(s.known, show(n.Left)) {
			s.add(n.Left, n, pointFallback)
		}
	case *ast.ConditionalNode:
		s.condition(n.Cond, pointTernary, false)
		s.given(n.Cond, true, func() { s.value(n.Exp1) })
		s.given(n.Cond, false, func() { s.value(n.Exp2) })
		return
	case *ast.BuiltinNode:
		s.call(n)
		return
	}
	for _, part := range parts(n) {
		s.value(part)
	}
}

// given walks what is evaluated only where a condition held, or did not: after
// x != nil the fallback of (x ?? y), which the language wants, is never taken and
// is no point.
func (s *probes) given(condition ast.Node, held bool, walk func()) {
	before := len(s.known)
	s.known = append(s.known, notNil(condition, held)...)
	walk()
	s.known = s.known[:before]
}

// notNil are the values that are known where a condition held, or did not. What
// mentions an element is left out: deeper down it is another one's.
func notNil(n ast.Node, held bool) []string {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return notNil(n.Node, !held)
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			if held == (n.Operator == "and" || n.Operator == "&&") {
				return append(notNil(n.Left, held), notNil(n.Right, held)...)
			}
		case "!=", "==":
			if held == (n.Operator == "!=") && isNil(n.Right) && !mentionsElement(n.Left) {
				return []string{show(n.Left)}
			}
		}
	}
	return nil
}

func mentionsElement(n ast.Node) bool {
	if _, ok := n.(*ast.PointerNode); ok {
		return true
	}
	return slices.ContainsFunc(parts(n), func(part ast.Node) bool { return part != nil && mentionsElement(part) })
}

// call finds the points of a collection call: a predicate that holds or not.
func (s *probes) call(n *ast.BuiltinNode) {
	for _, a := range n.Arguments {
		body, ok := a.(*ast.PredicateNode)
		switch {
		case !ok:
			s.value(a)
		case n.Name == "map" || n.Name == "sum": // a value of each element
			s.value(body.Node)
		default:
			s.condition(body.Node, pointCondition, false)
		}
	}
}

// add adds a point. The parser shares the middle of a < b < c: its points count once.
func (s *probes) add(tells, shown ast.Node, kind pointKind) {
	if _, known := s.of[tells]; known {
		return
	}
	s.of[tells] = len(s.points)
	s.points = append(s.points, point{node: shown, within: s.inside, kind: kind})
}

// around puts the probe of a node around what it was rewritten to.
func (s *probes) around(n, out ast.Node) ast.Node {
	if s == nil {
		return out
	}
	i, ok := s.of[n]
	if !ok {
		return out
	}
	name := "·holds"
	if s.points[i].kind == pointFallback {
		name = "·unknown"
	}
	return call(name, &ast.IntegerNode{Value: i}, out)
}

// addFunctions gives expr the functions that note.
func (s *probes) addFunctions(c *conf.Config) {
	if s == nil {
		return
	}
	holds := func(args ...any) (any, error) {
		s.note(args[0].(int), args[1].(bool))
		return args[1], nil
	}
	unknown := func(args ...any) (any, error) {
		s.note(args[0].(int), args[1] == nil)
		return args[1], nil
	}
	c.Functions["·holds"] = &builtin.Function{Name: "·holds", Func: holds, Types: functionTypes(new(func(int, bool) bool))}
	c.Functions["·unknown"] = &builtin.Function{Name: "·unknown", Func: unknown, Types: functionTypes(new(func(int, any) any))}
}

func (s *probes) note(i int, second bool) {
	way := 0
	if second {
		way = 1
	}
	s.points[i].counts[way]++
}
