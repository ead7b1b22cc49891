package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// What the lints reason with: a condition as "and" and "or" over atoms, read from
// its checked tree (logic_read.go) and refuted, where that is possible, by a small
// prover (logic_prove.go). Whatever the reader does not understand becomes an atom
// of its own, which may be true or false: a condition is never called impossible
// that is not, but some that are impossible go unnoticed.

// connective is what a formula is.
type connective uint8

const (
	isTrue connective = iota
	isFalse
	isAtom
	isAnd
	isOr
)

// formula is a condition in negation normal form: "not" stands in atoms only.
// Equal keys mean equal formulas.
type formula struct {
	is   connective
	kids []*formula // of and, or: sorted by key, without repeats
	atom *atom
	key  string
	not  *formula // what negated gave
}

// atomKind says which fields of an atom count.
type atomKind uint8

const (
	aFlag   atomKind = iota // something that holds or does not
	aNumber                 // a number or a count lies in an interval
	aWords                  // a text is, or is not, one of some words
	aText                   // a text contains, begins or ends with, matches a literal, or does not
)

// atom is a condition without parts.
type atom struct {
	kind    atomKind
	term    *term
	lo, hi  float64  // of a number: both ends belong to it
	words   []string // sorted
	op      string   // of a text
	literal string
	want    bool // it holds, the text is one of the words, it contains; false = the contrary
}

// term is a value whose text tells it from others.
type term struct {
	key     string
	lo, hi  float64 // what a number can be at most
	integer bool
	words   []string // what a text can be, sorted; nil = anything
	card    *card    // it counts elements
}

// card is a number of elements of a collection for which a predicate holds, or
// of different complainants among them.
type card struct {
	pool     *pool
	element  string // how the predicate calls its element
	pred     *formula
	distinct bool
}

// pool is a collection, or a slice of one: then all its elements are its parent's.
type pool struct {
	key, root string // root: contacts, actions, group, before
	parent    *pool
	least     float64 // how many elements there are at least
}

// within says that all elements of b are elements of other.
func (b *pool) within(other *pool) bool {
	for ; b != nil; b = b.parent {
		if b.key == other.key {
			return true
		}
	}
	return false
}

func always() *formula { return &formula{is: isTrue, key: "true"} }
func never() *formula  { return &formula{is: isFalse, key: "false"} }

func truth(holds bool) *formula {
	if holds {
		return always()
	}
	return never()
}

// all is the conjunction, some the disjunction.
func all(list ...*formula) *formula  { return combine(isAnd, isTrue, isFalse, list) }
func some(list ...*formula) *formula { return combine(isOr, isFalse, isTrue, list) }

// combine flattens, leaves out what is neutral and what stands twice.
func combine(op, neutral, absorbing connective, list []*formula) *formula {
	var kids []*formula
	for _, f := range list {
		switch f.is {
		case neutral:
		case absorbing:
			return f
		case op:
			kids = append(kids, f.kids...)
		default:
			kids = append(kids, f)
		}
	}
	slices.SortFunc(kids, func(a, b *formula) int { return strings.Compare(a.key, b.key) })
	kids = slices.CompactFunc(kids, func(a, b *formula) bool { return a.key == b.key })
	switch len(kids) {
	case 0:
		return truth(neutral == isTrue)
	case 1:
		return kids[0]
	}
	keys := make([]string, len(kids))
	for i, k := range kids {
		keys[i] = k.key
	}
	sign := map[connective]string{isAnd: "&", isOr: "|"}[op]
	return &formula{is: op, kids: kids, key: "(" + sign + " " + strings.Join(keys, " ") + ")"}
}

// negated is the contrary; it is asked for often, and remembered.
func negated(f *formula) *formula {
	if f.not == nil {
		f.not = contrary(f)
	}
	return f.not
}

func contrary(f *formula) *formula {
	switch f.is {
	case isTrue:
		return never()
	case isFalse:
		return always()
	case isAtom:
		return f.atom.negated()
	}
	kids := make([]*formula, len(f.kids))
	for i, k := range f.kids {
		kids[i] = negated(k)
	}
	if f.is == isAnd {
		return some(kids...)
	}
	return all(kids...)
}

func (a *atom) negated() *formula {
	switch a.kind {
	case aFlag:
		return flag(a.term.key, !a.want)
	case aNumber:
		return some(number(a.term, math.Inf(-1), a.term.before(a.lo)), number(a.term, a.term.after(a.hi), math.Inf(1)))
	case aWords:
		return oneOfWords(a.term, a.words, !a.want)
	}
	return textual(a.term, a.op, a.literal, !a.want)
}

// before and after are the neighbours of a number that the term can be.
func (t *term) before(x float64) float64 {
	if t.integer {
		return x - 1
	}
	return math.Nextafter(x, math.Inf(-1))
}

func (t *term) after(x float64) float64 {
	if t.integer {
		return x + 1
	}
	return math.Nextafter(x, math.Inf(1))
}

func flag(key string, want bool) *formula {
	sign := "!"
	if want {
		sign = ""
	}
	return &formula{is: isAtom, atom: &atom{kind: aFlag, term: &term{key: key}, want: want}, key: sign + key}
}

// number says that a term lies in an interval.
func number(t *term, lo, hi float64) *formula {
	if t.integer {
		lo, hi = math.Ceil(lo), math.Floor(hi)
	}
	lo, hi = max(lo, t.lo), min(hi, t.hi)
	switch {
	case lo > hi || math.IsInf(lo, 1) || math.IsInf(hi, -1):
		return never()
	case lo == t.lo && hi == t.hi:
		return always()
	}
	key := t.key + "[" + strconv.FormatFloat(lo, 'g', -1, 64) + ".." + strconv.FormatFloat(hi, 'g', -1, 64) + "]"
	return &formula{is: isAtom, atom: &atom{kind: aNumber, term: t, lo: lo, hi: hi}, key: key}
}

// compared says how a term stands to a number.
func compared(t *term, op string, c float64) *formula {
	switch op {
	case "==":
		return number(t, c, c)
	case "!=":
		return negated(number(t, c, c))
	case "<=":
		return number(t, math.Inf(-1), c)
	case ">=":
		return number(t, c, math.Inf(1))
	case "<":
		return number(t, math.Inf(-1), math.Nextafter(c, math.Inf(-1)))
	}
	return number(t, math.Nextafter(c, math.Inf(1)), math.Inf(1))
}

// oneOfWords says that a text is, or is not, one of some words.
func oneOfWords(t *term, words []string, want bool) *formula {
	words = slices.Compact(slices.Sorted(slices.Values(words)))
	if t.words != nil { // what it is not says what it is
		words = slices.DeleteFunc(slices.Clone(t.words), func(w string) bool { return slices.Contains(words, w) != want })
		want = true
		if len(words) == len(t.words) {
			return always()
		}
	}
	if len(words) == 0 {
		return truth(!want)
	}
	sign := " in "
	if !want {
		sign = " not in "
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	return &formula{is: isAtom, atom: &atom{kind: aWords, term: t, words: words, want: want}, key: t.key + sign + strings.Join(quoted, ",")}
}

// textual says that a text contains a literal, begins or ends with it, or matches it.
func textual(t *term, op, literal string, want bool) *formula {
	if literal == "" && op != "matches" {
		return truth(want)
	}
	if t.words != nil {
		return oneOfWords(t, slices.DeleteFunc(slices.Clone(t.words), func(w string) bool { return !textHolds(w, op, literal) }), want)
	}
	sign := " "
	if !want {
		sign = " not "
	}
	return &formula{is: isAtom, atom: &atom{kind: aText, term: t, op: op, literal: literal, want: want},
		key: t.key + sign + op + " " + strconv.Quote(literal)}
}
