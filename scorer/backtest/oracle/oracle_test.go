package oracle

import (
	"slices"
	"testing"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// plans are what is asked of the district: at two levels on days, and on a grid
// that no day has.
func plans(set *rules.Set, end time.Time) []plan {
	from, to := opened().AddDate(0, 0, 8), opened().AddDate(0, 0, 100)
	all := []plan{
		{from: from, to: to, step: 24 * time.Hour, level: rules.Yellow},
		{from: from, to: to, step: 24 * time.Hour, level: rules.Blue},
		{from: from.Add(5 * time.Hour), to: to.AddDate(0, 0, -60), step: 31 * time.Hour, level: rules.Orange},
	}
	for i := range all {
		all[i] = all[i].over(set, end)
	}
	return all
}

// answers are the oracle's, one for each plan.
type answers struct {
	plan
	report *backtest.Report
	cases  []backtest.Case
}

// ask evaluates every row at every instant, once for plans that share them.
func ask(t *testing.T, all signals, set *rules.Set) (list []answers) {
	t.Helper()
	var rowsOf map[rules.Over][]*row
	var asked []time.Time
	for _, p := range plans(set, all.end()) {
		if !slices.Equal(asked, p.instants) {
			asked, rowsOf = p.instants, map[rules.Over][]*row{}
			for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
				rowsOf[over] = all.rows(t, set, over, p.instants)
			}
		}
		a := answers{plan: p}
		a.report, a.cases = p.report(set, rowsOf)
		list = append(list, a)
	}
	return list
}

func TestOracleOfADistrict(t *testing.T) {
	all, set := read(t, district(t)), districtRules(t)
	if n := len(all.now(rules.OverCase)); n < 1900 || n > 2150 {
		t.Errorf("%d cases; about 2,000 were meant", n)
	}
	list := ask(t, all, set)
	plausible(t, list)
}
