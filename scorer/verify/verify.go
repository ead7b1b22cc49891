// Package verify replays what the daemon itself assessed, at the instants that it
// evaluated, and explains each difference between three answers: what stood then,
// what the rules in force then say of what the store had then, and what a backtest
// says (the rules given, and everything by the time at which its source knew it).
// What stood must be what the second says; what the third says otherwise follows
// from another rule set or from data that came late. The rest is unexplained.
package verify

import (
	"context"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer"
)

// Past is what the store kept of what the daemon did.
type Past interface {
	// Instants gives the evaluated instants of a period, both ends included, in
	// order. The rows of an arrival are left out: Lives tells them.
	Instants(ctx context.Context, p Period) ([]scorer.Tick, error)
	// RowsToReplay gives the rows of a kind that may have been assessed in a
	// period, in a stable order that has nothing to do with what they are.
	RowsToReplay(ctx context.Context, over rules.Over, p Period) ([]uint64, error)
	// Lives gives what is stored of some rows, those of which nothing is left out;
	// with neighbours also the groups that cases were in.
	Lives(ctx context.Context, over rules.Over, rows []uint64, p Period, neighbours bool) ([]Life, error)
	// Forgotten gives what was removed on request.
	Forgotten(ctx context.Context) ([]Forgotten, error)
}

// Period is the time from From to To, both included.
type Period struct{ From, To time.Time }

// Life is all that the store holds of a row: what happened to it, and what was
// said of it.
type Life struct {
	Row      uint64
	Story    Story
	Recorded []Recorded  // in order of time, up to the end of the period
	Arrivals []time.Time // at which it was assessed beside the schedule, in order
}

// Story gives a row's facts as of any instant.
type Story interface {
	// Turns are the instants, in order, from which on something else may be visible.
	Turns() []time.Time
	// Facts are those as of an instant, of what was stored by seen; without seen,
	// as a backtest has them, of all that is stored by now. Nil if there are none.
	Facts(asOf time.Time, seen *time.Time) *rules.Facts
}

// Says is what is said of a row in a risk. The zero value says nothing.
type Says struct {
	Score       int         `json:"score"`
	ShadowScore int         `json:"shadow_score,omitempty"`
	Level       rules.Level `json:"level"`
	Fired       []string    `json:"rules,omitempty"` // ids, in the order of the files
}

func (s Says) same(o Says) bool {
	return s.Score == o.Score && s.ShadowScore == o.ShadowScore && s.Level == o.Level && slices.Equal(s.Fired, o.Fired)
}

// Recorded is an assessment as the daemon wrote it.
type Recorded struct {
	Risk     string
	Ref      string
	AsOf     time.Time
	StoredAt time.Time
	Says
	RuleSet  string
	Calendar string // "" is unknown
	Late     bool
	Contacts int       // how many the row had
	First    time.Time // the first of them, zero if unknown
}

// Forgotten is a matter that was removed, and when.
type Forgotten struct {
	At   time.Time
	Case uint64
}

// Options say what is replayed under which rules.
type Options struct {
	Period
	Given  *rules.Set            // that the differences are told from
	InUse  map[string]*rules.Set // by version, as far as their files are at hand; Given need not be among them
	Sample int                   // rows of each kind; 0 is all
	// Most bounds the work: if all rows at all instants are more than so many
	// assessments, a sample is taken that is not; 0 is no bound.
	Most int64
	// Expired is the time before which what was stored has reached its time to live; zero is never.
	Expired time.Time
	// Next gives the instant of the schedule after another, to find those that were never evaluated; may be nil.
	Next     func(time.Time) time.Time
	Progress func(done, all int) // rows; may be nil
}

// chunkRows is how many rows are in memory at a time.
const chunkRows = 2000

// Run replays a period and compares.
func Run(ctx context.Context, past Past, o Options) (*Report, error) {
	ticks, err := past.Instants(ctx, o.Period)
	if err != nil {
		return nil, err
	}
	gone, err := past.Forgotten(ctx)
	if err != nil {
		return nil, err
	}
	r := newReport(o, ticks)
	if len(ticks) == 0 {
		return r, nil
	}
	o.From, o.To = later(o.From, ticks[0].AsOf), ticks[len(ticks)-1].AsOf // a daemon that runs may write on
	plan, err := choose(ctx, past, o, ticks, r)
	if err != nil {
		return nil, err
	}
	replay := &replay{Options: o, past: past, ticks: ticks, scheduled: scheduledOf(ticks), gone: gone, report: r, all: plan.all()}
	for _, over := range kinds() {
		if err := replay.rows(ctx, over, plan[over]); err != nil {
			return nil, err
		}
	}
	r.finish()
	return r, nil
}

func kinds() [2]rules.Over { return [2]rules.Over{rules.OverCase, rules.OverGroup} }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func scheduledOf(ticks []scorer.Tick) []int {
	var out []int
	for i := range ticks {
		if ticks[i].Trigger == scorer.Scheduled {
			out = append(out, i)
		}
	}
	return out
}

// chosen is the rows to replay of each kind.
type chosen map[rules.Over][]uint64

func (c chosen) all() (n int) {
	for _, rows := range c {
		n += len(rows)
	}
	return n
}

// choose finds the rows, all or a sample, and tells the report how many of how many.
func choose(ctx context.Context, past Past, o Options, ticks []scorer.Tick, r *Report) (chosen, error) {
	plan := chosen{}
	for _, over := range kinds() {
		rows, err := past.RowsToReplay(ctx, over, o.Period)
		if err != nil {
			return nil, err
		}
		plan[over] = rows
	}
	sample := o.Sample
	if work := int64(plan.all()) * int64(len(ticks)); sample == 0 && o.Most > 0 && work > o.Most {
		sample = int(max(1, o.Most/int64(len(ticks))/2))
	}
	for _, over := range kinds() {
		rows := plan[over]
		c := Coverage{Of: len(rows), Rows: len(rows)}
		if sample > 0 && sample < len(rows) {
			c.Rows = sample
		}
		plan[over] = rows[:c.Rows]
		r.covers(over, c)
	}
	return plan, nil
}
