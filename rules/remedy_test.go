package rules

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/internal/calendar"
)

// matterOf builds a matter from contacts and actions as "days ago: what", by one
// complainant and one unit.
func matterOf(now time.Time, contacts, actions []string) *Facts {
	at := func(s string) (time.Time, string) {
		ago, what, _ := strings.Cut(s, " ")
		d, err := time.ParseDuration(ago)
		if err != nil {
			panic(err)
		}
		return now.Add(-d), what
	}
	f := &Facts{Over: OverCase, Row: "00000000000000bb", Ref: "bureau:1"}
	for i, s := range contacts {
		when, channel := at(s)
		f.Contacts = append(f.Contacts, Signal{ID: "c" + string(rune('1'+i)), At: when, Person: 7, Case: "m", Channel: channel, Purpose: "complaint", People: 1})
	}
	for i, s := range actions {
		when, act := at(s)
		act, rating, _ := strings.Cut(act, "=")
		f.Actions = append(f.Actions, Signal{ID: "a" + string(rune('1'+i)), At: when, Act: act, Rating: rating, Unit: "区住建局", Case: "m"})
	}
	return f
}

// acts gives the words of what a remedy asks for.
func (r *Remedy) acts() (list []string) {
	for _, a := range r.Acts {
		list = append(list, a.Act)
	}
	return list
}

func explained(t *testing.T, set *Set, risk string, f *Facts, now time.Time) *Explanation {
	t.Helper()
	x, err := set.NewEvaluator().Explain(set.Risk(risk), f, now)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// twoLifts are rules that each hold a row at orange: it takes two acts.
const twoLifts = `
  - {id: unanswered, name: {zh: 未答复, en: n}, when: 'none(actions, .act == "replied")', points: 40, at_least: orange, because: {zh: 因, en: b}, advise: {zh: 议, en: a}}
  - {id: not-called, name: {zh: 未回访, en: n}, when: 'none(actions, .act in ["called_back", "visited"])', points: 5, at_least: orange, because: {zh: 因, en: b}, advise: {zh: 议, en: a}}
`

func TestRemedies(t *testing.T) {
	shippedSet := shipped(t)
	now := defaultNow(shippedSet.Risk("repeat").Zone)
	for name, c := range map[string]struct {
		set               *Set
		risk              string
		facts             *Facts
		level             Level
		remedies          [][]string // the acts of each, in order
		after             int        // the score after the first
		stops, starts     []string   // of the first, or of the best
		best              []string
		helpless, noLevel bool
	}{
		"a reply suffices": {set: shippedSet, risk: "repeat", level: Orange,
			facts:    matterOf(now, []string{"720h hotline", "48h visit"}, []string{"700h assigned", "690h assigned", "680h transferred", "670h accepted", "100h called_back"}),
			remedies: [][]string{{"replied"}}, after: 20,
			stops: []string{"asked-again-unanswered", "reply-overdue"}},
		"of two that suffice the cheaper comes first": {set: shippedSet, risk: "repeat", level: Orange,
			facts:    matterOf(now, []string{"720h hotline", "48h visit"}, []string{"700h transferred", "100h called_back"}),
			remedies: [][]string{{"accepted"}, {"replied"}}, after: 60,
			stops: []string{"acceptance-overdue"}},
		"only two acts suffice": {set: load(t, twoLifts), risk: "repeat", level: Orange,
			facts:    matterOf(now, []string{"48h visit"}, nil),
			remedies: [][]string{{"replied", "called_back"}, {"replied", "visited"}}, after: 0,
			stops: []string{"unanswered", "not-called"}},
		"nothing does, but a reply takes most off": {set: load(t, rule("old", "case.age > 1", "points: 40")+rule("silent", `none(actions, .act == "replied")`, "points: 8")),
			risk: "repeat", level: Blue, facts: matterOf(now, []string{"48h visit"}, nil),
			best: []string{"replied"}, stops: []string{"silent"}},
		"nothing does anything": {set: load(t, rule("old", "case.age > 1", "points: 40")), risk: "repeat", level: Blue,
			facts: matterOf(now, []string{"48h visit"}, nil), helpless: true},
		"a sum over 100 comes down too": {set: load(t, rule("old", "case.age > 1", "points: 100")+rule("silent", `none(actions, .act == "replied")`, "points: 50")),
			risk: "repeat", level: Red, facts: matterOf(now, []string{"48h visit"}, nil),
			best: []string{"replied"}, stops: []string{"silent"}},
		"what starts is told": {set: load(t, rule("silent", `none(actions, .act == "replied")`, "points: 50")+rule("answered", `any(actions, .act == "replied")`, "points: 5")),
			risk: "repeat", level: Yellow, facts: matterOf(now, []string{"48h visit"}, nil),
			remedies: [][]string{{"replied"}}, after: 5, stops: []string{"silent"}, starts: []string{"answered"}},
		"no level, nothing to come down from": {set: load(t, rule("a", "true", "points: 10")), risk: "repeat",
			facts: matterOf(now, []string{"48h visit"}, nil), noLevel: true},
	} {
		t.Run(name, func(t *testing.T) {
			x := explained(t, c.set, c.risk, c.facts, now)
			h := x.WhatWouldHelp
			if c.noLevel {
				if h != nil {
					t.Errorf("help %+v for a row at no level", h)
				}
				return
			}
			if h == nil || h.Level != c.level || x.Level != c.level {
				t.Fatalf("level %s, help %+v; want %s", x.Level, h, c.level)
			}
			var got [][]string
			for i := range h.Remedies {
				got = append(got, h.Remedies[i].acts())
			}
			if diff := cmp.Diff(c.remedies, got); diff != "" {
				t.Fatalf("remedies (-want +got)\n%s", diff)
			}
			first := h.Best
			if len(h.Remedies) > 0 {
				first = &h.Remedies[0]
				if h.Best != nil || first.Score != c.after || first.Level >= c.level {
					t.Errorf("the first is %+v (best %+v), want a score of %d", first, h.Best, c.after)
				}
			} else if c.helpless != (h.Best == nil) {
				t.Fatalf("best is %+v", h.Best)
			}
			if first == nil {
				return
			}
			if c.best != nil && !slices.Equal(first.acts(), c.best) {
				t.Errorf("best is %v, want %v", first.acts(), c.best)
			}
			if !slices.Equal(first.Stops, c.stops) || !slices.Equal(first.Starts, c.starts) {
				t.Errorf("stops %v starts %v, want %v and %v", first.Stops, first.Starts, c.stops, c.starts)
			}
		})
	}
}

// Two acts, none, none that takes anything off, an accusation, as people read it.
func TestHelpPrints(t *testing.T) {
	now := defaultNow(time.UTC)
	silent := rule("silent", `none(actions, .act == "replied")`, "points: 8")
	var b strings.Builder
	for _, c := range []struct{ what, rules, purpose string }{
		{"two acts", twoLifts, "complaint"},
		{"none suffices", rule("old", "case.age > 1", "points: 40") + silent, "complaint"},
		{"none takes anything off", rule("old", "case.age > 1", "points: 40"), "complaint"},
		{"an accusation", rule("silent", `none(actions, .act == "replied")`, "points: 30"), "accusation"},
	} {
		f := matterOf(now, []string{"48h visit"}, nil)
		f.Contacts[0].Purpose = c.purpose
		p := &page{x: explained(t, load(t, c.rules), "repeat", f, now)}
		p.help()
		p.outlook()
		b.WriteString(c.what + p.b.String() + "\n")
	}
	golden(t, "testdata/help.golden", b.String())
}

func TestGroupsHaveRemedies(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.Risk("collective").Zone)
	f := matterOf(now, []string{"60h hotline", "50h hotline", "40h hotline"}, nil)
	f.Over = OverGroup
	for i := range f.Contacts {
		f.Contacts[i].Person, f.Contacts[i].Case = uint64(i+1), f.Contacts[i].ID
	}
	f.Group = f.Contacts
	x := explained(t, set, "collective", f, now)
	if x.Level != Red || len(x.WhatWouldHelp.Remedies) == 0 {
		t.Fatalf("level %s, %+v", x.Level, x.WhatWouldHelp)
	}
	r := x.WhatWouldHelp.Remedies[0]
	if !slices.Equal(r.acts(), []string{"visited"}) || !slices.Equal(r.Stops, []string{"group-unanswered"}) || !slices.Equal(r.Starts, []string{"met-in-person"}) {
		t.Errorf("the first remedy is %+v; want a visit, which ends group-unanswered and starts met-in-person", r)
	}
}

func TestConcludedHasNeitherRemedyNorOutlook(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.Risk("repeat").Zone)
	f := asked(now)
	f.Concluded = true
	x := explained(t, set, "repeat", f, now)
	if x.WhatWouldHelp != nil || len(x.IfNothingIsDone) != 0 {
		t.Errorf("help %+v, outlook %+v", x.WhatWouldHelp, x.IfNothingIsDone)
	}
}

// What may be proposed and what may not is decided for every act of the domain.
func TestEveryActIsDecided(t *testing.T) {
	refused := []string{"transferred", "assigned", "not_accepted", "returned", "rated", "supervised", "concluded"}
	var proposed []string
	for _, s := range services() {
		proposed = append(proposed, s.Act.Act)
		if slices.Contains(refused, s.Act.Act) {
			t.Errorf("%s is no service to a citizen", s.Act.Act)
		}
		if why := forbiddenAdvice(s.Name.ZH + " " + s.Name.EN); why != "" {
			t.Errorf("%s reads %q", s.Act.Act, why)
		}
	}
	want := slices.Sorted(slices.Values(calendar.Actions()))
	if got := slices.Sorted(slices.Values(append(proposed, refused...))); !slices.Equal(got, want) {
		t.Errorf("decided are %v\nthe acts are %v", got, want)
	}
}

// An act is proposed only where it is open to the office.
func TestActsThatAreNotOpen(t *testing.T) {
	set := load(t, rule("a", "true", "points: 40"))
	now := defaultNow(time.UTC)
	for name, c := range map[string]struct {
		act     string
		actions []string
		open    bool
	}{
		"nothing handed over yet":          {"accepted", nil, false},
		"handed over":                      {"accepted", []string{"48h transferred"}, true},
		"accepted already":                 {"accepted", []string{"48h transferred", "40h accepted"}, false},
		"not registered yet":               {"registered", nil, true},
		"registered":                       {"registered", []string{"60h registered"}, false},
		"unanswered, so not to close":      {"closed", []string{"48h accepted"}, false},
		"answered, so to close":            {"closed", []string{"48h accepted", "40h replied"}, true},
		"answered before the last ask":     {"closed", []string{"80h replied"}, false},
		"no review was asked for":          {"reviewed", nil, false},
		"extend what runs":                 {"extended", []string{"48h accepted"}, true},
		"nothing to extend":                {"extended", []string{"48h transferred"}, false},
		"extended once":                    {"extended", []string{"48h accepted", "40h extended"}, false},
		"too late to extend":               {"extended", []string{"2400h accepted"}, false},
		"answered, nothing left to extend": {"extended", []string{"48h accepted", "40h replied"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := matterOf(now, []string{"72h visit"}, c.actions)
			w := ask(t, set.NewEvaluator(), set.Risk("repeat"), f, now)
			i := slices.IndexFunc(services(), func(s service) bool { return s.Act.Act == c.act })
			r, err := w.try(services()[i : i+1])
			if err != nil || (r != nil) != c.open {
				t.Errorf("%s is open: %v (%v), want %v", c.act, r != nil, err, c.open)
			}
		})
	}
}

// An accusation must not be handed to the accused, whoever acts on it.
func TestAnAccusationCarriesItsCaution(t *testing.T) {
	set := load(t, rule("a", "true", "points: 40"))
	now := defaultNow(time.UTC)
	f := matterOf(now, []string{"72h letter"}, nil)
	if n := explained(t, set, "repeat", f, now).WhatWouldHelp.Note; n != (Text{}) {
		t.Errorf("a complaint has the note %v", n)
	}
	f.Contacts[0].Purpose = "accusation"
	if n := explained(t, set, "repeat", f, now).WhatWouldHelp.Note; !strings.Contains(n.ZH, "第三十条") {
		t.Errorf("an accusation has the note %v", n)
	}
}

// done is the row after some acts, written out for the evaluator that scores.
func done(f *Facts, acts []string, unit string, now time.Time) *Facts {
	g := *f
	g.Actions = slices.Clone(f.Actions)
	for _, act := range acts {
		last := f.Contacts[len(f.Contacts)-1]
		g.Actions = append(g.Actions, Signal{ID: "x", At: now, Ref: last.Ref, Case: last.Case, Act: act, Unit: unit})
	}
	return &g
}

// What is promised is what the evaluator says of the row once it is done; and
// where two acts are proposed, none suffices alone.
func TestRemediesAreWhatScoringGives(t *testing.T) {
	set := shipped(t)
	rng := rand.New(rand.NewPCG(3, 1))
	now := defaultNow(set.risks[0].Zone)
	e, fresh := set.NewEvaluator(), set.NewEvaluator()
	seen := map[int]int{} // rows by how many acts it takes, 0 = none suffices
	for range 1500 {
		over := []Over{OverCase, OverCase, OverGroup}[rng.IntN(3)]
		f := randomFacts(rng, over, now)
		for _, r := range set.Risks() {
			if r.Over != over {
				continue
			}
			w := ask(t, e, r, f, now)
			if h, err := w.help(); err != nil {
				t.Fatal(err)
			} else if h != nil {
				seen[checkHelp(t, fresh, w, h)]++
			}
		}
	}
	t.Logf("rows by number of acts (0 = none suffices): %v", seen)
	for n := range 3 {
		if seen[n] == 0 {
			t.Errorf("no row of %d acts came up: the test proves little", n)
		}
	}
}

func checkHelp(t *testing.T, e *Evaluator, w *whatIf, h *Help) (acts int) {
	t.Helper()
	all, unit := slices.Clone(h.Remedies), w.e.row.Case.Unit
	if h.Best != nil {
		all = append(all, *h.Best)
	}
	for _, m := range all {
		a, err := e.Evaluate(w.r, done(w.f, m.acts(), unit, w.now), w.now)
		if err != nil {
			t.Fatal(err)
		}
		if a.Score != m.Score || a.Level != m.Level || a.sum() != m.Sum {
			t.Errorf("%v: promised %d %s, scored %d %s", m.acts(), m.Score, m.Level, a.Score, a.Level)
		}
	}
	if len(h.Remedies) == 0 {
		return 0
	}
	n := len(h.Remedies[0].Acts)
	for _, m := range h.Remedies {
		if len(m.Acts) != n || m.Level >= h.Level {
			t.Errorf("%v does not belong beside %v", m.acts(), h.Remedies[0].acts())
		}
	}
	for _, s := range services() {
		if n < 2 || s.can != nil {
			continue
		}
		a, err := e.Evaluate(w.r, done(w.f, []string{s.Act.Act}, unit, w.now), w.now)
		if err != nil {
			t.Fatal(err)
		}
		if a.Level < h.Level {
			t.Errorf("%s suffices alone, and %v is proposed", s.Act.Act, h.Remedies[0].acts())
		}
	}
	return n
}
