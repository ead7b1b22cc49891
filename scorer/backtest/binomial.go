package backtest

import (
	"math"
	"math/rand/v2"
)

// binomial draws how many of n trials succeed, each with chance p.
func binomial(rng *rand.Rand, n int, p float64) int {
	switch {
	case n <= 0 || p <= 0:
		return 0
	case p >= 1:
		return n
	case p > 0.5:
		return n - binomial(rng, n, 1-p)
	case float64(n)*p < 10:
		return binomialByInversion(rng, n, p)
	}
	return binomialByRejection(rng, n, p)
}

// binomialByInversion walks up the distribution; p <= 0.5 and n*p < 10, so that
// the first term is above zero and the walk is short.
func binomialByInversion(rng *rand.Rand, n int, p float64) int {
	odds := p / (1 - p)
	term, u := math.Pow(1-p, float64(n)), rng.Float64()
	for k := range n {
		if u < term {
			return k
		}
		u -= term
		term *= odds * float64(n-k) / float64(k+1)
	}
	return n
}

// binomialByRejection is the algorithm BTRS of W. Hörmann, The generation of
// binomial random variates (1993), for n*p >= 10 and p <= 0.5. Its time does not
// grow with n.
func binomialByRejection(rng *rand.Rand, trials int, p float64) int {
	n := float64(trials)
	spread := math.Sqrt(n * p * (1 - p))
	b := 1.15 + 2.53*spread
	a := -0.0873 + 0.0248*b + 0.01*p
	c := n*p + 0.5
	sure := 0.92 - 4.2/b
	alpha := (2.83 + 5.1/b) * spread
	logOdds := math.Log(p / (1 - p))
	mode := math.Floor((n + 1) * p)
	peak := lnFactorial(mode) + lnFactorial(n-mode)
	for {
		u, v := rng.Float64()-0.5, 1-rng.Float64() // v is never 0
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + c)
		switch {
		case k < 0 || k > n:
		case us >= 0.07 && v <= sure:
			return int(k)
		case math.Log(v*alpha/(a/(us*us)+b)) <= peak-lnFactorial(k)-lnFactorial(n-k)+(k-mode)*logOdds:
			return int(k)
		}
	}
}

func lnFactorial(k float64) float64 {
	v, _ := math.Lgamma(k + 1)
	return v
}
