package rules_test

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yujing/rules"
	"yujing/rules/rulestest"
)

// shipped loads the rules that ship, and fails on any problem, warnings too.
func shipped(t testing.TB) *rules.Set {
	t.Helper()
	set, problems := rules.Load(os.DirFS("../rules.d"), rules.Options{Dir: "rules.d"})
	if len(problems) > 0 {
		t.Fatalf("%v", problems)
	}
	return set
}

// TestShownRulesMeanTheSame: a condition as it is shown is a condition that
// shows alike and gives the same answer over every row.
func TestShownRulesMeanTheSame(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	now := rulestest.Now(rng)
	g := rulestest.NewGenerator(3)
	rows := rulestest.Rows(rng, 40, rules.OverCase, now)
	for range 4 {
		var written, shown []string
		for range 100 {
			written = append(written, g.Rule())
		}
		set, err := rulestest.Load(rules.OverCase, written)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range set.Risk(rulestest.Risk).Rules {
			shown = append(shown, r.Show())
		}
		again, err := rulestest.Load(rules.OverCase, shown)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range again.Risk(rulestest.Risk).Rules {
			if r.Show() != shown[i] {
				t.Errorf("%s\nshows as\n%s\nand then as\n%s", written[i], shown[i], r.Show())
			}
		}
		for _, f := range rows {
			a, err := set.NewEvaluator().Evaluate(set.Risk(rulestest.Risk), f, now)
			if err != nil {
				t.Fatal(err)
			}
			b, err := again.NewEvaluator().Evaluate(again.Risk(rulestest.Risk), f, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(a.Fired, b.Fired); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}

// An evaluator keeps nothing of one row that shows in the next.
func TestEvaluatorIsReusable(t *testing.T) {
	set := shipped(t)
	rng := rand.New(rand.NewPCG(9, 9))
	now := rulestest.Now(rng)
	reused := set.NewEvaluator()
	for i := range 300 {
		f := rulestest.Row(rng, []rules.Over{rules.OverCase, rules.OverGroup}[i%2], now)
		all, err := reused.EvaluateAll(f, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			fresh, err := set.NewEvaluator().Evaluate(set.Risk(a.Risk), f, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fresh, a); diff != "" {
				t.Fatal(diff)
			}
		}
	}
}

// Rules that failed once, found by random ones.
func TestRulesThatFailedOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	now := rulestest.Now(rng)
	rows := rulestest.Rows(rng, 100, rules.OverCase, now)
	for name, when := range map[string]string{
		"findLast loses what stands to its left": `len(contacts) + (findLast(map(actions, .age), # > 1e9) ?? 0.5) >= 1 and workdays(findLast(actions, .age > 1e9)?.at ?? now, now) == 0`,
		"findLast finds the last":                `(findLast(contacts, .age >= 0)?.at ?? now) == (last(contacts)?.at ?? now)`,
		"a quotient never becomes infinite":      `(1 / (case.age * 0.0)) == nil and (1e15 / (case.age * 0.0 + 1e-9)) == nil and ((1e15 / (case.age * 0.0 + 1)) ?? 0) == 1e15`,
	} {
		set, err := rulestest.Load(rules.OverCase, []string{when})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		e := set.NewEvaluator()
		for _, f := range rows {
			a, err := e.Evaluate(set.Risk(rulestest.Risk), f, now)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			if len(a.Fired) == 0 && !f.Concluded {
				t.Errorf("%s: does not hold over %+v", name, f)
				break
			}
		}
	}
}

func TestShippedRulesNeverFail(t *testing.T) {
	rows := 10000
	if testing.Short() {
		rows = 500
	}
	set := shipped(t)
	e := set.NewEvaluator()
	rng := rand.New(rand.NewPCG(3, 5))
	now := rulestest.Now(rng)
	fired := map[string]int{}
	for i := range rows {
		over := []rules.Over{rules.OverCase, rules.OverGroup}[i%2]
		f := rulestest.Row(rng, over, now)
		list, err := e.EvaluateAll(f, now, nil)
		if err != nil {
			t.Fatal(err)
		}
		for j := range list {
			a := &list[j]
			if a.Score < 0 || a.Score > 100 || a.ShadowScore < 0 || a.ShadowScore > 100 {
				t.Fatalf("score %d, shadow %d", a.Score, a.ShadowScore)
			}
			if err := e.Reasons(set.Risk(a.Risk), f, now, a); err != nil {
				t.Fatal(err)
			}
			for _, x := range a.Fired {
				fired[x.ID]++
				if x.Because.ZH == "" || x.Advise.EN == "" || strings.Contains(x.Because.ZH+x.Because.EN, "unknown") {
					t.Fatalf("rule %s says %+v", x.ID, x)
				}
			}
			if i%50 == 0 {
				x, err := e.Explain(set.Risk(a.Risk), f, now)
				if err != nil || x.Score != a.Score || x.Level != a.Level {
					t.Fatalf("explain says %d %s, evaluate %d %s (%v)", x.Score, x.Level, a.Score, a.Level, err)
				}
			}
		}
		for _, r := range set.Risks() {
			if r.Over == over {
				if _, err := e.OutcomeOf(r, f); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, r := range set.Risks() {
		for _, rule := range r.Rules {
			if fired[rule.ID] == 0 && rows >= 10000 {
				t.Errorf("rule %s never fired on %d random rows", rule.ID, rows)
			}
		}
	}
}

// BenchmarkRandomRows is Evaluate over rows that differ, as a backtest meets them.
func BenchmarkRandomRows(b *testing.B) {
	set := shipped(b)
	e := set.NewEvaluator()
	rng := rand.New(rand.NewPCG(1, 2))
	now := rulestest.Now(rng)
	rows := rulestest.Rows(rng, 1000, rules.OverCase, now)
	var list []rules.Assessment
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		var err error
		if list, err = e.EvaluateAll(rows[i%len(rows)], now, list[:0]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
