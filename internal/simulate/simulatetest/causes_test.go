package simulatetest_test

import (
	"math"
	"os"
	"testing"
	"testing/fstest"

	"yujing/internal/simulate"
	"yujing/internal/simulate/simulatetest"
	"yujing/rules"
)

func TestCausesAreRules(t *testing.T) {
	risks, err := os.ReadFile("../../../rules.d/risks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, risk := range []simulate.Risk{simulate.Repeat, simulate.Escalated} {
		set, problems := rules.Load(fstest.MapFS{"risks.yaml": {Data: risks}, "causes.yaml": {Data: []byte(simulatetest.EqualPoints(risk))}}, rules.Options{})
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		causes := simulatetest.Causes(risk)
		if got := set.Risk(risk.String()).Rules; len(got) != len(causes) || len(causes) < 20 {
			t.Errorf("%s: %d rules of %d causes", risk, len(got), len(causes))
		}
		for _, c := range causes {
			if c.Weight == 0 || math.Abs(c.Weight) > 3 {
				t.Errorf("%s: %s weighs %v", risk, c.Rule, c.Weight)
			}
		}
	}
}
