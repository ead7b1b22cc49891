package rules

import (
	"reflect"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
)

// rewriter turns a checked tree into one that expr runs with the meanings of the
// language: times are whole milliseconds, differences of them days; an index
// beyond the end, an extreme of nothing and a division by zero are nil; literal
// lists become sets; levels become numbers. It builds anew and changes nothing
// of the checked tree, which explain and the SQL compiler read.
type rewriter struct {
	types map[ast.Node]typ
	kinds []string
	dues  map[int]bool // kinds of deadlines that the expression asks for
	group bool         // the expression asks for the group

	probes   *probes    // built in where a test wants to know what was reached; nil else
	elements []ast.Node // calls that give an element, or nil
}

func (r *rewriter) rewrite(n ast.Node) ast.Node {
	if n == nil {
		return nil
	}
	out := r.probes.around(n, r.node(n))
	out.SetLocation(n.Location())
	return out
}

func (r *rewriter) node(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.NilNode:
		return &ast.NilNode{}
	case *ast.BoolNode:
		return &ast.BoolNode{Value: n.Value}
	case *ast.IntegerNode:
		return &ast.IntegerNode{Value: n.Value}
	case *ast.FloatNode:
		return &ast.FloatNode{Value: n.Value}
	case *ast.StringNode:
		return &ast.StringNode{Value: n.Value}
	case *ast.PointerNode:
		return &ast.PointerNode{Name: n.Name}
	case *ast.IdentifierNode:
		if l, ok := levels()[n.Value]; ok {
			return &ast.IntegerNode{Value: l}
		}
		r.group = r.group || n.Value == "group"
		return &ast.IdentifierNode{Value: n.Value}
	case *ast.UnaryNode:
		return &ast.UnaryNode{Operator: n.Operator, Node: r.rewrite(n.Node)}
	case *ast.BinaryNode:
		return r.binary(n)
	case *ast.ChainNode:
		return r.chain(n)
	case *ast.MemberNode:
		return r.member(n)
	case *ast.SliceNode:
		return &ast.SliceNode{Node: r.rewrite(n.Node), From: r.rewrite(n.From), To: r.rewrite(n.To)}
	case *ast.CallNode:
		return r.call(n)
	case *ast.BuiltinNode:
		return r.builtin(n)
	case *ast.PredicateNode:
		return &ast.PredicateNode{Node: r.rewrite(n.Node)}
	case *ast.ConditionalNode:
		return &ast.ConditionalNode{Ternary: true, Cond: r.rewrite(n.Cond), Exp1: r.rewrite(n.Exp1), Exp2: r.rewrite(n.Exp2)}
	case *ast.VariableDeclaratorNode:
		return &ast.VariableDeclaratorNode{Name: n.Name, Value: r.rewrite(n.Value), Expr: r.rewrite(n.Expr)}
	}
	return n // not reached: the checker refuses every other node
}

func call(name string, arguments ...ast.Node) ast.Node {
	return &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: arguments}
}

func (r *rewriter) binary(n *ast.BinaryNode) ast.Node {
	if list, ok := n.Right.(*ast.ArrayNode); ok && n.Operator == "in" {
		return &ast.BinaryNode{Operator: "in", Left: r.rewrite(n.Left), Right: set(list)}
	}
	if words := anyOf(n); words != nil {
		return call("·contains any", r.rewrite(n.Left), &ast.ConstantNode{Value: words})
	}
	left, right := r.rewrite(n.Left), r.rewrite(n.Right)
	switch {
	case n.Operator == "/" && r.types[n].opt:
		return call("·div", left, right)
	case n.Operator == "%" && r.types[n].opt:
		return call("·mod", left, right)
	case n.Operator == "-" && r.types[n.Left].kind == kindTime:
		return &ast.BinaryNode{Operator: "/", Left: &ast.BinaryNode{Operator: "-", Left: left, Right: right},
			Right: &ast.FloatNode{Value: dayMillis}}
	}
	return &ast.BinaryNode{Operator: n.Operator, Left: left, Right: right}
}

// anyOf gives the words of a pattern that is nothing but words.
func anyOf(n *ast.BinaryNode) []string {
	pattern, ok := n.Right.(*ast.StringNode)
	if !ok || n.Operator != "matches" {
		return nil
	}
	return plainWords(pattern.Value)
}

// plainWords takes a pattern that is nothing but words apart: "多次|再次". To
// look for each is an order faster than to run the pattern. nil if it is more.
func plainWords(pattern string) []string {
	words := strings.Split(pattern, "|")
	for _, word := range words {
		if regexp.QuoteMeta(word) != word {
			return nil
		}
	}
	return words
}

// set is a literal list as a map that is made once, not at every evaluation.
func set(list *ast.ArrayNode) ast.Node {
	if _, ok := list.Nodes[0].(*ast.StringNode); ok {
		m := make(map[string]struct{}, len(list.Nodes))
		for _, item := range list.Nodes {
			m[item.(*ast.StringNode).Value] = struct{}{}
		}
		return &ast.ConstantNode{Value: m}
	}
	m := make(map[int]struct{}, len(list.Nodes))
	for _, item := range list.Nodes {
		switch item := item.(type) {
		case *ast.IntegerNode:
			m[item.Value] = struct{}{}
		case *ast.IdentifierNode:
			m[levels()[item.Value]] = struct{}{}
		}
	}
	return &ast.ConstantNode{Value: m}
}

// chain keeps ?. only around members that expr itself fetches.
func (r *rewriter) chain(n *ast.ChainNode) ast.Node {
	inner := r.rewrite(n.Node)
	if _, ok := inner.(*ast.MemberNode); ok {
		return &ast.ChainNode{Node: inner}
	}
	return inner
}

func (r *rewriter) member(n *ast.MemberNode) ast.Node {
	if r.types[n.Node].kind == kindList {
		return r.at(n, r.rewrite(n.Node), r.rewrite(n.Property))
	}
	return &ast.MemberNode{Node: r.rewrite(n.Node), Property: r.rewrite(n.Property), Optional: n.Optional}
}

// at is C[i]. expr cannot know that it gives an element, which typeElements mends.
func (r *rewriter) at(n, list, index ast.Node) ast.Node {
	out := call("·at", list, index)
	if r.types[n].kind == kindRecord {
		r.elements = append(r.elements, out)
	}
	return out
}

// typeElements tells expr the type of calls that give an element. After a first
// check has typed what is below them, a second one then finds their fields by
// index instead of by name at every evaluation.
func (r *rewriter) typeElements(cache *nature.Cache) bool {
	for _, n := range r.elements {
		n.SetNature(cache.FromType(reflect.TypeFor[Element]()))
	}
	return len(r.elements) > 0
}

func (r *rewriter) call(n *ast.CallNode) ast.Node {
	name := n.Callee.(*ast.IdentifierNode).Value
	if name == "due" || name == "overdue" {
		kind := n.Arguments[0].(*ast.StringNode).Value
		for i, k := range r.kinds {
			if k == kind {
				r.dues[i] = true
				return &ast.MemberNode{Node: &ast.IdentifierNode{Value: "·" + name}, Property: &ast.IntegerNode{Value: i}}
			}
		}
	}
	arguments := make([]ast.Node, 0, 3)
	if name == "workdays" {
		arguments = append(arguments, &ast.IdentifierNode{Value: "·clock"})
	}
	for _, a := range n.Arguments {
		arguments = append(arguments, r.rewrite(a))
	}
	return call("·"+name, arguments...)
}

func (r *rewriter) builtin(n *ast.BuiltinNode) ast.Node {
	arguments := make([]ast.Node, len(n.Arguments))
	for i, a := range n.Arguments {
		arguments[i] = r.rewrite(a)
	}
	switch n.Name {
	case "first":
		return r.at(n, arguments[0], &ast.IntegerNode{Value: 0})
	case "last":
		return r.at(n, arguments[0], &ast.IntegerNode{Value: -1})
	case "findLast": // expr's own leaves what it compared on the stack, and an operator before it takes that for its operand
		return r.at(n, &ast.BuiltinNode{Name: "filter", Arguments: arguments}, &ast.IntegerNode{Value: -1})
	case "min", "max", "mean":
		if len(arguments) == 1 {
			return call("·"+n.Name, arguments...)
		}
		return call("·"+n.Name+" of", arguments...) // expr takes the type of the first argument for the type of all
	}
	return &ast.BuiltinNode{Name: n.Name, Arguments: arguments}
}
