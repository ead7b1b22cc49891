package problem

import "unicode/utf8"

// Nearest gives the name that a misspelt one was probably meant to be: the
// candidate at the smallest edit distance, if that is at most a third of the
// longer name's length. "" if none is near. Of several at the same distance it
// is one of the same length, then the first in order: the answer does not
// depend on the order of the candidates.
func Nearest(name string, candidates []string) string {
	best, limit := "", -1
	given := []rune(name)
	for _, c := range candidates {
		other := []rune(c)
		d := distance(given, other)
		if d > max(1, max(len(given), len(other))/3) || d >= min(len(given), len(other)) {
			continue
		}
		if limit < 0 || d < limit || d == limit && likelier(c, best, len(given)) {
			best, limit = c, d
		}
	}
	return best
}

// likelier settles a tie between two names for one of so many runes.
func likelier(a, b string, runes int) bool {
	same := utf8.RuneCountInString(a) == runes
	if same != (utf8.RuneCountInString(b) == runes) {
		return same
	}
	return a < b
}

// DidYouMean is the help for a name that is not known: the nearest one, or all of them.
func DidYouMean(name string, candidates []string) string {
	if near := Nearest(name, candidates); near != "" {
		return "did you mean " + quote(near) + "?"
	}
	return "known: " + join(candidates)
}

func quote(s string) string { return `"` + s + `"` }

func join(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}

// distance is the number of runes to insert, delete, replace or swap with
// their neighbour that turns a into b (optimal string alignment).
func distance(a, b []rune) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
