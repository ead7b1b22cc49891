package tune

import (
	"cmp"
	"slices"

	"yujing/rules"
)

// mostSteps bounds a climb; a patch of more changes is no proposal but another
// rule set.
const mostSteps = 20

// width is how many single moves of each kind are tried in pairs.
const width = 12

// climber turns one knob after the other, always the one that gains most: more
// cases that come true at no more warnings a day than the limit, and at equally
// many, fewer false warnings. Where no single turn helps it tries pairs, one
// that finds more and one that saves the warnings for it.
type climber struct {
	bench    *bench
	knobs    []knob
	limit    int // warnings in the earlier part
	lostRed  bool
	baseRate float64
	now      trial
	written  trial
}

// candidate is a trial, and what it would change.
type candidate struct {
	trial trial
	move  move
	scale float64 // of fitted points
}

// climb ends where nothing gains more than noise.
func (c *climber) climb() {
	for range mostSteps {
		next, ok := c.step()
		if !ok {
			break
		}
		c.bench.take(next.trial)
		c.now = next.trial
	}
	c.tidy()
}

// step gives the best next trial.
func (c *climber) step() (candidate, bool) {
	singles := c.singles()
	if c.bench.tally.Warnings > c.limit {
		return c.cheapest(singles)
	}
	if best, ok := c.best(singles); ok {
		return best, true
	}
	return c.best(c.pairs(singles))
}

// singles weighs every turn of one knob.
func (c *climber) singles() []candidate {
	var out []candidate
	for i := range c.knobs {
		k := &c.knobs[i]
		for _, s := range k.values {
			if !c.now.at(k, s) {
				out = append(out, c.weigh(c.now.with(k, s)))
			}
		}
	}
	return out
}

func (c *climber) weigh(t trial) candidate { return candidate{trial: t, move: c.bench.try(t)} }

// losesRed says whether a move is out of the question.
func (c *climber) losesRed(m move) bool { return m.RedLost > 0 && !c.lostRed }

// best is the candidate within the limit that gains most, beyond noise.
func (c *climber) best(all []candidate) (candidate, bool) {
	most := noise / float64(max(len(all), 1))
	all = slices.DeleteFunc(slices.Clone(all), func(x candidate) bool {
		return c.losesRed(x.move) || c.bench.after(x.move).Warnings > c.limit || x.move.chance(c.baseRate) > most
	})
	if len(all) == 0 {
		return candidate{}, false
	}
	return slices.MaxFunc(all, func(a, b candidate) int { return compareGains(a.move, b.move) }), true
}

// gain is how many more cases that came true are warned of.
func (m move) gain() int { return m.TrueGained - m.TrueLost }

// compareGains prefers what finds more for no more warnings, then what finds most
// for each warning more, then what saves most.
func compareGains(a, b move) int {
	return cmp.Or(cmp.Compare(a.class(), b.class()), cmp.Compare(a.value(), b.value()), cmp.Compare(b.Warnings, a.Warnings))
}

func (m move) class() int {
	switch {
	case m.gain() > 0 && m.Warnings <= 0:
		return 2
	case m.gain() > 0:
		return 1
	}
	return 0
}

func (m move) value() float64 {
	switch m.class() {
	case 2:
		return float64(m.gain())
	case 1:
		return float64(m.gain()) / float64(m.Warnings)
	}
	return float64(m.FalseLost - m.FalseGained)
}

// pairs joins the turns that find most for a warning with those that save
// warnings at the least loss.
func (c *climber) pairs(singles []candidate) []candidate {
	finds := slices.DeleteFunc(slices.Clone(singles), func(x candidate) bool { return x.move.gain() <= 0 || x.move.Warnings <= 0 })
	saves := slices.DeleteFunc(slices.Clone(singles), func(x candidate) bool { return x.move.Warnings >= 0 })
	slices.SortStableFunc(finds, func(a, b candidate) int { return cmp.Compare(b.move.value(), a.move.value()) })
	slices.SortStableFunc(saves, func(a, b candidate) int { return cmp.Compare(a.move.price(), b.move.price()) })
	var out []candidate
	for _, f := range finds[:min(width, len(finds))] {
		for _, s := range saves[:min(width, len(saves))] {
			if both, ok := c.both(f.trial, s.trial); ok {
				out = append(out, c.weigh(both))
			}
		}
	}
	return out
}

// price is what a saved warning costs in cases that are found no more.
func (m move) price() float64 { return float64(-m.gain()) / float64(-m.Warnings) }

// both makes the turns of two trials, of different rules.
func (c *climber) both(a, b trial) (trial, bool) {
	out := slices.Clone(a)
	for i := range b {
		if b[i] == c.now[i] {
			continue
		}
		if a[i] != c.now[i] {
			return nil, false
		}
		out[i] = b[i]
	}
	return out, true
}

// cheapest is the turn that comes nearer to the limit at the least loss. It need
// not gain: the limit was asked for.
func (c *climber) cheapest(singles []candidate) (candidate, bool) {
	saves := slices.DeleteFunc(singles, func(x candidate) bool { return x.move.Warnings >= 0 || c.losesRed(x.move) })
	if len(saves) == 0 {
		return candidate{}, false
	}
	return slices.MinFunc(saves, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.move.price(), b.move.price()), cmp.Compare(a.move.Warnings, b.move.Warnings))
	}), true
}

// tidy puts back what turned out to be for nothing, so that the patch is as short
// as it can be.
func (c *climber) tidy() {
	for i := range c.now {
		if c.now[i] == c.written[i] {
			continue
		}
		back := slices.Clone(c.now)
		back[i] = c.written[i]
		m := c.bench.try(back)
		worse := m.gain() < 0 || m.gain() == 0 && m.FalseGained > m.FalseLost
		if !worse && c.bench.after(m).Warnings <= c.limit && !c.losesRed(m) {
			c.bench.take(back)
			c.now = back
		}
	}
}

// without says what the present trial would lose if a rule stood as written.
func (c *climber) without(i int) move {
	back := slices.Clone(c.now)
	back[i] = c.written[i]
	return c.bench.try(back)
}

// sign is that of the points of a rule.
func sign(r *rules.Rule) int {
	switch {
	case r.Points > 0:
		return 1
	case r.Points < 0:
		return -1
	}
	return 0
}
