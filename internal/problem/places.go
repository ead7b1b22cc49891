package problem

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Place is a place in a file: line from 1, column in runes from 1.
type Place struct{ Line, Column int }

// Places gives the place in the file of every rune of a scalar's value,
// and one more for its end, so that a mistake inside an expression is shown
// where it stands, whatever way the scalar is quoted or folded.
func places(lines [][]rune, n *yaml.Node) []Place {
	value := []rune(n.Value)
	switch {
	case n.Style&yaml.LiteralStyle != 0, n.Style&yaml.FoldedStyle != 0:
		return blockPlaces(lines, n, value)
	}
	s := &scanner{lines: lines, line: n.Line - 1, column: n.Column - 1, style: n.Style}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		s.column++
	}
	list := make([]Place, 0, len(value)+1)
	for i := range value {
		s.fold(value[i:])
		list = append(list, s.here())
		s.step(value[i])
	}
	return append(list, s.here())
}

// scanner follows a flow scalar (plain, quoted) through the lines of its file.
type scanner struct {
	lines        [][]rune
	line, column int // from 0
	style        yaml.Style
	breaks       int // runes of the value that the present line break still stands for
}

func (s *scanner) here() Place { return Place{s.line + 1, s.column + 1} }

// rest is what the present line still holds.
func (s *scanner) rest() []rune {
	if s.line >= len(s.lines) || s.column > len(s.lines[s.line]) {
		return nil
	}
	return s.lines[s.line][s.column:]
}

// fold notices that the line ends here while the value goes on: one break reads
// as a space, further ones as line breaks.
func (s *scanner) fold(value []rune) {
	if s.breaks > 0 || len(value) == 0 || (value[0] != ' ' && value[0] != '\n') || strings.TrimSpace(string(s.rest())) != "" {
		return
	}
	s.breaks = 1
	for s.breaks < len(value) && value[0] == '\n' && value[s.breaks] == '\n' {
		s.breaks++
	}
}

// step moves past one rune of the value.
func (s *scanner) step(r rune) {
	if s.breaks > 0 {
		s.breaks--
		if s.breaks == 0 {
			s.nextLine()
		}
		return
	}
	rest := s.rest()
	switch {
	case len(rest) == 0:
	case s.style&yaml.SingleQuotedStyle != 0 && r == '\'':
		s.column += 2
	case s.style&yaml.DoubleQuotedStyle != 0 && rest[0] == '\\':
		s.column += escapeWidth(rest)
		for s.style&yaml.DoubleQuotedStyle != 0 && len(s.rest()) == 1 && s.rest()[0] == '\\' { // an escaped line break is no rune
			s.nextLine()
		}
	default:
		s.column++
		if rest := s.rest(); s.style&yaml.DoubleQuotedStyle != 0 && len(rest) == 1 && rest[0] == '\\' {
			s.nextLine()
		}
	}
}

// nextLine goes to the first rune of the next line that is not blank.
func (s *scanner) nextLine() {
	for s.line+1 < len(s.lines) {
		s.line++
		s.column = indent(s.lines[s.line])
		if s.column < len(s.lines[s.line]) {
			return
		}
	}
}

// escapeWidth is how many runes an escape sequence takes.
func escapeWidth(rest []rune) int {
	if len(rest) < 2 {
		return 1
	}
	switch rest[1] {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}

func indent(line []rune) int {
	n := 0
	for n < len(line) && (line[n] == ' ' || line[n] == '\t') {
		n++
	}
	return n
}

// blockPlaces follows a literal (|) or folded (>) scalar, which begins on the
// line after its indicator.
func blockPlaces(lines [][]rune, n *yaml.Node, value []rune) []Place {
	line, margin := n.Line, -1 // line is the index of the line after the indicator
	for i := line; i < len(lines) && margin < 0; i++ {
		if in := indent(lines[i]); in < len(lines[i]) {
			margin = in
			if value0 := leading(value); value0 > 0 && value0 < in { // an explicit indentation indicator
				margin = in - value0
			}
		}
	}
	margin = max(margin, 0)
	column := margin
	list := make([]Place, 0, len(value)+1)
	next := func() {
		line++
		column = margin
	}
	for i, r := range value {
		text := []rune(nil)
		if line < len(lines) {
			text = lines[line]
		}
		if column >= len(text) && r != '\n' && !(r == ' ' && n.Style&yaml.FoldedStyle != 0) {
			for line < len(lines)-1 && column >= len(lines[line]) { // blank lines that folding dropped
				next()
			}
		}
		list = append(list, Place{line + 1, column + 1})
		switch {
		case r == '\n', r == ' ' && n.Style&yaml.FoldedStyle != 0 && column >= len(trimmed(text)):
			if i+1 < len(value) {
				next()
			}
		default:
			column++
		}
	}
	return append(list, Place{line + 1, column + 1})
}

func leading(value []rune) int {
	n := 0
	for n < len(value) && value[n] == ' ' {
		n++
	}
	return n
}

func trimmed(line []rune) []rune {
	return []rune(strings.TrimRight(string(line), " \t"))
}
