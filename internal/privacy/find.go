package privacy

import (
	"iter"
	"strings"
	"unicode/utf8"
)

// found is one identity: the bytes [from, to) of the text.
type found struct {
	from, to int
	token    string
	normal   string
}

// run is a maximal sequence of digits of one script.
type run struct {
	from, to int    // bytes of the text
	digits   string // in ASCII
	sep      string // what stands between it and the run before it
	chained  bool   // and it is such as may stand inside one number
}

// longestSep is how many runes may stand between two groups of one number, as in "139 - 0571".
const longestSep = 3

// identities yields what Mask hides, in order and without overlap.
func identities(text string) iter.Seq[found] {
	return func(yield func(found) bool) {
		done := 0
		for _, mail := range emails(text) {
			if !numbers(text, done, mail.from, yield) || !yield(mail) {
				return
			}
			done = mail.to
		}
		numbers(text, done, len(text), yield)
	}
}

// numbers yields the phones and ID cards in text[from:to); false if the consumer stopped.
func numbers(text string, from, to int, yield func(found) bool) bool {
	part := text[from:to]
	runs := split(part)
	for i := 0; i < len(runs); {
		if isDate(runs[i:]) {
			i += 3
			continue
		}
		f, n := longest(part, runs[i:])
		if n == 0 {
			i++
			continue
		}
		for i += n; i < len(runs) && runs[i].from < f.to; { // the digits of an exponent
			i++
		}
		f.from, f.to = f.from+from, f.to+from
		if !yield(f) {
			return false
		}
	}
	return true
}

// split finds the runs of digits and which of them hang together.
func split(text string) []run {
	var runs []run
	last := none
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		_, s := digit(r)
		if s == none {
			i += size
			continue
		}
		next := take(text, i, s)
		i = next.to
		if n := len(runs); n > 0 {
			next.sep = text[runs[n-1].to:next.from]
			next.chained = s == last && isSep(next.sep)
		}
		runs, last = append(runs, next), s
	}
	return runs
}

// take reads the run of digits of one script that begins at from. In Chinese
// the word after a mobile often begins with a numeral (…二三四一直无人接听): there
// the number ends after its eleventh.
func take(text string, from int, s script) run {
	var digits []byte
	to := from
	for _, r := range text[from:] {
		d, is := digit(r)
		if is != s || s == chinese && len(digits) == fewestNumerals && isMobile(string(digits)) {
			break
		}
		digits = append(digits, d)
		to += utf8.RuneLen(r)
	}
	return run{from: from, to: to, digits: string(digits)}
}

// isSep reports whether a text may stand between two groups of one number.
func isSep(sep string) bool {
	width := 0
	for _, r := range sep {
		if !separates(r) {
			return false
		}
		if !ignorable(r) {
			width++
		}
	}
	return sep != "" && width <= longestSep
}

// isDate reports whether three groups are a date such as 2026-11-23, so that
// its day is not the head of a phone number.
func isDate(runs []run) bool {
	if len(runs) < 3 || !runs[1].chained || !runs[2].chained || strings.TrimSpace(runs[1].sep) != strings.TrimSpace(runs[2].sep) {
		return false
	}
	y, m, d := runs[0].digits, runs[1].digits, runs[2].digits
	return len(y) == 4 && (y[:2] == "19" || y[:2] == "20") &&
		len(m) <= 2 && atoi(m) >= 1 && atoi(m) <= 12 && len(d) <= 2 && atoi(d) >= 1 && atoi(d) <= 31
}

// longest finds the identity that begins at the first run and covers the most
// whole runs; n is how many, 0 if there is none.
func longest(text string, runs []run) (best found, n int) {
	var digits strings.Builder
	for i, r := range runs {
		if i > 0 && !r.chained {
			break
		}
		digits.WriteString(r.digits)
		if digits.Len() > mostDigits {
			break
		}
		if f, ok := identify(text, runs[:i+1], digits.String()); ok {
			best, n = f, i+1
		}
	}
	return best, n
}

// identify reports whether some groups of digits are one identity.
func identify(text string, runs []run, digits string) (found, bool) {
	f := found{from: runs[0].from, to: runs[len(runs)-1].to}
	intl := f.widen(text)
	if whole, end, ok := exponent(text[f.to:], runs); ok {
		digits, f.to = whole, f.to+end
	} else if isAmount(runs) || isDecimal(runs) {
		return found{}, false
	}
	if normal, end, ok := cardAt(digits, text[f.to:]); ok {
		f.token, f.normal, f.to = IDCard, normal, f.to+end
		return f, true
	}
	if normal, ok := phone(digits, intl); ok && phoneLike(runs, normal) {
		f.token, f.normal = Phone, normal
		return f, true
	}
	if isLocal(digits) && announced(text[:f.from]) {
		f.token, f.normal = Phone, digits
		return f, true
	}
	return found{}, false
}

// widen takes a plus before the number, and a bracket whose partner stands in
// the number, into the span. It reports whether there was a plus.
func (f *found) widen(text string) (plus bool) {
	inside := text[f.from:f.to]
	bracket := func() {
		if r, size := utf8.DecodeLastRuneInString(text[:f.from]); opens(r) && strings.ContainsFunc(inside, closes) {
			f.from, inside = f.from-size, ""
		}
	}
	bracket()
	if r, size := utf8.DecodeLastRuneInString(text[:f.from]); r == '+' || r == '＋' {
		f.from, plus = f.from-size, true
	}
	bracket()
	return plus
}

// cardAt reports whether digits, or 17 digits and the x that follows, are an
// ID card; end is how many bytes of rest belong to it.
func cardAt(digits, rest string) (normal string, end int, ok bool) {
	if len(digits) != 17 {
		normal, ok = idCard(digits)
		return normal, 0, ok
	}
	head := strings.TrimLeftFunc(rest, separates)
	sep := rest[:len(rest)-len(head)]
	x, size := utf8.DecodeRuneInString(head)
	if !isX(x) || sep != "" && !isSep(sep) {
		return "", 0, false
	}
	end = len(sep) + size
	normal, ok = idCard(digits + "X")
	return normal, end, ok
}
