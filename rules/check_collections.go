package rules

import (
	"fmt"
	"maps"
	"slices"

	"github.com/expr-lang/expr/ast"

	"yujing/internal/problem"
)

// member is a field, an index, or a key.
func (c *checker) member(n *ast.MemberNode) typ {
	base := c.visit(n.Node)
	switch {
	case base.kind == kindInvalid:
		c.visit(n.Property)
		return typ{}
	case base.kind == kindNil:
		return c.say(n, "wrong-type", "", "nil has no fields")
	case base.opt && !n.Optional:
		c.say(n, "maybe-unknown", "write "+show(&ast.MemberNode{Node: n.Node, Property: n.Property, Optional: true}), "%s may be unknown", show(n.Node))
	case !base.opt && n.Optional:
		c.warn(n, "write . instead of ?.", "%s is never unknown", show(n.Node))
	}
	t := c.property(n, base)
	t.opt = t.opt || (base.opt && n.Optional) || (t.kind != kindInvalid && base.kind == kindList)
	return t
}

func (c *checker) property(n *ast.MemberNode, base typ) typ {
	switch base.kind {
	case kindRecord:
		return c.field(n, base)
	case kindCategory:
		c.types[n.Property] = typ{kind: kindInt}
		if i, ok := n.Property.(*ast.IntegerNode); ok && i.Value >= 0 && i.Value <= 2 {
			return typ{kind: kindText}
		}
		return c.say(n.Property, "wrong-type", "write category[0], category[1] or category[2]", "a category has three levels")
	case kindAttrs:
		if s, ok := n.Property.(*ast.StringNode); ok {
			c.readable(s)
			c.types[s] = typ{kind: kindText}
			if word := forbiddenKey(s.Value); word != "" {
				c.say(s, "responsible-use", "rules see how the matter was handled and what it is, never who the citizen is", "no rule may ask for %s", word)
			}
			return typ{kind: kindText}
		}
		return c.say(n.Property, "outside-language", `write the key in quotes: .attrs["窗口"]`, "a key is a literal")
	case kindList:
		if s, ok := n.Property.(*ast.StringNode); ok {
			c.types[s] = typ{kind: kindText}
			return c.say(n, "wrong-type", fmt.Sprintf("ask of its elements: any(%s, .%s > 7)", show(n.Node), s.Value), "%s is a list and has no fields", show(n.Node))
		}
		c.want(n.Property, kindInt)
		if base.group {
			return c.groupOnly(n, "an index")
		}
		return *base.elem
	}
	return c.say(n, "wrong-type", "", "%s is %s and has no fields", show(n.Node), base)
}

func (c *checker) field(n *ast.MemberNode, base typ) typ {
	s, ok := n.Property.(*ast.StringNode)
	if !ok {
		return c.say(n.Property, "outside-language", "write .field", "a field is named, not computed")
	}
	t, ok := base.fields.fields[s.Value]
	if ok {
		return t
	}
	help := "docs/rules.md lists its fields"
	known := slices.Collect(maps.Keys(base.fields.fields))
	if near := problem.Nearest(s.Value, known); near != "" {
		help = "did you mean ." + near + "?"
	} else if word := forbiddenAttribute(s.Value); word != "" {
		return c.say(s, "responsible-use", "rules see how the matter was handled and what it is, never who the citizen is", "no rule may ask for %s", word)
	}
	return c.say(s, "unknown-name", help, "a %s has no field %s", base.fields.name, s.Value)
}

func (c *checker) groupOnly(n ast.Node, what string) typ {
	return c.say(n, "group-closed", "use count, any, all, none, one, sum, min, max, mean, len, filter, map, complainants, earliest or latest",
		"group gives aggregates only, not %s", what)
}

func (c *checker) slice(n *ast.SliceNode) typ {
	base := c.plain(n.Node)
	for _, bound := range []ast.Node{n.From, n.To} {
		if bound != nil {
			c.want(bound, kindInt)
		}
	}
	switch {
	case base.kind == kindInvalid:
	case base.kind == kindText:
		return c.say(n, "outside-language", "use startsWith, endsWith or matches", "texts are not sliced")
	case base.kind != kindList:
		return c.mismatch(n.Node, "a list", base)
	case base.group:
		return c.groupOnly(n, "a slice")
	}
	return base
}

// collection types the first argument of a collection builtin.
func (c *checker) collection(n ast.Node) (typ, bool) {
	t := c.plain(n)
	if t.kind != kindList && t.kind != kindInvalid {
		c.mismatch(n, "a list", t)
	}
	return t, t.kind == kindList
}

// predicate types the body of a predicate over elements of list.
func (c *checker) predicate(n ast.Node, list typ) typ {
	p, ok := n.(*ast.PredicateNode)
	if !ok {
		return c.visit(n)
	}
	if len(c.frames) >= maxNesting {
		return c.say(n, "cost", "ask less at once", "predicates nested more than %d deep", maxNesting)
	}
	c.frames = append(c.frames, frame{*list.elem, list.group, len(c.vars)})
	defer func() { c.frames = c.frames[:len(c.frames)-1] }()
	t := c.visit(p.Node)
	c.types[p] = t
	return t
}

func (c *checker) builtin(n *ast.BuiltinNode) typ {
	switch {
	case slices.Contains(predicates(), n.Name):
		return c.predicateBuiltin(n)
	case slices.Contains(plainBuiltins(), n.Name):
		return c.plainBuiltin(n)
	}
	return c.outside(n, n.Name, n.Name)
}

func (c *checker) predicateBuiltin(n *ast.BuiltinNode) typ {
	list, ok := c.collection(n.Arguments[0])
	if !ok {
		return typ{kind: builtinKind(n.Name)}
	}
	if len(n.Arguments) < 2 {
		if n.Name == "sum" {
			return c.summable(n.Arguments[0], *list.elem)
		}
		return c.say(n, "outside-language", fmt.Sprintf("write len(%s)", show(n.Arguments[0])), "%s without a predicate", n.Name)
	}
	body := n.Arguments[1]
	t := c.predicate(body, list)
	inner := body
	if p, ok := body.(*ast.PredicateNode); ok {
		inner = p.Node
	}
	if t.opt {
		c.known(inner, t)
		t.opt = false
	}
	switch n.Name {
	case "map":
		if t.kind != kindInvalid && !t.plain() {
			return c.say(inner, "outside-language", "name a field of the element: map(contacts, .age)", "map gives a number, text, time or truth for each element, not a %s", t)
		}
		return typ{kind: kindList, elem: &t, group: list.group}
	case "sum":
		return c.summable(inner, t)
	}
	if t.kind != kindBool && t.kind != kindInvalid {
		c.mismatch(inner, "bool", t)
	}
	switch n.Name {
	case "filter":
		return list
	case "find", "findLast":
		if list.group {
			return c.groupOnly(n, n.Name)
		}
		found := *list.elem
		found.opt = true
		return found
	}
	return typ{kind: builtinKind(n.Name)}
}

// known complains of a value that may be unknown.
func (c *checker) known(n ast.Node, t typ) {
	if t.kind == kindNil {
		c.say(n, "maybe-unknown", "compare with == nil or != nil", "nil is not a value")
		return
	}
	plain := t
	plain.opt = false
	c.say(n, "maybe-unknown", sayWhatThen(n, plain), "%s may be unknown", show(n))
}

func builtinKind(name string) kind {
	switch name {
	case "any", "all", "none", "one":
		return kindBool
	case "count":
		return kindInt
	}
	return kindInvalid
}

func (c *checker) summable(n ast.Node, t typ) typ {
	if !t.number() && t.kind != kindInvalid {
		return c.mismatch(n, "a number", t)
	}
	return t
}

func (c *checker) plainBuiltin(n *ast.BuiltinNode) typ {
	if len(n.Arguments) == 0 || (len(n.Arguments) > 1 && n.Name != "min" && n.Name != "max") {
		return c.say(n, "wrong-type", "", "%s takes one argument", n.Name)
	}
	switch n.Name {
	case "len":
		t := c.plain(n.Arguments[0])
		if t.kind != kindList && t.kind != kindText && t.kind != kindInvalid {
			c.mismatch(n.Arguments[0], "a list or text", t)
		}
		return typ{kind: kindInt}
	case "abs":
		return c.number(n.Arguments[0])
	case "floor", "ceil":
		c.number(n.Arguments[0])
		return typ{kind: kindFloat}
	case "first", "last":
		list, ok := c.collection(n.Arguments[0])
		if !ok {
			return typ{}
		}
		if list.group {
			return c.groupOnly(n, n.Name)
		}
		t := *list.elem
		t.opt = true
		return t
	}
	return c.extreme(n)
}

// extreme is min, max and mean: of a list, unknown if it is empty; min and max also of two or more values.
func (c *checker) extreme(n *ast.BuiltinNode) typ {
	if len(n.Arguments) > 1 {
		t := c.number(n.Arguments[0])
		for _, a := range n.Arguments[1:] {
			t = join(t, c.number(a))
		}
		return t
	}
	list, ok := c.collection(n.Arguments[0])
	if !ok {
		return typ{}
	}
	t := *list.elem
	switch {
	case t.kind == kindInvalid:
	case t.number():
		if n.Name == "mean" {
			t = typ{kind: kindFloat}
		}
	case t.kind == kindTime && n.Name != "mean":
	default:
		return c.say(n, "wrong-type", fmt.Sprintf("map first: %s(map(%s, .people))", n.Name, show(n.Arguments[0])), "%s of a %s", n.Name, list)
	}
	t.opt = true
	return t
}

func (c *checker) call(n *ast.CallNode) typ {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return c.say(n, "outside-language", "docs/language.md lists the functions", "methods are not in the language")
	}
	switch callee.Value {
	case "due", "overdue":
		return c.deadline(n, callee.Value)
	case "workdays":
		if !c.arguments(n, 2) {
			return typ{kind: kindInt}
		}
		c.want(n.Arguments[0], kindTime)
		c.want(n.Arguments[1], kindTime)
		return typ{kind: kindInt}
	case "complainants", "earliest", "latest":
		t := typ{kind: kindTime, opt: true}
		if callee.Value == "complainants" {
			t = typ{kind: kindInt}
		}
		if !c.arguments(n, 1) {
			return t
		}
		if list, ok := c.collection(n.Arguments[0]); ok && !list.signals() {
			c.mismatch(n.Arguments[0], "a list of signals", list)
		}
		return t
	}
	known := slices.Concat(predicates(), plainBuiltins())
	for _, f := range functions() {
		known = append(known, f.name)
	}
	help := equivalent(callee.Value)
	if near := problem.Nearest(callee.Value, known); near != "" {
		help = "did you mean " + near + "?"
	}
	return c.say(n, "unknown-name", help, "unknown function %s", callee.Value)
}

func (c *checker) arguments(n *ast.CallNode, want int) bool {
	if len(n.Arguments) == want {
		return true
	}
	c.say(n, "wrong-type", "", "%s takes %d argument(s), not %d", show(n.Callee), want, len(n.Arguments))
	return false
}

func (c *checker) deadline(n *ast.CallNode, name string) typ {
	t := typ{kind: kindTime, opt: true}
	if name == "overdue" {
		t = typ{kind: kindBool}
	}
	if c.scope.kinds == nil {
		c.say(n, "outside-language", "compare times: it.at - .at > 60", "an outcome knows no deadlines")
		return t
	}
	if _, closed := c.closed(); closed {
		c.notClosed(n)
		return t
	}
	if !c.arguments(n, 1) {
		return t
	}
	s, ok := n.Arguments[0].(*ast.StringNode)
	if !ok {
		c.say(n.Arguments[0], "outside-language", name+`("reply")`, "the kind of a deadline is a literal")
		return t
	}
	c.types[s] = typ{kind: kindText}
	if !slices.Contains(c.scope.kinds, s.Value) {
		c.say(s, "unknown-name", problem.DidYouMean(s.Value, c.scope.kinds), "no deadline of kind %q", s.Value)
	}
	return t
}
