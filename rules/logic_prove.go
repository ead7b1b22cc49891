package rules

import (
	"slices"
	"strings"
)

// Bounds on one proof: what takes longer counts as not proven.
const (
	maxSteps       = 1000
	maxInnerSteps  = 400
	maxAlternative = 64
)

// logic proves things of conditions over the same vocabulary, and remembers
// what it has proven of predicates.
type logic struct {
	proven map[string]bool
}

func newLogic() *logic { return &logic{map[string]bool{}} }

// count is the term of a number of elements.
func (l *logic) count(c card, distinct bool) *term {
	c.distinct = distinct
	t := &term{hi: mostCount, integer: true, card: &c}
	if c.pred.is == isTrue && !distinct {
		t.lo = c.pool.least
	}
	if c.pred.is == isFalse || (distinct && c.pool.root == "actions") {
		t.hi = 0
	}
	word := "(count "
	if distinct {
		word = "(complainants "
	}
	t.key = word + c.pool.key + " " + c.pred.key + ")"
	return t
}

// impossible says that the formulas are proven never to hold together.
func (l *logic) impossible(list ...*formula) bool {
	budget := maxSteps
	return l.refute(&world{logic: l}, list, &budget)
}

// implies says that b is proven to hold wherever a does.
func (l *logic) implies(a, b *formula) bool {
	if b.is == isAnd {
		return !slices.ContainsFunc(b.kids, func(k *formula) bool { return !l.implies(a, k) })
	}
	return a.key == b.key || l.impossible(a, negated(b))
}

// inner is impossible for the predicates of elements, remembered.
func (l *logic) inner(list ...*formula) bool {
	f := all(list...)
	switch f.is {
	case isTrue:
		return false
	case isFalse:
		return true
	}
	if known, ok := l.proven[f.key]; ok {
		return known
	}
	budget := maxInnerSteps
	proven := l.refute(&world{logic: l}, []*formula{f}, &budget)
	l.proven[f.key] = proven
	return proven
}

// fewer says that the elements of a are proven to be among those of b.
func (l *logic) fewer(a, b *card, assumed ...*formula) bool {
	if a == nil || b == nil || !a.pool.within(b.pool) || a.element != b.element || (b.distinct && !a.distinct) {
		return false
	}
	return l.inner(append(assumed, a.elements(), negated(b.pred))...)
}

// elements is what a counted element fulfils.
func (c *card) elements() *formula {
	if !c.distinct {
		return c.pred
	}
	who := &term{key: c.element + ".who", hi: mostCount, integer: true}
	if c.pool.root == "actions" {
		who.hi = 0
	}
	return all(c.pred, compared(who, ">=", 1))
}

// refute takes all formulas of open to hold in a world and looks for the
// contradiction; false = none was found.
func (l *logic) refute(w *world, open []*formula, budget *int) bool {
	open = slices.Clone(open)
	var choices []*formula
	for len(open) > 0 {
		f := open[len(open)-1]
		open = open[:len(open)-1]
		switch f.is {
		case isFalse:
			return true
		case isAnd:
			open = append(open, f.kids...)
		case isOr:
			choices = append(choices, f)
		case isAtom:
			if *budget--; *budget < 0 {
				return false
			}
			if !w.take(f.atom) {
				return true
			}
		}
	}
	return len(choices) > 0 && l.branch(w, choices, budget)
}

// branch tries each way of the choice that has the fewest.
func (l *logic) branch(w *world, choices []*formula, budget *int) bool {
	best, ways := -1, []*formula(nil)
	for i, c := range choices {
		live := slices.DeleteFunc(slices.Clone(c.kids), func(k *formula) bool { return k.is == isAtom && w.excludes(k.atom) })
		if best < 0 || len(live) < len(ways) {
			best, ways = i, live
		}
		if len(live) < 2 {
			break
		}
	}
	if len(ways) > maxAlternative {
		return false
	}
	rest := slices.Delete(slices.Clone(choices), best, best+1)
	for _, way := range ways {
		if *budget--; *budget < 0 || !l.refute(w.clone(), append(slices.Clone(rest), way), budget) {
			return false
		}
	}
	return true
}

// world is what is taken to hold: atoms, merged by term.
type world struct {
	logic   *logic
	flags   []*atom
	numbers []atom
	words   []atom
	texts   []*atom
}

func (w *world) clone() *world {
	return &world{w.logic, slices.Clip(w.flags), slices.Clone(w.numbers), slices.Clone(w.words), slices.Clip(w.texts)}
}

// excludes says that an atom contradicts a single one that is there; it is the
// cheap half of take.
func (w *world) excludes(a *atom) bool {
	switch a.kind {
	case aFlag:
		return slices.ContainsFunc(w.flags, func(b *atom) bool { return b.term.key == a.term.key && b.want != a.want })
	case aNumber:
		i := indexOf(w.numbers, a.term)
		return i >= 0 && (a.lo > w.numbers[i].hi || a.hi < w.numbers[i].lo)
	case aText:
		return slices.ContainsFunc(w.texts, func(b *atom) bool { return contradict(a, b) })
	}
	return false
}

func indexOf(list []atom, t *term) int {
	return slices.IndexFunc(list, func(a atom) bool { return a.term.key == t.key })
}

// take adds an atom; false = it contradicts what is there.
func (w *world) take(a *atom) bool {
	if w.excludes(a) {
		return false
	}
	switch a.kind {
	case aFlag:
		w.flags = append(w.flags, a)
	case aNumber:
		return w.takeNumber(a)
	case aWords:
		return w.takeWords(a)
	case aText:
		w.texts = append(w.texts, a)
		if i := indexOf(w.words, a.term); i >= 0 {
			return w.wordsLeft(&w.words[i])
		}
	}
	return true
}

func (w *world) takeNumber(a *atom) bool {
	i := indexOf(w.numbers, a.term)
	if i < 0 {
		w.numbers = append(w.numbers, *a)
	} else {
		n := &w.numbers[i]
		n.lo, n.hi = max(n.lo, a.lo), min(n.hi, a.hi)
	}
	return a.term.card == nil || w.countsAgree()
}

func (w *world) takeWords(a *atom) bool {
	i := indexOf(w.words, a.term)
	if i < 0 {
		w.words = append(w.words, *a)
		return w.wordsLeft(&w.words[len(w.words)-1])
	}
	b := &w.words[i]
	without := func(from, list []string, keep bool) []string {
		return slices.DeleteFunc(slices.Clone(from), func(s string) bool { return slices.Contains(list, s) != keep })
	}
	switch {
	case b.want:
		b.words = without(b.words, a.words, a.want)
	case a.want:
		b.words, b.want = without(a.words, b.words, false), true
	default:
		b.words = append(slices.Clone(b.words), a.words...)
	}
	return w.wordsLeft(b)
}

// wordsLeft says that a text can still be something.
func (w *world) wordsLeft(a *atom) bool {
	if !a.want {
		return true
	}
	return slices.ContainsFunc(a.words, func(word string) bool {
		return !slices.ContainsFunc(w.texts, func(t *atom) bool {
			return t.term.key == a.term.key && textHolds(word, t.op, t.literal) != t.want
		})
	})
}

// contradict says that one text cannot fulfil both: what contains 多次反映 contains 多次.
func contradict(a, b *atom) bool {
	if a.term.key != b.term.key {
		return false
	}
	if a.want == b.want {
		return a.want && a.op == b.op && apart(a, b)
	}
	if b.want {
		a, b = b, a
	}
	switch { // a holds, b does not
	case a.op == b.op && a.literal == b.literal:
		return true
	case a.op == "matches" || b.op == "matches":
		return false
	case b.op == "contains":
		return strings.Contains(a.literal, b.literal)
	}
	return a.op == b.op && textHolds(a.literal, b.op, b.literal)
}

// apart says that no text begins, or ends, with both literals.
func apart(a, b *atom) bool {
	switch a.op {
	case "startsWith":
		return !strings.HasPrefix(a.literal, b.literal) && !strings.HasPrefix(b.literal, a.literal)
	case "endsWith":
		return !strings.HasSuffix(a.literal, b.literal) && !strings.HasSuffix(b.literal, a.literal)
	}
	return false
}

// countsAgree says that no contradiction was found among the numbers of elements.
func (w *world) countsAgree() bool {
	for i := range w.numbers {
		a := &w.numbers[i]
		if a.term.card == nil {
			continue
		}
		none := w.absent(a.term.card)
		switch {
		case a.lo >= 1 && w.logic.inner(append(none, a.term.card.elements())...):
			return false // there must be one, and there can be none
		case a.term.card.pool.least >= 1 && w.logic.inner(none...):
			return false // every element is ruled out
		}
		for j := range w.numbers {
			if b := &w.numbers[j]; i != j && a.lo > b.hi && b.hi > 0 && w.logic.fewer(a.term.card, b.term.card, none...) {
				return false
			}
		}
	}
	return true
}

// absent is what no element fulfils of those that a card counts.
func (w *world) absent(c *card) []*formula {
	var list []*formula
	for i := range w.numbers {
		z := &w.numbers[i]
		if d := z.term.card; d != nil && z.hi == 0 && c.pool.within(d.pool) && c.element == d.element {
			list = append(list, negated(d.elements()))
		}
	}
	return list
}
