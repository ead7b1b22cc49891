package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOutlook(t *testing.T) {
	set := shipped(t)
	zone := set.Risk("repeat").Zone
	now := defaultNow(zone)
	for name, c := range map[string]struct {
		set   *Set
		risk  string
		facts *Facts
		want  []string
	}{
		"a deadline passes": {load(t, rule("late", `overdue("reply")`, "points: 50")), "repeat",
			matterOf(now, []string{"1320h letter"}, []string{"1300h accepted"}), []string{"2026-03-17 00:00:00.000 yellow 50 +late"}},
		"an age crosses a constant, and another": {load(t, rule("new", "any(contacts, .age <= 7)", "points: 50")+rule("old", "case.age > 20.5", "points: 90")), "repeat",
			matterOf(now, []string{"24h letter"}, nil), []string{"2026-03-16 09:00:00.001 none 0 -new", "2026-03-29 21:00:00.001 red 90 +old"}},
		"working days are counted by the calendar": {load(t, rule("soon", "workdays(case.at, now) >= 5", "points: 30")), "repeat",
			matterOf(now, []string{"0h letter"}, nil), []string{"2026-03-17 00:00:00.000 blue 30 +soon"}},
		"what is no comparison with a constant is found between": {load(t, rule("sum", "sum(contacts, .age) > 10", "points: 30")), "repeat",
			matterOf(now, []string{"60h letter", "12h letter"}, nil), []string{"2026-03-13 21:00:00.001 blue 30 +sum"}},
		"beyond a month nothing is told": {load(t, rule("old", "case.age > 40", "points: 90")), "repeat", matterOf(now, []string{"24h letter"}, nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, ch := range explained(t, c.set, c.risk, c.facts, now).IfNothingIsDone {
				s := fmt.Sprintf("%s %s %d", ch.At.In(c.set.Risk(c.risk).Zone).Format("2006-01-02 15:04:05.000"), ch.Level, ch.Score)
				for _, id := range ch.Stops {
					s += " -" + id
				}
				for _, id := range ch.Starts {
					s += " +" + id
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// asOf is the row as the store would give it later: what left the window of its
// group is not in it.
func asOf(f *Facts, now time.Time) *Facts {
	g := *f
	old := func(s Signal) bool { return !s.At.After(now.Add(-90 * 24 * time.Hour)) }
	g.Group = slices.DeleteFunc(slices.Clone(f.Group), old)
	if f.Over == OverGroup {
		g.Contacts = slices.DeleteFunc(slices.Clone(f.Contacts), old)
		g.Actions = slices.DeleteFunc(slices.Clone(f.Actions), func(a Signal) bool {
			return !slices.ContainsFunc(g.Contacts, func(c Signal) bool { return c.Case == a.Case })
		})
	}
	return &g
}

// The scoring evaluator, asked every hour of the month, sees the same levels.
func TestOutlookIsWhatScoringGives(t *testing.T) {
	set := shipped(t)
	rng := rand.New(rand.NewPCG(5, 8))
	now := defaultNow(set.risks[0].Zone)
	e, fresh := set.NewEvaluator(), set.NewEvaluator()
	found := 0
	for range 60 {
		over := []Over{OverCase, OverGroup}[rng.IntN(2)]
		f := randomFacts(rng, over, now)
		for i := range f.Actions {
			f.Actions[i].Case = f.Contacts[0].Case
		}
		for _, r := range set.Risks() {
			if r.Over != over {
				continue
			}
			changes, err := ask(t, e, r, f, now).outlook()
			if err != nil {
				t.Fatal(err)
			}
			found += len(changes)
			compareHourly(t, fresh, ask(t, e, r, f, now), changes)
		}
	}
	if found < 20 {
		t.Errorf("only %d changes came up", found)
	}
}

func compareHourly(t *testing.T, e *Evaluator, w *whatIf, changes []Change) {
	t.Helper()
	level, next := w.base.Level, 0
	for h := 1; h <= OutlookDays*24; h++ {
		at := w.now.Add(time.Duration(h) * time.Hour)
		for next < len(changes) && !changes[next].At.After(at) {
			level = changes[next].Level
			next++
		}
		if next == mostChanges {
			return // what comes later is not told
		}
		got, facts := None, asOf(w.f, at)
		if len(facts.Contacts) > 0 {
			a, err := e.Evaluate(w.r, facts, at)
			if err != nil {
				t.Fatal(err)
			}
			got = a.Level
		}
		if got != level {
			t.Errorf("%s: at %s the level is %s, the outlook says %s: %+v", w.r.ID, at, got, level, changes)
			return
		}
	}
}

// ask prepares questions about a row.
func ask(t testing.TB, e *Evaluator, r *Risk, f *Facts, now time.Time) *whatIf {
	t.Helper()
	a, err := e.Evaluate(r, f, now)
	if err != nil {
		t.Fatal(err)
	}
	return e.whatIf(r, &a)
}

// The work for one row is bounded, however many signals it has.
func TestLookingAheadIsBounded(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.risks[0].Zone)
	f := large(now, 800)
	w := ask(t, set.NewEvaluator(), set.Risk("collective"), f, now)
	if _, err := w.help(); err != nil {
		t.Fatal(err)
	}
	if acts := len(services()); w.asked > acts+acts*(acts-1)/2 {
		t.Errorf("%d evaluations for the remedies", w.asked)
	}
	w.asked = 0
	if _, err := w.outlook(); err != nil {
		t.Fatal(err)
	}
	if w.asked > mostInstants+mostChanges*31 {
		t.Errorf("%d evaluations for the outlook", w.asked)
	}
}

// large is a group of many contacts.
func large(now time.Time, n int) *Facts {
	f := &Facts{Over: OverGroup, Row: "00000000000000cc", Ref: "hotline:1"}
	for i := range n {
		f.Contacts = append(f.Contacts, Signal{ID: fmt.Sprint("c", i), At: now.Add(-80*24*time.Hour + time.Duration(i)*79*24*time.Hour/time.Duration(n)),
			Person: uint64(i%40 + 1), Case: fmt.Sprint(i % 50), Channel: "hotline", Purpose: "complaint", People: 1, Text: "我们小区停水三天,请尽快处理"})
		if i%3 == 0 {
			f.Actions = append(f.Actions, Signal{ID: fmt.Sprint("a", i), At: f.Contacts[i].At, Act: "transferred", Unit: "水务局", Case: fmt.Sprint(i % 50)})
		}
	}
	f.Group = f.Contacts
	return f
}

func BenchmarkWhatWouldHelp(b *testing.B) {
	set := shipped(b)
	now := defaultNow(set.risks[0].Zone)
	for _, c := range []struct {
		name, risk string
		facts      *Facts
	}{
		{"case", "repeat", matterOf(now, []string{"720h hotline", "48h visit"}, []string{"700h transferred", "690h accepted", "680h assigned", "670h assigned"})},
		{"group10", "collective", large(now, 10)},
		{"group100", "collective", large(now, 100)},
	} {
		e := set.NewEvaluator()
		b.Run(c.name, func(b *testing.B) {
			asked := 0
			for b.Loop() {
				w := ask(b, e, set.Risk(c.risk), c.facts, now)
				if _, err := w.help(); err != nil {
					b.Fatal(err)
				}
				if _, err := w.outlook(); err != nil {
					b.Fatal(err)
				}
				asked = w.asked // one for each act, one or two for each instant
			}
			b.ReportMetric(float64(asked), "evaluations")
		})
	}
}
