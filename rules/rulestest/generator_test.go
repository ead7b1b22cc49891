package rulestest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"yujing/rules"
)

// coverage is what the comparison of the two engines rests on: so many distinct
// rules, and so many of them for every construct of docs/language.md.
const (
	manyRules    = 6500
	forConstruct = 500
	batch        = 100
)

// generated gives n conditions of a seed.
func generated(seed uint64, n int) []string {
	g := NewGenerator(seed)
	conditions := make([]string, n)
	for i := range conditions {
		conditions[i] = g.Rule()
	}
	return conditions
}

// load makes a set of conditions, for over; any refused or warned of fails the test.
func load(t testing.TB, over rules.Over, conditions []string) *rules.Risk {
	t.Helper()
	set, err := Load(over, conditions)
	if err != nil {
		for _, c := range conditions { // find which
			if _, one := Load(over, []string{c}); one != nil {
				t.Fatalf("%s\n%v", c, one)
			}
		}
		t.Fatal(err)
	}
	return set.Risk(Risk)
}

// TestGeneratorUsesEveryConstruct: every rule is one that check accepts without
// a warning, none is twice, and each construct of the language is in enough of them.
func TestGeneratorUsesEveryConstruct(t *testing.T) {
	n, least := manyRules, forConstruct
	if testing.Short() {
		n, least = n/10, forConstruct/50
	}
	uses, known, nodes := map[string]int{}, map[string]bool{}, 0
	shown := map[string]bool{}
	for some := range slices.Chunk(generated(1, n), batch) {
		for _, rule := range load(t, rules.OverCase, some).Rules {
			shown[rule.Show()] = true
			nodes += rule.Nodes()
			for _, id := range rule.Constructs() {
				uses[id]++
			}
		}
	}
	for _, c := range rules.Constructs() {
		known[c.ID] = true
		if uses[c.ID] < least {
			t.Errorf("%q is in %d of %d rules, want %d: mend its weight", c.ID, uses[c.ID], n, least)
		}
	}
	for id := range uses {
		if !known[id] {
			t.Errorf("rules use %q, which is not in the table of constructs", id)
		}
	}
	if len(shown) != n {
		t.Errorf("%d of %d rules are distinct as shown", len(shown), n)
	}
	if mean := nodes / n; mean > 120 {
		t.Errorf("rules have %d nodes in the mean, want 120 at most", mean)
	}
	t.Logf("%d rules of %d nodes in the mean", n, nodes/n)
}

// TestRandomRules: no rule fails over any row, in no text and no explanation,
// and for most rules both answers are among the rows.
func TestRandomRules(t *testing.T) {
	n := 300
	if testing.Short() {
		n = 200
	}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		t.Run(string(over), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 13))
			now := Now(rng)
			rows := Rows(rng, 120, over, now)
			both := 0
			for some := range slices.Chunk(generated(2, n), batch) {
				both += answers(t, over, some, rows, now)
			}
			t.Logf("both answers to %d of %d rules", both, n)
			if both < n*8/10 {
				t.Errorf("both answers to %d of %d rules only", both, n)
			}
		})
	}
}

// answers runs conditions over rows and gives how many hold for some of them only.
func answers(t *testing.T, over rules.Over, conditions []string, rows []*rules.Facts, now time.Time) (both int) {
	set, err := Load(over, conditions)
	if err != nil {
		t.Fatal(err)
	}
	risk, e := set.Risk(Risk), set.NewEvaluator()
	fired, scored := map[string]int{}, 0
	for i, f := range rows {
		a, err := e.Evaluate(risk, f, now)
		if err != nil {
			t.Fatal(err)
		}
		if f.Concluded {
			continue
		}
		scored++
		for _, x := range a.Fired {
			fired[x.ID]++
		}
		if i%40 > 0 {
			continue
		}
		if err := e.Reasons(risk, f, now, &a); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Explain(risk, f, now); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range fired {
		if n < scored {
			both++
		}
	}
	return both
}

func TestRowsAreAsTheStoreGivesThem(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 2000 {
		now := Now(rng)
		f := Row(rng, []rules.Over{rules.OverCase, rules.OverGroup}[i%2], now)
		if problem := inconsistent(f, now); problem != "" {
			t.Fatalf("%s: %+v", problem, f)
		}
	}
}

// inconsistent says what the store would never give of a row.
func inconsistent(f *rules.Facts, now time.Time) string {
	if len(f.Contacts) == 0 {
		return "no contact"
	}
	own := map[string]bool{}
	for _, c := range f.Contacts {
		own[c.ID] = true
	}
	for _, list := range [][]rules.Signal{f.Contacts, f.Actions, f.Group} {
		for i, s := range list {
			switch {
			case len(s.ID) != 32 || len(s.Case) != 16:
				return "an id of another length"
			case s.At.After(now) || s.At.Nanosecond()%1e6 != 0:
				return "a time after now, or of parts of a millisecond"
			case i > 0 && (s.At.Before(list[i-1].At) || s.At.Equal(list[i-1].At) && s.ID <= list[i-1].ID):
				return "signals out of order"
			}
		}
	}
	for _, s := range f.Group {
		if f.Over == rules.OverCase && own[s.ID] != (s.Case == f.Row) {
			return "a group that disagrees with the case about its own contacts"
		}
		if !s.At.After(now.Add(-groupWindow)) {
			return "a group older than its window"
		}
	}
	for _, a := range f.Actions {
		if f.Over == rules.OverCase && a.Act == "concluded" && !f.Concluded {
			return "concluded, and not said"
		}
	}
	return ""
}

func TestChooseGivesBothAnswers(t *testing.T) {
	pool := make([]*rules.Facts, 300)
	for i := range pool {
		pool[i] = &rules.Facts{Row: fmt.Sprint(i)}
	}
	for yes := range 40 {
		holds := func(f *rules.Facts) bool { return slices.Index(pool, f) < yes }
		chosen := Choose(pool, 20, holds)
		n := 0
		for _, f := range chosen {
			if holds(f) {
				n++
			}
		}
		if len(chosen) != 20 || n != min(yes, 10) {
			t.Errorf("of %d that hold, %d are among %d chosen", yes, n, len(chosen))
		}
	}
	if chosen := Choose(pool, 20, func(*rules.Facts) bool { return true }); len(chosen) != 20 {
		t.Errorf("%d chosen where all hold", len(chosen))
	}
}

func BenchmarkRule(b *testing.B) {
	g := NewGenerator(1)
	b.ReportAllocs()
	for b.Loop() {
		g.Rule()
	}
}
