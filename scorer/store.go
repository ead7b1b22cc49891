package scorer

import (
	"context"
	"iter"
	"time"

	"yujing/rules"
)

// Windows of the facts (DESIGN: "Which matter", "Groups").
const (
	// CaseWindow: a case with no signal for so long is over; the same key opens a new one.
	CaseWindow = 365 * 24 * time.Hour
	// GroupWindow: a group sees its contacts of this long.
	GroupWindow = 90 * 24 * time.Hour
)

// View says which facts are asked for: as of which instant, and of which rows.
type View struct {
	AsOf time.Time
	// AsSeen restricts the view to what this store itself had at AsOf: what the
	// daemon saw. Without it a row counts from the moment its source could know it.
	AsSeen bool
	Over   rules.Over
	// Rows restricts the view to these cases or groups; nil = all in their window.
	Rows []uint64
	// WithoutGroup leaves out what else the group of a case says, for rules that do not ask.
	WithoutGroup bool
	// Whole leaves out the windows: every row, and all contacts that a group ever had.
	Whole bool
}

// Facts reads the facts of rows, ordered by row.
type Facts interface {
	Facts(ctx context.Context, v View) iter.Seq2[*rules.Facts, error]
	// Turned gives the rows of a kind on which a rule may come out otherwise at the
	// view's instant than at an earlier one, ordered; nil if it cannot be told, or if
	// there are more than most.
	Turned(ctx context.Context, turns rules.Turns, v View, from time.Time, most int) ([]uint64, error)
	// Holding evaluates the rules over the rows of a view, in the store, and gives
	// those on which some rule holds, by row.
	Holding(ctx context.Context, set *rules.Set, v View) iter.Seq2[Holding, error]
	// Cases counts the cases that a scheduled instant looks at.
	Cases(ctx context.Context, v View) (int, error)
	// StoredSince gives the signals stored, or closed by a correction, after an
	// instant; of more than most, those stored or closed last.
	StoredSince(ctx context.Context, after time.Time, most int) ([]Arrived, error)
}

// Holding is a row on which some rules hold.
type Holding struct {
	Row   uint64
	Holds rules.Holds
}

// Arrived is a newly stored signal, and the rows that it concerns.
type Arrived struct {
	Signal      string // id and version, together
	Case, Group uint64 // Group 0 = none
}

// Standing is the last assessment of a row in a risk.
type Standing struct {
	Row         uint64
	Risk        string
	Over        rules.Over
	Ref         string
	Score       int
	ShadowScore int
	Level       rules.Level
	Fired       []string // ids of the rules that fired, shadow too, in the order of the files
}

// nothing says that the row stands as if it had never been assessed.
func (s *Standing) nothing() bool {
	return s.Score == 0 && s.ShadowScore == 0 && s.Level == rules.None && len(s.Fired) == 0
}

// Span selects rows for Standing: those of a kind, and of these the listed ones.
type Span struct {
	Over rules.Over
	Rows []uint64 // nil = all
}

// Tick is one evaluated instant.
type Tick struct {
	AsOf    time.Time
	Trigger Trigger
	Rows    int // scored
	Changed int // assessments written
	Differ  int // assessments on which the two engines disagree: a defect
	Late    bool
	RuleSet string
	// What a later replay needs to know beside: the version of the calendar, when
	// the tick was written, and of an arrival the rows that it looked at.
	Calendar      string
	StoredAt      time.Time
	Cases, Groups []uint64
}

// RuleFiles is what a version of the rules was read from. It is kept so that
// what was said under it can be replayed.
type RuleFiles struct {
	Version   string
	Files     map[string]string // text by name
	Deadlines string            // the table of deadlines, as JSON
}

// Trigger says why an instant was evaluated.
type Trigger string

// A scheduled instant sees every row; an arrival only those concerned.
const (
	Scheduled Trigger = "schedule"
	Arrival   Trigger = "arrival"
)

// Ledger keeps what the rules said. Writing the same thing again changes nothing.
type Ledger interface {
	// Standing gives what stood strictly before an instant, ordered by row and
	// risk; of a row that stands as if never assessed it may give nothing.
	Standing(ctx context.Context, before time.Time, of Span) iter.Seq2[Standing, error]
	Record(ctx context.Context, changes []Change) error
	RecordTick(ctx context.Context, t Tick) error
	// RecordedSince gives the changes recorded for instants after one, in order.
	RecordedSince(ctx context.Context, after time.Time) ([]Change, error)
	// LastTick is the latest evaluated instant of a trigger ("" = any), without its
	// figures; zero if there is none.
	LastTick(ctx context.Context, of Trigger) (Tick, error)
}
