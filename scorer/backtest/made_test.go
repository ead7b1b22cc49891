package backtest

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yujing/rules"
)

// Everything in these tests is in days from here; instants are at midnight.
var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func day(n float64) time.Time { return start.Add(time.Duration(n * 24 * float64(time.Hour))) }

// madeRule is a rule of a made set; what its condition says does not matter.
type madeRule struct {
	id      string
	points  int
	atLeast string
	shadow  bool
}

// madeSet has two risks over cases, the second of one rule, and between them one
// over groups, so that numbers of rules and of outcomes are not places in the set.
// The horizon is 10 days.
func madeSet(t testing.TB, list ...madeRule) *rules.Set {
	t.Helper()
	risk := func(id, over string) string {
		return fmt.Sprintf("  - {id: %s, name: {zh: %[1]s, en: %[1]s}, over: %s, levels: {blue: 30, yellow: 50, orange: 70, red: 90}, horizon: 10d, zone: Asia/Shanghai, outcome: it.people > 5}\n", id, over)
	}
	fsys := fstest.MapFS{
		"risks.yaml": {Data: []byte("risks:\n" + risk("other", "case") + risk("crowd", "group") + risk("main", "case"))},
		"other.yaml": {Data: []byte("risk: other\nrules:\n" + madeYAML(madeRule{id: "o", points: 60}))},
		"crowd.yaml": {Data: []byte("risk: crowd\nrules:\n" + madeYAML(madeRule{id: "g", points: 60}))},
	}
	var b strings.Builder
	for _, r := range list {
		b.WriteString(madeYAML(r))
	}
	fsys["main.yaml"] = &fstest.MapFile{Data: []byte("risk: main\nrules:\n" + b.String())}
	set, problems := rules.Load(fsys, rules.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

func madeYAML(r madeRule) string {
	text := fmt.Sprintf("  - {id: %s, name: {zh: 规则, en: rule}, when: case.age > 1, points: %d, because: {zh: 因为, en: because}, advise: {zh: 请联系, en: call}", r.id, r.points)
	if r.atLeast != "" {
		text += ", at_least: " + r.atLeast
	}
	if r.shadow {
		text += ", mode: shadow"
	}
	return text + "}\n"
}

// The rules that most tests need.
func usual() []madeRule {
	return []madeRule{{id: "a", points: 40}, {id: "b", points: 30}, {id: "minus", points: -30}, {id: "lift", points: 5, atLeast: "orange"}, {id: "shadow", points: 60, shadow: true}}
}

// made is a source of histories made by hand.
type made struct {
	end    time.Time
	cases  []*History
	groups []*History
}

func (m *made) DataEnd(context.Context) (time.Time, error) { return m.end, nil }

func (m *made) Histories(_ context.Context, _ *rules.Set, over rules.Over, _ Grid, _ time.Time) iter.Seq2[*History, error] {
	return func(yield func(*History, error) bool) {
		list := m.cases
		if over == rules.OverGroup {
			list = m.groups
		}
		for _, h := range list {
			if !yield(h, nil) {
				return
			}
		}
	}
}

// matter is a case with its first contact on a day, and runs of rules of risk main:
// number 0 is the rule of risk other.
func matter(row uint64, first float64, runs ...Run) *History {
	return &History{Row: row, Ref: fmt.Sprint("s:R", row), First: day(first), Outcomes: make([]time.Time, 2), Runs: runs, Channel: "hotline", Unit: "bureau", Place: "330106001"}
}

func (h *History) outcome(d float64) *History {
	h.Outcomes[1] = day(d)
	return h
}

func (h *History) concluded(d float64) *History {
	h.Concluded = day(d)
	return h
}

// held is a run of rules of risk main, by their ids in the set of usual().
func held(first, last int, ids ...string) Run {
	r := Run{First: first, Last: last, Holds: Holds{0}, Active: true}
	for i, u := range usual() {
		for _, id := range ids {
			if u.id == id {
				r.Holds[0] |= 1 << (i + 1)
			}
		}
	}
	return r
}

// measure runs a backtest of the usual set over 20 days, data up to day 40, and
// gives the figures of risk main and its cases by row.
func measure(t *testing.T, list ...*History) (*Figures, map[uint64]*Case) {
	t.Helper()
	byRef, cases := map[string]uint64{}, map[uint64]*Case{}
	for _, h := range list {
		byRef[h.Ref] = h.Row
	}
	report, err := Measure(t.Context(), &made{end: day(40), cases: list}, madeSet(t, usual()...), Options{From: day(0), To: day(20), Risks: []string{"main"},
		Cases: func(c *Case) error {
			cases[byRef[c.Ref]] = c
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return report.Risks["main"], cases
}
