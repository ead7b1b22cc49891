package rules

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// quantified reads any, all, none, one as counts.
func (r *reader) quantified(n *ast.BuiltinNode, at place) *formula {
	if len(n.Arguments) == 2 && slices.Contains([]string{"any", "all", "none", "one"}, n.Name) {
		if l, ok := r.list(n.Arguments[0], at); ok {
			holds := r.predicate(n.Arguments[1], l, at)
			switch n.Name {
			case "any":
				return compared(r.logic.count(l.with(holds), false), ">=", 1)
			case "none":
				return compared(r.logic.count(l.with(holds), false), "==", 0)
			case "all":
				return compared(r.logic.count(l.with(negated(holds)), false), "==", 0)
			}
			return compared(r.logic.count(l.with(holds), false), "==", 1)
		}
	}
	return flag(r.text(n, at), true)
}

// selection is a collection with what its elements fulfil.
type selection struct {
	pool    *pool
	element string
	pred    *formula
}

func (l selection) with(f *formula) card {
	return card{pool: l.pool, element: l.element, pred: all(l.pred, f)}
}

// list reads a collection: a root, a filter, a slice of one.
func (r *reader) list(n ast.Node, at place) (selection, bool) {
	n, at = r.resolve(n, at)
	if r.fuel < 0 {
		return selection{}, false
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		least := 0.0
		if n.Value == "contacts" {
			least = 1
		}
		return selection{&pool{key: n.Value, root: n.Value, least: least}, fmt.Sprint(n.Value, at.depth+1), always()}, true
	case *ast.BuiltinNode:
		if n.Name != "filter" {
			return selection{}, false
		}
		l, ok := r.list(n.Arguments[0], at)
		if ok {
			l.pred = all(l.pred, r.predicate(n.Arguments[1], l, at))
		}
		return l, ok
	case *ast.SliceNode:
		l, ok := r.list(n.Node, at)
		if ok {
			l.pool = &pool{key: "(" + l.pool.key + " " + l.pred.key + " " + r.optional(n.From, at) + ":" + r.optional(n.To, at) + ")", root: l.pool.root, parent: l.pool}
		}
		return l, ok
	}
	return selection{}, false
}

// within is the place of a predicate over a list.
func (l selection) within(at place) place {
	return place{l.element, l.pool.root, at.depth + 1, at.vars}
}

// predicate reads the body of a predicate.
func (r *reader) predicate(n ast.Node, l selection, at place) *formula {
	if p, ok := n.(*ast.PredicateNode); ok {
		return r.formula(p.Node, l.within(at))
	}
	return flag(r.text(n, at), true)
}

// known reads x != nil.
func (r *reader) known(n ast.Node, at place) *formula {
	if !r.types[n].opt {
		return always()
	}
	n, at = r.resolve(n, at)
	if r.fuel < 0 || !r.types[n].opt {
		return always()
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return never()
	case *ast.ConditionalNode:
		return r.choice(r.formula(n.Cond, at), r.known(n.Exp1, at), r.known(n.Exp2, at))
	case *ast.BinaryNode:
		switch n.Operator {
		case "??":
			return some(r.known(n.Left, at), r.known(n.Right, at))
		case "/", "%":
			return r.compare(&ast.BinaryNode{Left: n.Right, Right: &ast.IntegerNode{}}, "!=", at)
		}
	case *ast.MemberNode:
		return r.knownMember(n, at)
	case *ast.BuiltinNode:
		if t := r.source(n, at); t != nil {
			return compared(t, ">=", 1)
		}
	case *ast.CallNode:
		if name := show(n.Callee); name == "earliest" || name == "latest" {
			if t := r.size(n.Arguments[0], at); t != nil {
				return compared(t, ">=", 1)
			}
		}
	}
	return flag("known "+r.text(n, at), true)
}

// source counts what a find, first, last, min, max or mean takes its value from.
func (r *reader) source(n *ast.BuiltinNode, at place) *term {
	switch n.Name {
	case "find", "findLast":
		if l, ok := r.list(n.Arguments[0], at); ok {
			return r.logic.count(l.with(r.predicate(n.Arguments[1], l, at)), false)
		}
	case "first", "last", "min", "max", "mean":
		if len(n.Arguments) == 1 {
			return r.size(n.Arguments[0], at)
		}
	}
	return nil
}

func (r *reader) knownMember(n *ast.MemberNode, at place) *formula {
	on := r.types[n.Node]
	if on.kind == kindList {
		i, literal := r.constant(n.Property, at)
		t := r.size(n.Node, at)
		switch {
		case t == nil || !literal:
			return flag("known "+r.text(n, at), true)
		case i < 0:
			return compared(t, ">=", -i)
		}
		return compared(t, ">=", i+1)
	}
	field, ok := n.Property.(*ast.StringNode)
	base := r.known(n.Node, at)
	switch {
	case on.kind != kindRecord || !ok || !on.fields.fields[field.Value].opt:
		return base
	case field.Value == "above": // the difference of two that must be known
		on := r.text(n.Node, at)
		return all(base, flag("known "+on+".level", true), flag("known "+on+".competent", true))
	}
	return all(base, flag("known "+r.text(n, at), true))
}

// size counts the elements of a list, nil if it is none that the reader knows.
func (r *reader) size(n ast.Node, at place) *term {
	n, at = r.resolve(n, at)
	if b, ok := n.(*ast.BuiltinNode); ok && b.Name == "map" {
		return r.size(b.Arguments[0], at)
	}
	if l, ok := r.list(n, at); ok {
		return r.logic.count(l.with(always()), false)
	}
	return nil
}
