package rules

import (
	"fmt"
	"io"

	"github.com/mattn/go-runewidth"

	"yujing/internal/problem"
)

// Print writes what is not covered with its place, its line and a caret, and a
// table of the files. source gives a file's text, or nil.
func (c *Coverage) Print(w io.Writer, source func(file string) []byte) {
	problem.Print(w, c.Uncovered(), source)
	width := len("total")
	for _, f := range c.Files {
		width = max(width, runewidth.StringWidth(f.File))
	}
	row := func(name string, cells ...string) {
		fmt.Fprintf(w, "%s  %11s  %11s  %11s  %8s\n", pad(name, width), cells[0], cells[1], cells[2], cells[3])
	}
	row("", "rules fired", "not fired", "branches", "covered")
	var total [3]Counted
	for _, f := range c.Files {
		fired, not, branches := f.Counts()
		row(f.File, fired.String(), not.String(), branches.String(), percent(fired.plus(not).plus(branches)))
		total = [3]Counted{total[0].plus(fired), total[1].plus(not), total[2].plus(branches)}
	}
	row("total", total[0].String(), total[1].String(), total[2].String(), percent(total[0].plus(total[1]).plus(total[2])))
}

// String is covered/all.
func (c Counted) String() string { return fmt.Sprintf("%d/%d", c.Covered, c.All) }

// percent never rounds up to 100 what is not.
func percent(c Counted) string {
	p := c.Percent()
	if c.Covered < c.All {
		p = min(p, 99.9)
	}
	return fmt.Sprintf("%.1f %%", p)
}
