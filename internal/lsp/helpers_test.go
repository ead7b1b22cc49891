package lsp

import "strconv"

func itoa(n int) string { return strconv.Itoa(n) }

func before(a, b position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character <= b.Character
}

func inside(inner, outer span) bool {
	return before(outer.Start, inner.Start) && before(inner.End, outer.End)
}
