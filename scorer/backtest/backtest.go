// Package backtest says what became of the matters that a rule set would have
// warned of. docs/backtest.md holds the definitions; this package computes them
// and nothing else: what the rules said of each row, and when, comes from the
// store (Histories), what became of it from the risks' outcomes.
package backtest

import (
	"context"
	"iter"
	"slices"
	"time"

	"yujing/rules"
)

// ActiveWindow is for how long after the last thing that happened to it a row
// counts as at risk.
const ActiveWindow = 180 * 24 * time.Hour

// Grid is the instants of a backtest: From, From+Step, ... not after Last.
type Grid struct {
	From, Last time.Time
	Step       time.Duration
}

// Len is how many instants there are.
func (g Grid) Len() int {
	if g.Last.Before(g.From) {
		return 0
	}
	return int(g.Last.Sub(g.From)/g.Step) + 1
}

// At is instant number i.
func (g Grid) At(i int) time.Time { return g.From.Add(time.Duration(i) * g.Step) }

// After is the number of the first instant at or after t; Len or more if none is.
func (g Grid) After(t time.Time) int {
	if !t.After(g.From) {
		return 0
	}
	return int((t.Sub(g.From) + g.Step - 1) / g.Step)
}

// upTo is the number of the last instant not after t, which is not before From.
func (g Grid) upTo(t time.Time) int { return int(t.Sub(g.From) / g.Step) }

// Holds is a set of rules by their numbers in Set.Numbered.
type Holds = rules.Holds

// Run is instants in a row, First to Last, at which the same rules held.
// Instants in no run are such at which none held, or the row was not scored: it
// was not known yet, was concluded, or had left its window.
type Run struct {
	First, Last int
	Holds       Holds
	Active      bool // something had happened within ActiveWindow
}

// Same says that two runs tell the same.
func (r Run) Same(other Run) bool {
	return r.Active == other.Active && slices.Equal(r.Holds, other.Holds)
}

// History is a row, and what was said of it at the instants of a grid.
type History struct {
	Row       uint64
	Ref       string // SOURCE:REF of its first contact
	First     time.Time
	Concluded time.Time   // zero if it is not
	Outcomes  []time.Time // one for each risk over rows of its kind, in the order of the set; zero if there is none
	Apart     []bool      // one for each such risk: its cohort expression leaves the row out
	Channel   string      // of the first contact
	Unit      string      // of the last action that names one
	Place     string      // of the first contact
	Runs      []Run       // in order
}

// Source gives histories; the store does.
type Source interface {
	// DataEnd is the latest time of any signal, zero if there is none.
	DataEnd(ctx context.Context) (time.Time, error)
	// Histories gives, ordered by row, the rows over which risks of a kind are and
	// that are in the cohort [from, to) or at risk within it, with what held of
	// them at the instants of the grid, at least while they are followed or at
	// risk. A row that is neither may be among them.
	Histories(ctx context.Context, set *rules.Set, over rules.Over, grid Grid, to time.Time) iter.Seq2[*History, error]
}

// Verdict is what became of a row of the cohort.
type Verdict string

// Every row of a cohort has one of these.
const (
	True      Verdict = "true"      // warned, and the outcome came
	False     Verdict = "false"     // warned, and the horizon is over without it
	Missed    Verdict = "missed"    // the outcome came without a warning
	TooSoon   Verdict = "too_soon"  // the outcome came before the first instant: nobody could have warned
	Quiet     Verdict = "quiet"     // neither warning nor outcome
	Undecided Verdict = "undecided" // the horizon is not over in the data
)

// Case is a row of the cohort in one risk, as --cases writes it.
type Case struct {
	Risk      string
	Row       string // scorer.RowName
	Ref       string
	First     time.Time
	WarnedAt  time.Time   // zero if never
	Followed  bool        // it has a followed instant; without one Score and Level say nothing
	Score     int         // at the warning; of the unwarned their highest
	Level     rules.Level // at the warning; of the unwarned their highest
	OutcomeAt time.Time   // zero unless it lies within the horizon
	Verdict   Verdict

	Channel, Unit, Place string
}
