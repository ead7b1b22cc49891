package backtest

import (
	"iter"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer"
)

// Frame is what all judging in a backtest shares.
type Frame struct {
	Grid    Grid
	To      time.Time // end of the cohort, which starts at Grid.From
	DataEnd time.Time
}

// Inside is how many instants lie in [from, to).
func (f Frame) Inside() int { return min(f.Grid.After(f.To), f.Grid.Len()) }

// Days are those between the first and the last instant in [from, to), which
// warnings per day are over: at the first instant there are none.
func (f Frame) Days() float64 {
	return float64(max(f.Inside()-1, 0)) * f.Grid.Step.Hours() / 24
}

// Judge says what became of rows in one risk. It keeps what it knows of the row
// at hand and is not safe for concurrent use.
type Judge struct {
	Frame
	Risk  *rules.Risk
	Level rules.Level // asked for

	index int // of the risk among those over rows of its kind
	scale scale
	runs  []weighedRun
	now   Judgement
}

// weighedRun is a run, and what its rules come to.
type weighedRun struct {
	first, last int
	active      bool
	*weighed
}

// NewJudge makes the judge of a risk of the set.
func NewJudge(set *rules.Set, risk *rules.Risk, frame Frame, level rules.Level) *Judge {
	n := len(risk.Rules)
	return &Judge{Frame: frame, Risk: risk, Level: level, index: slices.Index(set.RisksOver(risk.Over), risk),
		scale: newScale(risk, set.FirstNumber(risk), level),
		now:   Judgement{fired: newPlaces(n), alone: newPlaces(n), atWarning: newPlaces(n), kept: newPlaces(n)}}
}

// Judgement is what became of a row. It is valid until its judge is asked again.
type Judgement struct {
	Cohort bool // the row is in it; else it has nothing but Starts

	Verdict   Verdict
	OutcomeAt time.Time   // zero unless it lies within the horizon
	Followed  bool        // it has a followed instant
	First     int         // number of the first followed instant
	Last      int         // number of the last; before First if there is none
	Warning   int         // number of the instant, -1 = none
	Score     int         // at the warning; of the unwarned their highest
	Level     rules.Level // at the warning; of the unwarned their highest
	Highest   rules.Level // at any followed instant
	Peak      int         // the highest score at any followed instant

	judge *Judge
	end   int // the last instant at which the row can be at risk

	fired     places // held at a followed instant
	alone     places // of these, no other held at the first such instant
	atWarning places // held at the warning
	kept      places // without these the row would still stand at the level asked for
}

// Judge judges a row over which the risk is.
func (j *Judge) Judge(h *History) *Judgement {
	outcome := h.Outcomes[j.index]
	m := &j.now
	*m = Judgement{Warning: -1, judge: j, end: -1, fired: m.fired, alone: m.alone, atWarning: m.atWarning, kept: m.kept}
	j.runs = j.runs[:0]
	if j.index < len(h.Apart) && h.Apart[j.index] {
		return m
	}
	for i := range h.Runs {
		r := &h.Runs[i]
		j.runs = append(j.runs, weighedRun{r.First, r.Last, r.Active, j.scale.weigh(r.Holds)})
	}
	open := j.until(j.until(j.Grid.Len()-1, outcome), h.Concluded)
	m.end = min(open, j.Inside()-1)
	if m.Cohort = !h.First.Before(j.Grid.From) && h.First.Before(j.To); m.Cohort {
		j.follow(h, open)
		j.decide(h, outcome)
	}
	return m
}

// until is the last instant up to a given one that is before t, if t is known.
func (j *Judge) until(last int, t time.Time) int {
	if t.IsZero() {
		return last
	}
	return min(last, j.Grid.After(t)-1)
}

// follow sees what held at the followed instants: those up to open, within the horizon.
func (j *Judge) follow(h *History, open int) {
	m := &j.now
	first, last := j.Grid.After(h.First), min(open, j.Grid.upTo(h.First.Add(j.Risk.Horizon)))
	m.First, m.Last = first, last
	m.Followed = first <= last
	m.fired.clear()
	m.alone.clear()
	m.atWarning.clear()
	m.kept.clear()
	for i := range j.runs {
		r := &j.runs[i]
		if from := max(first, r.first); from <= min(last, r.last) {
			m.see(r, from)
		}
	}
}

// see adds what a run says from a followed instant on.
func (m *Judgement) see(r *weighedRun, from int) {
	if r.holds.count() == 1 && !r.holds.within(m.fired) {
		m.alone.add(r.holds)
	}
	m.fired.add(r.holds)
	m.kept.add(r.without)
	m.Highest, m.Peak = max(m.Highest, r.level), max(m.Peak, r.score)
	if m.Warning >= 0 {
		return
	}
	if r.level < m.judge.Level {
		m.Score, m.Level = max(m.Score, r.score), max(m.Level, r.level)
		return
	}
	m.Warning, m.Score, m.Level = from, r.score, r.level
	m.atWarning.add(r.holds)
}

// decide gives the verdict.
func (j *Judge) decide(h *History, outcome time.Time) {
	m := &j.now
	end := h.First.Add(j.Risk.Horizon)
	came := !outcome.IsZero() && !outcome.After(end)
	if came {
		m.OutcomeAt = outcome
	}
	switch warned := m.Warning >= 0; {
	case !came && end.After(j.DataEnd):
		m.Verdict = Undecided
	case came && warned:
		m.Verdict = True
	case warned:
		m.Verdict = False
	case !came:
		m.Verdict = Quiet
	case !outcome.After(j.Grid.At(j.Grid.After(h.First))):
		m.Verdict = TooSoon
	default:
		m.Verdict = Missed
	}
}

// Lead is how long before the outcome the warning of a true row came.
func (m *Judgement) Lead() time.Duration { return m.OutcomeAt.Sub(m.judge.Grid.At(m.Warning)) }

// Starts gives the instants in [from, to) at which the row, being at risk, begins
// to stand at a level or above. Of instant 0 nobody knows whether it began there.
func (m *Judgement) Starts(level rules.Level) iter.Seq[int] {
	return func(yield func(int) bool) {
		stood := -2 // the latest instant at which it did; before instant 0 nothing is known
		for i := range m.judge.runs {
			r := &m.judge.runs[i]
			if !r.active || r.level < level || r.first > m.end {
				continue
			}
			if r.first > stood+1 && !yield(r.first) {
				return
			}
			stood = r.last
		}
	}
}

// Case is what --cases writes of a row of the cohort.
func (j *Judge) Case(h *History, m *Judgement) *Case {
	c := &Case{Risk: j.Risk.ID, Row: scorer.RowName(h.Row), Ref: h.Ref, First: h.First, Followed: m.Followed, Score: m.Score, Level: m.Level,
		OutcomeAt: m.OutcomeAt, Verdict: m.Verdict, Channel: h.Channel, Unit: h.Unit, Place: h.Place}
	if m.Warning >= 0 {
		c.WarnedAt = j.Grid.At(m.Warning)
	}
	return c
}
