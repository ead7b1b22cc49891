// Package tune looks for better numbers: the points of the rules of a risk, and
// the numbers in their conditions. It tries them on the earlier part of a period
// and judges what it proposes on the later part only.
//
// The store is asked once for what held when, of every rule and of every rule
// with another number in its condition (gather). All else is arithmetic over that:
// a trial of other points reads no data.
package tune

import (
	"fmt"
	"time"

	"yujing/rules"
)

// The fewest outcomes that say anything. With 30 the recall of the earlier part
// is known to about 0.17 either way; with 10 in the later part a proposal that
// does harm can still be seen.
const (
	LeastEarlier = 30
	LeastLater   = 10
)

// Options say what is to be tuned, and on what.
type Options struct {
	Risk         *rules.Risk
	Level        rules.Level // that counts as a warning
	From, To     time.Time   // first contacts of the cohort lie in [From, To)
	Split        time.Time   // the later part begins here; zero = after two thirds
	Step         time.Duration
	Budget       float64 // warnings a day; 0 = no more than now
	PointsOnly   bool    // leave the numbers of conditions alone, which spares the store most of the work
	AllowLostRed bool    // proposals may lose cases that stood red and came true: warn of them no more
}

// TooFewError says that a part of the period has too few outcomes.
type TooFewError struct {
	Part        string // earlier, later
	Have, Least int
	Days        float64 // that the part lasts
}

// Error implements error.
func (e *TooFewError) Error() string {
	more := fmt.Sprintf("it needs %d", e.Least)
	if e.Have > 0 {
		more = fmt.Sprintf("it needs %d, about %.0f days at this rate", e.Least, e.Days*float64(e.Least)/float64(e.Have))
	}
	return fmt.Sprintf("too few outcomes to tune by: the %s part of the period has %d; %s: choose a longer period with --from and --to, or another --split",
		e.Part, e.Have, more)
}

// EmptySplitError says that a part of the period has no instant.
type EmptySplitError struct{ From, Split, To time.Time }

// Error implements error.
func (e *EmptySplitError) Error() string {
	return fmt.Sprintf("the split at %s leaves nothing on one side of it: choose one between %s and %s",
		e.Split.Format(time.DateOnly), e.From.Format(time.DateOnly), e.To.Format(time.DateOnly))
}
