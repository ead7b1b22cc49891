package rules

import "github.com/expr-lang/expr/ast"

// unknownValue is how a value that is not known is written.
const unknownValue = "unknown"

// decide marks the parts that make the whole what it is: had only the others
// been different, it would have come out the same.
//
//	and, or   the parts that have the value of the whole: of a false "and" the false ones
//	c ? a : b the condition, and the arm that was taken
//	a ?? b    the side that gave the value
//	the rest  every part: operands of a comparison, what not and - turn round, arguments
//
// Which signals made a collection call what it is stands in Term.Signals.
func decide(t *Term) {
	for _, part := range t.Terms {
		part.Decides = true
	}
	switch n := t.node.(type) {
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			for _, part := range t.Terms {
				part.Decides = part.Value == t.Value
			}
		case "??":
			decideDefault(t, n)
		}
	case *ast.ConditionalNode:
		decideArm(t, n)
	}
}

// decideDefault marks the side of a ?? b that gave the value. That a is unknown
// is what decides where b is a literal.
func decideDefault(t *Term, n *ast.BinaryNode) {
	left, right := t.part(n.Left), t.part(n.Right)
	if left == nil || right == nil {
		return
	}
	left.Decides = left.Value != unknownValue
	right.Decides = !left.Decides
}

// decideArm leaves out the arm that was not taken.
func decideArm(t *Term, n *ast.ConditionalNode) {
	taken := true
	if cond := t.part(n.Cond); cond != nil {
		taken = cond.Value == "true"
	} else if literal, ok := n.Cond.(*ast.BoolNode); ok {
		taken = literal.Value
	}
	other := n.Exp2
	if !taken {
		other = n.Exp1
	}
	if part := t.part(other); part != nil {
		part.Decides = false
	}
}

// part is the term of a node directly below; nil for a literal, which has none.
func (t *Term) part(n ast.Node) *Term {
	for _, part := range t.Terms {
		if part.node == n {
			return part
		}
	}
	return nil
}

// rests says that what decides under this term mentions a name that a let declares.
func (t *Term) rests(name string) bool {
	if !t.branches() {
		return mentions(t.node, name)
	}
	for _, part := range t.Terms {
		if part.Decides && part.rests(name) {
			return true
		}
	}
	return false
}

// branches says that some parts of a term may not matter.
func (t *Term) branches() bool {
	switch n := t.node.(type) {
	case *ast.BinaryNode:
		return n.Operator == "??" || t.joins()
	case *ast.ConditionalNode, *ast.VariableDeclaratorNode:
		return true
	}
	return false
}

// joins says that a term is an and, or an or.
func (t *Term) joins() bool {
	n, ok := t.node.(*ast.BinaryNode)
	return ok && (n.Operator == "and" || n.Operator == "&&" || n.Operator == "or" || n.Operator == "||")
}

// joined gives the parts of an and (or an or) that is written a and b and c, which
// the parser reads as (a and b) and c; of any other term its parts.
func (t *Term) joined() []*Term {
	var list []*Term
	for _, part := range t.Terms {
		if t.joins() && part.joins() && part.word() == t.word() {
			for _, inner := range part.joined() {
				flat := *inner
				flat.Decides = inner.Decides && part.Decides
				list = append(list, &flat)
			}
			continue
		}
		list = append(list, part)
	}
	return list
}

// word is the operator of an and, or an or: "and", "or".
func (t *Term) word() string {
	switch t.node.(*ast.BinaryNode).Operator {
	case "and", "&&":
		return "and"
	}
	return "or"
}

// reasons are the parts that decide, each of them no and, or, not or let itself.
func (t *Term) reasons() []*Term {
	if t.joins() || isLet(t.node) || (isNot(t.node) && len(t.Terms) == 1 && t.Terms[0].joins()) {
		var list []*Term
		for _, part := range t.Terms {
			if part.Decides && (!isLet(t.node) || part == t.Terms[1]) {
				list = append(list, part.reasons()...)
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return []*Term{t}
}

func isLet(n ast.Node) bool {
	_, ok := n.(*ast.VariableDeclaratorNode)
	return ok
}

func isNot(n ast.Node) bool {
	u, ok := n.(*ast.UnaryNode)
	return ok && (u.Operator == "not" || u.Operator == "!")
}

// mentions says that a name stands anywhere in a tree.
func mentions(n ast.Node, name string) bool {
	found := false
	eachNode(n, func(n ast.Node) {
		if id, ok := n.(*ast.IdentifierNode); ok && id.Value == name {
			found = true
		}
	})
	return found
}

// eachNode visits a tree, predicates too.
func eachNode(n ast.Node, visit func(ast.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, part := range parts(n) {
		eachNode(part, visit)
	}
}
