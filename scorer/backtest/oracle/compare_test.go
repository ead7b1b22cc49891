package oracle

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// compare holds what backtest.Measure makes of a source to the oracle's answers.
func (a *answers) compare(t *testing.T, src backtest.Source, set *rules.Set) {
	t.Helper()
	var cases []backtest.Case
	got, err := backtest.Measure(t.Context(), src, set, backtest.Options{From: a.from, To: a.to, Step: a.step, Level: a.level,
		Cases: func(c *backtest.Case) error { cases = append(cases, *c); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if step, err := time.ParseDuration(got.Step); err != nil || step != a.step {
		t.Errorf("step %q, %v; asked for %s", got.Step, err, a.step)
	}
	options := gocmp.Options{
		cmpopts.EquateApprox(0, 1e-9), cmpopts.EquateEmpty(), cmpopts.SortSlices(func(x, y backtest.Share) bool { return x.Value < y.Value }),
		cmpopts.SortSlices(func(x, y backtest.Outlier) bool { return x.By+x.Figure+x.Value < y.By+y.Figure+y.Value }),
		cmpopts.IgnoreFields(backtest.Report{}, "Step"), cmpopts.IgnoreFields(backtest.LevelFigures{}, "LiftInterval"),
		cmpopts.IgnoreFields(backtest.Figures{}, "PrecisionInterval", "RecallInterval", "LiftInterval"),
	}
	if diff := gocmp.Diff(a.report, got, options); diff != "" {
		t.Errorf("%s, every %s: figures (- oracle, + measured):\n%s", a.level, a.step, diff)
	}
	byRow := func(x, y backtest.Case) int { return cmp.Or(cmp.Compare(x.Risk, y.Risk), cmp.Compare(x.Row, y.Row)) }
	slices.SortFunc(a.cases, byRow)
	slices.SortFunc(cases, byRow)
	if diff := gocmp.Diff(a.cases, cases, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s, every %s: rows (- oracle, + measured):\n%s", a.level, a.step, diff)
	}
	for id, f := range got.Risks {
		ordered(t, id, f)
		intervals(t, id, f)
	}
}

// ordered holds the parts of a cohort to the order most cases first.
func ordered(t *testing.T, id string, f *backtest.Figures) {
	t.Helper()
	for by, list := range map[string][]backtest.Share{"unit": f.ByUnit, "place": f.ByPlace, "channel": f.ByChannel} {
		if !slices.IsSortedFunc(list, func(a, b backtest.Share) int { return b.Cases - a.Cases }) {
			t.Errorf("%s by %s: most cases do not stand first", id, by)
		}
	}
}

// intervals holds the intervals to a bootstrap of the oracle's own, with other draws.
func intervals(t *testing.T, id string, f *backtest.Figures) {
	t.Helper()
	draws := resample(counts{hits: f.True, misfires: f.False, missed: f.Missed, early: f.TooSoon, quiet: f.Quiet})
	within(t, id+" precision", f.Precision, f.PrecisionInterval, draws, func(r backtest.Rates) *float64 { return r.Precision })
	within(t, id+" recall", f.Recall, f.RecallInterval, draws, func(r backtest.Rates) *float64 { return r.Recall })
	within(t, id+" lift", f.Lift, f.LiftInterval, draws, func(r backtest.Rates) *float64 { return r.Lift })
}

// resample draws rows with replacement, 4,000 times as many as there are.
func resample(c counts) (draws []backtest.Rates) {
	var rows []backtest.Verdict
	for verdict, n := range map[backtest.Verdict]int{backtest.True: c.hits, backtest.False: c.misfires, backtest.Missed: c.missed,
		backtest.TooSoon: c.early, backtest.Quiet: c.quiet} {
		rows = append(rows, slices.Repeat([]backtest.Verdict{verdict}, n)...)
	}
	random := rand.New(rand.NewPCG(8, 9))
	for range 4000 {
		var c counts
		for range rows {
			c.add(rows[random.IntN(len(rows))])
		}
		draws = append(draws, c.rates())
	}
	return draws
}

// within says that about 2.5 of 100 draws lie on either side of an interval, and
// the figure in it.
func within(t *testing.T, what string, figure *float64, interval *[2]float64, draws []backtest.Rates, of func(backtest.Rates) *float64) {
	t.Helper()
	if (figure == nil) != (interval == nil) {
		t.Errorf("%s: figure %v, interval %v", what, figure, interval)
		return
	}
	if figure == nil {
		return
	}
	var values []float64
	for _, r := range draws {
		if v := of(r); v != nil {
			values = append(values, *v)
		}
	}
	slices.Sort(values)
	low, high := interval[0], interval[1]
	share := func(p float64) float64 { return quantile(values, p) }
	if *figure < low || *figure > high || low < share(0.01)-1e-9 || low > share(0.045)+1e-9 || high < share(0.955)-1e-9 || high > share(0.99)+1e-9 {
		t.Errorf("%s: %v in %v; the oracle's draws have their 2.5 %% at %v and %v", what, *figure, *interval, share(0.025), share(0.975))
	}
	if math.IsNaN(low) || math.IsNaN(high) {
		t.Errorf("%s: interval %v", what, *interval)
	}
}
