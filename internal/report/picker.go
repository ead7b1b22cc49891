package report

import (
	"cmp"
	"slices"
	"time"

	"yujing/scorer/backtest"
)

// Told is how many of the best catches, and of the worst misses, a page tells.
const Told = 10

// Picker keeps the cases worth telling of a stream of any length: of each risk
// the best catches and the worst misses. It holds no more than these. The zero
// value is ready.
type Picker struct {
	risks map[string]*picked
}

// picked is the cases kept of one risk, the best and the worst first.
type picked struct{ catches, misses []backtest.Case }

// Add looks at one more case; in any order.
func (p *Picker) Add(c *backtest.Case) {
	if c.Verdict != backtest.True && c.Verdict != backtest.Missed {
		return
	}
	of := p.risks[c.Risk]
	if of == nil {
		if p.risks == nil {
			p.risks = map[string]*picked{}
		}
		of = &picked{}
		p.risks[c.Risk] = of
	}
	if c.Verdict == backtest.True {
		of.catches = keep(of.catches, *c, better)
	} else {
		of.misses = keep(of.misses, *c, worse)
	}
}

// Cases gives what was kept: of each risk the catches, then the misses.
func (p *Picker) Cases() []backtest.Case {
	var all []backtest.Case
	ids := make([]string, 0, len(p.risks))
	for id := range p.risks {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		all = slices.Concat(all, p.risks[id].catches, p.risks[id].misses)
	}
	return all
}

// keep inserts a case in order and drops the last one of too many.
func keep(list []backtest.Case, c backtest.Case, order func(a, b backtest.Case) int) []backtest.Case {
	at, _ := slices.BinarySearchFunc(list, c, order)
	if at >= Told {
		return list
	}
	list = slices.Insert(list, at, c)
	return list[:min(len(list), Told)]
}

// better orders catches: the longest lead in whole days, then the highest score.
func better(a, b backtest.Case) int {
	return cmp.Or(wholeDays(b.OutcomeAt.Sub(b.WarnedAt))-wholeDays(a.OutcomeAt.Sub(a.WarnedAt)), b.Score-a.Score, cmp.Compare(a.Row, b.Row))
}

// worse orders misses: what came back soonest in whole days, then the highest
// score: that was nearest to a warning.
func worse(a, b backtest.Case) int {
	return cmp.Or(wholeDays(a.OutcomeAt.Sub(a.First))-wholeDays(b.OutcomeAt.Sub(b.First)), b.Score-a.Score, cmp.Compare(a.Row, b.Row))
}

func wholeDays(d time.Duration) int { return int(d / (24 * time.Hour)) }
