package backtest

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"yujing/rules"
)

// mostOutliers is how many are printed of each risk.
const mostOutliers = 12

// Print writes the report for an analyst: Chinese first, English beside it, at
// most 100 columns. The set is the one that was measured.
func (r *Report) Print(w io.Writer, set *rules.Set) error {
	var b strings.Builder
	r.printHead(&b, set)
	for _, risk := range set.Risks() {
		if f := r.Risks[risk.ID]; f != nil {
			f.print(&b, risk, r.Level)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printHead tells times in the zone of the first risk that was asked for.
func (r *Report) printHead(b *strings.Builder, set *rules.Set) {
	zone := time.UTC
	for _, risk := range slices.Backward(set.Risks()) {
		if r.Risks[risk.ID] != nil {
			zone = risk.Zone
		}
	}
	at := func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04") }
	fmt.Fprintf(b, "回测 backtest  %s – %s（%s）\n", at(r.From), at(r.To), zone)
	fmt.Fprintf(b, "每 every %s，共 %d 个时点 instants，数据截至 data end %s，用时 %.1f 秒 seconds\n", r.Step, r.Instants, at(r.DataEnd), r.Seconds)
	fmt.Fprintf(b, "规则集 rule set %s，预警级别 level %s\n", r.RuleSet, r.Level)
}

// print tells of one risk; without a decided row there is little to tell.
func (f *Figures) print(b *strings.Builder, risk *rules.Risk, level string) {
	fmt.Fprintf(b, "\n━━ %s %s（%s）期限 horizon %s\n\n", risk.Name.ZH, risk.Name.EN, risk.ID, days(risk))
	f.printHeadline(b)
	if f.Cases > f.Undecided {
		f.printLevels(b, level)
		f.printRules(b, risk)
		f.printCalibration(b)
		f.printOutliers(b)
	}
	for _, hint := range f.hints(level) {
		fmt.Fprintf(b, "提示 hint: %s\n", hint)
	}
}

func days(risk *rules.Risk) string {
	if h := risk.Horizon.Hours(); h < 48 {
		return fmt.Sprintf("%.0f 小时 hours", h)
	}
	return fmt.Sprintf("%.0f 天 days", risk.Horizon.Hours()/24)
}

// tableOf makes a table in the manner of the other commands. Columns are numbered
// from 1; those of numbers stand right.
func tableOf(numbers []int, header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options.DrawBorder = false
	t.SetStyle(style)
	if len(header) > 0 {
		t.AppendHeader(header)
	}
	columns := []table.ColumnConfig{{Number: 1, WidthMax: 26}, {Number: 2, WidthMax: 26}}
	for _, n := range numbers {
		columns = append(columns, table.ColumnConfig{Number: n, WidthMax: 26, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	return t
}

func put(b *strings.Builder, title string, t table.Writer) {
	fmt.Fprintf(b, "%s\n%s\n\n", title, t.Render())
}

func (f *Figures) printHeadline(b *strings.Builder) {
	t := tableOf([]int{2})
	lead := "–"
	quartiles := ""
	if l := f.LeadDays; l != nil {
		lead, quartiles = fmt.Sprintf("%.1f", l.P50), fmt.Sprintf("天 days，四分位 quartiles %.1f–%.1f", l.P25, l.P75)
	}
	for _, row := range []table.Row{
		{"件数 cases", whole(f.Cases), fmt.Sprintf("未决 undecided %s", whole(f.Undecided))},
		{"发生 outcomes", whole(f.Outcomes), fmt.Sprintf("基础率 base rate %s", percent(f.BaseRate))},
		{"预警 warned", whole(f.Warned), fmt.Sprintf("应验 true %s，落空 false %s", whole(f.True), whole(f.False))},
		{"漏报 missed", whole(f.Missed), fmt.Sprintf("来不及 too soon %s，平静 quiet %s", whole(f.TooSoon), whole(f.Quiet))},
		{"准确率 precision", percent(f.Precision), percentInterval(f.PrecisionInterval)},
		{"召回率 recall", percent(f.Recall), percentInterval(f.RecallInterval)},
		{"提升 lift", times(f.Lift), timesInterval(f.LiftInterval)},
		{"提前 lead time", lead, quartiles},
		{"每日预警 warnings per day", fmt.Sprintf("%.2f", f.WarningsPerDay), fmt.Sprintf("期初已达 standing at the start %s", whole(f.Standing))},
	} {
		t.AppendRow(row)
	}
	put(b, "总览 headline", t)
}

func (f *Figures) printLevels(b *strings.Builder, asked string) {
	t := tableOf([]int{2, 3, 4, 5, 6, 7, 8}, "级别\nlevel", "预警\nwarned", "应验\ntrue", "准确率\nprecision", "召回率\nrecall", "提升\nlift", "95 %", "每日\nper day")
	for _, level := range colours() {
		l := f.Levels[level.String()]
		name := level.Name().ZH + " " + level.String()
		if level.String() == asked {
			name += " ◀"
		}
		t.AppendRow(table.Row{name, whole(l.Warned), whole(l.True), percent(l.Precision), percent(l.Recall), times(l.Lift), bareInterval(l.LiftInterval, 1, 2), fmt.Sprintf("%.2f", l.WarningsPerDay)})
	}
	put(b, "各级别 levels", t)
}

// printRules puts those first whose rows came true most often.
func (f *Figures) printRules(b *strings.Builder, risk *rules.Risk) {
	t := tableOf([]int{2, 3, 4, 5, 6, 7, 8}, "规则\nrule", "分\npoints", "触发\nfired", "发生\ncame true", "占比\nshare", "独自\nalone", "预警\nwarned", "失去\nlost")
	names := map[string]string{}
	for _, rule := range risk.Rules {
		names[rule.ID] = rule.Name.ZH + "\n" + rule.ID
	}
	var silent []string
	for _, id := range f.RulesByShare() {
		r := f.Rules[id]
		if r.Fired == 0 {
			silent = append(silent, id)
			continue
		}
		t.AppendSeparator()
		t.AppendRow(table.Row{names[id] + r.note(), fmt.Sprintf("%+d", r.Points), whole(r.Fired), whole(r.CameTrue), percent(ratio(float64(r.CameTrue), float64(r.Fired))),
			whole(r.Alone), whole(r.Warned), whole(r.Lost)})
	}
	put(b, "规则 rules", t)
	if len(silent) > 0 {
		fmt.Fprintf(b, "%s\n\n", text.WrapSoft("从未触发 never fired: "+strings.Join(silent, ", "), 96))
	}
}

func (r *RuleFigures) note() string {
	switch {
	case r.Shadow:
		return "\n（试行 shadow）"
	case r.Redundant && r.Points >= 0: // one with negative points is there to take warnings away
		return "\n（冗余 redundant）"
	}
	return ""
}

// RulesByShare gives the ids of the rules, those first whose rows came true most
// often; those that never fired come last.
func (f *Figures) RulesByShare() []string {
	share := func(r *RuleFigures) float64 {
		if r.Fired == 0 {
			return -1
		}
		return float64(r.CameTrue) / float64(r.Fired)
	}
	return slices.SortedFunc(maps.Keys(f.Rules), func(x, y string) int {
		a, b := f.Rules[x], f.Rules[y]
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(b.Fired, a.Fired), cmp.Compare(x, y))
	})
}

func (f *Figures) printCalibration(b *strings.Builder) {
	t := tableOf([]int{1, 2, 3, 4, 5}, "分 score", "件数 cases", "发生 outcomes", "占比 share", "95 %", "")
	for _, bin := range f.Calibration {
		t.AppendRow(table.Row{fmt.Sprintf("%d–%d", bin.From, bin.To), whole(bin.Cases), whole(bin.Outcomes), percent(bin.Share), bareInterval(bin.Interval, 100, 1), bar(bin.Share)})
	}
	put(b, "校准 calibration：同分者中发生的占比 share that came true, by score", t)
}

// bar is as long as a share of 20 columns, in eighths.
func bar(share *float64) string {
	if share == nil {
		return ""
	}
	eighths := int(*share*20*8 + 0.5)
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return s
}

func (f *Figures) printOutliers(b *strings.Builder) {
	list := f.Outliers
	if len(list) == 0 {
		fmt.Fprintln(b, "各渠道、单位、属地均无显著差异 no channel, unit or place differs from the whole")
		return
	}
	t := tableOf([]int{4, 5, 6, 7}, "维度\nby", "值\nvalue", "指标\nfigure", "该处\npart", "样本\nof", "95 %", "整体\nwhole")
	for _, o := range list[:min(len(list), mostOutliers)] {
		mark := "▲ "
		if o.Below() {
			mark = "▼ "
		}
		t.AppendRow(table.Row{byName(o.By), cmp.Or(o.Value, "（未知 unknown）"), mark + figureName(o.Figure), percent(&o.Part), whole(o.Of), bareInterval(&o.Interval, 100, 1), percent(&o.Whole)})
	}
	put(b, "与整体不同 where precision or recall is not the whole's", t)
	if more := len(list) - mostOutliers; more > 0 {
		fmt.Fprintf(b, "另有 %d 处，见 --json / %d more in --json\n", more, more)
	}
	if n := len(f.ByChannel) + len(f.ByUnit) + len(f.ByPlace); n >= 10 {
		fmt.Fprintf(b, "共看了 %d 处，约二十分之一出于偶然 / of %d parts one in twenty differs by chance\n", n, n)
	}
}

func byName(by string) string {
	return map[string]string{"channel": "渠道 channel", "unit": "单位 unit", "place": "属地 place"}[by]
}

func figureName(figure string) string {
	return map[string]string{"precision": "准确率 precision", "recall": "召回率 recall"}[figure]
}

// hints say what to do where a figure is not known.
func (f *Figures) hints(level string) []string {
	var list []string
	decided := f.Cases - f.Undecided
	switch {
	case f.Cases == 0:
		return []string{"期内无初次来件；请换时段，或看 risks.yaml 的 cohort\n  no row has its first contact in the period: take another one, or see cohort in risks.yaml"}
	case decided == 0:
		return []string{"全部未决：数据未覆盖期限；请把 --to 提前，或等数据\n  all are undecided: the data does not reach to the horizon; let --to be earlier, or wait for data"}
	case 2*f.Undecided > f.Cases:
		list = append(list, "过半未决；请把 --to 提前\n  more than half are undecided: let --to be earlier")
	}
	if f.Outcomes == 0 {
		list = append(list, "无一发生，无召回率与提升；请延长时段，或核对 risks.yaml 的 outcome\n  no outcome, so neither recall nor lift is known: take a longer period, or see outcome\n  in risks.yaml")
	}
	if f.Warned == 0 {
		list = append(list, fmt.Sprintf("在 %s 级无预警，无准确率；请试 --level blue，或用 yujing check 看该级能否达到\n  no warning at %[1]s, so precision is not known: try --level blue;\n  yujing check tells whether the level can be reached", level))
	}
	if f.Warned > 0 && f.True < 5 {
		list = append(list, "应验不足五件，各区间几无意义；请延长时段，或试 --level blue\n  fewer than five true rows: intervals say little; take a longer period, or try --level blue")
	}
	return list
}

// whole writes a number with its thousands apart.
func whole(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**v)
}

func times(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f", *v)
}

func percentInterval(v *[2]float64) string {
	if v == nil {
		return ""
	}
	return "95 %：" + bareInterval(v, 100, 1) + " %"
}

func timesInterval(v *[2]float64) string {
	if v == nil {
		return ""
	}
	return "95 %：" + bareInterval(v, 1, 2)
}

func bareInterval(v *[2]float64, factor float64, decimals int) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.*f–%.*f", decimals, factor*v[0], decimals, factor*v[1])
}
