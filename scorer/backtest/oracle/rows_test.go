package oracle

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/backtest"
)

// said is what the rules of a risk said of a row.
type said struct {
	score int
	level rules.Level
	fired map[string]bool
}

// moment is a row at an instant; its zero value is a row that is not visible.
type moment struct {
	visible bool
	active  bool // something had happened within backtest.ActiveWindow
	says    map[string]said
}

// row is a case or a group: what became of it by everything known now, and what
// was said of it at each instant.
type row struct {
	number               uint64
	ref                  string
	first, concluded     time.Time            // concluded is zero if it is not
	outcomes             map[string]time.Time // by risk; absent if there is none
	apart                map[string]bool      // by risk: its cohort is of other rows
	channel, unit, place string
	moments              []moment
}

// rows evaluates every row of a kind at every instant.
func (all signals) rows(t testing.TB, set *rules.Set, over rules.Over, instants []time.Time) []*row {
	t.Helper()
	found := map[uint64]*row{}
	for number, f := range all.now(over) {
		found[number] = settle(t, set, number, f)
		found[number].moments = make([]moment, len(instants))
	}
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i, at := range instants {
		work.Go(func() error {
			eval := set.NewEvaluator()
			for number, f := range all.at(over, at) {
				r := found[number]
				if r == nil {
					continue // no contact of it is believed any more
				}
				m, err := evaluate(eval, f, at)
				if err != nil {
					return err
				}
				r.moments[i] = m
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		t.Fatal(err)
	}
	var list []*row
	for _, r := range found {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b *row) int { return compare(a.number, b.number) })
	return list
}

// settle finds what became of a row.
func settle(t testing.TB, set *rules.Set, number uint64, f *rules.Facts) *row {
	t.Helper()
	first := f.Contacts[0]
	r := &row{number: number, ref: f.Ref, first: first.At, channel: first.Channel, place: first.Place,
		outcomes: map[string]time.Time{}, apart: map[string]bool{}}
	for _, a := range f.Actions {
		if a.Unit != "" {
			r.unit = a.Unit
		}
		if f.Over == rules.OverCase && a.Act == "concluded" && r.concluded.IsZero() {
			r.concluded = a.At
		}
	}
	eval := set.NewEvaluator()
	for _, risk := range set.Risks() {
		if risk.Over != f.Over {
			continue
		}
		about, err := eval.InCohort(risk, f)
		if err != nil {
			t.Fatal(err)
		}
		r.apart[risk.ID] = !about
		outcome, err := eval.OutcomeOf(risk, f)
		if err != nil {
			t.Fatal(err)
		}
		if outcome != nil {
			r.outcomes[risk.ID] = outcome.At
		}
	}
	return r
}

// evaluate runs every rule over a row at an instant. A case in which nothing
// has happened for so long has left its window; it has no score.
func evaluate(eval *rules.Evaluator, f *rules.Facts, at time.Time) (moment, error) {
	last := latest(f)
	m := moment{visible: true, active: last.After(at.Add(-backtest.ActiveWindow)), says: map[string]said{}}
	if f.Over == rules.OverCase && !last.After(at.Add(-scorer.CaseWindow)) {
		return m, nil
	}
	assessments, err := eval.EvaluateAll(f, at, nil)
	if err != nil {
		return m, err
	}
	for _, a := range assessments {
		fired := map[string]bool{}
		for _, rule := range a.Fired {
			fired[rule.ID] = true
		}
		m.says[a.Risk] = said{a.Score, a.Level, fired}
	}
	return m, nil
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
