package verify

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"yujing/rules"
)

// PrintOptions say how a report is printed.
type PrintOptions struct {
	Zone *time.Location // of the times; nil is UTC
	// Each is how many differences of a cause are printed; 0 is 3, and 20 of those that are not explained.
	Each int
}

// causeText is what a cause is called.
func causeText(c Cause) rules.Text {
	texts := map[Cause]rules.Text{
		RuleSet: {ZH: "规则不同", EN: "another rule set"}, LateData: {ZH: "数据迟到", EN: "late data"},
		LateTick: {ZH: "补评在后", EN: "late instant"}, Calendar: {ZH: "日历不同", EN: "another calendar"}, InFlight: {ZH: "正在写入", EN: "being written"},
		Erased: {ZH: "已被删除", EN: "forgotten"}, Expired: {ZH: "保存期满", EN: "expired"},
		Unverified: {ZH: "无法重放", EN: "not replayed"}, None: {ZH: "原因不明", EN: "unexplained"},
	}
	var t rules.Text
	for i, part := range strings.Split(string(c), "+") {
		if i > 0 {
			t.ZH, t.EN = t.ZH+"且", t.EN+" and "
		}
		t.ZH, t.EN = t.ZH+texts[Cause(part)].ZH, t.EN+texts[Cause(part)].EN
	}
	return t
}

// Print writes a report for people: Chinese first, English beside it.
func (r *Report) Print(w io.Writer, o PrintOptions) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	p := printer{w, o}
	if r.Scheduled+r.Arrivals == 0 {
		p.line("这段时间没有评分记录，无从核对 no instant was evaluated in this period: nothing to verify")
		return
	}
	p.frame(r)
	p.differences(r)
	p.sum(r)
}

type printer struct {
	w io.Writer
	PrintOptions
}

func (p printer) line(format string, args ...any) { fmt.Fprintf(p.w, format+"\n", args...) }

func (p printer) at(t time.Time) string { return t.In(p.Zone).Format("2006-01-02 15:04:05") }

// frame says what was replayed.
func (p printer) frame(r *Report) {
	p.line("给定规则集 rule set given: %s，日历 calendar: %s", r.RuleSet, r.Calendar)
	p.line("评分时刻 instants: 计划 scheduled %d（其中补评 made up for after downtime %d），来件 arrivals %d", r.Scheduled, r.Late, r.Arrivals)
	for _, gap := range r.Missed {
		p.line("  未评 never evaluated: %s 至 to %s，计划时刻 instants of the schedule %d", p.at(gap.From), p.at(gap.To), gap.Instants)
	}
	for _, v := range r.RuleSets {
		files := "可重放 replayed"
		if !v.AtHand {
			files = "缺规则文件 files not at hand"
		}
		p.line("  规则集 rule set %s，日历 calendar %s，自 since %s，时刻 instants %d：%s", v.RuleSet, orUnknown(v.Calendar), p.at(v.Since), v.Instants, files)
	}
	p.line("核对范围 rows: 案件 cases %s，群体 groups %s", p.coverage(r.Cases), p.coverage(r.Groups))
}

func (p printer) coverage(c Coverage) string {
	if c.Rows < c.Of {
		return fmt.Sprintf("%d/%d（抽样 a sample）", c.Rows, c.Of)
	}
	return fmt.Sprint(c.Rows)
}

func orUnknown(s string) string {
	if s == "" {
		return "未知 unknown"
	}
	return s
}

// differences prints some of each cause, and of what is not explained nearly all.
func (p printer) differences(r *Report) {
	printed := map[Cause]int{}
	more := r.LeftOut
	for i := range r.Differences {
		d := &r.Differences[i]
		if printed[d.Cause]++; printed[d.Cause] <= p.most(d.Cause) {
			p.difference(d, r.RuleSet)
		} else {
			more++
		}
	}
	if more > 0 {
		p.line("另有 %d 处，见 --json and %d more: see --json", more, more)
	}
}

// most is how many differences of a cause are printed.
func (p printer) most(c Cause) int {
	switch {
	case p.Each > 0:
		return p.Each
	case c == None:
		return 20
	}
	return 3
}

func (p printer) difference(d *Difference, given string) {
	cause := causeText(d.Cause)
	kind := "案件 case"
	if d.Over == rules.OverGroup {
		kind = "群体 group"
	}
	late := ""
	if d.Late {
		late = "，补评 made up for after downtime"
	}
	p.line("%s %s：%s %s %s，风险 risk %s，%s 至 to %s，时刻 instants %d%s", cause.ZH, cause.EN, kind, d.Row, d.Ref, d.Risk, p.at(d.From), p.at(d.To), d.Instants, late)
	p.line("    当时 stood     %s（规则集 rule set %s）", d.Stood, d.RuleSet)
	if d.Replayed != nil {
		p.line("    重放 replayed  %s（规则集 rule set %s）", *d.Replayed, d.RuleSet)
	}
	p.line("    回测 backtest  %s（规则集 rule set %s）", d.Backtest, given)
}

// String is what is said, in a line.
func (s Says) String() string {
	fired := strings.Join(s.Fired, ", ")
	if fired == "" {
		fired = "-"
	}
	shadow := ""
	if s.ShadowScore != s.Score {
		shadow = fmt.Sprintf(" (%d)", s.ShadowScore)
	}
	return fmt.Sprintf("%d%s %s %s: %s", s.Score, shadow, s.Level.Name().ZH, s.Level, fired)
}

// sum is the line that counts, and what to do about what is left.
func (p printer) sum(r *Report) {
	var explained int64
	var by []string
	for _, cause := range slices.Sorted(maps.Keys(r.Explained)) {
		explained += r.Explained[cause]
		text := causeText(cause)
		by = append(by, fmt.Sprintf("%s %s %d", text.ZH, text.EN, r.Explained[cause]))
	}
	causes := ""
	if len(by) > 0 {
		causes = "（" + strings.Join(by, "，") + "）"
	}
	p.line("比对 compared %d：一致 equal %d，有因 explained %d%s，无法重放 not replayed %d，原因不明 unexplained %d",
		r.Compared, r.Equal, explained, causes, r.Unverified, r.Unexplained)
	for _, v := range r.RuleSets {
		if !v.AtHand {
			p.line("规则集 %s 的文件不在：请用 --rules-at %s=目录 指明 the files of rule set %s are not at hand: name them with --rules-at %s=DIR", v.RuleSet, v.RuleSet, v.RuleSet, v.RuleSet)
		}
	}
}
