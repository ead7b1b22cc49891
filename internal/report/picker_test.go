package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"yujing/scorer/backtest"
)

// TestPickerKeepsTheBestAndTheWorst compares with sorting everything, in any order of the stream.
func TestPickerKeepsTheBestAndTheWorst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	var all []backtest.Case
	verdicts := []backtest.Verdict{backtest.True, backtest.False, backtest.Missed, backtest.TooSoon, backtest.Quiet, backtest.Undecided}
	for i := range 3000 {
		c := backtest.Case{Risk: fmt.Sprint("risk", i%3), Row: fmt.Sprintf("%016x", i), First: day, Score: rng.IntN(100), Verdict: verdicts[rng.IntN(6)],
			OutcomeAt: day.Add(time.Duration(1000+rng.IntN(1000)) * time.Hour)}
		if c.Verdict == backtest.True {
			c.WarnedAt = day.Add(time.Duration(rng.IntN(900)) * time.Hour)
		}
		all = append(all, c)
	}
	var want []backtest.Case
	for _, risk := range []string{"risk0", "risk1", "risk2"} {
		for _, v := range []backtest.Verdict{backtest.True, backtest.Missed} {
			of := slices.DeleteFunc(slices.Clone(all), func(c backtest.Case) bool { return c.Risk != risk || c.Verdict != v })
			slices.SortFunc(of, map[backtest.Verdict]func(a, b backtest.Case) int{backtest.True: better, backtest.Missed: worse}[v])
			want = append(want, of[:Told]...)
		}
	}
	for range 5 {
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var p Picker
		for _, c := range all {
			p.Add(&c)
			for _, of := range p.risks {
				if len(of.catches) > Told || len(of.misses) > Told {
					t.Fatal("the picker keeps more than it tells")
				}
			}
		}
		if got := p.Cases(); !slices.Equal(got, want) {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
	}
}

func TestOrderOfTheTold(t *testing.T) {
	day := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(hours int) time.Time { return day.Add(time.Duration(hours) * time.Hour) }
	early := backtest.Case{First: day, WarnedAt: day, OutcomeAt: at(24 * 30), Score: 50}
	late := backtest.Case{First: day, WarnedAt: day, OutcomeAt: at(24 * 3), Score: 99}
	sameDay := backtest.Case{First: day, WarnedAt: day, OutcomeAt: at(24*3 + 5), Score: 50}
	if better(early, late) >= 0 || better(late, sameDay) >= 0 {
		t.Error("the best catch is not the earliest, then the highest")
	}
	if worse(late, early) >= 0 || worse(late, sameDay) >= 0 {
		t.Error("the worst miss is not the soonest, then the highest")
	}
}
