package oracle

import (
	"time"

	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/backtest"
)

// plan is what a backtest is asked.
type plan struct {
	from, to time.Time
	step     time.Duration
	level    rules.Level
	end      time.Time // of the data
	instants []time.Time
}

// over fills in the end of the data and the instants: from, from + step, ... up
// to the data's end, or to plus the longest horizon.
func (p plan) over(set *rules.Set, end time.Time) plan {
	last := p.to
	for _, risk := range set.Risks() {
		if t := p.to.Add(risk.Horizon); t.After(last) {
			last = t
		}
	}
	p.end, p.instants = end, nil
	for t := p.from; !t.After(end) && !t.After(last); t = t.Add(p.step) {
		p.instants = append(p.instants, t)
	}
	return p
}

// cohort says whether the row's first contact lies in [from, to) and is one
// that the risk is about.
func (p plan) cohort(r *row, risk *rules.Risk) bool {
	return !r.first.Before(p.from) && r.first.Before(p.to) && !r.apart[risk.ID]
}

// before says that t is before an event that may never come.
func before(t, event time.Time) bool { return event.IsZero() || t.Before(event) }

// judged is what became of a row of the cohort in one risk.
type judged struct {
	*row
	followed []int // numbers of instants
	warned   int   // number of an instant, -1 if never
	score    int
	level    rules.Level
	outcome  time.Time // zero unless within the horizon
	decided  bool
	verdict  backtest.Verdict
}

func (p plan) judge(r *row, risk *rules.Risk, level rules.Level) judged {
	j := judged{row: r, warned: -1}
	over := r.first.Add(risk.Horizon)
	outcome := r.outcomes[risk.ID]
	for i, t := range p.instants {
		if !t.Before(r.first) && before(t, outcome) && before(t, r.concluded) && !t.After(over) {
			j.followed = append(j.followed, i)
		}
	}
	for _, i := range j.followed {
		says := r.moments[i].says[risk.ID]
		if says.level >= level {
			j.warned, j.score, j.level = i, says.score, says.level
			break
		}
		j.score, j.level = max(j.score, says.score), max(j.level, says.level)
	}
	if !outcome.IsZero() && !outcome.After(over) {
		j.outcome = outcome
	}
	j.decided = !j.outcome.IsZero() || !over.After(p.end)
	j.verdict = p.verdict(&j)
	return j
}

func (p plan) verdict(j *judged) backtest.Verdict {
	warned, came := j.warned >= 0, !j.outcome.IsZero()
	switch {
	case !j.decided:
		return backtest.Undecided
	case warned && came:
		return backtest.True
	case warned:
		return backtest.False
	case came && !j.outcome.After(p.next(j.first)):
		return backtest.TooSoon
	case came:
		return backtest.Missed
	}
	return backtest.Quiet
}

// next is the first of the instants from + k step at or after t.
func (p plan) next(t time.Time) time.Time {
	at := p.from
	for at.Before(t) {
		at = at.Add(p.step)
	}
	return at
}

// entry is the line of --cases.
func (p plan) entry(j *judged, risk *rules.Risk) backtest.Case {
	c := backtest.Case{Risk: risk.ID, Row: scorer.RowName(j.number), Ref: j.ref, First: j.first, Followed: len(j.followed) > 0, Score: j.score, Level: j.level,
		OutcomeAt: j.outcome, Verdict: j.verdict, Channel: j.channel, Unit: j.unit, Place: j.place}
	if j.warned >= 0 {
		c.WarnedAt = p.instants[j.warned]
	}
	return c
}
