package tune

import "math"

// noise is how likely a gain may be by chance alone to be proposed: this for the
// best of all trials of a step, so each of n trials must stay below an n-th of it.
const noise = 0.01

// tail is the chance of k or more successes in n trials, each with chance p.
func tail(k, n int, p float64) float64 {
	if k <= 0 {
		return 1
	}
	if p <= 0 {
		return 0
	}
	sum := 0.0
	for i := k; i <= n; i++ {
		sum += math.Exp(choose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return min(sum, 1)
}

// choose is the logarithm of n over k.
func choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// chance is how likely a move is to come out as well as it does if it did
// nothing. The same rows are compared before and after, so what counts is those
// that it moves, and the tests are exact:
//
//   - Rows newly warned of come true more often than those warned of no more
//     (Fisher); if all are moved one way, more often, or less often, than rows do
//     anyway (binomial). Without this a coin would be proposed as soon as
//     warnings are to be had.
//   - Of the cases that came true, more are gained than lost (sign test), unless
//     the gain is in fewer false warnings.
func (m move) chance(baseRate float64) float64 {
	if m.gain() < 0 {
		return 1
	}
	fewer := m.FalseLost > m.FalseGained
	switch sign := tail(m.TrueGained, m.TrueGained+m.TrueLost, 0.5); {
	case fewer:
		return m.worth(baseRate)
	case m.gain() > 0:
		return max(sign, m.worth(baseRate))
	}
	return 1
}

func (m move) worth(baseRate float64) float64 {
	gained, lost := m.TrueGained+m.FalseGained, m.TrueLost+m.FalseLost
	switch {
	case lost == 0:
		return tail(m.TrueGained, gained, baseRate)
	case gained == 0:
		return tail(m.FalseLost, lost, 1-baseRate)
	}
	return fisher(m.TrueGained, gained, m.TrueLost, lost)
}

// fisher is the chance that of a+b successes at least a fall among the first n of
// n+m trials, if they fall anywhere.
func fisher(a, n, b, m int) float64 {
	sum, all := 0.0, choose(n+m, a+b)
	for i := a; i <= min(n, a+b); i++ {
		if a+b-i <= m {
			sum += math.Exp(choose(n, i) + choose(m, a+b-i) - all)
		}
	}
	return min(sum, 1)
}
