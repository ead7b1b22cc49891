package rules

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// compare reads a comparison of numbers, times or texts.
func (r *reader) compare(n *ast.BinaryNode, op string, at place) *formula {
	return r.cases(n.Left, at, func(x ast.Node, xAt place) *formula {
		return r.cases(n.Right, at, func(y ast.Node, yAt place) *formula {
			switch r.types[x].kind {
			case kindText:
				return r.sameText(operand{x, xAt}, op, operand{y, yAt})
			case kindInt, kindFloat, kindTime:
				return r.relation(operand{x, xAt}, op, operand{y, yAt})
			}
			return r.opaque(op, operand{x, xAt}, operand{y, yAt})
		})
	})
}

// operand is one side of a comparison, and where it stands.
type operand struct {
	ast.Node
	at place
}

// opaque is a comparison that the prover knows nothing of.
func (r *reader) opaque(op string, x, y operand) *formula {
	if op == "!=" {
		return flag("(== "+r.text(x.Node, x.at)+" "+r.text(y.Node, y.at)+")", false)
	}
	return flag("("+op+" "+r.text(x.Node, x.at)+" "+r.text(y.Node, y.at)+")", true)
}

// mirror is the comparison with its sides changed.
func mirror(op string) string {
	if m, ok := map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[op]; ok {
		return m
	}
	return op
}

// relation compares numbers or times.
func (r *reader) relation(x operand, op string, y operand) *formula {
	a, aKnown := r.constant(x.Node, x.at)
	b, bKnown := r.constant(y.Node, y.at)
	switch {
	case aKnown && bKnown:
		return truth(orderHolds(a, op, b))
	case aKnown:
		return r.relation(y, mirror(op), x)
	case bKnown:
		if inner, c, ok := r.shifted(x, b); ok {
			return r.relation(inner, op, c)
		}
		if t := r.term(x.Node, x.at); t != nil {
			return compared(t, op, b)
		}
		return r.opaque(op, x, y)
	}
	s, t := r.term(x.Node, x.at), r.term(y.Node, y.at)
	if s == nil || t == nil {
		return r.opaque(op, x, y)
	}
	return r.order(s, op, t)
}

func orderHolds(a float64, op string, b float64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// shifted takes a whole number from one side to the other: x + 1 > 3 is x > 2.
// Of fractions this would round.
func (r *reader) shifted(x operand, c float64) (operand, operand, bool) {
	n, ok := x.Node.(*ast.BinaryNode)
	if !ok || (n.Operator != "+" && n.Operator != "-") || r.types[n].kind != kindInt {
		return operand{}, operand{}, false
	}
	by, known := r.constant(n.Right, x.at)
	_, _, bounded := r.bounds(n.Left, x.at) // what has no bounds may overflow
	if !known || !bounded || by != float64(int(by)) || math.Abs(by)+math.Abs(c) > mostCount {
		return operand{}, operand{}, false
	}
	if n.Operator == "+" {
		by = -by
	}
	inner, at := r.resolve(n.Left, x.at)
	if _, ok := inner.(*ast.ConditionalNode); ok {
		return operand{}, operand{}, false
	}
	if b, ok := inner.(*ast.BinaryNode); ok && b.Operator == "??" {
		return operand{}, operand{}, false
	}
	return operand{inner, at}, operand{&ast.FloatNode{Value: c + by}, place{}}, true
}

// order compares two terms by the sign of their difference.
func (r *reader) order(a *term, op string, b *term) *formula {
	if a.key == b.key {
		return truth(orderHolds(0, op, 0))
	}
	if a.key > b.key {
		a, b, op = b, a, mirror(op)
	}
	t := &term{key: "(sign " + a.key + " " + b.key + ")", lo: -1, hi: 1, integer: true}
	switch lo, hi := a.lo-b.hi, a.hi-b.lo; {
	case lo > 0:
		t.lo = 1
	case lo == 0:
		t.lo = 0
	case hi < 0:
		t.hi = -1
	case hi == 0:
		t.hi = 0
	}
	if b.key == "now" && past(a.key) {
		t.hi = 0
	}
	if a.key == "now" && past(b.key) {
		t.lo = 0
	}
	if r.logic.fewer(a.card, b.card) {
		t.hi = min(t.hi, 0)
	}
	if r.logic.fewer(b.card, a.card) {
		t.lo = max(t.lo, 0)
	}
	return compared(t, op, 0)
}

// past says that a time is when something happened that a rule sees: not after now.
func past(key string) bool {
	field := strings.HasSuffix(key, ".at")
	name := strings.TrimRight(strings.TrimSuffix(key, ".at"), "0123456789")
	return field && slices.Contains([]string{"case", "contacts", "actions", "group"}, name)
}

// sameText compares texts; they have no order.
func (r *reader) sameText(x operand, op string, y operand) *formula {
	a, aLiteral := x.Node.(*ast.StringNode)
	b, bLiteral := y.Node.(*ast.StringNode)
	want := op == "=="
	switch {
	case aLiteral && bLiteral:
		return truth((a.Value == b.Value) == want)
	case aLiteral:
		return oneOfWords(r.word(y.Node, y.at), []string{a.Value}, want)
	case bLiteral:
		return oneOfWords(r.word(x.Node, x.at), []string{b.Value}, want)
	}
	s, t := r.text(x.Node, x.at), r.text(y.Node, y.at)
	if s == t {
		return truth(want)
	}
	return flag("(== "+min(s, t)+" "+max(s, t)+")", want)
}

// in reads a look-up in a literal list.
func (r *reader) in(n *ast.BinaryNode, at place) *formula {
	return r.cases(n.Left, at, func(x ast.Node, xAt place) *formula {
		list, ok := n.Right.(*ast.ArrayNode)
		if !ok {
			return r.opaque("in", operand{x, xAt}, operand{n.Right, at})
		}
		if r.types[x].kind != kindText {
			var each []*formula
			for _, item := range list.Nodes {
				each = append(each, r.relation(operand{x, xAt}, "==", operand{item, at}))
			}
			return some(each...)
		}
		var words []string
		for _, item := range list.Nodes {
			words = append(words, item.(*ast.StringNode).Value) // the checker has seen to it
		}
		if s, ok := x.(*ast.StringNode); ok {
			return truth(slices.Contains(words, s.Value))
		}
		return oneOfWords(r.word(x, xAt), words, true)
	})
}

// search reads contains, startsWith, endsWith, matches with a literal. A pattern
// of nothing but words is each of them.
func (r *reader) search(n *ast.BinaryNode, at place) *formula {
	return r.cases(n.Left, at, func(x ast.Node, xAt place) *formula {
		literal, ok := n.Right.(*ast.StringNode)
		if !ok {
			return r.opaque(n.Operator, operand{x, xAt}, operand{n.Right, at})
		}
		if s, ok := x.(*ast.StringNode); ok {
			return truth(textHolds(s.Value, n.Operator, literal.Value))
		}
		t := r.word(x, xAt)
		words := anyOf(n)
		if words == nil {
			return textual(t, n.Operator, literal.Value, true)
		}
		var each []*formula
		for _, w := range words {
			each = append(each, textual(t, "contains", w, true))
		}
		return some(each...)
	})
}

// textHolds is what the operators of texts mean.
func textHolds(text, op, literal string) bool {
	switch op {
	case "contains":
		return strings.Contains(text, literal)
	case "startsWith":
		return strings.HasPrefix(text, literal)
	case "endsWith":
		return strings.HasSuffix(text, literal)
	}
	return regexp.MustCompile(literal).MatchString(text) // the checker has compiled it
}
