package report

import (
	"yujing/rules"
	"yujing/scorer/backtest"
)

// headline is every figure of a risk with its interval and its meaning.
func headline(risk *rules.Risk, f *backtest.Figures) table {
	horizon := wholeOrTenth(risk.Horizon)
	noun := counted(risk.Over)
	t := table{Caption: text("主要数字", "Headline figures"),
		Note:    text("区间：把已判明的重新抽样 1000 次，95% 的结果落在其中。", "Intervals hold 95 % of 1,000 resamples of the decided rows."),
		Columns: columns(1, text("指标", "figure"), text("数值", "value"), text("95% 区间", "95 % interval"), text("含义", "meaning"))}
	t.Columns[3].Words = true
	add := func(name rules.Text, value cell, means rules.Text) {
		interval := cell{Value: value.Interval}
		value.Interval = ""
		t.Rows = append(t.Rows, row{Cells: []cell{words(name), value, interval, words(means)}})
	}
	add(text("件数", "cases"), number(f.Cases), text("首次来件在本期内的，单位："+noun.ZH, noun.EN+" whose first contact lies in the period"))
	add(text("发生数", "outcomes"), number(f.Outcomes), text(horizon+" 天内发生“"+risk.Name.ZH+"”的", "those with “"+risk.Name.EN+"” within "+horizon+" days"))
	add(text("基础率", "base rate"), perhaps(f.BaseRate, percent, noneDecided()), text("已判明的当中发生的比例：不看规则、随便抽查的命中率", "share of the decided ones in which it came: what picking at random finds"))
	add(text("预警数", "warned"), number(f.Warned), text("已判明的当中发出过预警的", "decided ones that were warned of"))
	add(text("准确率", "precision"), perhaps(f.Precision, percent, noneWarned()).between(f.PrecisionInterval, percent), text("预警中应验的比例：低则基层白跑", "share of the warnings that came true: if it is low, officers run for nothing"))
	add(text("召回率", "recall"), perhaps(f.Recall, percent, noneCame()).between(f.RecallInterval, percent), text("发生的当中事前预警到的比例：低则漏报多", "share of the outcomes that were warned of: if it is low, many are missed"))
	add(text("提升倍数", "lift"), lift(f.Rates).between(f.LiftInterval, fixed), text("准确率是基础率的几倍：1 即等于随便抽查", "precision over base rate: at 1 the rules do no better than chance"))
	for _, q := range leadTimes(f) {
		add(q.Name, q.value, q.Is)
	}
	add(text("每天预警", "warnings per day"), cell{Value: fixed(f.WarningsPerDay)}, text("平均每天新发出的预警，含期前首次来件、仍在办的", "new warnings on an average day, over all rows at risk"))
	add(text("期初已在级", "standing"), number(f.Standing), text("第一个时点已达级别的，不算新预警", "stood at the level at the first instant already: no new warnings"))
	return t
}

// leadTime is a quartile of the lead times.
type leadTime struct {
	fact
	value cell
}

func leadTimes(f *backtest.Figures) []leadTime {
	q := func(name, is rules.Text, of func(*backtest.Quartiles) float64) leadTime {
		if f.LeadDays == nil {
			return leadTime{fact{Name: name, Is: is}, cell{Value: none, Note: noneCaught()}}
		}
		return leadTime{fact{Name: name, Is: is}, cell{Value: fixed(of(f.LeadDays))}}
	}
	return []leadTime{
		q(text("提前天数（下四分位）", "lead days, p25"), text("四分之三的应验预警至少提前这么多天", "three quarters of the catches came at least so early"), func(q *backtest.Quartiles) float64 { return q.P25 }),
		q(text("提前天数（中位）", "lead days, p50"), text("一半的应验预警至少提前这么多天", "half of the catches came at least so early"), func(q *backtest.Quartiles) float64 { return q.P50 }),
		q(text("提前天数（上四分位）", "lead days, p75"), text("四分之一的应验预警至少提前这么多天", "a quarter of the catches came at least so early"), func(q *backtest.Quartiles) float64 { return q.P75 }),
	}
}

// verdicts counts what became of the rows.
func verdicts(risk *rules.Risk, f *backtest.Figures) table {
	noun, total := counted(risk.Over), itoa(f.Cases)
	t := table{Caption: text("结果如何", "What became of them"), Note: text("合计 "+total+" "+noun.ZH+"。", total+" "+noun.EN+" in all."),
		Columns: columns(1, text("结果", "verdict"), text("数量", "number"), text("含义", "meaning"))}
	t.Columns[2].Words = true
	counts := []int{f.True, f.False, f.Missed, f.TooSoon, f.Quiet, f.Undecided}
	for i, v := range verdictWords() {
		t.Rows = append(t.Rows, row{Cells: []cell{words(v.Name),
			{Value: itoa(counts[i]), Bars: []bar{{"v" + itoa(i), width(counts[i], f.Cases)}}}, words(v.Is)}})
	}
	return t
}
