package rules

import (
	"fmt"
	"strings"
)

// Columns of the waterfall: the rule's name, its points, the sum so far, the bar.
const (
	nameWidth  = 30
	barWidth   = 30 // cells for 0..100 points
	edgeOfBars = 2 + nameWidth + 1 + 5 + 5 + 1
)

// waterfall shows how the points add up: one bar a rule, from the sum before it to
// the sum after it, those that take points off going back; then the score.
func (p *page) waterfall() {
	p.line("")
	p.line("%s%s", pad(p.ink.bold("得分构成")+" how the points add up", edgeOfBars), p.scale())
	sum := 0
	var shadow []*RuleExplanation
	for _, r := range p.byPoints(true) {
		if r.Shadow {
			shadow = append(shadow, r)
			continue
		}
		p.bar("●", r, sum, sum+r.Points, '█')
		sum += r.Points
	}
	p.total(sum)
	for _, r := range shadow {
		p.bar("○", r, sum, sum+r.Points, '░')
		sum += r.Points
	}
	if len(shadow) > 0 {
		p.line("  %s", p.ink.dim(fmt.Sprintf("○ 试运行规则不计分，若计入为 %d shadow rules are not counted; with them %d", p.x.ShadowScore, p.x.ShadowScore)))
	}
}

// bar writes one rule's line.
func (p *page) bar(mark string, r *RuleExplanation, from, to int, cell rune) {
	if r.Points < 0 && cell == '█' {
		cell = '▒'
	}
	p.line("%s %s %s%5d %s", mark, pad(clip(r.Name.ZH, nameWidth), nameWidth), pad(fmt.Sprintf("%+d", r.Points), 5), to,
		p.row(from, to, cell, r.Points))
}

// total writes the score: what the sum becomes within 0..100, and its level.
func (p *page) total(sum int) {
	score := fmt.Sprint(p.x.Score)
	p.line("%s%s %s", pad("= 得分 score", edgeOfBars-1-len(score)), p.ink.level(p.x.Level, score), p.ink.level(p.x.Level, p.row(0, p.x.Score, '▬', 0)))
	switch {
	case sum > 100:
		p.line("  合计 %d，封顶 100 the sum of %d is capped at 100", sum, sum)
	case sum < 0:
		p.line("  合计 %d，最低为 0 the sum of %d counts as 0", sum, sum)
	}
	if by := p.x.Levels.Level(p.x.Score); by != p.x.Level {
		p.text("  ", fmt.Sprintf("按分数%s，由规则抬升至%s by points %s, lifted to %s by: %s", by.Name().ZH, p.x.Level.Name().ZH,
			by, p.x.Level, strings.Join(p.lifters(), "、")), plain)
	}
}

// lifters are the names of the rules that lift the level to what it is.
func (p *page) lifters() []string {
	var names []string
	for _, r := range p.byPoints(true) {
		if !r.Shadow && r.AtLeast == p.x.Level {
			names = append(names, r.Name.ZH)
		}
	}
	return names
}

// scale writes the thresholds above the bars: 蓝30 黄50 橙70 红90; one that has no
// room is told by its line alone.
func (p *page) scale() string {
	var b strings.Builder
	at := 0
	for l, points := range p.thresholds() {
		if l == 0 || points == 0 {
			continue
		}
		label := strings.TrimSuffix(Level(l).Name().ZH, "色") + fmt.Sprint(points)
		if cellOf(points) < at {
			continue
		}
		b.WriteString(strings.Repeat(" ", cellOf(points)-at) + p.ink.level(Level(l), label))
		at = cellOf(points) + cells(label)
	}
	return b.String()
}

// thresholds are the least points of each level.
func (p *page) thresholds() [5]int {
	l := p.x.Levels
	return [5]int{0, l.Blue, l.Yellow, l.Orange, l.Red}
}

// row draws one bar over the marks of the thresholds.
func (p *page) row(from, to int, cell rune, points int) string {
	first, last := min(cellOf(from), cellOf(to)), max(cellOf(from), cellOf(to))
	if first == last && points != 0 && first < barWidth { // a small rule is still to be seen
		last++
	}
	marks := p.thresholds()
	var b strings.Builder
	for i := 0; i <= barWidth; i++ {
		switch {
		case i >= first && i < last:
			b.WriteString(p.ink.points(points, string(cell)))
		case i > 0 && (i == cellOf(marks[1]) || i == cellOf(marks[2]) || i == cellOf(marks[3]) || i == cellOf(marks[4])):
			b.WriteString(p.ink.dim("┊"))
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// cellOf is the cell at which so many points end, within the chart.
func cellOf(points int) int { return (clamp(points)*barWidth + 50) / 100 }
