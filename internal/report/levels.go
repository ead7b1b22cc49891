package report

import (
	"slices"
	"strconv"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// colours are the levels of warning, the lowest first.
func colours() []rules.Level { return []rules.Level{rules.Blue, rules.Yellow, rules.Orange, rules.Red} }

// levels is what each colour would give if it were the one asked for.
func levels(risk *rules.Risk, f *backtest.Figures, asked string) table {
	t := table{Caption: text("换一个级别会怎样", "If another level were asked for"),
		Note: text("门槛越高，准确率越高、召回率越低、预警越少。", "The higher the threshold, the higher the precision, the lower the recall, the fewer the warnings."),
		Columns: columns(1, text("级别", "level"), text("预警", "warned"), text("应验", "true"), text("落空", "false"), text("准确率", "precision"),
			text("召回率", "recall"), text("提升倍数", "lift"), text("每天预警", "a day"))}
	for _, level := range slices.Backward(colours()) {
		l := f.Levels[level.String()]
		if l == nil {
			continue
		}
		name := words(level.Name())
		name.Bars = []bar{{"swatch " + level.String(), "100"}}
		if level.String() == asked {
			name.Mark = text("本次所用", "used here")
		}
		t.Rows = append(t.Rows, row{Cells: []cell{name, number(l.Warned), number(l.True), number(l.False),
			perhaps(l.Precision, percent, noneWarned()), perhaps(l.Recall, percent, noneCame()),
			lift(l.Rates).between(l.LiftInterval, fixed), {Value: fixed(l.WarningsPerDay)}}})
	}
	return t
}

// ruleTable is what each rule does, in the order of the files.
func ruleTable(risk *rules.Risk, f *backtest.Figures) table {
	t := table{Caption: text("每条规则的作用", "What each rule does"),
		Note: text("独自：当时没有别的规则成立。失去：去掉这条规则就会失去的预警。多余：触发过，但去掉它一条预警也不少。观察：试运行，不计分。",
			"Alone: no other rule held then. Lost: warnings that there would not be without the rule. Redundant: it fired, and without it no warning would be lost. Shadow: on trial, adds no points."),
		Columns: columns(1, text("规则", "rule"), text("分", "points"), text("触发", "fired"), text("其中发生", "came true"), text("独自", "alone"),
			text("预警时", "warned"), text("失去", "lost"))}
	most := 0
	for _, r := range f.Rules {
		most = max(most, r.Fired)
	}
	for _, rule := range risk.Rules {
		if r := f.Rules[rule.ID]; r != nil {
			t.Rows = append(t.Rows, ruleRow(rule, r, most))
		}
	}
	return t
}

func ruleRow(rule *rules.Rule, r *backtest.RuleFigures, most int) row {
	name := cell{Text: rule.Name, Code: rule.ID}
	switch {
	case r.Shadow:
		name.Mark = text("观察", "shadow")
	case r.Fired == 0:
		name.Mark = text("从未触发", "never fired")
	case r.Redundant:
		name.Mark = text("多余", "redundant")
	}
	fired := cell{Value: itoa(r.Fired), Bars: []bar{{"fired", width(r.Fired, most)}}}
	came := cell{Value: itoa(r.CameTrue), Bars: []bar{{"came", width(r.CameTrue, most)}}}
	if r.Fired > 0 {
		came.Interval = percent(float64(r.CameTrue) / float64(r.Fired))
	}
	return row{Faint: r.Fired == 0, Cells: []cell{name, {Value: signed(r.Points)}, fired, came,
		{Value: itoa(r.Alone), Bars: []bar{{"alone", width(r.Alone, most)}}},
		{Value: itoa(r.Warned), Bars: []bar{{"warned", width(r.Warned, most)}}},
		{Value: itoa(r.Lost), Bars: []bar{{"lost", width(r.Lost, most)}}}}}
}

func signed(points int) string {
	if points > 0 {
		return "+" + itoa(points)
	}
	return itoa(points)
}

// width is a share of the widest bar, in percent.
func width(n, most int) string {
	if most == 0 {
		return "0"
	}
	return strconv.FormatFloat(100*float64(n)/float64(most), 'f', 1, 64)
}
