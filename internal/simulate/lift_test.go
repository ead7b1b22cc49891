package simulate

import (
	"slices"
	"testing"
	"time"
)

// row is a matter or group as a judge of warnings sees it.
type row struct {
	first, outcome, end int32 // end: concluded; 0 = never
	best                float64
}

// judge follows every row daily, as docs/backtest.md defines it: the highest
// hazard at an instant after the first contact and before the outcome decides
// whether and from which threshold on it was warned of.
type judge struct {
	w    *world
	rows [riskCount]map[uint64]*row
}

func newJudge() *judge {
	j := &judge{}
	for r := range j.rows {
		j.rows[r] = map[uint64]*row{}
	}
	return j
}

func (j *judge) export(uint8, int32, []record, []line) error { return nil }

func (j *judge) matter(m *matter) error {
	for risk, outcome := range map[Risk]int32{Repeat: m.outcome.repeat, Escalated: m.outcome.escalated} {
		r := j.row(risk, m.id)
		r.first, r.outcome, r.end = m.firstAt, outcome, m.outcome.concluded
	}
	return nil
}

func (j *judge) group(g *group) error {
	r := j.row(Collective, g.id)
	r.first, r.outcome = g.firstAt, g.collectiveAt
	return nil
}

func (j *judge) row(r Risk, id uint64) *row {
	if j.rows[r][id] == nil {
		j.rows[r][id] = &row{}
	}
	return j.rows[r][id]
}

const horizon = 90 * day

func (j *judge) observe(int32) error {
	for id := range j.w.matters.next {
		if m := j.w.matters.at(id); m.alive && m.firstAt < j.w.now && j.w.now <= m.firstAt+horizon {
			repeat, escalated := j.w.hazard(m, j.w.now)
			if m.outcome.repeat == 0 {
				r := j.row(Repeat, m.id)
				r.best = max(r.best, repeat)
			}
			if m.outcome.escalated == 0 {
				r := j.row(Escalated, m.id)
				r.best = max(r.best, escalated)
			}
		}
	}
	for id := range j.w.groups.next {
		if g := j.w.groups.at(id); g.alive && g.firstAt < j.w.now && j.w.now <= g.firstAt+horizon && g.collectiveAt == 0 {
			r := j.row(Collective, g.id)
			r.best = max(r.best, j.w.gather(g, j.w.now))
		}
	}
	return nil
}

// verdict is what the hazard reaches at a recall.
type verdict struct {
	rows, outcomes int
	base, lift     float64
	warned         float64 // share of rows
}

func (j *judge) verdict(risk Risk, until int32, recall float64) verdict {
	var rows []*row
	v := verdict{}
	for _, r := range j.rows[risk] {
		if r.first+horizon > until {
			continue
		}
		if r.outcome > r.first+horizon {
			r.outcome = 0
		}
		rows = append(rows, r)
		if r.outcome > 0 {
			v.outcomes++
		}
	}
	v.rows, v.base = len(rows), float64(v.outcomes)/float64(len(rows))
	slices.SortFunc(rows, func(a, b *row) int {
		if a.best > b.best {
			return -1
		}
		return 1
	})
	hits := 0
	for i, r := range rows {
		if r.outcome > 0 && r.best > 0 {
			hits++
		}
		if float64(hits) >= recall*float64(v.outcomes) {
			v.warned = float64(i+1) / float64(len(rows))
			v.lift = float64(hits) / float64(i+1) / v.base
			break
		}
	}
	return v
}

func judged(t testing.TB, seed uint64, perDay float64, days int) (*judge, *world) {
	o, err := Options{Seed: seed, From: time.Date(2026, 1, 1, 0, 0, 0, 0, Zone()),
		To: time.Date(2026, 1, 1+days, 0, 0, 0, 0, Zone()), PerDay: perDay}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	j := newJudge()
	w := newWorld(o, j)
	j.w = w
	w.schedule(day, evObserve, 0, 0, 0)
	if err := w.run(w.clock.since(o.To)); err != nil {
		t.Fatal(err)
	}
	if err := w.finish(); err != nil {
		t.Fatal(err)
	}
	return j, w
}

// The contract of the model: ranking by the true hazard gives a lift that good
// warnings reach in real life, at bureaus' own base rates.
func TestLiftOfTheTrueHazard(t *testing.T) {
	j, w := judged(t, 7, 210, 210)
	base := [riskCount][2]float64{Repeat: {0.045, 0.075}, Collective: {0.006, 0.014}, Escalated: {0.0035, 0.0075}}
	for risk := range riskCount {
		v := j.verdict(risk, w.now, 0.4)
		t.Logf("%s: %d rows, %d outcomes, base rate %.4f, lift %.2f at recall 0.4, %.1f %% warned",
			risk, v.rows, v.outcomes, v.base, v.lift, 100*v.warned)
		if v.lift < 3.5 || v.lift > 6 {
			t.Errorf("%s: lift %.2f, want 3.5 to 6", risk, v.lift)
		}
		if v.base < base[risk][0] || v.base > base[risk][1] {
			t.Errorf("%s: base rate %.4f, want %v", risk, v.base, base[risk])
		}
	}
}

// What Observe tells is the hazard that acts: added up over days, it is the
// number of outcomes to be expected.
func TestObservedHazardsAddUpToTheOutcomes(t *testing.T) {
	from, to := period(150)
	sum, midnights := [riskCount]float64{}, map[time.Time]bool{}
	r, err := Run(t.Context(), Options{Seed: 31, From: from, To: to, Contacts: 20_000, Observe: func(h Truth) {
		sum[h.Risk] += h.Hazard
		midnights[h.At] = true
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(midnights) != 150 {
		t.Errorf("%d midnights in 150 days", len(midnights))
	}
	for at := range midnights {
		if !at.Equal(midnight(at)) {
			t.Errorf("%s is no midnight", at)
		}
	}
	// All comings, not first ones only: contacts beyond each matter's first,
	// without double submissions and reviews.
	comings := float64(r.Contacts - r.Matters - r.Doubles - r.Reviews)
	if expected := sum[Repeat] + sum[Escalated]; expected < 0.85*comings || expected > 1.15*comings {
		t.Errorf("the hazards add up to %.0f comings, %.0f came", expected, comings)
	}
}
