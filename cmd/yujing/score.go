package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"yujing/rules"
	"yujing/scorer"
)

// scored is one line of score --json.
type scored struct {
	Risk        string       `json:"risk"`
	Case        string       `json:"case"`
	Ref         string       `json:"ref"`
	Score       int          `json:"score"`
	ShadowScore int          `json:"shadow_score"`
	Level       rules.Level  `json:"level"`
	Rules       []scoredRule `json:"rules"`
	AsOf        string       `json:"as_of"`
}

type scoredRule struct {
	ID     string `json:"id"`
	Points int    `json:"points"`
	Shadow bool   `json:"shadow,omitempty"`
}

func (a *app) scoreCommand() *cobra.Command {
	var asOf, risk string
	var asJSON, asSeen bool
	cmd := &cobra.Command{
		Use:   "score",
		Short: "score every row as of an instant; nothing is stored, nobody is told",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.score(cmd.Context(), asOf, risk, asSeen, asJSON)
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "instant to score at (default now)")
	cmd.Flags().StringVar(&risk, "risk", "", "only this risk")
	cmd.Flags().BoolVar(&asSeen, "as-seen", false, "only what this store itself had at that instant: what the daemon saw")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

func (a *app) score(ctx context.Context, asOf, only string, asSeen, asJSON bool) error {
	set, risks, db, err := a.judge(ctx, only)
	if err != nil {
		return err
	}
	readings, err := readingsOf(risks, asOf)
	if err != nil {
		return err
	}
	out := a.scorePrinter(asJSON)
	for _, r := range readings {
		view := scorer.View{AsOf: r.at, AsSeen: asSeen, Over: r.over, WithoutGroup: !set.AsksGroup(r.over)}
		if err := scoreRows(db.Facts(ctx, view), set.NewEvaluator(), r, out.line); err != nil {
			return err
		}
	}
	return out.end()
}

// reading is one pass over the rows of a kind as of an instant, for all risks that ask for it.
type reading struct {
	over  rules.Over
	at    time.Time
	risks []string
}

// readingsOf gives the fewest passes for these risks: one for each kind of rows,
// unless the time asked for is another instant in another risk's zone.
func readingsOf(risks []*rules.Risk, asOf string) ([]reading, error) {
	if asOf == "" { // one now for all
		asOf = time.Now().UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
	}
	var list []reading
	for _, risk := range risks {
		at, err := instant(asOf, risk.Zone)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(list, func(r reading) bool { return r.over == risk.Over && r.at.Equal(at) })
		if i < 0 {
			i = len(list)
			list = append(list, reading{over: risk.Over, at: at})
		}
		list[i].risks = append(list[i].risks, risk.ID)
	}
	return list, nil
}

// scoreRows assesses every row and passes on those of which there is something to tell.
func scoreRows(rows iter.Seq2[*rules.Facts, error], eval *rules.Evaluator, r reading, line func(rules.Assessment) error) error {
	var says []rules.Assessment
	for facts, err := range rows {
		if err != nil {
			return err
		}
		if says, err = eval.EvaluateAll(facts, r.at, says[:0]); err != nil {
			return fmt.Errorf("score %s: %w", facts.Ref, err)
		}
		for _, s := range says {
			if !slices.Contains(r.risks, s.Risk) || !telling(s) {
				continue
			}
			if err := line(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// telling says whether a row has a score, a level (at_least gives one without
// points) or a shadow rule that holds: to be watched, whatever its points.
func telling(s rules.Assessment) bool {
	return s.Score > 0 || s.Level > rules.None || slices.ContainsFunc(s.Fired, func(f rules.Fired) bool { return f.Shadow })
}

// pick gives the risk named, or all.
func pick(set *rules.Set, name string) ([]*rules.Risk, error) {
	if name == "" {
		return set.Risks(), nil
	}
	var known []string
	for _, r := range set.Risks() {
		if r.ID == name {
			return []*rules.Risk{r}, nil
		}
		known = append(known, r.ID)
	}
	return nil, usage("no risk %q; known: %v", name, known)
}

type printer struct {
	line func(rules.Assessment) error
	end  func() error
}

func (a *app) scorePrinter(asJSON bool) printer {
	if asJSON {
		return printer{line: func(s rules.Assessment) error { return a.json(scoredOf(s)) }, end: func() error { return nil }}
	}
	var rows []scored
	return printer{
		line: func(s rules.Assessment) error {
			rows = append(rows, scoredOf(s))
			return nil
		},
		end: func() error {
			slices.SortStableFunc(rows, func(x, y scored) int {
				return cmp.Or(cmp.Compare(y.Level, x.Level), cmp.Compare(y.Score, x.Score), cmp.Compare(y.ShadowScore, x.ShadowScore))
			})
			return a.scoreTable(rows)
		},
	}
}

// scoreTable prints the most urgent first.
func (a *app) scoreTable(rows []scored) error {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	const shadowColumn = "试运行 shadow"
	t.AppendHeader(table.Row{"风险 risk", "分 score", shadowColumn, "级别 level", "编号 ref", "案件 case", "规则 rules"})
	watched := false
	for _, r := range rows {
		shadow := ""
		points := make([]string, len(r.Rules))
		for i, rule := range r.Rules {
			points[i] = fmt.Sprintf("%s %+d", rule.ID, rule.Points)
			if rule.Shadow {
				points[i] = "○ " + points[i] // as explain marks it
				shadow, watched = strconv.Itoa(r.ShadowScore), true
			}
		}
		t.AppendRow(table.Row{r.Risk, r.Score, shadow, r.Level.String(), r.Ref, r.Case, strings.Join(points, ", ")})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Name: shadowColumn, Align: text.AlignRight, Hidden: !watched}})
	_, err := fmt.Fprintln(a.stdout, t.Render())
	return err
}

func scoredOf(s rules.Assessment) scored {
	out := scored{Risk: s.Risk, Case: s.Row, Ref: s.Ref, Score: s.Score, ShadowScore: s.ShadowScore, Level: s.Level, Rules: []scoredRule{},
		AsOf: s.AsOf.Format(time.RFC3339Nano)}
	for _, f := range s.Fired {
		out.Rules = append(out.Rules, scoredRule{f.ID, f.Points, f.Shadow})
	}
	return out
}
