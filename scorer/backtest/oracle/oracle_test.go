package oracle

import (
	"testing"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// plans are what is asked of the district: on days, and at another level on a
// grid that no day has.
func plans(set *rules.Set, end time.Time) []plan {
	from, to := opened().AddDate(0, 0, 8), opened().AddDate(0, 0, 100)
	all := []plan{
		{from: from, to: to, step: 24 * time.Hour, level: rules.Yellow},
		{from: from.Add(5 * time.Hour), to: to.AddDate(0, 0, -40), step: 31 * time.Hour, level: rules.Blue},
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

// answer is what the oracle says to every plan.
func (s *slow) answer() (list []answers) {
	for _, p := range plans(s.set, s.all.end()) {
		a := answers{plan: p}
		a.report, a.cases = p.report(s.set, map[rules.Over][]*row{
			rules.OverCase: s.rows(rules.OverCase, p.instants), rules.OverGroup: s.rows(rules.OverGroup, p.instants)})
		list = append(list, a)
	}
	return list
}

// TestBacktestOfADistrict holds the store's histories, and the figures made of
// them and of the oracle's own, to what plain loops say: every rule at every
// instant, every figure of every risk, and every row.
func TestBacktestOfADistrict(t *testing.T) {
	db := district(t)
	oracle := newSlow(t, read(t, db), districtRules(t))
	if n := len(oracle.all.now(rules.OverCase)); n < 1900 || n > 2150 {
		t.Errorf("%d cases; about 2,000 were meant", n)
	}
	list := oracle.answer()
	plausible(t, list)
	for name, src := range sourcesOf(db, oracle) {
		t.Run(name, func(t *testing.T) {
			src := keep(src)
			if end, err := src.DataEnd(t.Context()); err != nil || !end.Equal(oracle.all.end()) {
				t.Errorf("the data end %s, %v; want %s", end, err, oracle.all.end())
			}
			for i := range list {
				oracle.compare(t, src, rules.OverCase, list[i].plan)
				oracle.compare(t, src, rules.OverGroup, list[i].plan)
				list[i].compare(t, src, oracle.set)
			}
		})
	}
}
