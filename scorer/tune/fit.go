package tune

import (
	"math"
	"slices"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// ridge is the strength of the penalty: a weight is believed to lie around 0 with
// a standard deviation of 1, one rule making an outcome e times as likely. A rule
// that few outcomes speak of stays near 0, and two that say the same share.
const ridge = 1.0

// hazardData is what the scorecard is fitted to: for each set of rules that held,
// at how many followed instants, and how many outcomes came before the next one.
//
// Each instant counts by what held at that instant, not each row by all that ever
// held: rows whose outcome comes early are followed for a shorter time and would
// seem to have had fewer rules, rows without one to have had all. And it is what a
// score is: the sum of what holds now. Rows not decided yet are used as far as
// they were followed.
type hazardData struct {
	holds    []backtest.Holds
	instants []float64
	outcomes []float64
	at       map[int32]int // place of a pattern of the history
}

// hazards adds up the earlier part. Variants are not asked: bits from own on are
// cut off.
func (h *history) hazards(own int) *hazardData {
	d := &hazardData{at: map[int32]int{}}
	places := map[string]int{}
	place := func(pattern int32) int {
		at, known := d.at[pattern]
		if known {
			return at
		}
		holds := cut(h.patterns[pattern], own)
		key := string(holds.AppendKey(nil))
		if at, known = places[key]; !known {
			at = len(d.holds)
			places[key] = at
			d.holds, d.instants, d.outcomes = append(d.holds, holds), append(d.instants, 0), append(d.outcomes, 0)
		}
		d.at[pattern] = at
		return at
	}
	none := place(0)
	for i := range h.rows {
		r := &h.rows[i]
		if r.part != earlier || !r.followed() {
			continue
		}
		quiet, last := float64(r.to-r.from), none
		for _, run := range r.runs {
			if n := min(run.last, r.to-1) - max(run.first, r.from) + 1; n > 0 {
				d.instants[place(run.pattern)] += float64(n)
				quiet -= float64(n)
				if run.last >= r.to-1 {
					last = place(run.pattern)
				}
			}
		}
		d.instants[none] += quiet
		if r.event {
			d.outcomes[last]++
		}
	}
	return d
}

// cut leaves the first n bits.
func cut(holds backtest.Holds, n int) backtest.Holds {
	out := slices.Clone(holds[:min(len(holds), (n+63)/64)])
	if n%64 != 0 && len(out) == (n+63)/64 {
		out[len(out)-1] &= 1<<(n%64) - 1
	}
	for len(out) > 0 && out[len(out)-1] == 0 {
		out = out[:len(out)-1]
	}
	return out
}

// scorecard is a logistic regression of the outcome before the next instant on
// what held, with a ridge penalty and the sign of each weight given.
type scorecard struct {
	data    *hazardData
	signs   []int   // of each rule: 1, -1, or 0 = left out
	in      [][]int // by rule: the places of the data at which it held
	weights []float64
	known   []float64 // how much the data say of each weight, in the units of the ridge
	base    float64
}

// fit finds the weights: iteratively reweighted least squares, each solved by
// coordinate descent, in which a weight that would take the wrong sign stays 0.
func fit(d *hazardData, signs []int) *scorecard {
	s := &scorecard{data: d, signs: signs, in: make([][]int, len(signs)), weights: make([]float64, len(signs)),
		known: make([]float64, len(signs))}
	instants, outcomes := 0.0, 0.0
	for p, holds := range d.holds {
		instants, outcomes = instants+d.instants[p], outcomes+d.outcomes[p]
		for k := range signs {
			if holds.Has(k) && signs[k] != 0 {
				s.in[k] = append(s.in[k], p)
			}
		}
	}
	if outcomes == 0 || outcomes >= instants {
		return s // nothing to tell apart
	}
	s.base = math.Log(outcomes / (instants - outcomes))
	for range 100 {
		if s.reweigh() < 1e-7 {
			break
		}
	}
	return s
}

// reweigh makes one step and gives the largest change of a weight.
func (s *scorecard) reweigh() float64 {
	w, rest := make([]float64, len(s.data.holds)), make([]float64, len(s.data.holds))
	for p, eta := range s.predict() {
		mu := 1 / (1 + math.Exp(-eta))
		w[p] = max(s.data.instants[p]*mu*(1-mu), 1e-12)
		rest[p] = (s.data.outcomes[p] - s.data.instants[p]*mu) / w[p]
	}
	before, base := slices.Clone(s.weights), s.base
	for range 200 {
		if s.descend(w, rest) < 1e-9 {
			break
		}
	}
	most := math.Abs(s.base - base)
	for k := range before {
		most = max(most, math.Abs(s.weights[k]-before[k]))
	}
	return most
}

// predict gives the log odds at each place.
func (s *scorecard) predict() []float64 {
	eta := make([]float64, len(s.data.holds))
	for p := range eta {
		eta[p] = s.base
	}
	for k, places := range s.in {
		for _, p := range places {
			eta[p] += s.weights[k]
		}
	}
	for p := range eta {
		eta[p] = min(max(eta[p], -30), 30)
	}
	return eta
}

// descend moves each weight to its best value with the others as they are; rest
// is what they leave unexplained.
func (s *scorecard) descend(w, rest []float64) float64 {
	sum, weight := 0.0, 0.0
	for p := range w {
		sum, weight = sum+w[p]*rest[p], weight+w[p]
	}
	most := sum / weight
	s.base += most
	for p := range rest {
		rest[p] -= most
	}
	most = math.Abs(most)
	for k, places := range s.in {
		sum, weight := 0.0, 0.0
		for _, p := range places {
			sum, weight = sum+w[p]*(rest[p]+s.weights[k]), weight+w[p]
		}
		s.known[k] = weight
		next := sum / (weight + ridge)
		if next*float64(s.signs[k]) < 0 {
			next = 0
		}
		change := next - s.weights[k]
		for _, p := range places {
			rest[p] -= change
		}
		s.weights[k] = next
		most = max(most, math.Abs(change))
	}
	return most
}

// held counts the instants at which a rule held, and the outcomes that came of them.
func (s *scorecard) held(k int) (instants, outcomes int) {
	for p, holds := range s.data.holds {
		if holds.Has(k) {
			instants, outcomes = instants+int(s.data.instants[p]), outcomes+int(s.data.outcomes[p])
		}
	}
	return instants, outcomes
}

// signs are those of the points as written; a rule without points, or that is in
// the shadows, is left out.
func signs(risk *rules.Risk) []int {
	out := make([]int, len(risk.Rules))
	for i, r := range risk.Rules {
		if !r.Shadow {
			out[i] = sign(r)
		}
	}
	return out
}

// fitted says whether a rule has a weight: it has points, and the data say more of
// it than the ridge does. Of one that hardly ever held nobody knows.
func (s *scorecard) fitted(k int) bool { return s.signs[k] != 0 && s.known[k] > ridge }

// points scales the weights. A rule without one is left as it is written; any
// other keeps its sign, and so at least one point.
func (s *scorecard) points(from trial, scale float64) trial {
	t := slices.Clone(from)
	for k := range t {
		if !s.fitted(k) {
			continue
		}
		size := min(max(int(math.Round(math.Abs(s.weights[k])*scale)), 1), 100)
		t[k].points = s.signs[k] * size
	}
	return t
}

// scales are those to try: with the least the weightiest rule has five points,
// with the greatest a hundred.
func (s *scorecard) scales() []float64 {
	most := 0.0
	for _, w := range s.weights {
		most = max(most, math.Abs(w))
	}
	var out []float64
	for p := 5; most > 0 && p <= 100; p++ {
		out = append(out, float64(p)/most)
	}
	return out
}

// scaled gives the points that find most within the limit: of those that lose no
// red case that came true if there are any, else of all, which are shown and not
// proposed. False if no scale is within the limit.
func (c *climber) scaled(s *scorecard) (best candidate, ok bool) {
	for _, scale := range s.scales() {
		t := s.points(c.written, scale)
		x := c.weigh(t)
		x.scale = scale
		if c.bench.after(x.move).Warnings > c.limit {
			continue
		}
		if !ok || c.prefers(x, best) {
			best, ok = x, true
		}
	}
	return best, ok
}

// prefers says whether one scale is better than another.
func (c *climber) prefers(a, b candidate) bool {
	if c.losesRed(a.move) != c.losesRed(b.move) {
		return c.losesRed(b.move)
	}
	return cmpTally(c.bench.after(a.move), c.bench.after(b.move)) > 0
}

// cmpTally prefers what finds more, then what warns for nothing less often.
func cmpTally(a, b tally) int {
	if a.True != b.True {
		return a.True - b.True
	}
	return b.False - a.False
}
