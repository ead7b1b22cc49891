package rules

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Print writes problems, failures and the closing line.
func (r *TestReport) Print(w io.Writer) {
	for _, p := range r.Problems {
		fmt.Fprintln(w, p)
	}
	said := map[string]bool{}
	for _, t := range r.Results {
		if t.Passed() {
			continue
		}
		fmt.Fprintf(w, "%s:%d: FAIL %s (%s)\n", t.File, t.Line, t.Name, t.Risk)
		for _, d := range merged(t.Diffs) {
			if d.What == "error" { // one failure of an engine is that of every test of its batch
				if said[d.Got] {
					d.Got = "as above"
				}
				said[d.Got] = true
			}
			d.print(w, len(r.Engines) > 1)
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed\n", r.Passed, r.Failed)
}

// merged tells once what several engines say alike.
func merged(diffs []TestDiff) []TestDiff {
	var list []TestDiff
	for _, d := range diffs {
		i := slices.IndexFunc(list, func(x TestDiff) bool {
			return x.Against == d.Against && x.What == d.What && x.Want == d.Want && x.Got == d.Got
		})
		if i < 0 {
			list = append(list, d)
			continue
		}
		list[i].Engine += ", " + d.Engine
	}
	return list
}

func (d *TestDiff) print(w io.Writer, several bool) {
	want, got, engine := "want", "got", ""
	switch {
	case d.Against != "":
		want, got = d.Against+" says", d.Engine+" says"
	case several:
		engine = " (" + d.Engine + ")"
	}
	line := fmt.Sprintf("    %s%s: %s %s, %s %s", d.What, engine, want, d.Want, got, d.Got)
	if runewidth.StringWidth(line) <= 110 && !strings.Contains(line, "\n") {
		fmt.Fprintln(w, line)
		return
	}
	width := max(len(want), len(got))
	fmt.Fprintf(w, "    %s%s:\n", d.What, engine)
	for _, part := range [][2]string{{want, d.Want}, {got, d.Got}} {
		fmt.Fprintf(w, "        %s %s\n", pad(part[0], width), strings.ReplaceAll(part[1], "\n", "\n        "+strings.Repeat(" ", width+1)))
	}
}
