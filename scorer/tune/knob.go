package tune

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"yujing/rules"
)

// knob is one number that can be turned: the points of a rule, or a number in
// its condition.
type knob struct {
	rule   int           // its place in the risk
	number *rules.Number // nil = the points
	values []setting     // in rising order, the present one among them
}

// setting is one position of a knob.
type setting struct {
	text   string
	points int  // of the points
	bit    int  // of a number: the bit that tells when the rule holds with it
	now    bool // as it is written
}

// mostVariants bounds the conditions that one statement asks for beside the
// rules themselves.
const mostVariants = 200

// knobs lists what can be turned in a risk, and the variants that the store has
// to be asked for: variant i answers at bit len(risk.Rules)+i. With pointsOnly
// there are none.
func knobs(risk *rules.Risk, pointsOnly bool) (all []knob, variants []*rules.Rule) {
	for i, rule := range risk.Rules {
		if rule.Shadow {
			continue // it moves no score
		}
		if rule.Points != 0 {
			all = append(all, pointsKnob(i, rule.Points))
		}
		if pointsOnly {
			continue
		}
		for _, n := range rule.Numbers() {
			k := knob{rule: i, number: &n}
			for _, text := range others(n) {
				v, err := rule.Variant(fmt.Sprintf("%s~%d", rule.ID, len(variants)), rule.With(n, text))
				if err != nil {
					continue // out of bounds there: no number to propose
				}
				k.values = append(k.values, setting{text: text, bit: len(risk.Rules) + len(variants)})
				variants = append(variants, v)
			}
			k.values = append(k.values, setting{text: n.Text, bit: i, now: true})
			slices.SortStableFunc(k.values, func(a, b setting) int { return compareNumbers(a.text, b.text) })
			if len(k.values) > 1 {
				all = append(all, k)
			}
		}
	}
	return all, variants
}

// pointsKnob steps by five, the grid on which people write points, and keeps the sign.
func pointsKnob(rule, now int) knob {
	k := knob{rule: rule, values: []setting{{text: strconv.Itoa(now), points: now, now: true}}}
	sign := 1
	if now < 0 {
		sign = -1
	}
	for size := 5; size <= 100; size += 5 {
		if p := sign * size; p != now && abs(p-now) <= 40 {
			k.values = append(k.values, setting{text: strconv.Itoa(p), points: p})
		}
	}
	slices.SortFunc(k.values, func(a, b setting) int { return a.points - b.points })
	return k
}

// others gives the numbers to try in the place of one: the neighbours of a small
// whole number, else shares and multiples.
func others(n rules.Number) []string {
	var out []string
	add := func(v float64) {
		text := strconv.FormatFloat(v, 'f', -1, 64)
		if v >= 0 && v != n.Value && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if n.Whole && n.Value <= 5 {
		for _, d := range []float64{-2, -1, 1, 2, 3} {
			add(n.Value + d)
		}
		return out
	}
	for _, f := range []float64{1. / 3, 0.5, 0.67, 0.8, 1.25, 1.5, 2, 3} {
		v := n.Value * f
		if n.Whole {
			v = math.Round(v)
		} else {
			v = rounded(v)
		}
		add(v)
	}
	return out
}

// rounded keeps two significant digits.
func rounded(v float64) float64 {
	out, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 2, 64), 64)
	return out
}

func compareNumbers(a, b string) int {
	x, _ := strconv.ParseFloat(a, 64)
	y, _ := strconv.ParseFloat(b, 64)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func abs(n int) int { return max(n, -n) }

// choice is how one rule stands in a trial.
type choice struct {
	points int
	bit    int
	number *rules.Number // another number than written, and which; nil = as written
	text   string
}

// trial is how all rules of the risk stand: one choice for each.
type trial []choice

// written is the rules as they are.
func written(risk *rules.Risk) trial {
	t := make(trial, len(risk.Rules))
	for i, r := range risk.Rules {
		t[i] = choice{points: r.Points, bit: i}
	}
	return t
}

// with is the trial with one knob at a setting. A number of a rule that is turned
// puts another number of the same rule back.
func (t trial) with(k *knob, s setting) trial {
	next := slices.Clone(t)
	c := &next[k.rule]
	switch {
	case k.number == nil:
		c.points = s.points
	case s.now:
		c.bit, c.number, c.text = s.bit, nil, ""
	default:
		c.bit, c.number, c.text = s.bit, k.number, s.text
	}
	return next
}

// at says whether the trial has the knob at the setting.
func (t trial) at(k *knob, s setting) bool {
	c := t[k.rule]
	if k.number == nil {
		return c.points == s.points
	}
	return c.bit == s.bit
}

// amendments says what a trial writes otherwise.
func (t trial) amendments(risk *rules.Risk) []rules.Amendment {
	var out []rules.Amendment
	for i, r := range risk.Rules {
		a, c := rules.Amendment{Rule: r.ID}, t[i]
		if c.points != r.Points {
			a.Points = &c.points
		}
		if c.number != nil {
			a.Numbers = []rules.NewNumber{{Number: *c.number, New: c.text}}
		}
		if a.Points != nil || a.Numbers != nil {
			out = append(out, a)
		}
	}
	return out
}
