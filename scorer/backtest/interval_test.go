package backtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestBinomial compares draws with the exact chances by a chi-square test.
func TestBinomial(t *testing.T) {
	const draws = 40_000
	rng := rand.New(rand.NewPCG(7, 7))
	for _, of := range []struct {
		n int
		p float64
	}{{1, .5}, {5, .9}, {40, .1}, {30, .4}, {25, .4}, {200, .3}, {200, .7}, {100_000, .00005}, {100_000, .001}, {1_000_000, .4}} {
		t.Run(fmt.Sprint(of.n, of.p), func(t *testing.T) {
			seen := map[int]int{}
			for range draws {
				seen[binomial(rng, of.n, of.p)]++
			}
			chi, cells := chiSquare(seen, of.n, of.p, draws)
			if limit := float64(cells) + 5*math.Sqrt(2*float64(cells)) + 10; chi > limit {
				t.Errorf("chi-square %.1f over %d cells, limit %.1f", chi, cells, limit)
			}
		})
	}
	if got := [4]int{binomial(rng, 0, .5), binomial(rng, 9, 0), binomial(rng, 9, 1), binomial(rng, -1, .5)}; got != [4]int{0, 0, 9, 0} {
		t.Errorf("at the borders: %v", got)
	}
}

// chiSquare joins neighbours until each cell expects ten draws.
func chiSquare(seen map[int]int, n int, p float64, draws int) (chi float64, cells int) {
	expected, got := 0.0, 0
	for k := 0; k <= n; k++ {
		choose, _ := math.Lgamma(float64(n) + 1)
		a, _ := math.Lgamma(float64(k) + 1)
		b, _ := math.Lgamma(float64(n-k) + 1)
		expected += float64(draws) * math.Exp(choose-a-b+float64(k)*math.Log(p)+float64(n-k)*math.Log1p(-p))
		got += seen[k]
		if expected >= 10 || k == n && expected > 1 {
			chi += (float64(got) - expected) * (float64(got) - expected) / expected
			expected, got = 0, 0
			cells++
		}
	}
	return chi, cells
}

func TestBootstrap(t *testing.T) {
	c := counts{true: 300, false: 700, missed: 200, tooSoon: 100, quiet: 8700}
	first, again := c.bootstrap(), c.bootstrap()
	if diff := gocmp.Diff(*first.lift, *again.lift); diff != "" {
		t.Errorf("another lift at the second time:\n%s", diff)
	}
	// Normal approximations of precision 0.3 of 1,000 and recall 0.5 of 600.
	near(t, "precision", first.precision, .3, 1.96*math.Sqrt(.3*.7/1000))
	near(t, "recall", first.recall, .5, 1.96*math.Sqrt(.5*.5/600))
	if lift := *first.lift; lift[0] >= 5 || lift[1] <= 5 || lift[1]-lift[0] > 1.2 {
		t.Errorf("lift in %v, want around 5", lift)
	}
	one := counts{true: 1, quiet: 1}.bootstrap()
	if *one.precision != [2]float64{1, 1} || *one.lift != [2]float64{1, 2} {
		t.Errorf("precision %v, lift %v; resamples without a warned row are left out", *one.precision, *one.lift)
	}
	if none := (counts{quiet: 5, undecided: 3}).bootstrap(); none.precision != nil || none.recall != nil || none.lift != nil {
		t.Errorf("nothing was warned of: %+v", none)
	}
}

func near(t *testing.T, what string, got *[2]float64, middle, half float64) {
	t.Helper()
	if math.Abs(got[0]-(middle-half)) > half/4 || math.Abs(got[1]-(middle+half)) > half/4 {
		t.Errorf("%s in %v, want about %.3f ± %.3f", what, *got, middle, half)
	}
}
