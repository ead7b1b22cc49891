package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
)

// tree writes the parts of a condition with their values. What made no difference
// is left out, and counted.
func (p *page) tree(r *RuleExplanation) {
	if !r.Tree.joins() && !isLet(r.Tree.node) {
		p.branch("  ", "  ", r.Tree)
		return
	}
	p.branches("  ", r.Tree)
}

// branch writes one part and those below it.
func (p *page) branch(indent, below string, t *Term) {
	if t.joins() {
		p.line("%s%s %s", p.ink.dim(indent), mark(t), map[string]string{"and": "同时 all of", "or": "任一 any of"}[t.word()])
	} else if p.all {
		for _, line := range wrap(p.expr(t, maxSource), pageWidth-cells(below)-4) {
			p.line("%s%s", p.ink.dim(indent), line)
			indent = below + "    "
		}
	} else {
		p.line("%s%s", p.ink.dim(indent), p.expr(t, pageWidth-cells(indent)))
	}
	p.branches(below, t)
}

// branches writes the parts below one.
func (p *page) branches(below string, t *Term) {
	list := flatten(t)
	hidden := 0
	if !p.all {
		if inline(t) != "" {
			return
		}
		list = slices.DeleteFunc(list, func(part *Term) bool { return strings.HasPrefix(part.Value, "[") }) // the signals are told below
		n := len(list)
		list = slices.DeleteFunc(list, func(part *Term) bool { return !part.Decides })
		hidden = n - len(list)
	}
	for i, part := range list {
		tee, bar := "├ ", "│ "
		if i == len(list)-1 && hidden == 0 {
			tee, bar = "└ ", "  "
		}
		p.branch(below+tee, below+bar, part)
	}
	if hidden > 0 {
		p.line("%s%s", p.ink.dim(below+"└ "), p.ink.dim(fmt.Sprintf("另 %d 项不影响结果 %d more made no difference", hidden, hidden)))
	}
}

// flatten gives the parts of a term that are worth a line: a let's value and the
// parts of what follows, an and's parts in a row; not the names of values that
// stand on lines of their own.
func flatten(t *Term) []*Term {
	var list []*Term
	for _, part := range t.joined() {
		switch {
		case isName(part.node) && !isLet(t.node):
		case isLet(t.node) && part == t.Terms[1] && (part.joins() || isLet(part.node)):
			if part.joins() && part.word() == "or" {
				list = append(list, part)
				break
			}
			list = append(list, flatten(part)...)
		default:
			list = append(list, part)
		}
	}
	return list
}

// isName says that a part is a mere name, whose value stands elsewhere: now in the
// head, what a let declares beside it.
func isName(n ast.Node) bool {
	_, ok := n.(*ast.IdentifierNode)
	return ok
}

// expr writes a part with its value, within a width.
func (p *page) expr(t *Term, width int) string {
	front, back := "", ""
	switch {
	case t.Value == "true" || t.Value == "false":
		front = mark(t) + " "
		back = p.picked(t)
		if v := inline(t); v != "" {
			back = " (" + v + ")"
		}
	default:
		back = " = " + clip(t.Value, 40)
	}
	source := strings.Join(strings.Fields(t.Expr), " ")
	return front + clip(source, max(width-cells(front)-cells(back), 12)) + back
}

func mark(t *Term) string {
	if t.Value == "true" {
		return "✓"
	}
	return "✗"
}

// inline is the value of the one operand of a comparison that has one: enough to
// stand beside it.
func inline(t *Term) string {
	if t.Value != "true" && t.Value != "false" {
		return ""
	}
	if b, ok := t.node.(*ast.BinaryNode); !ok || t.joins() || b.Operator == "??" {
		return ""
	}
	var one *Term
	for _, part := range t.Terms {
		if isName(part.node) {
			continue
		}
		if one != nil {
			return ""
		}
		one = part
	}
	if one == nil || cells(one.Value) > 24 {
		return ""
	}
	return one.Value
}

// picked names the signals that a collection call picked.
func (p *page) picked(t *Term) string {
	if len(t.Signals) == 0 {
		return ""
	}
	var days []string
	for _, id := range t.Signals {
		for i := range p.x.Signals {
			if p.x.Signals[i].ID == id {
				days = append(days, p.day(p.x.Signals[i].At))
			}
		}
	}
	if n := len(days); n > 2 {
		days = append(days[:1], fmt.Sprintf("…%s %d", days[n-1], n))
	}
	return " [" + strings.Join(days, " ") + "]"
}

// day is the day of a time, with its year if it is another than that looked at.
func (p *page) day(t time.Time) string {
	t = t.In(p.x.zone)
	if t.Year() != p.x.AsOf.In(p.x.zone).Year() {
		return t.Format(time.DateOnly)
	}
	return t.Format("01-02")
}

// notes names signals for people: "03-09 来件(电话)".
func (p *page) notes(ids []string) []string {
	var list []string
	for i := range p.x.Signals {
		s := &p.x.Signals[i]
		if !slices.Contains(ids, s.ID) {
			continue
		}
		what := ActName(s.Act)
		if s.Act == "" && s.Channel != "" {
			what += "(" + ChannelName(s.Channel) + ")"
		} else if s.Unit != "" && s.Unit != p.x.Unit {
			what += "(" + s.Unit + ")"
		}
		list = append(list, p.day(s.At)+s.At.In(p.x.zone).Format(" 15:04 ")+what)
	}
	if n := len(list); n > mostNotes && !p.all {
		return slices.Concat(list[:mostNotes/2], []string{fmt.Sprintf("…共 %d 条", n)}, list[n-mostNotes/2:])
	}
	return list
}

// mostNotes is how many signals of a rule a terminal names.
const mostNotes = 4

// ActName is the Chinese word of the domain for an act, "" being a contact; a word
// that is none of the language's stays as it is.
func ActName(act string) string {
	name := map[string]string{"": "来件", "registered": "登记", "transferred": "转送", "assigned": "交办", "accepted": "受理",
		"not_accepted": "不予受理", "returned": "退回", "extended": "延期", "replied": "答复", "closed": "办结", "called_back": "回访",
		"rated": "评价", "supervised": "督办", "reviewed": "复查", "re_reviewed": "复核", "concluded": "终结", "visited": "走访",
		"hearing": "听证", "deliberation": "评议", "judicial_aid": "司法救助", "petition_aid": "信访救助"}[act]
	if name == "" {
		return act
	}
	return name
}

// ChannelName is the same for a channel.
func ChannelName(channel string) string {
	name := map[string]string{"hotline": "来电", "online": "网信", "mailbox": "领导信箱", "letter": "来信", "visit": "来访"}[channel]
	if name == "" {
		return channel
	}
	return name
}
