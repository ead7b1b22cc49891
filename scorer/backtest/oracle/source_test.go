package oracle

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"yujing/internal/clickhouse"
	"yujing/rules"
	"yujing/scorer/backtest"
)

// slow is a backtest.Source whose histories are the oracle's: of one store and
// one set of rules. What it has evaluated it keeps.
type slow struct {
	t    testing.TB
	all  signals
	set  *rules.Set
	kept map[string][]*row
}

func newSlow(t testing.TB, all signals, set *rules.Set) *slow {
	return &slow{t: t, all: all, set: set, kept: map[string][]*row{}}
}

// rows evaluates every row of a kind at every instant.
func (s *slow) rows(over rules.Over, instants []time.Time) []*row {
	key := fmt.Sprint(over, instants)
	if _, known := s.kept[key]; !known {
		s.kept[key] = s.all.rows(s.t, s.set, over, instants)
	}
	return s.kept[key]
}

// DataEnd implements backtest.Source.
func (s *slow) DataEnd(context.Context) (time.Time, error) { return s.all.end(), nil }

// Histories implements backtest.Source.
func (s *slow) Histories(_ context.Context, set *rules.Set, over rules.Over, grid backtest.Grid, _ time.Time) iter.Seq2[*backtest.History, error] {
	if set.Version() != s.set.Version() {
		s.t.Fatal("histories of another set of rules are asked for")
	}
	var instants []time.Time
	for i := range grid.Len() {
		instants = append(instants, grid.At(i))
	}
	return func(yield func(*backtest.History, error) bool) {
		for _, r := range s.rows(over, instants) {
			if !yield(r.history(set, over), nil) {
				return
			}
		}
	}
}

// history is the row in the form in which the store tells of it.
func (r *row) history(set *rules.Set, over rules.Over) *backtest.History {
	h := &backtest.History{Row: r.number, Ref: r.ref, First: r.first, Concluded: r.concluded, Channel: r.channel, Unit: r.unit, Place: r.place}
	for _, risk := range set.Risks() {
		if risk.Over == over {
			h.Outcomes, h.Apart = append(h.Outcomes, r.outcomes[risk.ID]), append(h.Apart, r.apart[risk.ID])
		}
	}
	for i := range r.moments {
		holds := r.moments[i].holds(set, over)
		if n := len(h.Runs); n > 0 && holds != nil && h.Runs[n-1].Last == i-1 && equal(h.Runs[n-1], holds, r.moments[i].active) {
			h.Runs[n-1].Last = i
			continue
		}
		if holds != nil {
			h.Runs = append(h.Runs, backtest.Run{First: i, Last: i, Holds: holds, Active: r.moments[i].active})
		}
	}
	return h
}

// holds are the rules that held, by their numbers; nil if none did.
func (m *moment) holds(set *rules.Set, over rules.Over) backtest.Holds {
	numbered := set.Numbered(over)
	h := make(backtest.Holds, (len(numbered)+63)/64)
	some := false
	for n, rule := range numbered {
		if m.says[rule.Risk].fired[rule.ID] {
			h[n/64] |= 1 << (n % 64)
			some = true
		}
	}
	if !some {
		return nil
	}
	return h
}

func equal(r backtest.Run, holds backtest.Holds, active bool) bool {
	for n := range 64 * len(holds) {
		if r.Holds.Has(n) != holds.Has(n) {
			return false
		}
	}
	return r.Active == active
}

// sourcesOf are the ways to come to the histories of a store: the oracle's and
// its own.
func sourcesOf(db *clickhouse.DB, oracle *slow) map[string]backtest.Source {
	all := map[string]backtest.Source{"oracle": oracle}
	if own, ok := any(db).(backtest.Source); ok {
		all["store"] = own
	}
	return all
}

// compare holds the histories of another source to the oracle's: what became of
// every row that is followed or at risk, and what held of it at these instants.
func (s *slow) compare(t *testing.T, src backtest.Source, over rules.Over, p plan) {
	t.Helper()
	grid := backtest.Grid{From: p.from, Last: p.instants[len(p.instants)-1], Step: p.step}
	found := map[uint64]*backtest.History{}
	for h, err := range src.Histories(t.Context(), s.set, over, grid, p.to) {
		if err != nil {
			t.Fatal(err)
		}
		found[h.Row] = h
	}
	compared, wrong := 0, 0
	for _, r := range s.rows(over, p.instants) {
		want, asked := r.history(s.set, over), r.asked(s.set, over, p)
		if len(asked) == 0 {
			continue
		}
		got := found[r.number]
		if got == nil {
			got = &backtest.History{}
		}
		compared++
		if diff := gocmp.Diff(tells(want, asked), tells(got, asked)); diff != "" {
			if wrong++; wrong <= 5 {
				t.Errorf("history of %s %s (- oracle, + source):\n%s", over, r.ref, diff)
			}
		}
	}
	if wrong > 0 || compared < 100 {
		t.Errorf("%d of %d histories of %ss are wrong", wrong, compared, over)
	}
}

// asked are the instants at which it matters what was said of a row: it is
// followed in some risk, or at risk.
func (r *row) asked(set *rules.Set, over rules.Over, p plan) (list []int) {
	for i, t := range p.instants {
		for _, risk := range set.Risks() {
			if risk.Over != over || r.apart[risk.ID] {
				continue
			}
			open := before(t, r.outcomes[risk.ID]) && before(t, r.concluded)
			followed := p.cohort(r, risk) && !t.Before(r.first) && !t.After(r.first.Add(risk.Horizon))
			if open && (followed || t.Before(p.to) && r.moments[i].visible && r.moments[i].active) {
				list = append(list, i)
				break
			}
		}
	}
	return list
}

// heard is what was said of a row at an instant, in a form that can be compared.
type heard struct {
	Holds  string
	Active bool
}

// tells is what a history says at some instants, and what became of the row.
func tells(h *backtest.History, at []int) any {
	runs := map[int]heard{}
	for _, i := range at {
		for _, run := range h.Runs {
			if run.First <= i && i <= run.Last {
				runs[i] = heard{fmt.Sprint(run.Holds), run.Active}
			}
		}
	}
	became := *h
	became.Runs = nil
	return struct {
		Became backtest.History
		At     map[int]heard
	}{became, runs}
}
