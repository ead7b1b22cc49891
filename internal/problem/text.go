package problem

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Print writes each problem with its source line and a caret that stands right
// under double-width characters. source gives a file's text, or nil if there is none.
func Print(w io.Writer, l List, source func(file string) []byte) {
	lines := map[string][]string{}
	for _, p := range l {
		fmt.Fprintln(w, p.String())
		if p.Line == 0 {
			continue
		}
		text, seen := lines[p.File]
		if !seen {
			text = strings.Split(string(source(p.File)), "\n")
			lines[p.File] = text
		}
		if p.Line > len(text) {
			continue
		}
		line := strings.ReplaceAll(strings.TrimRight(text[p.Line-1], "\r"), "\t", "    ")
		fmt.Fprintf(w, "  %s\n", line)
		if p.Column > 0 {
			before := []rune(strings.TrimRight(text[p.Line-1], "\r"))
			if p.Column-1 < len(before) {
				before = before[:p.Column-1]
			}
			pad := runewidth.StringWidth(strings.ReplaceAll(string(before), "\t", "    "))
			fmt.Fprintf(w, "  %s%s\n", strings.Repeat(" ", pad), strings.Repeat("^", cells(text[p.Line-1], p)))
		}
	}
}

// cells is how many terminal cells the marked runes take, at least one.
func cells(line string, p Problem) int {
	marked := []rune(strings.TrimRight(line, "\r"))
	marked = marked[min(p.Column-1, len(marked)):]
	marked = marked[:min(max(1, p.Width), len(marked))]
	return max(1, runewidth.StringWidth(strings.ReplaceAll(string(marked), "\t", "    ")))
}

// reportText is Print as a Reporter.
func reportText(w io.Writer, l List, source func(string) []byte) error {
	Print(w, l, source)
	return nil
}
