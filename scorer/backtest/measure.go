package backtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yujing/rules"
)

// ErrNoData says that nothing is known of the period asked for.
var ErrNoData = errors.New("no data in the period")

// Options say what a backtest is asked for.
type Options struct {
	From, To time.Time     // of first contacts: [From, To)
	Step     time.Duration // between instants; 0 = 24h
	Risks    []string      // ids; nil = all
	Level    rules.Level   // from which on a row is warned of; None = yellow

	// Cases is called for each row of a cohort and risk: cases before groups, by
	// row, by risk in the order of the set. The case is the callee's. Nil = not called.
	Cases func(*Case) error
}

// Measure tells what the rules would have warned of, and what became of it. The
// caller fills in how long it took.
func Measure(ctx context.Context, src Source, set *rules.Set, o Options) (*Report, error) {
	o, risks, err := o.complete(set)
	if err != nil {
		return nil, err
	}
	frame, err := frameOf(ctx, src, risks, o)
	if err != nil {
		return nil, err
	}
	report := &Report{Risks: map[string]*Figures{}, Instants: frame.Grid.Len(), RuleSet: set.Version(), Calendar: set.CalendarVersion(),
		From: o.From.UTC(), To: o.To.UTC(), DataEnd: frame.DataEnd.UTC(), Step: span(o.Step), Level: o.Level.String()}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		tallies := talliesOver(over, set, risks, frame, o.Level)
		if len(tallies) == 0 {
			continue
		}
		if err := runOver(ctx, src, set, over, frame, tallies, o.Cases); err != nil {
			return nil, err
		}
		for _, t := range tallies {
			report.Risks[t.judge.Risk.ID] = t.Figures()
		}
	}
	return report, nil
}

// complete fills in defaults and refuses what makes no sense.
func (o Options) complete(set *rules.Set) (Options, []*rules.Risk, error) {
	if o.Step == 0 {
		o.Step = 24 * time.Hour
	}
	if o.Level == rules.None {
		o.Level = rules.Yellow
	}
	switch {
	case !o.From.Before(o.To):
		return o, nil, fmt.Errorf("the period ends (%s) before it begins (%s); let from be before to", o.To.Format(time.RFC3339), o.From.Format(time.RFC3339))
	case o.Step < 0:
		return o, nil, fmt.Errorf("a step of %s goes backwards; write 24h", o.Step)
	}
	risks, err := o.risks(set)
	return o, risks, err
}

// risks gives those asked for in the order of the set.
func (o Options) risks(set *rules.Set) ([]*rules.Risk, error) {
	var asked []*rules.Risk
	var known []string
	for _, r := range set.Risks() {
		known = append(known, r.ID)
		if o.Risks == nil || slices.Contains(o.Risks, r.ID) {
			asked = append(asked, r)
		}
	}
	for _, id := range o.Risks {
		if !slices.Contains(known, id) {
			return nil, fmt.Errorf("no risk %q; known: %s", id, strings.Join(known, ", "))
		}
	}
	return asked, nil
}

// frameOf lays the instants: up to the end of the data, or as far as anything of
// the cohort can be followed.
func frameOf(ctx context.Context, src Source, risks []*rules.Risk, o Options) (Frame, error) {
	end, err := src.DataEnd(ctx)
	if err != nil {
		return Frame{}, fmt.Errorf("ask for the end of the data: %w", err)
	}
	if end.IsZero() {
		return Frame{}, fmt.Errorf("%w: the store holds no signal; import some first", ErrNoData)
	}
	horizon := time.Duration(0)
	for _, r := range risks {
		horizon = max(horizon, r.Horizon)
	}
	last := o.To.Add(horizon)
	if end.Before(last) {
		last = end
	}
	f := Frame{Grid: Grid{From: o.From, Last: last, Step: o.Step}, To: o.To, DataEnd: end}
	switch n := f.Inside(); {
	case n == 0:
		return f, fmt.Errorf("%w: the latest signal is of %s; let from be before it", ErrNoData, end.Format(time.RFC3339))
	case n == 1:
		return f, fmt.Errorf("%w: only one instant lies in it and before the latest signal (%s); take a longer period or a shorter step", ErrNoData, end.Format(time.RFC3339))
	}
	return f, nil
}

func talliesOver(over rules.Over, set *rules.Set, risks []*rules.Risk, frame Frame, level rules.Level) []*Tally {
	var list []*Tally
	for _, r := range set.RisksOver(over) {
		if slices.Contains(risks, r) {
			list = append(list, NewTally(NewJudge(set, r, frame, level)))
		}
	}
	return list
}

// runOver adds up the rows of one kind.
func runOver(ctx context.Context, src Source, set *rules.Set, over rules.Over, frame Frame, tallies []*Tally, cases func(*Case) error) error {
	for h, err := range src.Histories(ctx, set, over, frame.Grid, frame.To) {
		if err != nil {
			return fmt.Errorf("read the histories of %ss: %w", over, err)
		}
		for _, t := range tallies {
			m := t.Add(h)
			if !m.Cohort || cases == nil {
				continue
			}
			if err := cases(t.judge.Case(h, m)); err != nil {
				return err
			}
		}
	}
	return nil
}

// span writes a duration as people do: 24h, not 24h0m0s.
func span(d time.Duration) string {
	text := d.String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}
