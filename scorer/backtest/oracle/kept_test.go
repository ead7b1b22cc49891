package oracle

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// kept is a source of one set of rules that is asked once for what it is asked
// again: two plans of one grid differ in what is made of the histories.
type kept struct {
	backtest.Source
	known map[string][]*backtest.History
}

func keep(src backtest.Source) *kept {
	return &kept{Source: src, known: map[string][]*backtest.History{}}
}

// Histories implements backtest.Source.
func (k *kept) Histories(ctx context.Context, set *rules.Set, over rules.Over, grid backtest.Grid, to time.Time) iter.Seq2[*backtest.History, error] {
	return func(yield func(*backtest.History, error) bool) {
		key := fmt.Sprint(over, grid, to)
		if _, known := k.known[key]; !known {
			list := []*backtest.History{}
			for h, err := range k.Source.Histories(ctx, set, over, grid, to) {
				if err != nil {
					yield(nil, err)
					return
				}
				list = append(list, clone(h))
			}
			k.known[key] = list
		}
		for _, h := range k.known[key] {
			if !yield(h, nil) {
				return
			}
		}
	}
}

// clone is a history that stays as it is when the source goes on.
func clone(h *backtest.History) *backtest.History {
	c := *h
	c.Outcomes, c.Apart, c.Runs = slices.Clone(h.Outcomes), slices.Clone(h.Apart), slices.Clone(h.Runs)
	for i := range c.Runs {
		c.Runs[i].Holds = slices.Clone(c.Runs[i].Holds)
	}
	return &c
}
