package report

import (
	"yujing/rules"
	"yujing/scorer/backtest"
)

// shownParts is how many parts of a cohort stand in the open; the rest is folded.
const shownParts = 10

// shares is where the rules are unfair or blind: the cohort by channel, unit, place.
func shares(f *backtest.Figures) []table {
	return []table{
		outliers(f),
		shareTable(text("按来件渠道", "By channel"), text("渠道", "channel"), "channel", f, f.ByChannel),
		shareTable(text("按责任单位", "By unit"), text("单位", "unit"), "unit", f, f.ByUnit),
		shareTable(text("按问题属地", "By place"), text("属地", "place"), "place", f, f.ByPlace),
	}
}

func shareTable(caption, what rules.Text, by string, f *backtest.Figures, parts []backtest.Share) table {
	t := table{Caption: caption, Columns: columns(1, what, text("件数", "cases"), text("发生", "outcomes"), text("基础率", "base rate"),
		text("预警", "warned"), text("应验", "true"), text("准确率", "precision"), text("召回率", "recall"), text("提升倍数", "lift"), text("每天预警", "a day"), text("未决", "undecided"))}
	if len(parts) == 0 {
		t.Note = text("没有可分的。", "There is nothing to tell apart.")
	}
	for i := range parts {
		s := &parts[i]
		head := words(partName(by, s.Value))
		head.Mark = marks(by, s.Value, f)
		r := row{Cells: []cell{head, number(s.Cases), number(s.Outcomes), perhaps(s.BaseRate, percent, noneDecided()), number(s.Warned), number(s.True),
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

// marks says where a part's figures are lower than the whole's by more than
// chance explains; the rules warn for nothing there, or miss more.
func marks(by, value string, f *backtest.Figures) rules.Text {
	low := map[string]bool{}
	for _, o := range f.Outliers {
		if o.By == by && o.Value == value && o.Below() {
			low[o.Figure] = true
		}
	}
	switch {
	case low["recall"] && low["precision"]:
		return text("漏报、落空都偏多", "misses more and warns more for nothing")
	case low["recall"]:
		return text("漏报偏多", "misses more")
	case low["precision"]:
		return text("落空偏多", "warns more for nothing")
	}
	return rules.Text{}
}

// outliers lists the parts that are not as the whole, better ones too.
func outliers(f *backtest.Figures) table {
	t := table{Caption: text("与整体不同的部分", "Parts that are not as the whole"),
		Columns: columns(1, text("部分", "part"), text("指标", "figure"), text("这一部分", "the part"), text("分母", "of"), text("整体", "the whole"))}
	t.Columns[1].Words = true
	if len(f.Outliers) == 0 {
		t.Note = text("没有：各部分与整体的差别都可以用偶然解释。", "There is none: chance explains how the parts differ from the whole.")
	}
	for i := range f.Outliers {
		if r := outlierRow(&f.Outliers[i]); i < shownParts {
			t.Rows = append(t.Rows, r)
		} else {
			t.More = append(t.More, r)
		}
	}
	return t
}

func outlierRow(o *backtest.Outlier) row {
	figure, low, high := text("准确率", "precision"), text("落空偏多", "warns more for nothing"), text("落空偏少", "warns less for nothing")
	if o.Figure == "recall" {
		figure, low, high = text("召回率", "recall"), text("漏报偏多", "misses more"), text("漏报偏少", "misses less")
	}
	value := cell{Value: percent(o.Part)}.between(&o.Interval, percent)
	head := words(partName(o.By, o.Value))
	if head.Mark = high; o.Below() {
		head.Mark = low
	}
	return row{Cells: []cell{head, words(figure), value, number(o.Of), {Value: percent(o.Whole)}}}
}

// partName names a part of a kind.
func partName(by, value string) rules.Text {
	if by == "channel" {
		return channel(value)
	}
	return asIs(value)
}
