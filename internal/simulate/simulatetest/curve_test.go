package simulatetest_test

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"yujing/scorer/backtest"
)

// ranked is a decided row as a threshold sees it.
type ranked struct {
	// highest is the highest score at a followed instant: the row is warned of at
	// every threshold up to it, and at none above.
	highest  float64
	followed bool // there was a followed instant; without one nobody could have warned
	outcome  bool // it came within the horizon
}

// rankedOf is the row by the highest score of its rules; false if it is undecided
// or not in the cohort.
func rankedOf(m *backtest.Judgement) (ranked, bool) {
	r := ranked{highest: float64(m.Peak), followed: m.Followed, outcome: !m.OutcomeAt.IsZero()}
	return r, m.Cohort && m.Verdict != backtest.Undecided
}

// point is what a threshold comes to.
type point struct {
	threshold     float64 // warned = the score reached it
	warned, right int
	recall        float64 // 0 if there is no outcome
	precision     float64
	lift          float64 // 0 if there is no outcome
}

// curveOf gives a point for each threshold that makes a difference, the highest
// first, so that recall rises. It asks of scores nothing but an order: points of
// rules, hazards or probabilities will do.
func curveOf(rows []ranked) []point {
	outcomes := 0
	followed := make([]ranked, 0, len(rows))
	for _, r := range rows {
		if r.outcome {
			outcomes++
		}
		if r.followed {
			followed = append(followed, r)
		}
	}
	slices.SortFunc(followed, func(a, b ranked) int { return cmp.Compare(b.highest, a.highest) })
	var curve []point
	hits := 0
	for i, r := range followed {
		if r.outcome {
			hits++
		}
		if i+1 == len(followed) || followed[i+1].highest != r.highest {
			curve = append(curve, pointOf(r.highest, i+1, hits, outcomes, len(rows)))
		}
	}
	return curve
}

func pointOf(threshold float64, warned, hits, outcomes, decided int) point {
	p := point{threshold: threshold, warned: warned, right: hits, precision: float64(hits) / float64(warned)}
	if outcomes > 0 {
		p.recall = float64(hits) / float64(outcomes)
		p.lift = p.precision * float64(decided) / float64(outcomes)
	}
	return p
}

// atRecall is the point of a curve whose recall is the nearest at or above the
// one asked for; false if no threshold reaches it.
func atRecall(curve []point, recall float64) (point, bool) {
	for _, p := range curve {
		if p.recall >= recall {
			return p, true
		}
	}
	return point{}, false
}

// Ten rows, five outcomes; one of them came before anyone could warn.
func tenRows() []ranked {
	rows := []ranked{{outcome: true}} // never followed: no score, not even 0
	for _, r := range []struct {
		score float64
		came  bool
	}{{50, true}, {90, true}, {50, false}, {70, true}, {0, true}, {0, false}, {50, false}, {0, false}, {-3, false}} {
		rows = append(rows, ranked{highest: r.score, followed: true, outcome: r.came})
	}
	return rows
}

func TestCurve(t *testing.T) {
	want := []point{
		{threshold: 90, warned: 1, right: 1, recall: 0.2, precision: 1, lift: 2},
		{threshold: 70, warned: 2, right: 2, recall: 0.4, precision: 1, lift: 2},
		{threshold: 50, warned: 5, right: 3, recall: 0.6, precision: 0.6, lift: 1.2},
		{threshold: 0, warned: 8, right: 4, recall: 0.8, precision: 0.5, lift: 1},
		{threshold: -3, warned: 9, right: 4, recall: 0.8, precision: 4. / 9, lift: 8. / 9},
	}
	got := curveOf(tenRows())
	if len(got) != len(want) {
		t.Fatalf("%d points, want %d: equal scores are one threshold\n%+v", len(got), len(want), got)
	}
	for i, p := range got {
		if w := want[i]; p.threshold != w.threshold || p.warned != w.warned || p.right != w.right || !near(p.recall, w.recall) ||
			!near(p.precision, w.precision) || !near(p.lift, w.lift) {
			t.Errorf("point %d is %+v, want %+v", i, p, w)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

func TestAtRecallTakesTheNearestAtOrAbove(t *testing.T) {
	curve := curveOf(tenRows())
	for _, c := range []struct{ recall, threshold float64 }{{0, 90}, {0.2, 90}, {0.21, 70}, {0.4, 70}, {0.41, 50}, {0.8, 0}} {
		if p, ok := atRecall(curve, c.recall); !ok || p.threshold != c.threshold {
			t.Errorf("recall %.2f: threshold %v, %v, want %v", c.recall, p.threshold, ok, c.threshold)
		}
	}
	if p, ok := atRecall(curve, 0.81); ok {
		t.Errorf("recall 0.81 is reached by %+v, though the row that nobody could warn of bounds it at 0.8", p)
	}
}

func TestCurveWithoutOutcomes(t *testing.T) {
	curve := curveOf([]ranked{{highest: 1, followed: true}})
	if len(curve) != 1 || curve[0].lift != 0 || curve[0].recall != 0 {
		t.Errorf("%+v, want one point without recall and lift", curve)
	}
	if len(curveOf(nil)) != 0 {
		t.Error("a curve of no rows has points")
	}
}
