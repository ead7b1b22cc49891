package rules

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// PrintOptions say how an explanation is written.
type PrintOptions struct {
	All   bool // also the trees of rules that did not fire, and parts that made no difference
	Color bool // for a terminal
}

// Print writes the explanation for people, 80 columns wide: how the points add up
// to the score, why each rule fired, which rules did not, and at the end, where
// the eye is when the command returns, what would help.
func (x *Explanation) Print(w io.Writer, o PrintOptions) {
	p := &page{x: x, all: o.All, ink: ink(o.Color)}
	p.head()
	if x.Unscored == (Text{}) {
		p.waterfall()
	}
	p.fired()
	p.silent()
	p.help()
	p.outlook()
	io.WriteString(w, p.b.String())
}

// page is an explanation while it is written.
type page struct {
	b   strings.Builder
	x   *Explanation
	all bool
	ink ink
}

func (p *page) line(format string, args ...any) {
	p.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// text writes a text within the width of the page, further lines below its first
// word.
func (p *page) text(indent, text string, style func(string) string) {
	rest := strings.Repeat(" ", cells(indent))
	for i, line := range wrap(text, pageWidth-cells(indent)) {
		if i > 0 {
			indent = rest
		}
		p.line("%s%s", indent, style(line))
	}
}

// items writes a list within the width of the page, no item broken unless it is
// longer than a line.
func (p *page) items(indent string, items []string, style func(string) string) {
	var lines []string
	for _, item := range items {
		if n := len(lines); n > 0 && cells(indent+lines[n-1]+"，"+item) <= pageWidth {
			lines[n-1] += "，" + item
		} else {
			lines = append(lines, item)
		}
	}
	for i, line := range lines {
		if i < len(lines)-1 {
			line += "，"
		}
		p.text(indent, line, style)
		indent = strings.Repeat(" ", cells(indent))
	}
}

// title begins a part of the page.
func (p *page) title(zh, en string) {
	p.line("")
	p.line("%s %s", p.ink.bold(zh), en)
}

func (p *page) head() {
	x := p.x
	p.line("%s %s  %s", p.ink.bold(x.Name.ZH), x.Name.EN, x.Ref)
	if x.Unscored != (Text{}) {
		p.line("%s  %s", p.when(x.AsOf), x.Unscored.ZH)
		p.text("  ", x.Unscored.EN, plain)
	} else {
		p.line("%s  %s  得分 score %d", p.when(x.AsOf), p.ink.level(x.Level, levelText(x.Level)), x.Score)
	}
	if x.Unit != "" {
		p.line("责任单位 unit %s", x.Unit)
	}
	if p.all {
		p.line("%s", p.ink.dim(fmt.Sprintf("行 row %s  规则 rule set %s  日历 calendar %s", x.Row, x.RuleSet, x.Calendar)))
	}
}

// when writes a time to the minute, in the risk's zone.
func (p *page) when(t time.Time) string { return t.In(p.x.zone).Format("2006-01-02 15:04") }

// levelText is "橙色 orange".
func levelText(l Level) string {
	if l == None {
		return "未达预警 no level"
	}
	return l.Name().ZH + " " + l.Name().EN
}

// byPoints gives the rules that fired, or did not, those with most points first.
func (p *page) byPoints(fired bool) []*RuleExplanation {
	var list []*RuleExplanation
	for i := range p.x.Rules {
		if r := &p.x.Rules[i]; r.Fired == fired {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b *RuleExplanation) int { return b.Points - a.Points })
	return list
}

// fired tells of each rule that holds what it says, and why it holds.
func (p *page) fired() {
	list := p.byPoints(true)
	if len(list) == 0 {
		return
	}
	if p.x.Unscored == (Text{}) {
		p.title("命中的规则", "rules that fired")
	} else {
		p.title("成立而不计分的规则", "rules that hold and do not count")
	}
	for i, r := range list {
		if i > 0 {
			p.line("")
		}
		p.rule("●", r)
		p.said(r)
		p.tree(r)
		p.rests(r)
	}
}

// rule writes the two lines that name a rule.
func (p *page) rule(mark string, r *RuleExplanation) {
	points := p.ink.points(r.Points, fmt.Sprintf("%+d", r.Points))
	if !r.Fired {
		points = fmt.Sprintf("(%+d)", r.Points)
	}
	first := fmt.Sprintf("%s %s  %s", mark, points, p.ink.bold(r.Name.ZH))
	if rest := strings.TrimSpace(r.Name.EN + kindOf(r)); cells(first)+1+cells(rest) <= pageWidth {
		p.line("%s %s", first, rest)
	} else {
		p.line("%s", first)
		p.text("  ", rest, plain)
	}
	p.line("  %s", p.ink.dim(fmt.Sprintf("%s  %s:%d", r.ID, r.File, r.Line)))
}

// kindOf says what is unusual about a rule's points.
func kindOf(r *RuleExplanation) string {
	s := ""
	if r.AtLeast != None {
		s += fmt.Sprintf("  至少 at least %s", levelText(r.AtLeast))
	}
	if r.Shadow {
		s += "  试运行 shadow"
	}
	return s
}

func (p *page) said(r *RuleExplanation) {
	for _, t := range []struct {
		mark string
		text Text
	}{{"因 ", r.Because}, {"宜 ", r.Advise}} {
		p.text("  "+t.mark, t.text.ZH, plain)
		p.text("     ", t.text.EN, p.ink.dim)
	}
}

// rests names the signals that a rule rests on.
func (p *page) rests(r *RuleExplanation) {
	p.items("  据 ", p.notes(r.Signals), plain)
	if p.all && len(r.Signals) > 0 {
		p.text("     ", strings.Join(r.Signals, " "), p.ink.dim)
	}
}

// silent tells of each rule that does not hold, in one line, what keeps it from it.
func (p *page) silent() {
	list := p.byPoints(false)
	if len(list) == 0 {
		return
	}
	p.title("未命中的规则", "rules that did not fire, and what is missing")
	for _, r := range list {
		if p.all {
			p.rule("·", r)
			p.tree(r)
			p.rests(r)
			continue
		}
		points := fmt.Sprintf("(%+d)", r.Points)
		if r.Shadow {
			points += "试"
		}
		p.line("· %s %s %s", pad(clip(r.Name.ZH, 28), 28), pad(points, 7), p.ink.dim(clip(p.missing(r), pageWidth-39)))
	}
}

// missing names the parts that keep a rule from firing.
func (p *page) missing(r *RuleExplanation) string {
	var parts []string
	for _, t := range r.Tree.reasons() {
		parts = append(parts, p.expr(t, 200))
	}
	return strings.Join(parts, "; ")
}

// help tells what would bring the row below its level.
func (p *page) help() {
	h := p.x.WhatWouldHelp
	if h == nil {
		return
	}
	p.title("怎样降到"+h.Level.Name().ZH+"以下", "what would bring it below "+h.Level.Name().EN)
	if h.Note.ZH != "" {
		p.text("  ! ", h.Note.ZH, plain)
		p.text("    ", h.Note.EN, p.ink.dim)
	}
	for i := range h.Remedies {
		if i == mostShown && !p.all {
			break
		}
		mark := "或 "
		if i == 0 {
			mark = "→  "
		}
		p.remedy(mark, &h.Remedies[i])
	}
	if len(h.Remedies) == 0 {
		p.noRemedy(h)
	}
	p.text("  ", "按规则推算，办实并登记后才算数 computed; it counts once done and on record", p.ink.dim)
}

// mostShown is how many remedies a terminal shows.
const mostShown = 3

func (p *page) noRemedy(h *Help) {
	p.text("  ", "没有哪一两项工作足以降级 no one or two acts suffice", plain)
	if h.Best == nil {
		p.text("  ", "也没有哪项能减分；仍应按上列规则所宜办理 none takes points off; what the rules advise above still holds", plain)
		return
	}
	p.text("  ", "减分最多的 what takes most off:", plain)
	p.remedy("→  ", h.Best)
}

func (p *page) remedy(mark string, r *Remedy) {
	var zh, en []string
	for _, a := range r.Acts {
		zh, en = append(zh, a.Name.ZH), append(en, a.Name.EN)
	}
	after := fmt.Sprintf("%d 分 %s", r.Score, levelText(r.Level))
	p.text("  "+mark, strings.Join(zh, " + ")+" "+strings.Join(en, " + "), p.ink.bold)
	p.text("     ", fmt.Sprintf("得分 score %d → %s", p.x.Score, after), plain)
	p.moved("停 stops ", r.Stops)
	p.moved("起 starts ", r.Starts)
}

// moved names rules that stop or start.
func (p *page) moved(mark string, ids []string) {
	var names []string
	for _, id := range ids {
		for i := range p.x.Rules {
			if r := &p.x.Rules[i]; r.ID == id {
				names = append(names, fmt.Sprintf("%s %+d", r.Name.ZH, r.Points))
			}
		}
	}
	p.items("     "+mark, names, p.ink.dim)
}

// outlook tells what time alone will do.
func (p *page) outlook() {
	if p.x.Unscored != (Text{}) {
		return
	}
	p.title("如果不办理", "if nothing is done (by time alone, as things stand)")
	level, fell := p.x.Level, false
	for _, c := range p.x.IfNothingIsDone {
		word := "升至 rises to"
		if c.Level < level {
			word, fell = "降至 falls to", true
		}
		p.line("  %s  %s %s  %d 分", p.when(c.At), word, p.ink.level(c.Level, levelText(c.Level)), c.Score)
		p.moved("停 stops ", c.Stops)
		p.moved("起 starts ", c.Starts)
		level = c.Level
	}
	if len(p.x.IfNothingIsDone) == 0 {
		p.line("  %d 天内级别不变 the level stays for %d days", OutlookDays, OutlookDays)
	}
	if fell {
		p.text("  ", "因时间过去而降级，不等于问题解决 a fall by time alone settles nothing", p.ink.dim)
	}
}
