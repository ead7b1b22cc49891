package report

import (
	"math"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// shownParts is how many parts of a cohort stand in the open; the rest is folded.
const shownParts = 10

// shares is where the rules are unfair or blind: the cohort by channel, unit, place.
func shares(f *backtest.Figures) []table {
	return []table{
		shareTable(text("按来件渠道", "By channel"), text("渠道", "channel"), f, f.ByChannel, channel),
		shareTable(text("按责任单位", "By unit"), text("单位", "unit"), f, f.ByUnit, asIs),
		shareTable(text("按问题属地", "By place"), text("属地", "place"), f, f.ByPlace, asIs),
	}
}

func shareTable(caption, what rules.Text, f *backtest.Figures, parts []backtest.Share, name func(string) rules.Text) table {
	t := table{Caption: caption, Columns: columns(1, what, text("总数", "cases"), text("发生", "outcomes"), text("基准率", "base rate"),
		text("预警", "warned"), text("准确率", "precision"), text("召回率", "recall"), text("提升倍数", "lift"), text("每天预警", "a day"), text("未定", "undecided"))}
	if len(parts) == 0 {
		t.Note = text("没有可分的。", "There is nothing to tell apart.")
	}
	for i := range parts {
		s := &parts[i]
		head := words(name(s.Value))
		head.Mark = stands(s, f)
		r := row{Cells: []cell{head, number(s.Cases), number(s.Outcomes), perhaps(s.BaseRate, percent, noneDecided()), number(s.Warned),
			perhaps(s.Precision, percent, noneWarned()), perhaps(s.Recall, percent, noneCame()), lift(s.Rates),
			{Value: fixed(s.WarningsPerDay)}, number(s.Undecided)}}
		if i < shownParts {
			t.Rows = append(t.Rows, r)
		} else {
			t.More = append(t.More, r)
		}
	}
	return t
}

// stands says where a part stands apart from the whole by more than chance
// explains: the whole's figure lies outside the part's 95 % interval.
func stands(s *backtest.Share, f *backtest.Figures) rules.Text {
	blind := below(s.Recall, s.Outcomes, f.Recall)
	noisy := below(s.Precision, s.Warned, f.Precision)
	switch {
	case blind && noisy:
		return text("漏报、虚警都偏多", "misses more and warns more for nothing")
	case blind:
		return text("漏报偏多", "misses more")
	case noisy:
		return text("虚警偏多", "warns more for nothing")
	}
	return rules.Text{}
}

func below(share *float64, of int, whole *float64) bool {
	if share == nil || whole == nil {
		return false
	}
	k := int(math.Round(*share * float64(of)))
	return wilsonHigh(k, of) < *whole
}

// wilsonHigh is the upper end of the 95 % interval of a share.
func wilsonHigh(k, n int) float64 {
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	return (p + z*z/(2*m) + z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))) / (1 + z*z/m)
}
