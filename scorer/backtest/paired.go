package backtest

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// Paired counts the rows of a cohort by what became of them under one set of
// rules and under another.
type Paired map[Pair]int

// Pair is the verdict of one row before a change of rules, and after.
type Pair struct{ Before, After Verdict }

// Side is one of the two.
type Side struct {
	True    int `json:"true"`
	False   int `json:"false"`
	Missed  int `json:"missed"`
	TooSoon int `json:"too_soon"`
	Quiet   int `json:"quiet"`
	Rates
	PrecisionInterval *[2]float64 `json:"precision_interval"`
	RecallInterval    *[2]float64 `json:"recall_interval"`
	LiftInterval      *[2]float64 `json:"lift_interval"`
	WarningsPerDay    float64     `json:"warnings_per_day"` // for the caller to fill in
}

// Comparison is both sides, and within what the change of each figure lies: the
// same rows are drawn for both, so what they have in common is no noise.
type Comparison struct {
	Before          Side        `json:"before"`
	After           Side        `json:"after"`
	PrecisionChange *[2]float64 `json:"precision_change"`
	RecallChange    *[2]float64 `json:"recall_change"`
}

// Compare gives the figures with 95 % bootstrap intervals.
func (p Paired) Compare() *Comparison {
	before, after := p.sides()
	out := &Comparison{Before: side(before), After: side(after)}
	rng := rand.New(rand.NewPCG(seed, 1))
	var precision, recall []float64
	for range resamples {
		b, a := p.resample(rng).sides()
		was, is := b.rates(), a.rates()
		keepChange(&precision, was.Precision, is.Precision)
		keepChange(&recall, was.Recall, is.Recall)
	}
	out.PrecisionChange, out.RecallChange = middle(precision), middle(recall)
	return out
}

// sides adds up each of the two.
func (p Paired) sides() (before, after counts) {
	for pair, n := range p {
		before.addMany(pair.Before, n)
		after.addMany(pair.After, n)
	}
	return before, after
}

func (c *counts) addMany(v Verdict, n int) {
	var one counts
	one.add(v)
	c.true += n * one.true
	c.false += n * one.false
	c.missed += n * one.missed
	c.tooSoon += n * one.tooSoon
	c.quiet += n * one.quiet
	c.undecided += n * one.undecided
}

// resample draws as many rows as are decided, with replacement.
func (p Paired) resample(rng *rand.Rand) Paired {
	var cells []Pair
	rows := 0
	for pair, n := range p {
		if pair.Before != Undecided {
			cells = append(cells, pair)
			rows += n
		}
	}
	slices.SortFunc(cells, func(a, b Pair) int { return cmp.Or(cmp.Compare(a.Before, b.Before), cmp.Compare(a.After, b.After)) })
	out, left := Paired{}, rows
	for _, pair := range cells {
		n := binomial(rng, rows, float64(p[pair])/float64(left))
		out[pair] = n
		rows, left = rows-n, left-p[pair]
	}
	return out
}

func side(c counts) Side {
	ci := c.bootstrap()
	return Side{True: c.true, False: c.false, Missed: c.missed, TooSoon: c.tooSoon, Quiet: c.quiet, Rates: c.rates(),
		PrecisionInterval: ci.precision, RecallInterval: ci.recall, LiftInterval: ci.lift}
}

func keepChange(list *[]float64, before, after *float64) {
	if before != nil && after != nil {
		*list = append(*list, *after-*before)
	}
}
