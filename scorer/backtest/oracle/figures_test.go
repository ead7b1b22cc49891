package oracle

import (
	"math"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// counts are what rates are made of.
type counts struct {
	cases, outcomes, undecided, hits, misfires, missed, early, quiet int
}

func count(rows []judged) (c counts) {
	for i := range rows {
		c.add(rows[i].verdict)
	}
	return c
}

func (c *counts) add(v backtest.Verdict) {
	c.cases++
	switch v {
	case backtest.True:
		c.hits++
	case backtest.False:
		c.misfires++
	case backtest.Missed:
		c.missed++
	case backtest.TooSoon:
		c.early++
	case backtest.Quiet:
		c.quiet++
	case backtest.Undecided:
		c.undecided++
	}
	if v == backtest.True || v == backtest.Missed || v == backtest.TooSoon {
		c.outcomes++
	}
}

func (c counts) rates() backtest.Rates {
	r := backtest.Rates{BaseRate: ratio(c.outcomes, c.cases-c.undecided), Precision: ratio(c.hits, c.hits+c.misfires), Recall: ratio(c.hits, c.outcomes)}
	if r.Precision != nil && r.BaseRate != nil && *r.BaseRate != 0 {
		lift := *r.Precision / *r.BaseRate
		r.Lift = &lift
	}
	return r
}

func ratio(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	r := float64(n) / float64(of)
	return &r
}

// report is the backtest of a set: its figures, and all its lines of --cases.
func (p plan) report(set *rules.Set, rowsOf map[rules.Over][]*row) (*backtest.Report, []backtest.Case) {
	r := &backtest.Report{Risks: map[string]*backtest.Figures{}, Instants: len(p.instants), RuleSet: set.Version(), Calendar: set.CalendarVersion(),
		From: p.from, To: p.to, DataEnd: p.end, Step: p.step.String(), Level: p.level.String()}
	var cases []backtest.Case
	for _, risk := range set.Risks() {
		all := rowsOf[risk.Over]
		r.Risks[risk.ID] = p.figures(risk, all)
		for _, j := range p.judged(risk, all, p.level) {
			cases = append(cases, p.entry(&j, risk))
		}
	}
	return r, cases
}

// judged are the rows of the cohort.
func (p plan) judged(risk *rules.Risk, all []*row, level rules.Level) (list []judged) {
	for _, r := range all {
		if p.cohort(r, risk) {
			list = append(list, p.judge(r, risk, level))
		}
	}
	return list
}

// decided leaves out what the horizon is not over for.
func decided(rows []judged) []judged {
	return slices.DeleteFunc(slices.Clone(rows), func(j judged) bool { return !j.decided })
}

func (p plan) figures(risk *rules.Risk, all []*row) *backtest.Figures {
	rows := p.judged(risk, all, p.level)
	c := count(rows)
	load := p.load(risk, all, p.level)
	f := &backtest.Figures{Cases: c.cases, Outcomes: c.outcomes, Warned: c.hits + c.misfires, True: c.hits, False: c.misfires, Missed: c.missed,
		TooSoon: c.early, Quiet: c.quiet, Undecided: c.undecided, Rates: c.rates(), WarningsPerDay: load.perDay(), Standing: load.standing, Daily: load.daily,
		Levels: map[string]*backtest.LevelFigures{}, Rules: map[string]*backtest.RuleFigures{}, Calibration: calibration(decided(rows))}
	f.LeadDays, f.LeadHours = p.lead(rows)
	for level := rules.Blue; level <= rules.Red; level++ {
		c := count(p.judged(risk, all, level))
		f.Levels[level.String()] = &backtest.LevelFigures{Warned: c.hits + c.misfires, True: c.hits, False: c.misfires, Rates: c.rates(),
			WarningsPerDay: p.load(risk, all, level).perDay()}
	}
	for _, rule := range risk.Rules {
		f.Rules[rule.ID] = p.rule(risk, rule, decided(rows))
	}
	f.ByUnit = p.shares(risk, all, func(r *row) string { return r.unit })
	f.ByPlace = p.shares(risk, all, func(r *row) string { return r.place[:min(6, len(r.place))] })
	f.ByChannel = p.shares(risk, all, func(r *row) string { return r.channel })
	f.Outliers = slices.Concat(outliers(f, "unit", f.ByUnit), outliers(f, "place", f.ByPlace), outliers(f, "channel", f.ByChannel))
	return f
}

// outliers are the parts whose precision or recall, of five rows or more, has an
// interval that does not hold the whole's.
func outliers(f *backtest.Figures, by string, parts []backtest.Share) (list []backtest.Outlier) {
	for _, s := range parts {
		for _, o := range []struct {
			figure      string
			part, whole *float64
			of          int
		}{{"precision", s.Precision, f.Precision, s.Warned}, {"recall", s.Recall, f.Recall, s.Outcomes}} {
			if o.of < 5 || o.whole == nil {
				continue
			}
			interval := wilson(s.True, o.of)
			if *o.whole < interval[0]-1e-9 || *o.whole > interval[1]+1e-9 {
				list = append(list, backtest.Outlier{By: by, Value: s.Value, Figure: o.figure, Part: *o.part, Of: o.of, Interval: *interval, Whole: *o.whole})
			}
		}
	}
	return list
}

// lead is by how much true warnings came before the outcomes.
func (p plan) lead(rows []judged) (*backtest.Quartiles, []int) {
	var days []float64
	var hours []int
	for i := range rows {
		if j := &rows[i]; j.verdict == backtest.True {
			d := j.outcome.Sub(p.instants[j.warned])
			days = append(days, float64(d)/float64(24*time.Hour))
			hours = append(hours, int(d/time.Hour))
		}
	}
	if len(days) == 0 {
		return nil, nil
	}
	slices.Sort(days)
	slices.Sort(hours)
	return &backtest.Quartiles{P25: quantile(days, 0.25), P50: quantile(days, 0.5), P75: quantile(days, 0.75)}, hours
}

// quantile interpolates linearly between order statistics.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	low := int(math.Floor(at))
	if low+1 >= len(sorted) {
		return sorted[low]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// load is the work that warnings make.
type load struct {
	standing int
	daily    []int   // of each instant in [from, to), from the second on
	days     float64 // of these instants
}

func (l load) perDay() float64 {
	sum := 0
	for _, n := range l.daily {
		sum += n
	}
	if sum == 0 {
		return 0
	}
	return float64(sum) / l.days
}

// load counts the times that a row at risk came to stand at a level.
func (p plan) load(risk *rules.Risk, all []*row, level rules.Level) (l load) {
	for i, t := range p.instants {
		if !t.Before(p.to) {
			break
		}
		if i > 0 {
			l.daily = append(l.daily, 0)
		}
		l.days = float64(len(l.daily)) * p.step.Hours() / 24
		for _, r := range all {
			switch {
			case !p.stands(r, risk, level, i):
			case i == 0:
				l.standing++
			case !p.stands(r, risk, level, i-1):
				l.daily[i-1]++
			}
		}
	}
	return l
}

// stands says that a row is at risk at an instant and stands at a level or above.
func (p plan) stands(r *row, risk *rules.Risk, level rules.Level, i int) bool {
	t, m := p.instants[i], &r.moments[i]
	atRisk := !r.apart[risk.ID] && m.visible && before(t, r.concluded) && before(t, r.outcomes[risk.ID]) && m.active
	return atRisk && m.says[risk.ID].level >= level
}

// rule says what one rule did among the decided rows.
func (p plan) rule(risk *rules.Risk, rule *rules.Rule, rows []judged) *backtest.RuleFigures {
	f := &backtest.RuleFigures{Points: rule.Points, Shadow: rule.Shadow}
	for i := range rows {
		j := &rows[i]
		fired, standsWithout := false, false
		for _, at := range j.followed {
			says := j.moments[at].says[risk.ID]
			if says.fired[rule.ID] && !fired {
				fired = true
				if len(says.fired) == 1 {
					f.Alone++
				}
			}
			if without(risk, rule, says.fired) >= p.level {
				standsWithout = true
			}
		}
		if fired {
			f.Fired++
			if !j.outcome.IsZero() {
				f.CameTrue++
			}
		}
		if j.warned < 0 || rule.Shadow {
			continue
		}
		if j.moments[j.warned].says[risk.ID].fired[rule.ID] {
			f.Warned++
		}
		if !standsWithout {
			f.Lost++
		}
	}
	f.Redundant = f.Fired > 0 && f.Lost == 0 && !rule.Shadow
	return f
}

// without is the level to which a row would come without a rule.
func without(risk *rules.Risk, left *rules.Rule, fired map[string]bool) rules.Level {
	score, level := 0, rules.None
	for _, rule := range risk.Rules {
		if fired[rule.ID] && rule != left && !rule.Shadow {
			score += rule.Points
			level = max(level, rule.AtLeast)
		}
	}
	return max(level, risk.Levels.Level(min(max(score, 0), 100)))
}

// calibration is how many of the rows of each ten points are outcomes.
func calibration(rows []judged) []backtest.Bin {
	var bins []backtest.Bin
	for from := 0; from < 100; from += 10 {
		b := backtest.Bin{From: from, To: from + 9}
		if from == 90 {
			b.To = 100
		}
		for i := range rows {
			j := &rows[i]
			if len(j.followed) == 0 || j.score < b.From || j.score > b.To {
				continue
			}
			b.Cases++
			if !j.outcome.IsZero() {
				b.Outcomes++
			}
		}
		b.Share, b.Interval = ratio(b.Outcomes, b.Cases), wilson(b.Outcomes, b.Cases)
		bins = append(bins, b)
	}
	return bins
}

// wilson is the 95 % interval of a share.
func wilson(hits, of int) *[2]float64 {
	if of == 0 {
		return nil
	}
	const z = 1.959963984540054
	n, p := float64(of), float64(hits)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return &[2]float64{middle - half, middle + half}
}

// shares are the figures by something of a row: the cohort's rows, and the
// warnings of all rows at risk.
func (p plan) shares(risk *rules.Risk, all []*row, of func(*row) string) (list []backtest.Share) {
	parts := map[string][]*row{}
	for _, r := range all {
		parts[of(r)] = append(parts[of(r)], r)
	}
	for value, part := range parts {
		c := count(p.judged(risk, part, p.level))
		s := backtest.Share{Value: value, Cases: c.cases, Outcomes: c.outcomes, Warned: c.hits + c.misfires, True: c.hits, Undecided: c.undecided, Rates: c.rates(),
			WarningsPerDay: p.load(risk, part, p.level).perDay()}
		if s.Cases > 0 || s.WarningsPerDay > 0 {
			list = append(list, s)
		}
	}
	return list
}
