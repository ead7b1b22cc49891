package simulate

import (
	"math"
	"testing"
)

func TestModelCoversEveryFactOnce(t *testing.T) {
	m := DefaultModel()
	if len(m.Weights) != int(factCount) {
		t.Fatalf("%d weights for %d facts", len(m.Weights), factCount)
	}
	for i, w := range m.Weights {
		if int(w.Fact) != i {
			t.Errorf("weight %d is of fact %d (%s)", i, w.Fact, w.Name)
		}
	}
}

func TestHazard(t *testing.T) {
	m := DefaultModel()
	late := Facts(0).With(LateReply, true)
	ratio := m.Hazard(Repeat, late, -1) / m.Hazard(Repeat, 0, -1)
	if want := math.Exp(m.Weights[LateReply].By[Repeat]); math.Abs(ratio-want) > 1e-9 {
		t.Errorf("a late reply multiplies by %v, want %v", ratio, want)
	}
	if got, want := m.Hazard(Repeat, late, m.HalfLife), m.Hazard(Repeat, late, -1)/2; math.Abs(got-want) > 1e-12 {
		t.Errorf("hazard a half-life after the answer is %v, want %v", got, want)
	}
	if got, want := m.Hazard(Repeat, 0, 1000), m.Base[Repeat]*m.Floor; math.Abs(got-want) > 1e-12 {
		t.Errorf("hazard long after the answer is %v, want the floor %v", got, want)
	}
	all := Facts(1<<factCount-1) &^ (1 << Light) &^ (1 << Satisfied)
	for r := range riskCount {
		if got := m.Hazard(r, all, -1); got != m.Cap[r] {
			t.Errorf("%s: hazard with everything wrong is %v, want the cap %v", r, got, m.Cap[r])
		}
	}
}
