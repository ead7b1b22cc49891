package rules

import (
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser/operator"
	"github.com/expr-lang/expr/parser/utils"
)

// show writes a checked tree as a person would: equal trees give equal text, and
// what binds unexpectedly (??, not) stands in brackets. It is the key of values
// and the text of explain, and it parses back to the same tree.
func show(n ast.Node) string {
	switch n := n.(type) {
	case *ast.FloatNode:
		s := strconv.FormatFloat(n.Value, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	case *ast.StringNode:
		return strconv.Quote(n.Value)
	case *ast.PointerNode:
		return "#"
	case *ast.UnaryNode:
		return showUnary(n)
	case *ast.BinaryNode:
		return side(n.Left, n, false) + " " + n.Operator + " " + side(n.Right, n, true)
	case *ast.ChainNode:
		return show(n.Node)
	case *ast.MemberNode:
		return showMember(n)
	case *ast.SliceNode:
		return base(n.Node) + "[" + showOptional(n.From) + ":" + showOptional(n.To) + "]"
	case *ast.CallNode:
		return show(n.Callee) + "(" + showList(n.Arguments) + ")"
	case *ast.BuiltinNode:
		return n.Name + "(" + showList(n.Arguments) + ")"
	case *ast.PredicateNode:
		if _, ok := n.Node.(*ast.VariableDeclaratorNode); ok {
			return "{" + show(n.Node) + "}"
		}
		return show(n.Node)
	case *ast.ArrayNode:
		return "[" + showList(n.Nodes) + "]"
	case *ast.ConditionalNode:
		return bracket(n.Cond) + " ? " + bracket(n.Exp1) + " : " + bracket(n.Exp2)
	case *ast.VariableDeclaratorNode:
		return "let " + n.Name + " = " + bracket(n.Value) + "; " + show(n.Expr)
	}
	return n.String() // nil, numbers, names
}

func showOptional(n ast.Node) string {
	if n == nil {
		return ""
	}
	return show(n)
}

func showList(nodes []ast.Node) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = show(n)
	}
	return strings.Join(parts, ", ")
}

// bracket puts what is looser than an operator in brackets.
func bracket(n ast.Node) string {
	switch n.(type) {
	case *ast.ConditionalNode, *ast.VariableDeclaratorNode:
		return "(" + show(n) + ")"
	}
	return show(n)
}

func showUnary(n *ast.UnaryNode) string {
	word := n.Operator
	if word == "not" {
		if b, ok := n.Node.(*ast.BinaryNode); ok && operator.AllowedNegateSuffix(b.Operator) {
			return side(b.Left, b, false) + " not " + b.Operator + " " + side(b.Right, b, true)
		}
		word = "not "
	}
	switch n.Node.(type) {
	case *ast.BinaryNode, *ast.UnaryNode:
		return word + "(" + show(n.Node) + ")"
	}
	return word + bracket(n.Node)
}

// side writes an operand, in brackets unless it binds tighter than its operator.
func side(n ast.Node, parent *ast.BinaryNode, right bool) string {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return "(" + show(n) + ")"
		}
	case *ast.BinaryNode:
		own, outer := operator.Binary[n.Operator].Precedence, operator.Binary[parent.Operator].Precedence
		logic := operator.IsBoolean(n.Operator) && n.Operator != parent.Operator
		if n.Operator == "??" || parent.Operator == "??" || logic || own < outer || (own == outer && (right || !operator.IsBoolean(n.Operator))) {
			return "(" + show(n) + ")"
		}
	}
	return bracket(n)
}

// base writes what a member or slice hangs on.
func base(n ast.Node) string {
	switch n.(type) {
	case *ast.BinaryNode, *ast.UnaryNode, *ast.ConditionalNode, *ast.VariableDeclaratorNode:
		return "(" + show(n) + ")"
	case *ast.IntegerNode, *ast.FloatNode: // a mistake, shown in its message
		return "(" + show(n) + ")"
	}
	return show(n)
}

func showMember(n *ast.MemberNode) string {
	on, dot := base(n.Node), "."
	if _, ok := n.Node.(*ast.PointerNode); ok {
		on = ""
	}
	if n.Optional {
		dot = "?."
	}
	if s, ok := n.Property.(*ast.StringNode); ok && utils.IsValidIdentifier(s.Value) {
		return on + dot + s.Value
	}
	if on == "" {
		on = "#"
	}
	if n.Optional {
		return on + "?.[" + show(n.Property) + "]"
	}
	return on + "[" + show(n.Property) + "]"
}
