package report

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// page is what the template shows.
type page struct {
	Style    template.CSS
	Made     string
	Command  string
	About    []fact // of the whole backtest
	Verdicts []fact // the words for what becomes of a row
	Risks    []*section
}

// WordsTitle heads what the words of the page mean.
func (p *page) WordsTitle() rules.Text { return text("词语", "What the words mean") }

// fact is a word with what belongs to it.
type fact struct {
	Name rules.Text
	Is   rules.Text
	Code string // written as it is
}

// section is one risk.
type section struct {
	ID       string
	Name     rules.Text
	Sentence []rules.Text
	Facts    []fact
	Headline table
	Verdicts table
	Plots    []figure
	Levels   table
	Rules    table
	Shares   []table
	Catches  told
	Misses   told
}

// told is the cases told of a kind.
type told struct {
	Title, About, Empty rules.Text
	Cases               []story
}

func newPage(in *Input) (*page, error) {
	step, err := in.step()
	if err != nil {
		return nil, err
	}
	p := &page{Style: template.CSS(pageStyle), Made: in.Made.In(in.zone()).Format("2006-01-02 15:04 MST"), Command: in.Command,
		About: about(in, step), Verdicts: verdictWords()}
	for _, risk := range in.Set.Risks() {
		f := in.Report.Risks[risk.ID]
		if f == nil {
			continue
		}
		s, err := newSection(in, step, risk, f)
		if err != nil {
			return nil, err
		}
		p.Risks = append(p.Risks, s)
	}
	return p, nil
}

// about says what was tested, over what, and how.
func about(in *Input, step time.Duration) []fact {
	r, zone, every := in.Report, in.zone(), stepWords(step)
	level, _ := rules.ParseLevel(r.Level)
	return []fact{
		{text("期间", "period"), textf("%s 至 %s（后者不含）", "from %s, before %s", date(r.From.In(zone)), date(r.To.In(zone))), ""},
		{text("数据截至", "data end"), text(clock(r.DataEnd.In(zone)), ""), ""},
		{text("预警级别", "level asked for"), text(level.Name().ZH+"及以上", level.Name().EN+" and above"), ""},
		{text("评估时点", "instants"), text(itoa(r.Instants)+" 个，每 "+every.ZH+"一次，用时 "+decimal(r.Seconds)+" 秒", itoa(r.Instants)+", one every "+every.EN+", in "+decimal(r.Seconds)+" s"), ""},
		{text("规则集", "rule set"), rules.Text{}, r.RuleSet},
		{text("日历", "calendar"), rules.Text{}, r.Calendar},
	}
}

// step is the time between two instants.
func (in *Input) step() (time.Duration, error) {
	step, err := time.ParseDuration(in.Report.Step)
	if err != nil || step <= 0 {
		return 0, fmt.Errorf("the step %q of the backtest is no duration such as 24h0m0s", in.Report.Step)
	}
	return step, nil
}

// zone is that of the first risk: one for what concerns all of them.
func (in *Input) zone() *time.Location {
	for _, risk := range in.Set.Risks() {
		return risk.Zone
	}
	return time.UTC
}

// verdictWords tell the verdicts apart. Too soon and undecided are not misses
// that the rules could have helped.
func verdictWords() []fact {
	return []fact{
		{text("应验", "true"), text("预警之后，事情确实在期限内发生", "warned, and it came within the horizon"), ""},
		{text("落空", "false"), text("发出预警，期限已过而没有发生", "warned, and the horizon is over without it"), ""},
		{text("漏报", "missed"), text("发生了，事前没有预警，而本来有机会预警", "it came without a warning, and there was an instant to warn at"), ""},
		{text("来不及", "too soon"), text("首次来件后第一个评估时点之前就已发生，任何规则都来不及；计入召回率的分母", "it came before the first instant after the first contact: no rule could have warned; counted against recall"), ""},
		{text("平静", "quiet"), text("没有预警，也没有发生", "neither a warning nor an outcome"), ""},
		{text("未决", "undecided"), text("数据截至时期限未满、尚未发生，结果还不知道；不计入任何比率", "the horizon is not over in the data and it has not come: not known yet, and in no rate"), ""},
	}
}

func newSection(in *Input, step time.Duration, risk *rules.Risk, f *backtest.Figures) (*section, error) {
	plots, err := figures(in, step, risk, f)
	if err != nil {
		return nil, err
	}
	return &section{
		ID: risk.ID, Name: risk.Name, Sentence: sentence(risk, f), Facts: riskFacts(risk),
		Headline: headline(risk, f), Verdicts: verdicts(risk, f), Plots: plots,
		Levels: levels(risk, f, in.Report.Level), Rules: ruleTable(risk, f), Shares: shares(f),
		Catches: catches(in, risk), Misses: misses(in, risk),
	}, nil
}

func riskFacts(risk *rules.Risk) []fact {
	l := risk.Levels
	return []fact{
		{text("期限", "horizon"), textf("首次来件后 %s 天内", "within %s days of the first contact", wholeOrTenth(risk.Horizon)), ""},
		{text("级别门槛", "thresholds"), textf("蓝 %d、黄 %d、橙 %d、红 %d 分", "blue %d, yellow %d, orange %d, red %d points", l.Blue, l.Yellow, l.Orange, l.Red), ""},
	}
}

// wholeOrTenth writes days without a needless point.
func wholeOrTenth(d time.Duration) string { return decimal(d.Hours() / 24) }

// cases gives the worked cases of a risk that came to a verdict.
func (in *Input) cases(risk *rules.Risk, v backtest.Verdict) []Worked {
	var list []Worked
	for _, w := range in.Worked {
		if w.Case.Risk == risk.ID && w.Case.Verdict == v {
			list = append(list, w)
		}
	}
	order := better
	if v == backtest.Missed {
		order = worse
	}
	slices.SortStableFunc(list, func(a, b Worked) int { return order(a.Case, b.Case) })
	return list[:min(len(list), Told)]
}
