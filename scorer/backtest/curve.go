package backtest

import (
	"cmp"
	"slices"
)

// Ranked is a decided row as a threshold sees it.
type Ranked struct {
	// Highest is the highest score at a followed instant: the row is warned of at
	// every threshold up to it, and at none above.
	Highest  float64
	Followed bool // there was a followed instant; without one nobody could have warned
	Outcome  bool // it came within the horizon
}

// Ranked is the row by the highest score of its rules; false if it is undecided
// or not in the cohort.
func (m *Judgement) Ranked() (Ranked, bool) {
	r := Ranked{Highest: float64(m.Peak), Followed: m.Followed, Outcome: !m.OutcomeAt.IsZero()}
	return r, m.Cohort && m.Verdict != Undecided
}

// Point is what a threshold comes to.
type Point struct {
	Threshold    float64 // warned = the score reached it
	Warned, True int
	Recall       float64 // 0 if there is no outcome
	Precision    float64
	Lift         float64 // 0 if there is no outcome
}

// Curve gives a point for each threshold that makes a difference, the highest
// first, so that recall rises. It asks of scores nothing but an order: points of
// rules, hazards or probabilities will do.
func Curve(rows []Ranked) []Point {
	outcomes := 0
	followed := make([]Ranked, 0, len(rows))
	for _, r := range rows {
		if r.Outcome {
			outcomes++
		}
		if r.Followed {
			followed = append(followed, r)
		}
	}
	slices.SortFunc(followed, func(a, b Ranked) int { return cmp.Compare(b.Highest, a.Highest) })
	var curve []Point
	hits := 0
	for i, r := range followed {
		if r.Outcome {
			hits++
		}
		if i+1 == len(followed) || followed[i+1].Highest != r.Highest {
			curve = append(curve, pointOf(r.Highest, i+1, hits, outcomes, len(rows)))
		}
	}
	return curve
}

func pointOf(threshold float64, warned, hits, outcomes, decided int) Point {
	p := Point{Threshold: threshold, Warned: warned, True: hits, Precision: float64(hits) / float64(warned)}
	if outcomes > 0 {
		p.Recall = float64(hits) / float64(outcomes)
		p.Lift = p.Precision * float64(decided) / float64(outcomes)
	}
	return p
}

// AtRecall is the point of a curve whose recall is the nearest at or above the
// one asked for; false if no threshold reaches it.
func AtRecall(curve []Point, recall float64) (Point, bool) {
	for _, p := range curve {
		if p.Recall >= recall {
			return p, true
		}
	}
	return Point{}, false
}
