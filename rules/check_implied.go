package rules

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// impliedRules finds rules that count again what another rule of the risk counts
// already: the condition of one is provably the other's, or a case of it.
//
// A rule that only asks for more than another, word for word the same but for
// further conditions or other numbers, is a rung above it and meant to add to
// it: over 90 days, over 180 days. That is not told, unless it adds nothing.
func (s *subject) impliedRules() {
	rules := slices.DeleteFunc(s.inOrder(), func(r *lintRule) bool { return r.formula == nil || r.never || r.always })
	x := newImplications(rules)
	for i, a := range rules {
		for j, b := range rules {
			if i == j || a.Shadow != b.Shadow || !x.possible(i, j) || !s.logic.implies(a.formula, b.formula) {
				continue
			}
			if a.implied(b, i, j) {
				break // one is enough
			}
		}
	}
}

// implied tells that b fires whenever a does, if that is odd. Of two rules with
// the same condition the later one is told.
func (r *lintRule) implied(b *lintRule, i, j int) bool {
	at := fmt.Sprintf("%s:%d", b.File, b.Line)
	switch {
	case r.logic.implies(b.formula, r.formula):
		if i < j {
			return false
		}
		r.warn(r.keys["when"], "implied", "make one rule of them, with the points of both",
			"rule %s fires exactly when rule %s does (%s)", r.ID, b.ID, at)
	case r.Points == 0 && r.AtLeast <= b.AtLeast:
		r.warn(r.keys["when"], "implied", "take it out, or give it points or a higher level",
			"whenever rule %s fires, rule %s fires too (%s) and lifts as high: it adds nothing", r.ID, b.ID, at)
	case r.rungAbove(b):
		return false
	default:
		r.warn(r.keys["when"], "implied", "take the case out of one of them, or let the points of one stand for both",
			"whenever rule %s fires, rule %s fires too (%s): the same thing counts twice, %d and %d points", r.ID, b.ID, at, r.Points, b.Points)
	}
	return true
}

// rungAbove says that a rule asks for all that b asks for, word for word but for numbers.
func (r *lintRule) rungAbove(b *lintRule) bool {
	for _, rule := range []*lintRule{r, b} {
		if rule.outlines == nil {
			rule.outlines = outlines(rule.when.tree)
		}
	}
	return !slices.ContainsFunc(b.outlines, func(o string) bool { return !slices.Contains(r.outlines, o) })
}

// outlines are the conditions joined by "and" with their numbers blanked out.
func outlines(n ast.Node) []string {
	switch b := n.(type) {
	case *ast.BinaryNode:
		if b.Operator == "and" || b.Operator == "&&" {
			return append(outlines(b.Left), outlines(b.Right)...)
		}
	case *ast.BuiltinNode:
		if b.Name == "any" { // at least one is a number, too
			return []string{outline("count(" + showList(b.Arguments) + ") > 0")}
		}
	}
	return []string{outline(show(n))}
}

// outline is the text of a condition without its numbers outside quotes.
func outline(text string) string {
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\.)*"|>=|<=|\d+(?:\.\d+)?`)
	return quoted.ReplaceAllStringFunc(text, func(s string) string {
		switch s[0] {
		case '"':
			return s
		case '>', '<':
			return s[:1] // or equal: as much a matter of the number
		}
		return ""
	})
}

// implications rules out at a glance most pairs of which neither implies the
// other: where a implies b, a must speak of something that each condition of b
// speaks of. What is ruled out wrongly, by words of which one list excludes the
// other, is not told; nothing is told wrongly.
type implications struct {
	about    []bitset   // what each rule speaks of
	conjunct [][]bitset // the same for each condition joined by "and"
}

func newImplications(rules []*lintRule) *implications {
	x, words := &implications{}, map[string]int{}
	for _, r := range rules {
		x.about = append(x.about, subjects(r.formula, words, true))
		parts := []*formula{r.formula}
		if r.formula.is == isAnd {
			parts = r.formula.kids
		}
		var list []bitset
		for _, f := range parts {
			list = append(list, subjects(f, words, false))
		}
		x.conjunct = append(x.conjunct, list)
	}
	return x
}

func (x *implications) possible(a, b int) bool {
	for _, c := range x.conjunct[b] {
		if !x.about[a].meets(c) {
			return false
		}
	}
	return true
}

// subjects numbers what a formula speaks of; of collections only where it speaks
// of nothing else, or if they are asked for.
func subjects(f *formula, words map[string]int, collections bool) bitset {
	var set bitset
	add := func(word string) {
		i, ok := words[word]
		if !ok {
			i = len(words)
			words[word] = i
		}
		set = set.with(i)
	}
	f.speaksOf(add, collections)
	return set
}

// speaksOf names terms; of a text each word it is compared with, of a count what
// its predicate speaks of.
func (f *formula) speaksOf(add func(string), collections bool) {
	for _, k := range f.kids {
		k.speaksOf(add, collections)
	}
	a := f.atom
	switch {
	case a == nil:
	case a.kind == aWords:
		for _, w := range a.words {
			add(a.term.key + "=" + w)
		}
	case a.term.card == nil:
		add(a.term.key)
	default:
		c := a.term.card
		c.elements().speaksOf(add, collections)
		if collections || c.elements().is == isTrue {
			add(c.pool.root)
		}
	}
}

// bitset is a set of small numbers.
type bitset []uint64

func (s bitset) with(i int) bitset {
	for len(s) <= i/64 {
		s = append(s, 0)
	}
	s[i/64] |= 1 << (i % 64)
	return s
}

func (s bitset) meets(other bitset) bool {
	for i := range min(len(s), len(other)) {
		if s[i]&other[i] != 0 {
			return true
		}
	}
	return false
}
