package tune

import (
	"cmp"
	"math"
	"slices"
	"testing"
)

// planted has weights from -1.8 to 2.2, all written with equal points.
func planted() []cause {
	weights := []float64{2.2, 1.7, 1.3, 1.0, 0.7, 0.5, 0.3, 0.15, -0.4, -0.9, -1.8}
	var out []cause
	for i, w := range weights {
		points := 20
		if w < 0 {
			points = -20
		}
		out = append(out, cause{id: "c" + string(rune('a'+i)), points: points, number: 2, true: 2, weight: w, chance: 0.2})
	}
	return out
}

// ranks gives each value its rank, ties the mean of theirs.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	out := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && values[order[j]] == values[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[order[k]] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

// spearman is the correlation of ranks.
func spearman(a, b []float64) float64 {
	x, y := ranks(a), ranks(b)
	mean := float64(len(x)-1) / 2
	xy, xx, yy := 0.0, 0.0, 0.0
	for i := range x {
		xy += (x[i] - mean) * (y[i] - mean)
		xx += (x[i] - mean) * (x[i] - mean)
		yy += (y[i] - mean) * (y[i] - mean)
	}
	return xy / math.Sqrt(xx*yy)
}

func TestFittedPointsRankAsThePlantedWeights(t *testing.T) {
	w := makeWorld(3, planted(), 180, 60, 0.002)
	r := tuned(t, w, Options{AllowLostRed: true})
	var points, weights []float64
	for i, f := range r.Fit.Rules {
		points, weights = append(points, float64(f.After)), append(weights, w.causes[i].weight)
		t.Logf("%s planted %+.2f fitted %+.2f, %d outcomes in %d instants, %d points", f.Rule, w.causes[i].weight, *f.Weight, f.Outcomes, f.Instants, f.After)
		if f.After*f.Before <= 0 {
			t.Errorf("%s: %d points became %d: the sign is not kept", f.Rule, f.Before, f.After)
		}
	}
	if rho := spearman(points, weights); rho < 0.9 {
		t.Errorf("rank correlation %.3f, want 0.9", rho)
	}
	later := r.Fit.Judged.Later
	t.Logf("later part: recall %.3f to %.3f, change %v; precision %.3f to %.3f; warnings a day %.2f to %.2f",
		*later.Before.Recall, *later.After.Recall, *later.RecallChange, *later.Before.Precision, *later.After.Precision, later.Before.WarningsPerDay, later.After.WarningsPerDay)
	if later.RecallChange[0] <= 0 && later.PrecisionChange[0] <= 0 {
		t.Errorf("equal points are as good as fitted ones: recall %v, precision %v", later.RecallChange, later.PrecisionChange)
	}
}

// A rule that says what another says takes no part of a third one's, and one that
// works against its sign gets the least that keeps it.
func TestFitGivesLittleToWhatSaysNothing(t *testing.T) {
	causes := planted()
	causes = append(causes,
		cause{id: "idle", points: 20, number: 2, true: 2, weight: 0, chance: 0.3},
		cause{id: "wrong", points: 20, number: 2, true: 2, weight: -1, chance: 0.3},
		cause{id: "narrower", points: 20, number: 4, true: 4, weight: 0, copies: "ca"}) // of ca's cases, the plainer ones: says nothing more
	r := tuned(t, makeWorld(5, causes, 180, 60, 0.002), Options{AllowLostRed: true})
	by := map[string]FittedRule{}
	for _, f := range r.Fit.Rules {
		by[f.Rule] = f
	}
	if w := by["wrong"]; *w.Weight != 0 || w.After != 1 {
		t.Errorf("a rule that works against its sign has weight %+.2f and %d points, want 0 and 1", *w.Weight, w.After)
	}
	for _, id := range []string{"idle", "narrower"} {
		if f := by[id]; 4*f.After > by["ca"].After {
			t.Errorf("%s says nothing and has %d points beside %d of ca", id, f.After, by["ca"].After)
		}
	}
}

func TestRidgeHoldsBackWhatFewOutcomesSpeakOf(t *testing.T) {
	d := &hazardData{holds: holdsOf(0, 1, 2), instants: []float64{100_000, 1_000, 10}, outcomes: []float64{100, 10, 1}}
	s := fit(d, []int{1, 1})
	// Ten times as likely, known from ten outcomes; a hundred times, known from one.
	if s.weights[0] < 1.8 || s.weights[0] > math.Log(10) {
		t.Errorf("ten outcomes of a thousand give %.2f", s.weights[0])
	}
	if s.weights[1] < 0.3 || s.weights[1] > math.Log(100)/2 {
		t.Errorf("one outcome of ten gives %.2f, want it held back from %.2f", s.weights[1], math.Log(100))
	}
	if base := math.Log(100. / 99_900); math.Abs(s.base-base) > 0.05 {
		t.Errorf("base %.3f, want about %.3f", s.base, base)
	}
}

// The weights are where the penalised likelihood is highest: its slope is 0 there.
func TestFitIsAtTheTop(t *testing.T) {
	d := &hazardData{holds: holdsOf(0, 1, 2, 3, 4, 5), instants: []float64{5000, 800, 700, 90, 300, 60}, outcomes: []float64{40, 20, 3, 4, 9, 5}}
	s := fit(d, []int{1, -1, 1})
	for k, sign := range s.signs {
		slope := -ridge * s.weights[k]
		for p, eta := range s.predict() {
			if d.holds[p].Has(k) {
				slope += d.outcomes[p] - d.instants[p]/(1+math.Exp(-eta))
			}
		}
		if s.weights[k] == 0 && slope*float64(sign) > 1e-6 || s.weights[k] != 0 && math.Abs(slope) > 1e-4 {
			t.Errorf("weight %d is %.4f with a slope of %.6f", k, s.weights[k], slope)
		}
	}
}
