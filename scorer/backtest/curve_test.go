package backtest_test

import (
	"math"
	"testing"

	"yujing/scorer/backtest"
)

// Ten rows, five outcomes; one of them came before anyone could warn.
func ranked() []backtest.Ranked {
	rows := []backtest.Ranked{{Outcome: true}} // never followed: no score, not even 0
	for _, r := range []struct {
		score float64
		came  bool
	}{{50, true}, {90, true}, {50, false}, {70, true}, {0, true}, {0, false}, {50, false}, {0, false}, {-3, false}} {
		rows = append(rows, backtest.Ranked{Highest: r.score, Followed: true, Outcome: r.came})
	}
	return rows
}

func TestCurve(t *testing.T) {
	want := []backtest.Point{
		{Threshold: 90, Warned: 1, True: 1, Recall: 0.2, Precision: 1, Lift: 2},
		{Threshold: 70, Warned: 2, True: 2, Recall: 0.4, Precision: 1, Lift: 2},
		{Threshold: 50, Warned: 5, True: 3, Recall: 0.6, Precision: 0.6, Lift: 1.2},
		{Threshold: 0, Warned: 8, True: 4, Recall: 0.8, Precision: 0.5, Lift: 1},
		{Threshold: -3, Warned: 9, True: 4, Recall: 0.8, Precision: 4. / 9, Lift: 8. / 9},
	}
	got := backtest.Curve(ranked())
	if len(got) != len(want) {
		t.Fatalf("%d points, want %d: equal scores are one threshold\n%+v", len(got), len(want), got)
	}
	for i, p := range got {
		if w := want[i]; p.Threshold != w.Threshold || p.Warned != w.Warned || p.True != w.True || !near(p.Recall, w.Recall) ||
			!near(p.Precision, w.Precision) || !near(p.Lift, w.Lift) {
			t.Errorf("point %d is %+v, want %+v", i, p, w)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

func TestAtRecallTakesTheNearestAtOrAbove(t *testing.T) {
	curve := backtest.Curve(ranked())
	for _, c := range []struct{ recall, threshold float64 }{{0, 90}, {0.2, 90}, {0.21, 70}, {0.4, 70}, {0.41, 50}, {0.8, 0}} {
		if p, ok := backtest.AtRecall(curve, c.recall); !ok || p.Threshold != c.threshold {
			t.Errorf("recall %.2f: threshold %v, %v, want %v", c.recall, p.Threshold, ok, c.threshold)
		}
	}
	if p, ok := backtest.AtRecall(curve, 0.81); ok {
		t.Errorf("recall 0.81 is reached by %+v, though the row that nobody could warn of bounds it at 0.8", p)
	}
}

func TestCurveWithoutOutcomes(t *testing.T) {
	curve := backtest.Curve([]backtest.Ranked{{Highest: 1, Followed: true}})
	if len(curve) != 1 || curve[0].Lift != 0 || curve[0].Recall != 0 {
		t.Errorf("%+v, want one point without recall and lift", curve)
	}
	if len(backtest.Curve(nil)) != 0 {
		t.Error("a curve of no rows has points")
	}
}
