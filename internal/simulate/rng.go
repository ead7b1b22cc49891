package simulate

import "math"

// rng is a splitmix64 generator: eight bytes of state, so that every matter has
// its own and nothing that happens elsewhere changes its course.
type rng uint64

// newRNG derives a generator from the seed and what it is for.
func newRNG(seed uint64, parts ...uint64) rng {
	r := rng(seed)
	for _, p := range parts {
		r = rng(r.next() ^ p*0x9e3779b97f4a7c15)
	}
	r.next()
	return r
}

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// float is uniform in [0, 1).
func (r *rng) float() float64 { return float64(r.next()>>11) / (1 << 53) }

// below is uniform in [0, n). The bias is below n/2^32: of no matter here.
func (r *rng) below(n int) int { return int(r.next() >> 32 * uint64(n) >> 32) }

// chance is true with probability p.
func (r *rng) chance(p float64) bool { return r.float() < p }

// exp is exponential with this mean.
func (r *rng) exp(mean float64) float64 { return -mean * math.Log(1-r.float()) }

// lognormal has this median and this sigma of the logarithm.
func (r *rng) lognormal(median, sigma float64) float64 {
	u, v := 1-r.float(), r.float()
	return median * math.Exp(sigma*math.Sqrt(-2*math.Log(u))*math.Cos(2*math.Pi*v))
}

// pick draws an index with these cumulative weights.
func (r *rng) pick(cumulative []float64) int {
	u := r.float() * cumulative[len(cumulative)-1]
	for i, c := range cumulative {
		if u < c {
			return i
		}
	}
	return len(cumulative) - 1
}

// one draws one of the list.
func one[T any](r *rng, list []T) T { return list[r.below(len(list))] }
