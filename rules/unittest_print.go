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
	told := map[string]bool{}
	for _, t := range r.Results {
		if t.Passed() {
			continue
		}
		fmt.Fprintf(w, "%s:%d: FAIL %s (%s)\n", t.File, t.Line, t.Name, t.Risk)
		for _, d := range merged(t.Diffs) {
			if d.What == "error" { // one failure of an engine is that of every test of its batch
				if told[d.Got] {
					d.Got = "as above"
				}
				told[d.Got] = true
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

// print writes one difference: on a line if it fits, else what differs under each other.
func (d *TestDiff) print(w io.Writer, several bool) {
	what, parts := d.words(several)
	line := "    " + what + ": " + joined(parts)
	if runewidth.StringWidth(line) <= 110 && !strings.Contains(line, "\n") {
		fmt.Fprintln(w, line)
		return
	}
	width := 0
	for _, p := range parts {
		width = max(width, len(p.label))
	}
	below := "\n" + strings.Repeat(" ", 8+width+1)
	fmt.Fprintf(w, "    %s:\n", what)
	for _, p := range parts {
		fmt.Fprintf(w, "        %s %s\n", pad(p.label, width), strings.ReplaceAll(p.value, "\n", below))
	}
}

// said is one side of a difference.
type said struct{ label, value string }

func joined(parts []said) string {
	var list []string
	for _, p := range parts {
		list = append(list, strings.TrimSpace(p.label+" "+p.value))
	}
	return strings.Join(list, ", ")
}

// words says what differs, and what is wanted and got, or what is wrong.
func (d *TestDiff) words(several bool) (what string, parts []said) {
	what = d.What
	if several && d.Against == "" {
		what += " (" + d.Engine + ")"
	}
	switch {
	case d.What == "error" || d.What == "expect":
		return what, []said{{"", d.Got}}
	case d.Against != "":
		return what, []said{{d.Against + " says", d.Want}, {d.Engine + " says", d.Got}}
	}
	return what, []said{{"want", d.Want}, {"got", d.Got}}
}
