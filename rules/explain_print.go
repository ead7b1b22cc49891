package rules

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Print writes the explanation for a terminal: the score, every rule with its
// points, and under each the parts of its condition with their values, aligned
// under double-width characters too.
func (x *Explanation) Print(w io.Writer) {
	fmt.Fprintf(w, "%s  %s (%s)\n", x.Ref, x.Name.ZH, x.Risk)
	fmt.Fprintf(w, "%s  score %d", x.AsOf.In(x.zone).Format("2006-01-02 15:04 MST"), x.Score)
	if x.ShadowScore != x.Score {
		fmt.Fprintf(w, " (with shadow rules %d)", x.ShadowScore)
	}
	fmt.Fprintf(w, "  level %s %s\n", x.Level, x.Level.Name().ZH)
	fmt.Fprintf(w, "levels: blue %d, yellow %d, orange %d, red %d; rule set %s, calendar %s\n",
		x.Levels.Blue, x.Levels.Yellow, x.Levels.Orange, x.Levels.Red, x.RuleSet, x.Calendar)
	if x.Unscored.ZH != "" {
		fmt.Fprintf(w, "%s / %s\n", x.Unscored.ZH, x.Unscored.EN)
	}
	for i := range x.Rules {
		fmt.Fprintln(w)
		x.Rules[i].print(w)
	}
}

func (r *RuleExplanation) print(w io.Writer) {
	mark, points := "·", fmt.Sprintf("(%+d)", r.Points)
	if r.Fired {
		mark, points = "●", fmt.Sprintf("%+d", r.Points)
	}
	if r.Shadow {
		points += " shadow"
	}
	if r.AtLeast != None {
		points += " at least " + r.AtLeast.String()
	}
	fmt.Fprintf(w, "%s %s  %s  %s:%d\n", mark, pad(r.ID+"  "+r.Name.ZH, 56), points, r.File, r.Line)
	for _, line := range []string{r.Because.ZH, r.Advise.ZH} {
		if line != "" {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	var rows [][2]string
	r.Tree.rows("", "", &rows)
	width := 0
	for _, row := range rows {
		width = max(width, min(runewidth.StringWidth(row[0]), 76))
	}
	for _, row := range rows {
		fmt.Fprintf(w, "    %s  %s\n", pad(row[0], width), row[1])
	}
	if len(r.Signals) > 0 {
		fmt.Fprintf(w, "    rests on %s\n", strings.Join(r.Signals, " "))
	}
}

// rows lays the tree out: the expression behind its branch, and its value.
func (t *Term) rows(branch, below string, rows *[][2]string) {
	mark := ""
	if t.Decides {
		mark = " ←"
	}
	*rows = append(*rows, [2]string{branch + clip(strings.Join(strings.Fields(t.Expr), " "), 72), t.Value + mark})
	for i, part := range t.Terms {
		if i == len(t.Terms)-1 {
			part.rows(below+"└ ", below+"  ", rows)
		} else {
			part.rows(below+"├ ", below+"│ ", rows)
		}
	}
}

// pad fills up to a width in terminal cells.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-runewidth.StringWidth(s)))
}

// clip shortens to a width in terminal cells.
func clip(s string, width int) string { return runewidth.Truncate(s, width, "…") }
