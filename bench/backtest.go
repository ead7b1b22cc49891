package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/backtest"
)

// replayed is how many of the year's instants are evaluated one by one, to be
// held against the backtest and to tell what all of them would take.
const replayed = 3

// year is what a year of daily instants comes to.
type year struct {
	grid   backtest.Grid
	rows   []*backtest.History
	took   time.Duration
	atRisk float64 // the mean share of all rows that are in a run at an instant
}

// backtest measures a year of daily instants beside as many ticks.
func (b *bench) backtest(ctx context.Context) error {
	s, set, err := b.filledStore(ctx)
	if err != nil {
		return err
	}
	if err := s.forgetPeak(); err != nil {
		return err
	}
	grid := backtest.Grid{From: s.at.AddDate(-1, 0, 0), Last: s.at.Add(-24 * time.Hour), Step: 24 * time.Hour}
	total, replay, shares := time.Duration(0), time.Duration(0), ""
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		y, err := s.year(ctx, set, over, grid)
		if err != nil {
			return err
		}
		one, err := s.replay(ctx, set, over, y)
		if err != nil {
			return err
		}
		total, replay = total+y.took, replay+one*time.Duration(grid.Len())
		shares += fmt.Sprintf("%ss %.1f s, %d rows, a rule holds on %.0f %% of them at an instant; ", over, y.took.Seconds(), len(y.rows), 100*y.atRisk)
	}
	peak, err := s.peak()
	if err != nil {
		return err
	}
	b.add("backtest, a year of daily instants", fmt.Sprintf("%.0f s (%s%d instants), engine's peak %d MB", total.Seconds(), shares, grid.Len(), peak),
		fmt.Sprintf("%d ticks %.0f s (%d measured, same answer): %.1f times that", grid.Len(), replay.Seconds(), replayed, replay.Seconds()/total.Seconds()), "at least 5 times faster than the ticks, within 2 GB; goal 60 s at 1M cases")
	return nil
}

func (s *store) year(ctx context.Context, set *rules.Set, over rules.Over, grid backtest.Grid) (*year, error) {
	y := &year{grid: grid}
	started, lines := time.Now(), 0
	for h, err := range s.Histories(ctx, set, over, grid, grid.Last.Add(grid.Step)) {
		if err != nil {
			return nil, err
		}
		y.rows = append(y.rows, h)
		for _, run := range h.Runs {
			lines += run.Last - run.First + 1
		}
	}
	y.took = time.Since(started)
	y.atRisk = float64(lines) / float64(grid.Len()) / float64(max(len(y.rows), 1))
	return y, nil
}

// replay evaluates some instants as a tick does, holds the backtest to them, and
// gives what one takes.
func (s *store) replay(ctx context.Context, set *rules.Set, over rules.Over, y *year) (time.Duration, error) {
	took := time.Duration(0)
	for i := range replayed {
		instant := (i + 1) * y.grid.Len() / (replayed + 1)
		holds, started := map[uint64]rules.Holds{}, time.Now()
		for h, err := range s.Holding(ctx, set, scorer.View{AsOf: y.grid.At(instant), Over: over}) {
			if err != nil {
				return 0, err
			}
			holds[h.Row] = h.Holds
		}
		took += time.Since(started)
		for _, row := range y.rows {
			for _, run := range row.Runs {
				if run.First <= instant && instant <= run.Last && !slices.Equal(run.Holds, holds[row.Row]) {
					return 0, fmt.Errorf("row %x at %s: the backtest says %v, a tick %v", row.Row, y.grid.At(instant), run.Holds, holds[row.Row])
				}
			}
		}
	}
	return took / replayed, nil
}
