package rules

import (
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
