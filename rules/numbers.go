package rules

import (
	"fmt"
	"math"

	"github.com/expr-lang/expr/ast"
)

// Bounds on numbers. Within them whole numbers are exact in both engines, also
// where they meet fractions, and no fraction becomes infinite or no number at
// all: what could leave them is refused when the rule is read.
const (
	maxLiteral  = 1e15    // of any number that a rule writes
	minLiteral  = 1e-9    // of a fraction that a rule writes, other than 0
	maxWhole    = 1 << 53 // of any whole number that a rule computes
	maxFraction = 1e300   // of any fraction that a rule computes
	maxQuotient = 1e15    // a / b is unknown beyond it
)

// How large facts are. No feed gives more: ingest refuses more than a million
// people, and the store's times span less than a million days.
const (
	mostSignals    = 1 << 20
	mostPeople     = 1_000_000
	mostDays       = 1_000_000
	mostCharacters = 1 << 30
)

// sizer bounds the magnitude of every number in a checked tree.
type sizer struct {
	types    map[ast.Node]typ
	vars     map[string]float64
	elements []float64 // of # in the predicates around the present node
	mistakes []mistake
}

// sizes tells the numbers that could grow too large to be exact.
func sizes(tree ast.Node, types map[ast.Node]typ) []mistake {
	s := &sizer{types: types, vars: map[string]float64{}}
	s.of(tree)
	return s.mistakes
}

// of bounds the magnitude of a number, or of the numbers in a list; 0 for all else.
func (s *sizer) of(n ast.Node) float64 {
	if n == nil {
		return 0
	}
	size := s.node(n)
	if s.types[n].kind == kindInt {
		return s.bounded(n, size, maxWhole)
	}
	return s.bounded(n, size, maxFraction)
}

// bounded tells a number that can pass its limit, once: what is computed from it is not told again.
func (s *sizer) bounded(n ast.Node, size, limit float64) float64 {
	if size <= limit {
		return size
	}
	what, help := "2^53, beyond which whole numbers are not exact", "write * 1.0 to compute in fractions, or compare smaller numbers"
	if limit == maxFraction {
		what, help = "10^300", "compare smaller numbers"
	}
	loc := n.Location()
	s.mistakes = append(s.mistakes, mistake{from: loc.From, width: loc.To - loc.From, check: "number",
		message: fmt.Sprintf("%s can pass %s", show(n), what), help: help})
	return 0
}

func (s *sizer) node(n ast.Node) float64 {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return math.Abs(float64(n.Value))
	case *ast.FloatNode:
		return math.Abs(n.Value)
	case *ast.IdentifierNode:
		return max(s.vars[n.Value], float64(levels()[n.Value]))
	case *ast.PointerNode:
		return s.elements[len(s.elements)-1]
	case *ast.UnaryNode:
		return s.of(n.Node)
	case *ast.BinaryNode:
		return s.binary(n)
	case *ast.MemberNode:
		return s.member(n)
	case *ast.SliceNode:
		s.of(n.From)
		s.of(n.To)
		return s.of(n.Node)
	case *ast.CallNode:
		return s.call(n)
	case *ast.BuiltinNode:
		return s.builtin(n)
	case *ast.ConditionalNode:
		s.of(n.Cond)
		return max(s.of(n.Exp1), s.of(n.Exp2))
	case *ast.VariableDeclaratorNode:
		s.vars[n.Name] = s.of(n.Value) // no name hides another
		return s.of(n.Expr)
	}
	return s.largest(parts(n)) // a chain, a list: what is in it
}

func (s *sizer) largest(nodes []ast.Node) float64 {
	size := 0.0
	for _, n := range nodes {
		size = max(size, s.of(n))
	}
	return size
}

func (s *sizer) binary(n *ast.BinaryNode) float64 {
	l, r := s.of(n.Left), s.of(n.Right)
	switch n.Operator {
	case "+", "-":
		if s.types[n.Left].kind == kindTime {
			return mostDays
		}
		return l + r
	case "*":
		return l * r
	case "/":
		if s.types[n].opt {
			return maxQuotient
		}
		return l / r
	case "%":
		return min(l, r)
	case "??":
		return max(l, r)
	}
	return 0
}

func (s *sizer) member(n *ast.MemberNode) float64 {
	size := s.of(n.Node)
	if s.types[n.Node].kind == kindList {
		s.of(n.Property)
		return size
	}
	name, ok := n.Property.(*ast.StringNode)
	if !ok {
		return 0
	}
	switch name.Value {
	case "people":
		return mostPeople
	case "who":
		return mostSignals
	case "age":
		return mostDays
	case "level", "competent", "above":
		return nation
	}
	return 0
}

func (s *sizer) call(n *ast.CallNode) float64 {
	s.largest(n.Arguments)
	switch n.Callee.(*ast.IdentifierNode).Value {
	case "workdays":
		return mostDays
	case "complainants":
		return mostSignals
	}
	return 0
}

func (s *sizer) builtin(n *ast.BuiltinNode) float64 {
	first := s.of(n.Arguments[0])
	body, values := 0.0, first
	for _, a := range n.Arguments[1:] {
		if p, ok := a.(*ast.PredicateNode); ok {
			body = s.predicate(p, first)
		} else {
			values = max(values, s.of(a))
		}
	}
	switch n.Name {
	case "count":
		return mostSignals
	case "len":
		if s.types[n.Arguments[0]].kind == kindText {
			return mostCharacters
		}
		return mostSignals
	case "sum":
		if len(n.Arguments) == 1 {
			body = first
		}
		return body * mostSignals
	case "map":
		return body
	case "mean":
		return s.mean(n, first)
	}
	return values
}

// mean adds up before it divides: the sum must be exact too where its parts are.
func (s *sizer) mean(n *ast.BuiltinNode, element float64) float64 {
	if list := s.types[n.Arguments[0]]; list.elem != nil && list.elem.kind == kindInt && s.bounded(n, element*mostSignals, maxWhole) == 0 {
		return 0
	}
	return element
}

func (s *sizer) predicate(p *ast.PredicateNode, element float64) float64 {
	s.elements = append(s.elements, element)
	defer func() { s.elements = s.elements[:len(s.elements)-1] }()
	return s.of(p.Node)
}
