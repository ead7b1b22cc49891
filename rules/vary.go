package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Number is a number that a condition compares something with: 7 in .age <= 7.
type Number struct {
	From, To int // the runes of the condition, as its file writes it, that are the number
	Text     string
	Value    float64
	Whole    bool   // it is written without a fraction
	In       string // the comparison that it stands in
}

// Numbers gives the numbers of a condition that another number could take the
// place of: those that something is compared with. An index, the 0 of an unknown
// complainant and what stands for an unknown value say something else.
func (r *Rule) Numbers() []Number {
	f := &numberFinder{source: []rune(r.when.source)}
	f.find(r.when.tree)
	slices.SortFunc(f.found, func(a, b Number) int { return a.From - b.From })
	return f.found
}

type numberFinder struct {
	source []rune
	found  []Number
}

func (f *numberFinder) find(n ast.Node) {
	if n == nil {
		return
	}
	if b, ok := n.(*ast.BinaryNode); ok {
		switch b.Operator {
		case "<", "<=", ">", ">=":
			f.compared(b.Left, b)
			f.compared(b.Right, b)
		case "==", "!=":
			f.equated(b.Left, b.Right, b)
			f.equated(b.Right, b.Left, b)
		}
	}
	for _, p := range parts(n) {
		f.find(p)
	}
}

// compared collects the numbers of one side of a comparison of sizes.
func (f *numberFinder) compared(n ast.Node, in *ast.BinaryNode) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		f.add(n, float64(n.Value), true, in)
	case *ast.FloatNode:
		f.add(n, n.Value, false, in)
	case *ast.UnaryNode:
		f.compared(n.Node, in)
	case *ast.BinaryNode:
		if slices.Contains([]string{"+", "-", "*", "/"}, n.Operator) {
			f.compared(n.Left, in)
			f.compared(n.Right, in)
		}
	}
}

// equated collects a number that something must equal.
func (f *numberFinder) equated(n, other ast.Node, in *ast.BinaryNode) {
	if v, ok := n.(*ast.IntegerNode); ok && v.Value != 0 && !strings.HasSuffix(show(other), ".who") {
		f.add(v, float64(v.Value), true, in)
	}
}

func (f *numberFinder) add(n ast.Node, v float64, whole bool, in *ast.BinaryNode) {
	loc := n.Location()
	if loc.From < 0 || loc.To > len(f.source) || loc.From >= loc.To {
		return
	}
	f.found = append(f.found, Number{From: loc.From, To: loc.To, Text: string(f.source[loc.From:loc.To]), Value: v, Whole: whole, In: show(in)})
}

// With gives the condition of a rule with another number in the place of n.
func (r *Rule) With(n Number, text string) string {
	source := []rune(r.when.source)
	return string(source[:n.From]) + text + string(source[n.To:])
}

// Variant is a rule with another condition. It has no points and is in the
// shadows, so that it says when it holds and does nothing.
func (r *Rule) Variant(id, when string) (*Rule, error) {
	p, err := r.recompile(when)
	if err != nil {
		return nil, err
	}
	v := *r
	v.ID, v.When, v.when, v.Points, v.AtLeast, v.Shadow = id, strings.TrimSpace(when), p, 0, None, true
	v.because, v.advise = texts{}, texts{}
	return &v, nil
}

// recompile compiles a condition in the scope of the rule's own.
func (r *Rule) recompile(when string) (*program, error) {
	p, mistakes := compile(when, r.when.scope)
	switch {
	case p == nil:
		return nil, fmt.Errorf("rule %s with %q: %s", r.ID, when, mistakes[0].message)
	case p.typ.kind != kindBool || p.typ.opt:
		return nil, fmt.Errorf("rule %s with %q is %s, not a condition", r.ID, when, p.typ)
	}
	return p, p.collectCalls()
}

// Only gives the set of one risk alone, with more rules behind its own. The
// numbers of its own rules begin at 0.
func (s *Set) Only(risk *Risk, more ...*Rule) *Set {
	r := *risk
	r.Rules = append(slices.Clone(risk.Rules), more...)
	only := *s
	only.risks = []*Risk{&r}
	only.seal()
	return &only
}

// Amendment is what is to be written otherwise in a rule.
type Amendment struct {
	Rule    string // its id
	Points  *int   // nil = as they are
	Numbers []NewNumber
}

// NewNumber is a number of a condition and what takes its place.
type NewNumber struct {
	Number
	New string
}

// Amended gives the set as it is after amendments. An error names one that cannot be.
func (s *Set) Amended(amendments []Amendment) (*Set, error) {
	amended := *s
	amended.risks = slices.Clone(s.risks)
	for i, risk := range amended.risks {
		r := *risk
		r.Rules = slices.Clone(risk.Rules)
		amended.risks[i] = &r
		for j, rule := range r.Rules {
			for _, a := range amendments {
				if a.Rule != rule.ID {
					continue
				}
				next, err := rule.amended(a)
				if err != nil {
					return nil, err
				}
				r.Rules[j] = next
			}
		}
	}
	amended.seal()
	return &amended, nil
}

func (r *Rule) amended(a Amendment) (*Rule, error) {
	next := *r
	if a.Points != nil {
		next.Points = *a.Points
	}
	if len(a.Numbers) == 0 {
		return &next, nil
	}
	numbers := slices.Clone(a.Numbers)
	slices.SortFunc(numbers, func(a, b NewNumber) int { return b.From - a.From }) // from behind, so that places hold
	source := []rune(r.when.source)
	for _, n := range numbers {
		source = slices.Replace(source, n.From, n.To, []rune(n.New)...)
	}
	p, err := r.recompile(string(source))
	next.When, next.when = strings.TrimSpace(string(source)), p
	return &next, err
}
