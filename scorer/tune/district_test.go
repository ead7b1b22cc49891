package tune

import (
	"os"
	"testing"
	"testing/fstest"
	"time"

	"yujing/internal/clickhouse/clickhousetest"
	"yujing/internal/simulate"
	"yujing/internal/simulate/simulatetest"
	"yujing/rules"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// From equal points, fitting finds what the simulator planted: the points of one
// rule for each cause rank as the weights of the hazard do, and on the later part
// they warn for nothing less often.
func TestTuneFindsThePlantedCauses(t *testing.T) {
	d := simulatetest.Open(t, simulatetest.Options{Seed: 71, Days: 240, Contacts: 25_000, Sources: "../../sources.d"})
	risks, err := os.ReadFile("../../rules.d/risks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, problems := rules.Load(fstest.MapFS{"risks.yaml": {Data: risks}, "repeat.yaml": {Data: []byte(simulatetest.EqualPoints(simulate.Repeat))}}, rules.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), d.DB, set, Options{Risk: set.Risk("repeat"), Level: rules.Yellow, From: d.From, To: d.From.AddDate(0, 0, 150), Step: 24 * time.Hour,
		PointsOnly: true, AllowLostRed: true})
	if err != nil {
		t.Fatal(err)
	}
	var points, weights []float64
	for i, cause := range simulatetest.Causes(simulate.Repeat) {
		f := r.Fit.Rules[i]
		if f.Rule != cause.Rule {
			t.Fatalf("rule %d is %s, want %s", i, f.Rule, cause.Rule)
		}
		t.Logf("%-20s planted %+.2f, %4d outcomes in %7d instants, %+d points to %+d", f.Rule, cause.Weight, f.Outcomes, f.Instants, f.Before, f.After)
		if f.Weight != nil { // else it hardly ever held before the first repeat
			points, weights = append(points, float64(f.After)), append(weights, cause.Weight)
		}
	}
	if len(points) < 18 {
		t.Errorf("%d causes were fitted, want 18 or more", len(points))
	}
	rho := spearman(points, weights)
	t.Logf("rank correlation %.3f over %d causes", rho, len(points))
	if rho < 0.8 {
		t.Errorf("rank correlation %.3f, want 0.8", rho)
	}
	if r.Fit.Judged == nil {
		t.Fatal("no scale is within the limit")
	}
	later := r.Fit.Judged.Later
	t.Logf("later part: recall %.3f to %.3f, precision %.3f to %.3f, warnings a day %.2f to %.2f", *later.Before.Recall, *later.After.Recall,
		*later.Before.Precision, *later.After.Precision, later.Before.WarningsPerDay, later.After.WarningsPerDay)
	if later.RecallChange[1] < 0 || *later.After.Precision <= *later.Before.Precision {
		t.Errorf("equal points do better: change of recall %v, of precision %v", *later.RecallChange, *later.PrecisionChange)
	}
}
