package oracle

import (
	"testing"

	"yujing/scorer/backtest"
)

// plausible holds the oracle's figures together, and the district to showing
// something of everything: what never happens would prove nothing.
func plausible(t *testing.T, list []answers) {
	t.Helper()
	shadows, redundant, lost, outliers := 0, 0, 0, 0
	for _, a := range list {
		for id, f := range a.report.Risks {
			a.holdTogether(t, id, f)
			if f.Outcomes == 0 || f.Missed == 0 || f.Quiet == 0 || f.Levels["blue"].True == 0 || f.Levels["yellow"].Warned == 0 {
				t.Errorf("%s at %s shows too little: %+v", id, a.level, *f)
			}
			outliers += len(f.Outliers)
			for _, rule := range f.Rules {
				if rule.Shadow && rule.Fired > 0 {
					shadows++
				}
				if rule.Redundant {
					redundant++
				}
				lost += rule.Lost
			}
		}
		verdicts := map[backtest.Verdict]int{}
		for _, c := range a.cases {
			verdicts[c.Verdict]++
		}
		if len(verdicts) != 6 {
			t.Errorf("verdicts at %s: %v", a.level, verdicts)
		}
	}
	if shadows == 0 || redundant == 0 || lost == 0 || outliers == 0 {
		t.Errorf("%d shadow rules fired, %d rules redundant, %d warnings lost without one, %d outliers", shadows, redundant, lost, outliers)
	}
}

// holdTogether says which counts of a risk contradict each other.
func (a *answers) holdTogether(t *testing.T, id string, f *backtest.Figures) {
	t.Helper()
	lines := 0
	for _, c := range a.cases {
		if c.Risk == id {
			lines++
		}
	}
	binned := 0
	for _, b := range f.Calibration {
		binned += b.Cases
	}
	for what, wrong := range map[string]bool{
		"cases":       lines != f.Cases || f.True+f.False+f.Missed+f.TooSoon+f.Quiet+f.Undecided != f.Cases,
		"outcomes":    f.True+f.Missed+f.TooSoon != f.Outcomes,
		"lead times":  len(f.LeadHours) != f.True,
		"level":       f.Levels[a.report.Level].Warned != f.True+f.False,
		"levels":      f.Levels["blue"].Warned < f.Levels["yellow"].Warned || f.Levels["orange"].Warned < f.Levels["red"].Warned,
		"calibration": binned > f.Cases-f.Undecided-f.TooSoon,
	} {
		if wrong {
			t.Errorf("%s at %s, the figures contradict each other in %s: %+v", id, a.level, what, *f)
		}
	}
	a.sharesAddUp(t, id, f)
}

func (a *answers) sharesAddUp(t *testing.T, id string, f *backtest.Figures) {
	t.Helper()
	for by, list := range map[string][]backtest.Share{"unit": f.ByUnit, "place": f.ByPlace, "channel": f.ByChannel} {
		var cases, outcomes, warned, undecided int
		var perDay float64
		for _, s := range list {
			cases, outcomes, warned, undecided, perDay = cases+s.Cases, outcomes+s.Outcomes, warned+s.Warned, undecided+s.Undecided, perDay+s.WarningsPerDay
		}
		if cases != f.Cases || outcomes != f.Outcomes || warned != f.Warned || undecided != f.Undecided || perDay-f.WarningsPerDay > 1e-9 || f.WarningsPerDay-perDay > 1e-9 {
			t.Errorf("%s at %s: the parts by %s do not add up to the whole: %+v", id, a.level, by, list)
		}
	}
}
