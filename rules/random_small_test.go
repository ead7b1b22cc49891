package rules

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// The tests within this package cannot import rulestest, which imports it: these
// are its small forerunners.

// randomFacts is a row as a feed might leave it: unknown people, unknown levels,
// empty texts, deadlines stated or not, actions in any order of meaning.
func randomFacts(rng *rand.Rand, over Over, now time.Time) *Facts {
	f := &Facts{Over: over, Row: fmt.Sprintf("%016x", rng.Uint64()), Ref: "test:1"}
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	signal := func(id string, at time.Time) Signal {
		s := Signal{ID: id, At: at, Ref: pick("r1", "r2"), Channel: pick("hotline", "online", "mailbox", "letter", "visit", ""),
			Level: rng.IntN(7), Competent: rng.IntN(7), Place: pick("", "330106", "330106001"),
			Category: [3]string{pick("", "城乡建设"), pick("", "物业"), ""}, Subject: pick("", "某公司"), Unit: pick("", "住建局", "街道办"), Case: pick("m1", "m2")}
		if rng.IntN(4) == 0 {
			s.Due = at.Add(time.Duration(rng.IntN(90*24)) * time.Hour)
		}
		if rng.IntN(5) == 0 {
			s.Attrs = map[string]string{"窗口": pick("1", "2")}
		}
		return s
	}
	times := func(n int) []time.Time {
		list := make([]time.Time, n)
		at := now.Add(-time.Duration(rng.IntN(200*24)+1) * time.Hour)
		for i := range list {
			list[i] = at
			at = at.Add(min(now.Sub(at), time.Duration(rng.IntN(20*24*60))*time.Minute))
		}
		return list
	}
	contact := func(id string, at time.Time) Signal {
		s := signal(id, at)
		s.Purpose = pick("complaint", "request", "review", "re_review", "thanks", "")
		s.People = max(1, rng.IntN(10)-4)
		s.Person = uint64(rng.IntN(7))
		s.Text = pick("", "多次反映\n无人处理", "我们小区几十户", "要去省里", "拖欠工资")
		return s
	}
	for i, at := range times(1 + rng.IntN(6)) {
		f.Contacts = append(f.Contacts, contact(fmt.Sprintf("c%d", i), at))
		f.Contacts[i].Case = "m1"
	}
	for i, at := range times(rng.IntN(7)) {
		s := signal(fmt.Sprintf("a%d", i), at)
		s.Act = pick("registered", "transferred", "assigned", "accepted", "not_accepted", "returned", "extended", "replied", "closed", "called_back", "rated", "supervised", "reviewed", "concluded", "visited", "hearing")
		if s.Act == "rated" {
			s.Rating = pick("satisfied", "basically", "not")
		}
		f.Actions = append(f.Actions, s)
	}
	for i, at := range times(rng.IntN(6)) {
		f.Group = append(f.Group, contact(fmt.Sprintf("g%d", i), at))
	}
	return f
}

// randomExpr writes random expressions of the language, well typed by
// construction: the checker must accept each, and none may fail on any row.
type randomExpr struct {
	rng      *rand.Rand
	elements []string // names of elements at hand: "" is the innermost predicate's own
	closed   bool     // within a predicate over group
	lets     int
}

func (g *randomExpr) pick(words ...string) string { return words[g.rng.IntN(len(words))] }

// element names an element at hand.
func (g *randomExpr) element() string { return g.pick(g.elements...) }

func (g *randomExpr) truth(depth int) string {
	if depth <= 0 {
		if len(g.elements) > 0 {
			return g.pick(g.element()+".again", g.element()+".mine", "true", g.element()+`.act == "replied"`)
		}
		return g.pick("true", "false", `overdue("reply")`, `overdue("hotline_reply")`, `case.purpose == "review"`)
	}
	d := depth - 1
	switch g.rng.IntN(12) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", g.truth(d), g.pick("and", "or", "&&", "||"), g.truth(d))
	case 1:
		return fmt.Sprintf("%s(%s)", g.pick("not ", "!"), g.truth(d))
	case 2:
		return fmt.Sprintf("%s %s %s", g.number(d), g.pick("<", "<=", ">", ">=", "==", "!="), g.number(d))
	case 3:
		return fmt.Sprintf("%s %s %s", g.time(d), g.pick("<", "<=", ">", ">=", "==", "!="), g.time(d))
	case 4:
		return fmt.Sprintf("%s %s %s", g.text(d), g.pick("==", "!=", "contains", "startsWith", "endsWith", "not contains"), g.text(d))
	case 9:
		return g.text(d) + g.pick(` contains "反映"`, ` endsWith "局"`, ` startsWith ""`, ` not startsWith "再"`)
	case 5:
		purpose, act := "case.purpose", `"x"`
		if len(g.elements) > 0 {
			purpose, act = g.element()+".purpose", g.element()+".act"
		}
		return g.pick(purpose+` in ["review", "complaint", ""]`, act+` not in ["replied"]`, g.text(d)+` matches "多.反|[0-9]+"`, g.text(d)+` matches "(?i)a.*b"`, g.text(d)+` matches "多次|村"`)
	case 6:
		return fmt.Sprintf("(%s) %s nil", g.optional(d), g.pick("==", "!="))
	case 7:
		return fmt.Sprintf("(%s ? %s : %s)", g.truth(d), g.truth(d), g.truth(d))
	case 8:
		if name := fmt.Sprintf("v%d", g.lets); len(g.elements) == 0 {
			g.lets++
			return fmt.Sprintf("(let %s = %s; %s > 2 or %s)", name, g.number(d), name, g.truth(d))
		}
	}
	if call := g.collectionCall(g.pick("any", "all", "none", "one"), d, (*randomExpr).truth); call != "" {
		return call
	}
	return g.truth(d)
}

// collectionCall is a builtin with a predicate, "" where none may stand.
func (g *randomExpr) collectionCall(name string, depth int, body func(*randomExpr, int) string) string {
	if g.closed || len(g.elements) >= 2 {
		return ""
	}
	list := g.list(depth - 1)
	inner := &randomExpr{rng: g.rng, elements: append([]string{""}, filterNamed(g.elements)...), lets: g.lets}
	if strings.Contains(list, "group") {
		inner.elements, inner.closed = []string{""}, true
	}
	if !inner.closed && g.rng.IntN(4) == 0 {
		name2 := fmt.Sprintf("e%d", g.lets)
		g.lets++
		inner.lets = g.lets
		inner.elements = append(inner.elements, name2)
		out := fmt.Sprintf("%s(%s, {let %s = #; %s})", name, list, name2, body(inner, depth-1))
		g.lets = inner.lets
		return out
	}
	out := fmt.Sprintf("%s(%s, %s)", name, list, body(inner, depth-1))
	g.lets = inner.lets
	return out
}

func filterNamed(names []string) []string {
	var named []string
	for _, n := range names {
		if n != "" {
			named = append(named, n)
		}
	}
	return named
}

func (g *randomExpr) list(depth int) string {
	if depth > 0 && g.rng.IntN(3) == 0 {
		base := g.pick("contacts", "actions", "group")
		inner := &randomExpr{rng: g.rng, elements: []string{""}, closed: base == "group", lets: 1000}
		return fmt.Sprintf("filter(%s, %s)", base, inner.truth(min(depth-1, 1)))
	}
	return g.pick("contacts", "actions", "group", "contacts[0:2]", "actions[-2:]", "contacts[1:]")
}

func (g *randomExpr) open(depth int) string { // a list that is not group
	for {
		if l := g.list(depth); !strings.Contains(l, "group") {
			return l
		}
	}
}

func (g *randomExpr) number(depth int) string {
	if depth <= 0 {
		if len(g.elements) > 0 {
			return g.pick("3", "0.5", g.element()+".age", g.element()+".who", g.element()+".people", "county")
		}
		return g.pick("0", "1", "2.5", "-3", "case.age", "case.people", "city", "len(case.text)")
	}
	d := depth - 1
	switch g.rng.IntN(9) {
	case 0:
		return fmt.Sprintf("(%s %s %s)", g.number(d), g.pick("+", "-", "*"), g.number(d))
	case 1:
		return fmt.Sprintf("(%s / %s)", g.number(d), g.pick("2", "0.25", "-4", "county"))
	case 2:
		return fmt.Sprintf("((%s / %s) ?? %s)", g.number(d), g.number(d), g.number(d))
	case 3:
		return fmt.Sprintf("(%s - %s)", g.time(d), g.time(d))
	case 4:
		return fmt.Sprintf("%s(%s)", g.pick("abs", "floor", "ceil"), g.number(d))
	case 5:
		return fmt.Sprintf("%s(%s, %s)", g.pick("min", "max"), g.number(d), g.number(d))
	case 6:
		if !g.closed {
			return g.pick("len", "complainants") + "(" + g.list(d) + ")"
		}
	case 7:
		return fmt.Sprintf("workdays(%s, %s)", g.time(d), g.time(d))
	}
	name := g.pick("count", "sum")
	body := (*randomExpr).truth
	if name == "sum" {
		body = (*randomExpr).number
	}
	if call := g.collectionCall(name, d, body); call != "" {
		return call
	}
	return g.number(d)
}

func (g *randomExpr) time(depth int) string {
	if len(g.elements) > 0 && (g.closed || g.rng.IntN(2) == 0) {
		if g.rng.IntN(3) == 0 {
			e := g.element()
			return fmt.Sprintf("(%s.due ?? %s.at)", e, e)
		}
		return g.element() + ".at"
	}
	if depth <= 0 {
		return g.pick("now", "case.at")
	}
	return fmt.Sprintf("(%s ?? %s)", g.pick(`due("reply")`, `due("accept")`, "earliest("+g.list(depth-1)+")", "latest("+g.list(depth-1)+")"), g.time(depth-1))
}

func (g *randomExpr) text(depth int) string {
	if len(g.elements) > 0 {
		e := g.element()
		return g.pick(e+".act", e+".unit", e+".text", e+".category[1]", e+`.attrs["窗口"]`, fmt.Sprintf(`(%s.rating ?? "")`, e))
	}
	if depth > 0 && g.rng.IntN(3) == 0 {
		return fmt.Sprintf(`(%s(%s)?.text ?? "x")`, g.pick("first", "last"), g.open(depth-1))
	}
	return g.pick("case.text", "case.purpose", "case.unit", "case.category[0]", `case.attrs["窗口"]`)
}

func (g *randomExpr) optional(depth int) string {
	if g.closed {
		return g.element() + g.pick(".due", ".rating", ".level", ".above")
	}
	d := depth - 1
	switch g.rng.IntN(6) {
	case 0:
		return fmt.Sprintf("%s[%d]", g.open(d), g.rng.IntN(5)-2)
	case 1:
		return g.pick("first", "last") + "(" + g.open(d) + ")" + g.pick("", "?.age", "?.rating", "?.category?.[0]")
	case 2:
		inner := &randomExpr{rng: g.rng, elements: []string{""}, lets: 2000}
		return fmt.Sprintf("%s(%s, %s)%s", g.pick("find", "findLast"), g.open(d), inner.truth(min(d, 1)), g.pick("", "?.level", "?.due"))
	case 3:
		return fmt.Sprintf("%s(map(%s, .people))", g.pick("min", "max", "mean"), g.list(0))
	case 4:
		return g.pick(`due("reply")`, `due("register")`, `due("re_review")`, "earliest("+g.list(d)+")")
	}
	return fmt.Sprintf("%s %% %s", g.pick("7", "len(contacts)"), g.pick("len(actions)", "complainants(group)"))
}
