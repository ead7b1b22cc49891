package rules

import (
	"slices"
	"time"
)

// Change is a level that a row comes to by time alone: the same facts, nothing
// done and nothing new. A level that falls this way says that the rules look no
// further back, not that the matter is settled.
type Change struct {
	At     time.Time `json:"at"` // the first millisecond
	Score  int       `json:"score"`
	Level  Level     `json:"level"`
	Stops  []string  `json:"stops"`  // ids of rules that fire no longer, since the change before
	Starts []string  `json:"starts"` // and of those that come to fire
}

// Bounds on looking ahead. Longer than a month nobody plans a matter's next step.
const (
	OutlookDays  = 30 // how far
	mostChanges  = 4  // how many changes of level are told
	mostInstants = 96 // how many instants are looked at, apart from those of searching between two
)

// outlook looks for the next changes of level. It evaluates the row at the instants
// at which a rule may change its mind, and where two neighbours differ, searches
// between them to the millisecond: at most 96 + 4 * 31 evaluations, and a few
// dozen for most rows.
//
// A level that comes and goes between two neighbours is not seen. In a matter that
// takes a condition that is not a comparison with a constant or a deadline (two
// ages added, say), and lasts less than a day. Of a large group with more than 96
// such instants every second or third is looked at, hours apart.
func (w *whatIf) outlook() ([]Change, error) {
	changes := []Change{}
	before, from := w.base, w.now.Truncate(time.Millisecond)
	for _, to := range w.instants() {
		for len(changes) < mostChanges {
			a, err := w.at(to)
			if err != nil {
				return nil, err
			}
			if a.Level == before.Level {
				break
			}
			at, a, err := w.first(from, to, before.Level)
			if err != nil {
				return nil, err
			}
			changes = append(changes, Change{at, a.Score, a.Level, before.without(&a), a.without(&before)})
			before, from = a, at
		}
		from = to
	}
	return changes, nil
}

// first finds the first millisecond in (from, to] at which the level is another
// one; at from it is this one, at to it is not. It is to itself for whatever
// instants foresees, so that is tried before searching between them.
func (w *whatIf) first(from, to time.Time, level Level) (time.Time, Assessment, error) {
	for middle := to.Add(-time.Millisecond); to.Sub(from) > time.Millisecond; middle = from.Add((to.Sub(from) / 2).Truncate(time.Millisecond)) {
		a, err := w.at(middle)
		if err != nil {
			return to, a, err
		}
		if a.Level == level {
			from = middle
		} else {
			to = middle
		}
	}
	a, err := w.at(to)
	return to, a, err
}

// instants are those after which a rule may come out otherwise, in order: the
// first millisecond of each day, and the one after each turn of the rules.
func (w *whatIf) instants() []time.Time {
	until := w.now.AddDate(0, 0, OutlookDays)
	var list []time.Time
	year, month, day := w.now.In(w.r.Zone).Date()
	for i := range OutlookDays + 1 {
		if start := time.Date(year, month, day+i+1, 0, 0, 0, 0, w.r.Zone); !start.After(until) {
			list = append(list, start)
		}
	}
	turns := w.e.set.turnsOf(w.r)
	for _, t := range turns.instants(w.f, w.now.Add(-time.Millisecond), until) {
		list = append(list, t.Truncate(time.Millisecond).Add(time.Millisecond))
	}
	list = append(list, until)
	slices.SortFunc(list, time.Time.Compare)
	return thin(slices.CompactFunc(list, time.Time.Equal), mostInstants)
}

// thin keeps at most n of a list, evenly, the last one among them.
func thin[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	kept := make([]T, n)
	for i := range kept {
		kept[i] = list[(i+1)*len(list)/n-1]
	}
	return kept
}
