package rules

import (
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// call is a closed part of a condition that can be run by itself: what an
// assessment keeps the value of.
type closedCall struct {
	text string // as the tree prints it: equal calls have equal text
	code *vm.Program
	typ  typ
}

// collectCalls compiles the outermost calls of a condition that look at
// collections, deadlines or the calendar and mention no variable of a let.
func (p *program) collectCalls() error {
	var failed error
	walkClosed(p.tree, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.BuiltinNode, *ast.CallNode, *ast.ChainNode: // a chain hangs on a find or an index
		default:
			return true
		}
		if p.types[n].kind == kindRecord || usesVariable(n, p) {
			return true
		}
		code, err := p.compile(n)
		if err != nil {
			failed = err
			return false
		}
		p.calls = append(p.calls, closedCall{show(n), code, p.types[n]})
		return false
	})
	return failed
}

// children are the parts of a node that mention no element: predicates are left out.
func children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return children(n.Node) // the member inside cannot run without its chain
	case *ast.MemberNode:
		return []ast.Node{n.Node}
	case *ast.SliceNode:
		return []ast.Node{n.Node}
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.CallNode:
		return n.Arguments
	case *ast.BuiltinNode:
		var list []ast.Node
		for _, a := range n.Arguments {
			if _, ok := a.(*ast.PredicateNode); !ok {
				list = append(list, a)
			}
		}
		return list
	}
	return nil
}

// walkClosed visits a node and its closed parts, deeper only where visit says so.
func walkClosed(n ast.Node, visit func(ast.Node) bool) {
	if !visit(n) {
		return
	}
	for _, c := range children(n) {
		walkClosed(c, visit)
	}
}

// usesVariable says that a part mentions a name that a let around it declares.
func usesVariable(n ast.Node, p *program) bool {
	f := &variableFinder{scope: p.scope, own: map[string]bool{}}
	ast.Walk(&n, f)
	for _, name := range f.used {
		if !f.own[name] {
			return true
		}
	}
	return false
}

// variableFinder collects the names that are no words of the vocabulary.
type variableFinder struct {
	scope *scope
	own   map[string]bool
	used  []string
}

// Visit implements ast.Visitor.
func (f *variableFinder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.VariableDeclaratorNode:
		f.own[n.Name] = true
	case *ast.IdentifierNode:
		if _, word := f.scope.names[n.Value]; word || levels()[n.Value] != 0 {
			return
		}
		for _, fn := range functions() {
			if fn.name == n.Value {
				return
			}
		}
		f.used = append(f.used, n.Value)
	}
}

// within says that a tree has at most limit nodes, counted as often as they are
// reached: the parser shares the middle of a < b < c, and brackets within
// brackets double it each time.
func within(n ast.Node, limit *int) bool {
	if n == nil {
		return true
	}
	if *limit--; *limit < 0 {
		return false
	}
	for _, part := range parts(n) {
		if !within(part, limit) {
			return false
		}
	}
	return true
}

// parts are all nodes directly below a node.
func parts(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.SliceNode:
		return []ast.Node{n.Node, n.From, n.To}
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	case *ast.SequenceNode:
		return n.Nodes
	}
	return children(n)
}
