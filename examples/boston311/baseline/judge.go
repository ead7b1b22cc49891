package main

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// figures are those of warning of every row at or above one threshold.
type figures struct {
	warned          int
	recall          float64
	lift, low, high float64 // with its 95 % bootstrap interval
}

// judge takes the highest threshold that reaches the recall.
func judge(scores []float64, rows []*row, recall float64) figures {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	all, hit := outcomes(rows), 0
	for n, i := range order {
		if rows[i].outcome {
			hit++
		}
		last := n+1 == len(order) || scores[order[n+1]] < scores[i] // of those with this score
		if last && float64(hit) >= recall*float64(all) {
			return with(counts{hit, n + 1 - hit, all - hit, len(rows) - n - 1 - (all - hit)})
		}
	}
	return figures{}
}

// counts are the true, false, missed and quiet rows.
type counts [4]int

// with gives the figures, with the interval of the lift.
func with(c counts) figures {
	random := rand.New(rand.NewPCG(1, 2))
	lifts := make([]float64, 1000)
	for i := range lifts {
		lifts[i] = c.resample(random).lift()
	}
	slices.Sort(lifts)
	return figures{c[0] + c[1], float64(c[0]) / float64(c[0]+c[2]), c.lift(), lifts[25], lifts[974]}
}

// lift is precision over base rate.
func (c counts) lift() float64 {
	n := c[0] + c[1] + c[2] + c[3]
	return float64(c[0]) / float64(c[0]+c[1]) * float64(n) / float64(c[0]+c[2])
}

// resample draws as many rows, with replacement.
func (c counts) resample(random *rand.Rand) (drawn counts) {
	n := c[0] + c[1] + c[2] + c[3]
	for range n {
		at := random.IntN(n)
		for k := range c {
			if at -= c[k]; at < 0 {
				drawn[k]++
				break
			}
		}
	}
	return drawn
}
