package rules

import (
	"slices"
	"strings"
)

// opened is what the beginning of an expression leaves open.
type opened struct {
	quote  rune // of a text in quotes, 0 if none
	quoted int  // where that text begins
	nested []nested
}

// nested is an open bracket, the first one the expression as a whole, with what
// it still waits for.
type nested struct {
	open   rune
	call   string // the word before the bracket
	commas int
	waits  []rune // for the : of a ternary, the ; of a let
}

// scan reads the beginning of an expression, however unfinished it is.
func scan(runes []rune) opened {
	o := opened{nested: []nested{{}}}
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case o.quote != 0:
			if r == '\\' && o.quote != '`' {
				i++
			} else if r == o.quote {
				o.quote = 0
			}
		case r == '"' || r == '\'' || r == '`':
			o.quote, o.quoted = r, i
		case wordRune(r):
			from := i
			_, i = wordAround(runes, i)
			i--
			o.word(string(runes[from:i+1]), i+1 < len(runes))
		case r == '?' && i+1 < len(runes) && (runes[i+1] == '?' || runes[i+1] == '.'):
			i++
		default:
			o.sign(r, runes[:i])
		}
	}
	return o
}

func (o *opened) word(word string, complete bool) {
	if word == "let" && complete {
		o.wait(';')
	}
}

// sign takes one sign that is no part of a word or of a text in quotes.
func (o *opened) sign(r rune, before []rune) {
	inner := &o.nested[len(o.nested)-1]
	switch r {
	case '(', '[', '{':
		from, to := wordAround(before, len(before))
		o.nested = append(o.nested, nested{open: r, call: string(before[from:to])})
	case ')', ']', '}':
		if len(o.nested) > 1 {
			o.nested = o.nested[:len(o.nested)-1]
		}
	case ',':
		inner.commas++
	case '?':
		o.wait(':')
	case ':', ';':
		if n := len(inner.waits); n > 0 && inner.waits[n-1] == r {
			inner.waits = inner.waits[:n-1]
		}
	}
}

func (o *opened) wait(r rune) {
	inner := &o.nested[len(o.nested)-1]
	inner.waits = append(inner.waits, r)
}

// close writes what makes the beginning a whole expression, once its last
// operand stands there.
func (o *opened) close() string {
	var b strings.Builder
	for _, n := range slices.Backward(o.nested) {
		for _, r := range slices.Backward(n.waits) {
			b.WriteString(" " + string(r) + " 0")
		}
		if n.open == '(' && n.commas == 0 && slices.Contains(predicates(), n.call) {
			b.WriteString(", true") // its predicate
		}
		if n.open != 0 {
			b.WriteRune(map[rune]rune{'(': ')', '[': ']', '{': '}'}[n.open])
		}
	}
	return b.String()
}
