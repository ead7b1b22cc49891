package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
)

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
