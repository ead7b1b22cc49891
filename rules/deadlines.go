package rules

import (
	"slices"
	"strings"
	"time"

	"yujing/internal/calendar"
)

// deadlineState is what due(kind) and overdue(kind) answer for one row.
type deadlineState struct {
	due     time.Time // zero = unknown
	overdue bool
	start   string // id of the signal it counts from
}

// deadlineOf evaluates one row of the table of deadlines over a matter.
//
// The clock runs from the first start since the deadline was last met: handing
// an order on, or a further order on the same matter, does not reset a deadline
// that is running out, but an order that was returned no longer binds the unit.
// What the source itself states (限办截止) comes before the table; it is the day
// by which the citizen is answered, so it takes the place of the deadlines that
// end with an answer, and of those that a stating contact starts.
func deadlineOf(d calendar.Deadline, f *Facts, now time.Time, cal *calendar.Calendar, zone *time.Location) deadlineState {
	if d.Channel != "" && f.Contacts[0].Channel != d.Channel {
		return deadlineState{}
	}
	met := lastEnd(d, f)
	start, stated := firstStart(d, f, met), lastStated(d, f, met)
	running := start != nil || stated != nil
	if !running { // it is met: tell when it was due
		start, stated = lastStart(d, f), lastStated(d, f, time.Time{})
	}
	switch {
	case stated != nil:
		return deadlineState{stated.Due, running && stated.Due.Before(now), stated.ID}
	case start == nil:
		return deadlineState{}
	}
	due := d.Due(cal, start.At.In(zone), has(f, "extended", start.At))
	if d.Hearing {
		due = due.AddDate(0, 0, hearingDays(f, start.At, zone))
	}
	return deadlineState{due, running && due.Before(now), start.ID}
}

// lastEnd is when the deadline was last met, or the matter returned; zero if never.
func lastEnd(d calendar.Deadline, f *Facts) time.Time {
	for i := len(f.Actions) - 1; i >= 0; i-- {
		if a := &f.Actions[i]; a.Act == "returned" || slices.Contains(d.Ends, a.Act) {
			return a.At
		}
	}
	return time.Time{}
}

// starts says that a signal starts the clock of this deadline.
func starts(d calendar.Deadline, s *Signal) bool {
	for _, name := range d.Starts {
		if purpose, ok := strings.CutPrefix(name, "purpose:"); ok {
			if s.Act == "" && s.Purpose == purpose {
				return true
			}
			continue
		}
		if name == s.Act || (name == "contact" && s.Act == "") {
			return true
		}
	}
	return false
}

// firstStart is the first start after the deadline was last met, nil if there is none.
func firstStart(d calendar.Deadline, f *Facts, met time.Time) *Signal {
	var first *Signal
	for _, signals := range [][]Signal{f.Contacts, f.Actions} {
		for i := range signals {
			s := &signals[i]
			if starts(d, s) && (met.IsZero() || s.At.After(met)) {
				if first == nil || s.At.Before(first.At) {
					first = s
				}
				break // they stand oldest first
			}
		}
	}
	return first
}

// lastStart is the last start of all: of a deadline that is met it tells when it was due.
func lastStart(d calendar.Deadline, f *Facts) *Signal {
	var last *Signal
	for _, signals := range [][]Signal{f.Contacts, f.Actions} {
		for i := len(signals) - 1; i >= 0; i-- {
			s := &signals[i]
			if starts(d, s) {
				if last == nil || s.At.After(last.At) {
					last = s
				}
				break
			}
		}
	}
	return last
}

// lastStated is the last signal since the deadline was met that states a due
// date which is this deadline's.
func lastStated(d calendar.Deadline, f *Facts, met time.Time) *Signal {
	answer := slices.Contains(d.Ends, "replied")
	for i := len(f.Actions) - 1; answer && i >= 0; i-- {
		if a := &f.Actions[i]; !a.Due.IsZero() && (met.IsZero() || a.At.After(met)) {
			return a
		}
	}
	for i := len(f.Contacts) - 1; i >= 0; i-- {
		if c := &f.Contacts[i]; !c.Due.IsZero() && (answer || starts(d, c)) && (met.IsZero() || c.At.After(met)) {
			return c
		}
	}
	return nil
}

// has says that an action of this kind stands at or after an instant.
func has(f *Facts, act string, from time.Time) bool {
	return slices.ContainsFunc(f.Actions, func(s Signal) bool { return s.Act == act && !s.At.Before(from) })
}

// hearingDays is how many days hearings took since start: from the first to the
// last one on record, both counted, since a feed tells no more than the days.
func hearingDays(f *Facts, start time.Time, zone *time.Location) int {
	first, last := 0, -1
	for i := range f.Actions {
		if a := &f.Actions[i]; a.Act == "hearing" && !a.At.Before(start) {
			day := calendar.Day(a.At.In(zone))
			if last < 0 {
				first = day
			}
			last = day
		}
	}
	if last < 0 {
		return 0
	}
	return last - first + 1
}
