package backtest

import (
	"math"
	"math/rand/v2"
	"slices"
)

// resamples of a bootstrap, and the seed of each.
const (
	resamples = 1000
	seed      = 20220501 // the day from which the Regulations hold; any will do
)

// intervals are 95 % ones; nil where the figure has no value in any resample.
type intervals struct{ precision, recall, lift *[2]float64 }

// bootstrap draws the decided rows anew, as multinomial counts. The same counts
// give the same intervals.
func (c counts) bootstrap() intervals {
	rng := rand.New(rand.NewPCG(seed, 0))
	var precision, recall, lift []float64
	for range resamples {
		r := c.resample(rng).rates()
		keep(&precision, r.Precision)
		keep(&recall, r.Recall)
		keep(&lift, r.Lift)
	}
	return intervals{middle(precision), middle(recall), middle(lift)}
}

func keep(list *[]float64, v *float64) {
	if v != nil {
		*list = append(*list, *v)
	}
}

// resample draws as many rows as are decided, with replacement: each count in
// turn is binomial among the rows that are left.
func (c counts) resample(rng *rand.Rand) counts {
	rows, left := c.decided(), c.decided()
	next := func(of int) int {
		if of == 0 {
			return 0
		}
		n := binomial(rng, rows, float64(of)/float64(left))
		rows, left = rows-n, left-of
		return n
	}
	return counts{true: next(c.true), false: next(c.false), missed: next(c.missed), tooSoon: next(c.tooSoon), quiet: next(c.quiet)}
}

// middle is the range that 95 % of the values lie in.
func middle(values []float64) *[2]float64 {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	return &[2]float64{point(values, 0.025), point(values, 0.975)}
}

// point interpolates linearly between order statistics, at position p(n-1).
func point(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// Wilson is the 95 % interval of a share of n, E. B. Wilson (1927); nil if n is 0.
func Wilson(k, n int) *[2]float64 {
	if n == 0 {
		return nil
	}
	const z = 1.959963984540054 // the normal distribution's 97.5 % point
	p, m := float64(k)/float64(n), float64(n)
	center := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return &[2]float64{max(center-half, 0), min(center+half, 1)}
}
