package rules

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// proofTable is what the prover must, or must not, find: never = can never hold,
// always, open = neither may be claimed.
func proofTable() []struct{ want, source string } {
	return []struct{ want, source string }{
		{"never", `case.age > 90 and case.age < 30`},
		{"never", `case.age > 90 and case.age <= 90`},
		{"open", `case.age >= 90 and case.age <= 90`},
		{"never", `case.age < 0`},
		{"always", `case.age >= 0`},
		{"always", `case.age >= 30 or case.age < 30`},
		{"open", `case.age > 30 or case.age < 30`},
		{"never", `case.people == 2.5`},
		{"never", `case.people > 2 and case.people < 3`},
		{"open", `case.age > 2 and case.age < 3`},
		{"never", `len(contacts) == 0`},
		{"always", `len(contacts) >= 1`},
		{"always", `len(contacts) + 1 >= 2`},
		{"open", `len(actions) == 0`},
		{"never", `len(actions) < 0`},
		{"never", `any(contacts, .act == "replied")`},
		{"never", `any(actions, .again)`},
		{"never", `complainants(actions) >= 1`},
		{"never", `any(actions, .act == "replied") and none(actions, .act in ["replied", "closed"])`},
		{"open", `any(actions, .act in ["replied", "closed"]) and none(actions, .act == "replied")`},
		{"never", `any(actions, .act in ["replied", "closed"]) and none(actions, .act == "replied") and count(actions, .act == "closed") == 0`},
		{"never", `any(actions, .act == "replied" and .act == "closed")`},
		{"never", `count(contacts, .age <= 7) >= 3 and len(contacts) < 3`},
		{"never", `count(contacts, .age <= 7) >= 3 and count(contacts, .age <= 30) <= 2`},
		{"open", `count(contacts, .age <= 30) >= 3 and count(contacts, .age <= 7) <= 2`},
		{"never", `count(contacts, .age <= 7) > len(contacts)`},
		{"never", `complainants(contacts) > len(contacts)`},
		{"open", `len(contacts) > complainants(contacts)`},
		{"never", `complainants(filter(contacts, .age < 3)) >= 2 and count(contacts, .age < 3) <= 1`},
		{"never", `complainants(contacts) >= 1 and none(contacts, .who > 0)`},
		{"never", `none(contacts, .age <= 30) and none(contacts, .age > 30)`},
		{"open", `none(actions, .age <= 30) and none(actions, .age > 30)`},
		{"never", `all(contacts, .again) and any(contacts, not .again)`},
		{"never", `one(contacts, .again) and count(contacts, .again) >= 2`},
		{"never", `len(contacts[0:2]) > len(contacts)`},
		{"never", `none(contacts, .again) and any(contacts[0:2], .again)`},
		{"open", `any(contacts, .again) and none(contacts[0:2], .again)`},
		{"never", `none(contacts, .again) and len(filter(filter(contacts, .age > 3), .again)) > 0`},
		{"never", `case.channel == "hotline" and case.channel == "visit"`},
		{"never", `case.channel in ["hotline", "letter"] and case.channel not in ["hotline", "letter", "visit"]`},
		{"always", `case.channel != "hotline" or case.channel != "visit"`},
		{"open", `case.unit == "a" or case.unit == "b"`},
		{"never", `case.text contains "多次反映" and not (case.text contains "多次")`},
		{"never", `case.text matches "多次反映|再次反映" and case.text not matches "反映|没有"`},
		{"open", `case.text matches "反映|没有" and case.text not matches "多次反映"`},
		{"never", `case.unit startsWith "区" and case.unit startsWith "市"`},
		{"open", `case.unit startsWith "区" and case.unit startsWith "区住"`},
		{"never", `case.unit == "区住建局" and not (case.unit contains "住建")`},
		{"never", `case.level == nil and (case.level ?? 0) > 2`},
		{"open", `case.level == nil and (case.level ?? 3) > 2`},
		{"never", `(case.level ?? 0) > nation`},
		{"never", `(case.above ?? 0) >= 6`},
		{"never", `case.above != nil and case.level == nil`},
		{"never", `overdue("reply") and not overdue("reply")`},
		{"open", `overdue("reply") and not overdue("accept")`},
		{"never", `let late = overdue("reply"); late and not late`},
		{"never", `let answered = latest(filter(actions, .act == "replied")); answered != nil and none(actions, .act in ["replied", "closed"])`},
		{"open", `let answered = latest(filter(actions, .act == "replied")); answered != nil and any(contacts, .at > (answered ?? now))`},
		{"never", `case.at > now`},
		{"never", `any(contacts, .at > now)`},
		{"open", `any(contacts, (.due ?? now) > now)`},
		{"never", `now - case.at > 30 and case.age < 20`},
		{"never", `contacts[1] != nil and len(contacts) < 2`},
		{"never", `last(actions) == nil and any(actions, .act == "closed")`},
		{"always", `first(contacts) != nil`},
		{"open", `(last(filter(actions, .rating != nil))?.rating ?? "") == "not"`},
		{"never", `(last(actions)?.rating ?? "") == "not" and (last(actions)?.rating ?? "") == "satisfied"`},
		{"never", `any(contacts, {let c = #; c.again and any(actions, .at > c.at and .at <= c.at)})`},
		{"open", `any(contacts, {let c = #; any(contacts, .age > c.age)})`},
		{"open", `let old = filter(contacts, .age > 3); any(contacts, {let c = #; c.age <= 3 and any(old, .age > c.age)})`},
		{"never", `case.age > 7 ? case.age < 3 : case.age > 9`},
		{"never", `(case.age > 7) == (case.age <= 7)`},
		{"never", `abs(case.age) < 0`},
		{"never", `sum(contacts, .people) < 0`},
		{"never", `5 > 7`},
		{"never", `len(case.text) > 10 and len(case.text) < 5`},
		{"open", `workdays(case.at, now) > 3`},
	}
}

// read gives the formula of a condition, nil if it is too large to be read.
func (l *logic) read(p *program) *formula {
	r := l.reader(p)
	f := r.formula(p.tree, place{})
	if r.fuel < 0 {
		return nil
	}
	return f
}

func TestProofs(t *testing.T) {
	s := ruleScope([]string{"accept", "reply"})
	for _, c := range proofTable() {
		p, mistakes := compile(c.source, s)
		if p == nil {
			t.Errorf("%s\nis refused: %+v", c.source, mistakes)
			continue
		}
		l := newLogic()
		f, got := l.read(p), "open"
		switch {
		case l.impossible(f):
			got = "never"
		case l.impossible(negated(f)):
			got = "always"
		}
		if got != c.want {
			t.Errorf("%s\nis %s, want %s; read as %s", c.source, got, c.want, f.key)
		}
	}
}

// narrowExpr writes conditions over few words and numbers, so that many of them
// contradict themselves, follow from each other, or always hold.
type narrowExpr struct{ rng *rand.Rand }

func (g *narrowExpr) pick(words ...string) string { return words[g.rng.IntN(len(words))] }

func (g *narrowExpr) condition(depth int) string {
	if depth == 0 {
		return g.leaf()
	}
	switch g.rng.IntN(8) {
	case 0, 1, 2:
		return "(" + g.condition(depth-1) + " and " + g.condition(depth-1) + ")"
	case 3, 4:
		return "(" + g.condition(depth-1) + " or " + g.condition(depth-1) + ")"
	case 5:
		return "not (" + g.condition(depth-1) + ")"
	case 6:
		return "(" + g.condition(depth-1) + " ? " + g.condition(depth-1) + " : " + g.condition(depth-1) + ")"
	}
	return g.leaf()
}

func (g *narrowExpr) leaf() string {
	number := g.pick("0", "1", "2", "3", "0.5")
	op := g.pick("<", "<=", ">", ">=", "==", "!=")
	list := g.pick("contacts", "actions", "contacts[0:2]", "filter(contacts, .age <= 40)", "filter(actions, .act == \"replied\")", "group")
	quantifier := g.pick("any", "all", "none", "one")
	switch g.rng.IntN(13) {
	case 0:
		return "case.age " + op + " " + g.pick("30", "90", "0")
	case 1:
		return "case.people " + op + " " + number
	case 2:
		return g.pick("len", "complainants") + "(" + list + ") " + op + " " + number
	case 3:
		return "count(" + list + ", " + g.element(1) + ") " + op + " " + number
	case 4, 5:
		return quantifier + "(" + list + ", " + g.element(2) + ")"
	case 6:
		return "case.channel " + g.pick(`== "hotline"`, `!= "hotline"`, `in ["hotline", "visit"]`, `not in ["letter", "visit", "online"]`, `== ""`)
	case 7:
		return g.pick(`(case.level ?? 0)`, `(case.level ?? city)`, `(case.above ?? 0)`, `(latest(`+list+`) == nil ? 1 : 2)`, `(contacts[1]?.people ?? 2)`, `(first(actions)?.people ?? 1)`) + " " + op + " " + number
	case 8:
		return g.pick("case.level", "case.above", "case.competent", "earliest("+list+")", "contacts[1]", "last(actions)", `due("reply")`, "max(map("+list+", .age))") + " " + g.pick("==", "!=") + " nil"
	case 9:
		return g.pick(`case.text`, `(first(contacts)?.text ?? "")`) + g.pick(` contains "多次"`, ` contains "多次反映"`, ` matches "多次|工资"`, ` startsWith "多"`, ` startsWith "我"`, ` matches "多.反"`, ` == ""`)
	case 10:
		return g.pick("len("+list+")", "complainants("+list+")", "case.age", "now", "case.at") + " " + op + " " + g.pick("len("+list+")", "count("+list+", .age < 20)", "case.people") + ""
	case 11:
		return fmt.Sprintf("any(contacts, {let c = #; %s(%s, .at %s c.at and %s)})", quantifier, g.pick("contacts", "actions"), op, g.element(0))
	}
	return g.pick(`overdue("reply")`, "(let many = len("+list+"); many "+op+" "+number+")", "now - case.at "+op+" 30", "len(contacts) - 1 "+op+" "+number)
}

func (g *narrowExpr) element(depth int) string {
	if depth > 0 {
		switch g.rng.IntN(4) {
		case 0:
			return "(" + g.element(depth-1) + " and " + g.element(depth-1) + ")"
		case 1:
			return "(" + g.element(depth-1) + " or not (" + g.element(depth-1) + "))"
		}
	}
	return g.pick(".again", ".age <= 40", ".age > 40", ".age < 20", ".who == 1", ".who > 0", ".people >= 2", `.act == "replied"`, `.act in ["replied", "closed"]`,
		`.act == ""`, "(.level ?? 0) >= 3", ".level == nil", "(.above ?? 0) > 2", `.text contains "多次"`, ".due != nil", ".at <= now", ".at >= case.at")
}

// TestProofsHold takes nothing on trust: what the prover says never holds, always
// holds, or follows, does so on every one of thousands of random rows.
func TestProofsHold(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 17))
	kinds := []string{"register", "objection", "accept", "reply", "hotline_reply", "review", "re_review"}
	rows := proofRows(t, rng, 1000)
	narrow, wide := &narrowExpr{rng}, &randomExpr{rng: rng}
	conditions := 2000
	if testing.Short() {
		conditions = 500
	}
	logic, s := newLogic(), ruleScope(kinds)
	var subjects []*proofSubject
	for i := range conditions {
		source := narrow.condition(i % 4)
		if i%5 == 0 {
			source = wide.truth(3)
		}
		p, mistakes := compile(source, s)
		if p == nil {
			if check := mistakes[0].check; check != "cost" && check != "wrong-type" && check != "group-closed" {
				t.Fatalf("%s\nis refused: %+v", source, mistakes)
			}
			continue
		}
		subjects = append(subjects, &proofSubject{source, p, logic.read(p), make([]bool, len(rows.facts))})
	}
	rows.run(t, subjects)
	claims, truths := map[string]int{}, []*proofSubject{}
	for _, x := range subjects {
		if x.formula == nil {
			claims["not read"]++
			continue
		}
		never, always := logic.impossible(x.formula), logic.impossible(negated(x.formula))
		switch {
		case never && x.held() > 0:
			t.Fatalf("%s\nis said never to hold, and holds on %d rows; read as %s", x.source, x.held(), x.formula.key)
		case always && x.held() < len(rows.facts):
			t.Fatalf("%s\nis said always to hold, and fails on %d rows; read as %s", x.source, len(rows.facts)-x.held(), x.formula.key)
		case never:
			claims["never"]++
		case always:
			claims["always"]++
		case x.held() == 0:
			claims["held on no row, not proven"]++
		default:
			truths = append(truths, x)
		}
	}
	for range 30000 {
		a, b := truths[rng.IntN(len(truths))], truths[rng.IntN(len(truths))]
		if a.source == b.source || !logic.implies(a.formula, b.formula) {
			continue
		}
		claims["implies"]++
		for i := range a.holds {
			if a.holds[i] && !b.holds[i] {
				t.Fatalf("%s\nis said to imply\n%s\nbut does not on row %d; read as\n%s\n%s", a.source, b.source, i, a.formula.key, b.formula.key)
			}
		}
	}
	t.Logf("of %d conditions on %d rows: %v", len(subjects), len(rows.facts), claims)
	for _, claim := range []string{"never", "always", "implies"} {
		if claims[claim] < 50 {
			t.Errorf("only %d claims of kind %s: the test shows nothing", claims[claim], claim)
		}
	}
}

// proofSubject is a condition and on which rows it held.
type proofSubject struct {
	source  string
	program *program
	formula *formula
	holds   []bool
}

func (x *proofSubject) held() int {
	n := 0
	for _, h := range x.holds {
		if h {
			n++
		}
	}
	return n
}

// testRows are random rows, and what evaluates conditions over them.
type testRows struct {
	evaluator *Evaluator
	zone      *time.Location
	now       time.Time
	facts     []*Facts
}

func proofRows(t testing.TB, rng *rand.Rand, n int) *testRows {
	set := shipped(t)
	for _, over := range []Over{OverCase, OverGroup} {
		for i := range set.deadlines {
			set.due[over][i] = true
		}
		set.group[over] = true
	}
	r := &testRows{evaluator: set.NewEvaluator(), zone: set.risks[0].Zone, now: defaultNow(set.risks[0].Zone)}
	for i := range n {
		r.facts = append(r.facts, randomFacts(rng, []Over{OverCase, OverGroup}[i%2], r.now))
	}
	return r
}

// run evaluates all conditions over all rows.
func (r *testRows) run(t testing.TB, subjects []*proofSubject) {
	t.Helper()
	for i, f := range r.facts {
		if err := r.evaluator.open(f, r.now); err != nil {
			t.Fatal(err)
		}
		r.evaluator.in(r.zone)
		for _, x := range subjects {
			value, err := r.evaluator.vm.Run(x.program.code, r.evaluator.env)
			if err != nil {
				t.Fatalf("%s\nfails: %v", x.source, err)
			}
			x.holds[i] = value.(bool)
		}
	}
}

// TestReadingEnds: conditions that would double with each bracket, let or choice
// are read, or given up, at once; so are choices within choices to be refuted.
func TestReadingEnds(t *testing.T) {
	repeat := func(n int, join string, part func(i int) string) string {
		list := make([]string, n)
		for i := range list {
			list[i] = part(i)
		}
		return strings.Join(list, join)
	}
	nested, doubled, chosen := `overdue("reply")`, "let a0 = case.age; ", "let b0 = overdue(\"reply\"); "
	for i := range 40 {
		nested = fmt.Sprintf("(%s ? case.age > %d : true)", nested, i)
		doubled += fmt.Sprintf("let a%d = a%d + a%d; ", i+1, i, i)
		chosen += fmt.Sprintf("let b%d = b%d == b%d; ", i+1, i, i)
	}
	for name, source := range map[string]string{
		"choices within the condition of a choice": nested,
		"numbers that double":                      doubled + "a40 > 3",
		"conditions that double":                   chosen + "b40",
		"choices joined": repeat(35, " and ", func(i int) string {
			return fmt.Sprintf("(count(contacts, .age > %d) > %d or case.age < %d)", i, i%5, i)
		}),
		"predicates joined": repeat(18, " and ", func(i int) string {
			return fmt.Sprintf(`(any(actions, .act == "replied" and .age > %d) or none(actions, .act == "closed" or .age > %d))`, i, i*2)
		}),
		"many words": `any(contacts, .text matches "` + repeat(150, "|", func(i int) string { return fmt.Sprint("词", i) }) + `")`,
	} {
		t.Run(name, func(t *testing.T) {
			fsys := lintSet(lintRuleText{id: "a", when: source}, lintRuleText{id: "b", when: "(" + source + ") and case.people > 1"})
			began := time.Now()
			found := Check(fsys, Options{})
			if took := time.Since(began); took > 10*time.Second || found.Err() != nil { // alone it takes some 20 ms
				t.Errorf("took %v: %v", took, found)
			}
		})
	}
}

// FuzzProofs: what is proven of a condition is so on every row at hand.
func FuzzProofs(f *testing.F) {
	for _, c := range proofTable() {
		f.Add(c.source)
	}
	rows := proofRows(f, rand.New(rand.NewPCG(5, 7)), 40)
	s := ruleScope([]string{"register", "objection", "accept", "reply", "hotline_reply", "review", "re_review"})
	f.Fuzz(func(t *testing.T, source string) {
		p, _ := compile(source, s)
		if p == nil || p.typ.kind != kindBool || p.typ.opt {
			return
		}
		x := newLogic().readAll(p)
		subject := &proofSubject{source, p, x.formula, make([]bool, len(rows.facts))}
		rows.run(t, []*proofSubject{subject})
		if held := subject.held(); x.never && held > 0 || x.always && held < len(rows.facts) {
			t.Fatalf("%s\nnever %v, always %v, held on %d of %d rows; read as %s", source, x.never, x.always, held, len(rows.facts), x.formula.key)
		}
	})
}
