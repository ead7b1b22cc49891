package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"yujing/internal/clickhouse"
	"yujing/rules"
	"yujing/scorer"
)

// scored is one line of score --json.
type scored struct {
	Risk  string       `json:"risk"`
	Case  string       `json:"case"`
	Ref   string       `json:"ref"`
	Score int          `json:"score"`
	Level string       `json:"level"`
	Rules []scoredRule `json:"rules"`
	AsOf  string       `json:"as_of"`
}

type scoredRule struct {
	ID     string `json:"id"`
	Points int    `json:"points"`
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
	out := a.scorePrinter(asJSON)
	for _, risk := range risks {
		at, err := instant(asOf, risk.Zone)
		if err != nil {
			return err
		}
		if err := scoreRisk(ctx, db, set, risk, scorer.View{AsOf: at, AsSeen: asSeen, Over: risk.Over}, out.line); err != nil {
			return err
		}
	}
	return out.end()
}

// scoreRisk assesses every row in its window and passes on those above zero.
func scoreRisk(ctx context.Context, db *clickhouse.DB, set *rules.Set, risk *rules.Risk, view scorer.View, line func(rules.Assessment) error) error {
	eval := set.NewEvaluator()
	for facts, err := range db.Facts(ctx, view) {
		if err != nil {
			return err
		}
		assessment, err := eval.Evaluate(risk, facts, view.AsOf)
		if err != nil {
			return fmt.Errorf("score %s: %w", facts.Ref, err)
		}
		if assessment.Score == 0 {
			continue
		}
		if err := line(assessment); err != nil {
			return err
		}
	}
	return nil
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
			slices.SortStableFunc(rows, func(x, y scored) int { return y.Score - x.Score })
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
	t.AppendHeader(table.Row{"风险 risk", "分 score", "级别 level", "编号 ref", "案件 case", "规则 rules"})
	for _, r := range rows {
		points := make([]string, len(r.Rules))
		for i, rule := range r.Rules {
			points[i] = fmt.Sprintf("%s %+d", rule.ID, rule.Points)
		}
		t.AppendRow(table.Row{r.Risk, r.Score, r.Level, r.Ref, r.Case, strings.Join(points, ", ")})
	}
	_, err := fmt.Fprintln(a.stdout, t.Render())
	return err
}

func scoredOf(s rules.Assessment) scored {
	out := scored{Risk: s.Risk, Case: s.Row, Ref: s.Ref, Score: s.Score, Level: s.Level.String(), Rules: []scoredRule{}, AsOf: s.AsOf.Format(time.RFC3339Nano)}
	for _, f := range s.Fired {
		if !f.Shadow {
			out.Rules = append(out.Rules, scoredRule{f.ID, f.Points})
		}
	}
	return out
}
