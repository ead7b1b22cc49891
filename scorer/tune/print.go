package tune

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// Print writes the report for an analyst: Chinese first, English beside it. The
// patch is of the swept changes, or with fitted of the fitted points.
func (r *Report) Print(w io.Writer, risk *rules.Risk, fitted bool) error {
	var b strings.Builder
	r.printHead(&b, risk)
	r.printSweeps(&b)
	r.printChanges(&b)
	r.Fit.print(&b)
	if fitted && !r.Fit.Proposed {
		fmt.Fprintln(&b, "没有可写入的拟合分值 there are no fitted points to write")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) printHead(b *strings.Builder, risk *rules.Risk) {
	at := func(t time.Time) string { return t.In(risk.Zone).Format("2006-01-02 15:04") }
	fmt.Fprintf(b, "调优 tune  %s %s（%s）规则集 rule set %s，时间 times %s\n", risk.Name.ZH, risk.Name.EN, risk.ID, r.RuleSet, risk.Zone)
	fmt.Fprintf(b, "前段 earlier part  %s – %s：%d 件 cases，%d 件发生 outcomes；在此试算 tried on this\n", at(r.From), at(r.Split), r.Earlier.Cases, r.Earlier.Outcomes)
	fmt.Fprintf(b, "后段 later part    %s – %s：%d 件 cases，%d 件发生 outcomes；在此评判 judged on this\n", at(r.Split), at(r.To), r.Later.Cases, r.Later.Outcomes)
	fmt.Fprintf(b, "预警级别 level %s，每日预警不超过 no more warnings a day than %.2f\n", r.Level, r.Limit)
}

// tableOf makes a table in the manner of the other commands; columns from the
// given one on are numbers.
func tableOf(title string, numbersFrom int, header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options.DrawBorder = false
	style.Title.Align = text.AlignLeft
	t.SetStyle(style)
	if title != "" {
		t.SetTitle(title)
	}
	t.AppendHeader(header)
	var columns []table.ColumnConfig
	for n := range header {
		c := table.ColumnConfig{Number: n + 1, WidthMax: 34}
		if n+1 >= numbersFrom {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		columns = append(columns, c)
	}
	t.SetColumnConfigs(columns)
	return t
}

func put(b *strings.Builder, t table.Writer) { fmt.Fprintf(b, "%s\n\n", t.Render()) }

func section(b *strings.Builder, zh, en string) { fmt.Fprintf(b, "\n━━ %s %s\n", zh, en) }

// printSweeps shows each number alone.
func (r *Report) printSweeps(b *strings.Builder) {
	section(b, "逐项试算（前段，其余不动）", "each number alone, on the earlier part, all else as written")
	for _, s := range r.Sweeps {
		what := "分值 points"
		if !s.Points {
			what = "条件 " + s.In
		}
		t := tableOf(fmt.Sprintf("%s %s %s:%d\n%s", s.Name.ZH, s.Rule, s.File, s.Line, what), 1,
			"值 value", "应验 true", "落空 false", "召回率 recall", "准确率 precision", "每日 per day", "")
		for _, v := range s.Values {
			t.AppendRow(table.Row{v.Value, v.True, v.False, percent(v.Recall), percent(v.Precision), fmt.Sprintf("%.2f", v.WarningsPerDay), v.note()})
		}
		put(b, t)
	}
}

func (v *Value) note() string {
	switch {
	case v.Now:
		return "◀ 现值 now"
	case v.RedLost > 0:
		return fmt.Sprintf("失红 red lost %d", v.RedLost)
	}
	return ""
}

// printChanges shows what is proposed and how it is judged.
func (r *Report) printChanges(b *strings.Builder) {
	section(b, "建议", "proposal")
	if len(r.Changes) == 0 {
		fmt.Fprintf(b, "没有一项改动的收益超出偶然 no change gains more than chance would\n")
		return
	}
	t := tableOf("", 4, "规则\nrule", "改动\nchange", "由 → 到\nfrom → to", "应验\ntrue", "落空\nfalse", "每日\nper day")
	for _, c := range r.Changes {
		what := "分值 points"
		if !c.Points {
			what = c.In
		}
		t.AppendRow(table.Row{c.Name.ZH + "\n" + c.Rule, what, c.From + " → " + c.To, fmt.Sprintf("%+d", c.True), fmt.Sprintf("%+d", c.False), fmt.Sprintf("%+.2f", c.Warnings)})
	}
	put(b, t)
	for _, c := range r.Changes {
		for _, text := range c.Texts {
			fmt.Fprintf(b, "请改文字 mend by hand: 规则 %s 的文字仍说 %s / a text of this rule still says %s: %s\n", c.Rule, c.From, c.From, text)
		}
	}
	r.Swept.print(b)
}

// print shows both parts, and says what the later one is worth.
func (j *Judged) print(b *strings.Builder) {
	t := tableOf("", 2, "", "前段 改前\nearlier before", "前段 改后\nearlier after", "后段 改前\nlater before", "后段 改后\nlater after", "后段之差 95 %\nchange, later")
	sides := []backtest.Side{j.Earlier.Before, j.Earlier.After, j.Later.Before, j.Later.After}
	row := func(name, change string, of func(s backtest.Side) string) {
		cells := table.Row{name}
		for _, s := range sides {
			cells = append(cells, of(s))
		}
		t.AppendRow(append(cells, change))
	}
	row("召回率 recall", interval(j.Later.RecallChange), func(s backtest.Side) string { return percent(s.Recall) + within(s.RecallInterval) })
	row("准确率 precision", interval(j.Later.PrecisionChange), func(s backtest.Side) string { return percent(s.Precision) + within(s.PrecisionInterval) })
	row("提升 lift", "", func(s backtest.Side) string {
		if s.Lift == nil {
			return "–"
		}
		return fmt.Sprintf("%.2f", *s.Lift)
	})
	row("应验 true", "", func(s backtest.Side) string { return fmt.Sprint(s.True) })
	row("落空 false", "", func(s backtest.Side) string { return fmt.Sprint(s.False) })
	row("每日 per day", "", func(s backtest.Side) string { return fmt.Sprintf("%.2f", s.WarningsPerDay) })
	put(b, t)
	zh, en := j.verdict()
	fmt.Fprintf(b, "结论：%s\nverdict: %s\n", zh, en)
	if j.RedLost > 0 || j.RedLowered > 0 {
		fmt.Fprintf(b, "曾为红色且应验的：%d 件不再预警，%d 件仍预警但不再为红 / red cases that came true: %d warned of no more, %d warned of but red no more\n",
			j.RedLost, j.RedLowered, j.RedLost, j.RedLowered)
	}
}

// verdict says what the later part proves.
func (j *Judged) verdict() (zh, en string) {
	recall, precision := direction(j.Later.RecallChange), direction(j.Later.PrecisionChange)
	switch {
	case recall < 0 && precision < 0:
		return "后段上召回率和准确率都变差，不宜采用", "worse on the later part, in recall and in precision: do not use it"
	case recall < 0 || precision < 0:
		return "后段上一升一降或一项变差，请权衡", "one figure is worse on the later part: weigh it against the other"
	case recall > 0 && precision > 0:
		return "后段上召回率和准确率都有提高，超出偶然", "better on the later part in recall and in precision, beyond chance"
	case recall > 0:
		return "后段上召回率提高，超出偶然", "recall is better on the later part, beyond chance"
	case precision > 0:
		return "后段上准确率提高，超出偶然", "precision is better on the later part, beyond chance"
	}
	return "后段上没有超出偶然的差别，收益未得到证实", "no difference beyond chance on the later part: the gain is not proven"
}

// direction says on which side of 0 an interval lies.
func direction(v *[2]float64) int {
	switch {
	case v == nil:
		return 0
	case v[0] > 0:
		return 1
	case v[1] < 0:
		return -1
	}
	return 0
}

// print shows the scorecard.
func (f *Fit) print(b *strings.Builder) {
	section(b, "按历史拟合分值", "points fitted to history")
	fmt.Fprintf(b, "逻辑回归（岭惩罚，符号不变）：前段 %d 个时点，其后发生 %d 起\n", f.Instants, f.Outcomes)
	fmt.Fprintf(b, "logistic regression, ridge, signs kept: %d followed instants of the earlier part, an outcome came after %d\n", f.Instants, f.Outcomes)
	t := tableOf("", 2, "规则\nrule", "成立时点\ninstants", "其后发生\noutcomes", "权重\nweight", "现分\npoints now", "拟合\nfitted")
	for _, r := range f.Rules {
		weight := "–"
		if r.Weight != nil {
			weight = fmt.Sprintf("%+.2f", *r.Weight)
		}
		t.AppendRow(table.Row{r.Name.ZH + "\n" + r.Rule, r.Instants, r.Outcomes, weight, fmt.Sprintf("%+d", r.Before), fmt.Sprintf("%+d", r.After)})
	}
	put(b, t)
	if f.Judged == nil {
		fmt.Fprintln(b, "在预警上限内没有可用的比例；可用 --budget 放宽")
		fmt.Fprintln(b, "no scale is within the limit: allow more with --budget")
		return
	}
	f.Judged.print(b)
	if !f.Proposed {
		fmt.Fprintln(b, "仅供参考，不作建议：会丢失红色应验件；可用 --allow-lost-red 放宽")
		fmt.Fprintln(b, "shown, not proposed: it loses red cases that came true; --allow-lost-red allows that")
	}
}

func percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**v)
}

// within is an interval below its figure.
func within(v *[2]float64) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("\n%.1f–%.1f", 100*v[0], 100*v[1])
}

// interval is one of a change, in points of a hundred.
func interval(v *[2]float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%+.1f … %+.1f", 100*v[0], 100*v[1])
}
