package tune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// Run tunes one risk of a set. Errors that a person can mend are *TooFewError and
// *EmptySplitError.
func Run(ctx context.Context, source backtest.Source, set *rules.Set, o Options) (*Report, error) {
	if len(o.Risk.Rules) == 0 {
		return nil, fmt.Errorf("risk %s has no rules to tune", o.Risk.ID)
	}
	end, err := source.DataEnd(ctx)
	if err != nil {
		return nil, err
	}
	w, err := o.window(end)
	if err != nil {
		return nil, err
	}
	turns, variants := knobs(o.Risk, o.PointsOnly)
	h, err := gather(ctx, source, set, o.Risk, variants, w, mostVariants)
	if err != nil {
		return nil, err
	}
	if err := h.enough(); err != nil {
		return nil, err
	}
	t := &tuner{o: o, h: h, knobs: turns, window: w}
	return t.run(set), nil
}

// enough says whether both parts have outcomes to go by.
func (h *history) enough() error {
	for p, least := range []int{earlier: LeastEarlier, later: LeastLater} {
		if have := h.outcomes(part(p)); have < least {
			return &TooFewError{Part: part(p).String(), Have: have, Least: least, Days: h.days(part(p))}
		}
	}
	return nil
}

// String is how messages name a part.
func (p part) String() string { return [...]string{"no", "earlier", "later"}[p] }

// window lays the instants. The split is moved up to the next of them, so that
// both parts are what a backtest of each alone would be of.
func (o Options) window(end time.Time) (window, error) {
	if end.IsZero() {
		return window{}, errors.New("the store holds no signals: import some first")
	}
	last := o.To.Add(o.Risk.Horizon)
	if end.Before(last) {
		last = end
	}
	w := window{from: o.From, to: o.To, dataEnd: end, grid: backtest.Grid{From: o.From, Last: last, Step: o.Step}}
	split := o.Split
	if split.IsZero() {
		split = o.From.Add(o.To.Sub(o.From) * 2 / 3)
	}
	w.split = w.grid.At(w.grid.After(split))
	if !o.From.Before(split) || w.grid.After(split) < 2 || w.grid.After(o.To)-w.grid.After(split) < 2 || !split.Before(end) {
		return w, &EmptySplitError{From: o.From.In(o.Risk.Zone), Split: split.In(o.Risk.Zone), To: o.To.In(o.Risk.Zone)}
	}
	return w, nil
}

// tuner holds what one run is about.
type tuner struct {
	o      Options
	h      *history
	knobs  []knob
	window window
}

func (t *tuner) run(set *rules.Set) *Report {
	r := &Report{Risk: t.o.Risk.ID, Level: t.o.Level.String(), From: t.o.From.UTC(), Split: t.window.split.UTC(), To: t.o.To.UTC(), DataEnd: t.window.dataEnd.UTC(),
		Step: t.o.Step.String(), RuleSet: set.Version(), Earlier: t.h.count(earlier), Later: t.h.count(later)}
	c := t.climber()
	r.Limit = t.perDay(c.limit, earlier)
	r.Sweeps = t.sweep(c.bench)
	r.Fit = t.fit(c)
	c.climb()
	r.Changes = t.changes(c)
	if r.swept = c.now.amendments(t.o.Risk); len(r.swept) > 0 {
		r.Swept = t.judge(c.now)
	}
	if r.Fit.Proposed {
		r.fitted = r.Fit.amendments()
	}
	return r
}

// climber begins at the rules as they are written.
func (t *tuner) climber() *climber {
	b := newBench(t.h, t.o.Risk, t.o.Level)
	c := &climber{bench: b, knobs: t.knobs, limit: b.tally.Warnings, lostRed: t.o.AllowLostRed, now: written(t.o.Risk), written: written(t.o.Risk)}
	if t.o.Budget > 0 {
		c.limit = int(math.Floor(t.o.Budget * t.h.days(earlier)))
	}
	decided := 0
	for i := range t.h.rows {
		if r := &t.h.rows[i]; r.part == earlier && r.decided {
			decided++
		}
	}
	c.baseRate = float64(t.h.outcomes(earlier)) / float64(max(decided, 1))
	return c
}

// days are those from the first instant of a part to its last, which warnings are
// counted over.
func (h *history) days(p part) float64 {
	n := h.split - 1
	if p == later {
		n = h.end - h.split - 1
	}
	return float64(n) * h.grid.Step.Hours() / 24
}

func (t *tuner) perDay(warnings int, p part) float64 {
	return float64(warnings) / t.h.days(p)
}

func (h *history) count(p part) Rows {
	n := Rows{Outcomes: h.outcomes(p)}
	for i := range h.rows {
		if h.rows[i].part == p {
			n.Cases++
		}
	}
	return n
}

// sweep turns each knob alone.
func (t *tuner) sweep(b *bench) []Sweep {
	now := written(t.o.Risk)
	outcomes := t.h.outcomes(earlier)
	var out []Sweep
	for i := range t.knobs {
		k := &t.knobs[i]
		rule := t.o.Risk.Rules[k.rule]
		s := Sweep{Rule: rule.ID, Name: rule.Name, File: rule.File, Line: rule.Line, Points: k.number == nil}
		if k.number != nil {
			s.In = k.number.In
		}
		for _, v := range k.values {
			m := b.try(now.with(k, v))
			after := b.after(m)
			s.Values = append(s.Values, Value{Value: v.text, Now: v.now, True: after.True, False: after.False, Recall: ratio(after.True, outcomes),
				Precision: ratio(after.True, after.True+after.False), WarningsPerDay: t.perDay(after.Warnings, earlier), RedLost: m.RedLost})
		}
		out = append(out, s)
	}
	return out
}

// ratio is nil if the divisor is 0: nobody knows.
func ratio(a, b int) *float64 {
	if b == 0 {
		return nil
	}
	v := float64(a) / float64(b)
	return &v
}

// changes tells what was turned, and what each change is good for.
func (t *tuner) changes(c *climber) []Change {
	var out []Change
	for i, rule := range t.o.Risk.Rules {
		now := c.now[i]
		if now == c.written[i] {
			continue
		}
		m := c.without(i)
		base := Change{Rule: rule.ID, Name: rule.Name, True: -m.gain(), False: m.FalseLost - m.FalseGained, Warnings: t.perDay(-m.Warnings, earlier)}
		if now.points != rule.Points {
			p := base
			p.Points, p.From, p.To = true, strconv.Itoa(rule.Points), strconv.Itoa(now.points)
			out = append(out, p)
		}
		if now.number != nil {
			n := base
			n.In, n.From, n.To, n.Texts = now.number.In, now.number.Text, now.text, naming(rule, now.number.Text)
			out = append(out, n)
		}
	}
	return out
}

// naming lists the texts of a rule that name a number, outside of what they
// compute: a changed condition makes them wrong, and only a person can mend them.
func naming(rule *rules.Rule, number string) []string {
	computed := regexp.MustCompile(`\{\{.*?\}\}`)
	digits := regexp.MustCompile(`(^|[^0-9.])` + regexp.QuoteMeta(number) + `($|[^0-9.])`)
	var out []string
	for _, text := range []string{rule.Name.ZH, rule.Name.EN, rule.Because.ZH, rule.Because.EN, rule.Advise.ZH, rule.Advise.EN} {
		plain := computed.ReplaceAllString(text, "")
		if digits.MatchString(plain) || strings.Contains(plain, chinese(number)) && chinese(number) != "" {
			out = append(out, text)
		}
	}
	return slices.Compact(out)
}

// chinese spells a whole number below a hundred.
func chinese(number string) string {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 99 {
		return ""
	}
	digit := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch {
	case n == 2:
		return "两"
	case n < 10:
		return digit[n]
	case n < 20:
		return "十" + digit[n-10]
	}
	return digit[n/10] + "十" + digit[n%10]
}

// judge gives the figures of both parts before and after.
func (t *tuner) judge(proposed trial) *Judged {
	b := newBench(t.h, t.o.Risk, t.o.Level)
	before := slices.Clone(b.says)
	b.at(proposed)
	after := b.says
	j := &Judged{Earlier: t.compare(earlier, before, after), Later: t.compare(later, before, after)}
	for i := range t.h.rows {
		switch {
		case !b.wasRed[i] || after[i].red:
		case after[i].warned:
			j.RedLowered++
		default:
			j.RedLost++
		}
	}
	return j
}

func (t *tuner) compare(p part, before, after []verdict) *backtest.Comparison {
	pairs := backtest.Paired{}
	was, is := 0, 0
	for i := range t.h.rows {
		r := &t.h.rows[i]
		was, is = was+int(before[i].rises[p-1]), is+int(after[i].rises[p-1])
		if r.part == p {
			pairs[backtest.Pair{Before: r.says(before[i]), After: r.says(after[i])}]++
		}
	}
	c := pairs.Compare()
	c.Before.WarningsPerDay, c.After.WarningsPerDay = t.perDay(was, p), t.perDay(is, p)
	return c
}

// says is the verdict of docs/backtest.md.
func (r *row) says(v verdict) backtest.Verdict {
	switch {
	case !r.decided:
		return backtest.Undecided
	case r.outcome && v.warned:
		return backtest.True
	case r.outcome && r.tooSoon:
		return backtest.TooSoon
	case r.outcome:
		return backtest.Missed
	case v.warned:
		return backtest.False
	}
	return backtest.Quiet
}

// fit fits the scorecard and scales it.
func (t *tuner) fit(c *climber) *Fit {
	d := t.h.hazards(len(t.o.Risk.Rules))
	s := fit(d, signs(t.o.Risk))
	f := &Fit{Base: s.base}
	for p := range d.holds {
		f.Instants, f.Outcomes = f.Instants+int(d.instants[p]), f.Outcomes+int(d.outcomes[p])
	}
	points := c.written
	if best, ok := c.scaled(s); ok {
		points, f.Scale, f.Proposed = best.trial, best.scale, !c.losesRed(best.move)
		f.Judged = t.judge(points)
	}
	for i, rule := range t.o.Risk.Rules {
		r := FittedRule{Rule: rule.ID, Name: rule.Name, Before: rule.Points, After: points[i].points}
		if r.Instants, r.Outcomes = s.held(i); s.fitted(i) {
			r.Weight = &s.weights[i]
		}
		f.Rules = append(f.Rules, r)
	}
	return f
}

func (f *Fit) amendments() []rules.Amendment {
	var out []rules.Amendment
	for _, r := range f.Rules {
		if r.After != r.Before {
			out = append(out, rules.Amendment{Rule: r.Rule, Points: &r.After})
		}
	}
	return out
}
