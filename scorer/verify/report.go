package verify

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"yujing/rules"
	"yujing/scorer"
)

// Cause says why a replay and what stood differ.
type Cause string

// What can explain a difference. RuleSet and LateData tell what a backtest says
// from what the daemon said; the others, why even the daemon's own past does not
// come out as it was.
const (
	RuleSet    Cause = "rule_set"   // assessed under another version of the rules than the one given
	LateData   Cause = "late_data"  // something was stored after the instant that its source knew before
	LateTick   Cause = "late_tick"  // an earlier instant was made up for after this one was evaluated
	Calendar   Cause = "calendar"   // assessed by another calendar, in a rule that counts working days
	InFlight   Cause = "in_flight"  // something was being written just when the instant was evaluated
	Erased     Cause = "erased"     // a matter was forgotten since
	Expired    Cause = "expired"    // data have reached their time to live since
	Unverified Cause = "unverified" // the files of the rule set in force are not at hand: it could not be replayed
	None       Cause = "unexplained"
)

// Report is what a replay found. Its JSON is the output of --verify --json.
type Report struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	RuleSet  string    `json:"rule_set"` // the one given
	Calendar string    `json:"calendar"`

	Scheduled int       `json:"scheduled"` // instants of the schedule that were evaluated
	Arrivals  int       `json:"arrivals"`  // and those at which something arrived
	Late      int       `json:"late"`      // of the scheduled: made up for after downtime
	Missed    []Gap     `json:"missed"`    // of the schedule: never evaluated
	RuleSets  []Version `json:"rule_sets"` // in the order in which they came into force
	Cases     Coverage  `json:"cases"`
	Groups    Coverage  `json:"groups"`

	// A comparison is one row in one risk at one instant. Compared is the sum of
	// Equal, all of Explained, Unverified and Unexplained.
	Compared    int64           `json:"compared"`
	Equal       int64           `json:"equal"`
	Explained   map[Cause]int64 `json:"explained"` // by cause; two at once are joined by +
	Unverified  int64           `json:"unverified"`
	Unexplained int64           `json:"unexplained"`

	// Differences are stretches of comparisons that differ in the same way: the
	// unexplained first, at most MostDifferences of each cause.
	Differences []Difference `json:"differences"`
	LeftOut     int          `json:"left_out,omitempty"` // differences beyond these
	Seconds     float64      `json:"seconds"`

	counts map[Cause]int
}

// MostDifferences is how many differences of a cause a report lists.
const MostDifferences = 1000

// Coverage is how many rows of how many were replayed.
type Coverage struct {
	Rows int `json:"rows"`
	Of   int `json:"of"`
}

// Gap is instants of the schedule in a row that were never evaluated.
type Gap struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	Instants int       `json:"instants"`
}

// Version is a rule set that was in force, with the calendar it was read with.
type Version struct {
	RuleSet  string    `json:"rule_set"`
	Calendar string    `json:"calendar"` // "" is unknown
	Since    time.Time `json:"since"`    // its first instant in the period
	Instants int       `json:"instants"`
	AtHand   bool      `json:"at_hand"` // its files are, so that it could be replayed
}

// Difference is a stretch of instants at which a row differs in the same way.
type Difference struct {
	Cause    Cause      `json:"cause"`
	Risk     string     `json:"risk"`
	Over     rules.Over `json:"over"`
	Row      string     `json:"row"`
	Ref      string     `json:"ref"`
	From     time.Time  `json:"from"` // first instant
	To       time.Time  `json:"to"`   // last instant
	Instants int        `json:"instants"`
	Stood    Says       `json:"stood"`              // what the daemon had said
	Replayed *Says      `json:"replayed,omitempty"` // by the rules in force then, of what the store had then; nil if that cannot be had
	Backtest Says       `json:"backtest"`           // by the rules given, of all that was known then
	RuleSet  string     `json:"rule_set"`           // in force then
	Calendar string     `json:"calendar,omitempty"` // used then
	Late     bool       `json:"late,omitempty"`     // evaluated after downtime
}

// Clean says that everything that was to be compared could be, and is explained.
func (r *Report) Clean() bool {
	return r.Compared > 0 && r.Unverified == 0 && r.Unexplained == 0
}

// newReport tells what the instants themselves say.
func newReport(o Options, ticks []scorer.Tick) *Report {
	r := &Report{From: o.From, To: o.To, RuleSet: o.Given.Version(), Calendar: o.Given.CalendarVersion(), Missed: []Gap{}, RuleSets: []Version{},
		Explained: map[Cause]int64{}, Differences: []Difference{}, counts: map[Cause]int{}}
	for i := range ticks {
		t := &ticks[i]
		if t.Trigger != scorer.Scheduled {
			r.Arrivals++
		} else {
			r.Scheduled++
		}
		if t.Late {
			r.Late++
		}
		r.version(o, t)
	}
	if o.Next != nil && len(ticks) > 0 {
		r.Missed = append(r.Missed, missed(o.Next, ticks)...)
	}
	return r
}

func (r *Report) version(o Options, t *scorer.Tick) {
	i := slices.IndexFunc(r.RuleSets, func(v Version) bool { return v.RuleSet == t.RuleSet && v.Calendar == t.Calendar })
	if i < 0 {
		_, atHand := o.InUse[t.RuleSet]
		i = len(r.RuleSets)
		r.RuleSets = append(r.RuleSets, Version{RuleSet: t.RuleSet, Calendar: t.Calendar, Since: t.AsOf, AtHand: atHand || t.RuleSet == o.Given.Version()})
	}
	r.RuleSets[i].Instants++
}

// missed finds the instants of the schedule between evaluated ones that were not.
func missed(next func(time.Time) time.Time, ticks []scorer.Tick) []Gap {
	var gaps []Gap
	evaluated := map[int64]bool{}
	for i := range ticks {
		evaluated[ticks[i].AsOf.UnixMilli()] = true
	}
	open := false
	for t := next(ticks[0].AsOf); !t.IsZero() && t.Before(ticks[len(ticks)-1].AsOf); t = next(t) {
		switch {
		case evaluated[t.UnixMilli()]:
			open = false
		case open:
			gaps[len(gaps)-1].To = t.UTC()
			gaps[len(gaps)-1].Instants++
		default:
			gaps, open = append(gaps, Gap{t.UTC(), t.UTC(), 1}), true
		}
	}
	return gaps
}

func (r *Report) covers(over rules.Over, c Coverage) {
	if over == rules.OverGroup {
		r.Groups = c
	} else {
		r.Cases = c
	}
}

// tally is what the replay of some rows came to.
type tally struct {
	compared, equal int64
	by              map[Cause]int64
	differences     []Difference
}

func (t *tally) add(d Difference) {
	if t.by == nil {
		t.by = map[Cause]int64{}
	}
	t.by[d.Cause]++
}

// take adds what the replay of some rows came to.
func (r *Report) take(t *tally) {
	r.Compared += t.compared
	r.Equal += t.equal
	for cause, n := range t.by {
		switch cause {
		case None:
			r.Unexplained += n
		case Unverified:
			r.Unverified += n
		default:
			r.Explained[cause] += n
		}
	}
	for _, d := range t.differences {
		if r.counts[d.Cause]++; r.counts[d.Cause] > MostDifferences {
			r.LeftOut++
			continue
		}
		r.Differences = append(r.Differences, d)
	}
}

// finish puts the differences in order: what is not explained first, then by
// cause and time.
func (r *Report) finish() {
	rank := func(c Cause) int {
		switch c {
		case None:
			return 0
		case Unverified:
			return 1
		}
		return 2
	}
	slices.SortFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(rank(a.Cause)-rank(b.Cause), strings.Compare(string(a.Cause), string(b.Cause)), a.From.Compare(b.From),
			strings.Compare(a.Row, b.Row), strings.Compare(a.Risk, b.Risk))
	})
}
