package rules

import (
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// pageWidth is how many cells a line of an explanation has at most: an ordinary
// terminal's.
const pageWidth = 80

// ink colours a text if it is to be coloured.
type ink bool

func (i ink) in(code, text string) string {
	if !i || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (i ink) bold(text string) string { return i.in("1", text) }
func (i ink) dim(text string) string  { return i.in("2", text) }

// level colours what is said of a level.
func (i ink) level(l Level, text string) string {
	switch l {
	case Blue:
		return i.in("1;34", text)
	case Yellow:
		return i.in("1;33", text)
	case Orange:
		return i.in("1;38;5;208", text)
	case Red:
		return i.in("1;31", text)
	}
	return text
}

// points colours what adds to the score red, what takes off green.
func (i ink) points(points int, text string) string {
	switch {
	case points > 0:
		return i.in("31", text)
	case points < 0:
		return i.in("32", text)
	}
	return text
}

func plain(text string) string { return text }

// narrow measures cells as terminals do: lines and blocks take one, whatever the
// machine's language is; Chinese takes two.
func narrow() *runewidth.Condition {
	c := runewidth.NewCondition()
	c.EastAsianWidth = false
	return c
}

// cells is how wide a text is, without its colours.
func cells(s string) int {
	if strings.Contains(s, "\x1b") {
		s = uncoloured(s)
	}
	return narrow().StringWidth(s)
}

// uncoloured leaves out the codes of colours.
func uncoloured(s string) string {
	var b strings.Builder
	for {
		before, code, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, s, _ = strings.Cut(code, "m")
	}
}

// pad fills up to a width.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-cells(s)))
}

// clip shortens to a width.
func clip(s string, width int) string { return narrow().Truncate(s, width, "…") }

// wrap breaks a text into lines of at most so many cells: at blanks, and between
// Chinese characters, but not before a mark that closes.
func wrap(s string, width int) []string {
	var lines []string
	line := []rune{}
	broken := 0 // line[:broken] may stand alone
	for _, r := range s {
		if n := len(line); n > 0 && (line[n-1] == ' ' || (wide(line[n-1]) || wide(r)) && !closes(r) && r != ' ') {
			broken = n
		}
		line = append(line, r)
		if cells(string(line)) <= width || r == ' ' {
			continue
		}
		if broken == 0 {
			broken = len(line) - 1
		}
		lines = append(lines, strings.TrimRight(string(line[:broken]), " "))
		line, broken = append([]rune{}, line[broken:]...), 0
	}
	if rest := strings.TrimSpace(string(line)); rest != "" {
		lines = append(lines, rest)
	}
	return lines
}

func wide(r rune) bool { return narrow().RuneWidth(r) == 2 }

func closes(r rune) bool {
	return strings.ContainsRune("，。；：、）》」！？…", r) || (unicode.IsPunct(r) && !wide(r) && r != '(')
}
