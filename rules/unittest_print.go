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
		for _, d := range merged(t.Diffs, r.Engines) {
			if d.What == "error" { // one failure of an engine is that of every test of its batch
				if told[d.Got] {
					d.Got = "as above"
				}
				told[d.Got] = true
			}
			d.print(w)
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed\n", r.Passed, r.Failed)
}

// merged tells once what several engines say alike, and names them only where
// another engine, asked the same, says something else.
func merged(diffs []TestDiff, engines []string) []TestDiff {
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
	for i := range list {
		d := &list[i]
		asked := d.What == "error" || slices.Contains(figureNames(), d.What) // else the VM alone was
		if d.Against == "" && (!asked || d.Engine == strings.Join(engines, ", ")) {
			d.Engine = ""
		}
	}
	return list
}

// print writes one difference: on a line if it fits, else what differs under each other.
func (d *TestDiff) print(w io.Writer) {
	what, parts := d.words()
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
func (d *TestDiff) words() (what string, parts []said) {
	what = d.What
	if d.Engine != "" && d.Against == "" {
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
