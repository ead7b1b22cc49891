// Package rulestest makes random rules and random facts, for tests that run
// rules in both engines and compare. Rules are well typed by construction and
// of every construct of docs/language.md; facts are as feeds might leave them.
package rulestest

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"yujing/rules"
)

const day = 24 * time.Hour

// groupWindow is how far back a group sees its contacts.
const groupWindow = 90 * day

// facts makes the rows of one instant.
type facts struct {
	rng     *rand.Rand
	now     time.Time
	persons []uint64 // of the row at hand; 0 is unknown
}

// Now is an instant that rows can be scored at: of any hour and millisecond
// between spring 2024 and autumn 2026, half of them near a Spring Festival, when
// holidays and make-up workdays lie close.
func Now(rng *rand.Rand) time.Time {
	start := time.Date(2024, 4, 1, 0, 0, 0, 0, time.UTC)
	if rng.IntN(2) == 0 {
		start = []time.Time{time.Date(2025, 1, 20, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 8, 0, 0, 0, 0, time.UTC)}[rng.IntN(2)]
		return start.Add(time.Duration(rng.Int64N(int64(30*day/time.Millisecond))) * time.Millisecond)
	}
	return start.Add(time.Duration(rng.Int64N(int64(900*day/time.Millisecond))) * time.Millisecond)
}

// Rows makes n rows of one kind as of now.
func Rows(rng *rand.Rand, n int, over rules.Over, now time.Time) []*rules.Facts {
	rows := make([]*rules.Facts, n)
	for i := range rows {
		rows[i] = Row(rng, over, now)
	}
	return rows
}

// Row makes one row: unknown persons and levels, empty and strange texts,
// deadlines stated or not, acts in any order, several signals at one instant.
// As the store gives them, signals stand by time and id, nothing is later than
// now, a group holds the case's own contacts of its window with their ids, and
// a concluded case says so.
func Row(rng *rand.Rand, over rules.Over, now time.Time) *rules.Facts {
	now = now.Truncate(time.Millisecond)
	f := &facts{rng: rng, now: now}
	f.population()
	row := &rules.Facts{Over: over, Row: f.hex(8), Ref: "test:1"}
	if over == rules.OverGroup {
		f.group(row)
	} else {
		f.matter(row)
	}
	for _, list := range [][]rules.Signal{row.Contacts, row.Actions, row.Group} {
		slices.SortFunc(list, func(a, b rules.Signal) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	}
	return row
}

// population draws who speaks in a row: few, or more than 64, or nobody known.
func (f *facts) population() {
	n := []int{0, 1, 2, 3, 5, 8}[f.rng.IntN(6)]
	if f.rng.IntN(30) == 0 {
		n = 80
	}
	f.persons = []uint64{0}
	for range n {
		f.persons = append(f.persons, f.rng.Uint64()|1)
	}
}

// matter fills in a case: its contacts, its actions, and the group it is in.
func (f *facts) matter(row *rules.Facts) {
	for _, at := range f.times(1+f.several(8), 900*day) {
		row.Contacts = append(row.Contacts, f.contact(at, row.Row))
	}
	for _, at := range f.times(f.several(10), 900*day) {
		row.Actions = append(row.Actions, f.action(at, row.Row, f.rng.IntN(12) == 0))
	}
	row.Concluded = slices.ContainsFunc(row.Actions, func(s rules.Signal) bool { return s.Act == "concluded" })
	if f.rng.IntN(4) == 0 {
		return // in no group
	}
	for _, c := range row.Contacts {
		if c.At.After(f.now.Add(-groupWindow)) {
			row.Group = append(row.Group, c)
		}
	}
	others := f.several(8)
	if len(f.persons) > 64 {
		others += 70 + f.rng.IntN(30)
	}
	for _, at := range f.times(others, groupWindow) {
		row.Group = append(row.Group, f.contact(at, f.hex(8)))
	}
}

// group fills in a group that is a row of its own: its contacts, of several
// cases, and the actions of these.
func (f *facts) group(row *rules.Facts) {
	cases := make([]string, 1+f.several(4))
	for i := range cases {
		cases[i] = f.hex(8)
	}
	contacts := 1 + f.several(8)
	if len(f.persons) > 64 {
		contacts += 70 + f.rng.IntN(30)
	}
	for _, at := range f.times(contacts, groupWindow) {
		row.Contacts = append(row.Contacts, f.contact(at, pick(f.rng, cases)))
	}
	for _, at := range f.times(f.several(10), 900*day) {
		row.Actions = append(row.Actions, f.action(at, pick(f.rng, cases), true))
	}
	row.Group = slices.Clone(row.Contacts)
}

// several is a number below n, small ones more often.
func (f *facts) several(n int) int { return min(f.rng.IntN(n), f.rng.IntN(n+n/2)) }

// times gives n instants up to now and after its window's beginning, bunched as
// what happens to a matter is, some the same, some at now.
func (f *facts) times(n int, window time.Duration) []time.Time {
	list := make([]time.Time, n)
	span := min(window, []time.Duration{3 * day, 20 * day, 70 * day, 200 * day, 900 * day}[f.rng.IntN(5)]) - time.Millisecond
	at := f.now.Add(-f.upTo(span))
	for i := range list {
		list[i] = at
		step := []time.Duration{0, time.Millisecond, time.Hour, day, 5 * day, 20 * day, 60 * day}[f.rng.IntN(7)]
		at = at.Add(min(f.now.Sub(at), f.upTo(step)))
	}
	return list
}

func (f *facts) upTo(d time.Duration) time.Duration {
	return time.Duration(f.rng.Int64N(int64(d/time.Millisecond)+1)) * time.Millisecond
}

// hex is a random number of so many bytes as the store shows it.
func (f *facts) hex(bytes int) string {
	b := make([]byte, bytes)
	for i := range b {
		b[i] = byte(f.rng.UintN(256))
	}
	return hex.EncodeToString(b)
}

// signal is what contacts and actions have in common.
func (f *facts) signal(at time.Time, matter string) rules.Signal {
	classes := categories()
	s := rules.Signal{ID: f.hex(16), At: at, Ref: fmt.Sprintf("r%d", f.rng.IntN(3)), Channel: pick(f.rng, append(channels(), "")),
		Level: f.level(), Competent: f.level(), Place: pick(f.rng, places()), Subject: pick(f.rng, subjects()), Unit: pick(f.rng, units()), Case: matter}
	for i := range s.Category {
		s.Category[i] = pick(f.rng, classes[i])
	}
	if f.rng.IntN(4) == 0 {
		s.Due = at.Add(f.upTo(90*day) - 5*day)
	}
	s.Attrs = f.attrs()
	return s
}

// level is unknown, 0, in a third of the signals.
func (f *facts) level() int { return max(0, f.rng.IntN(9)-2) }

func (f *facts) attrs() map[string]string {
	keys, values := attributes()
	attrs := map[string]string{}
	for range f.rng.IntN(4) {
		attrs[pick(f.rng, keys)] = pick(f.rng, values)
	}
	if len(attrs) == 0 {
		return nil
	}
	return attrs
}

func (f *facts) contact(at time.Time, matter string) rules.Signal {
	s := f.signal(at, matter)
	s.Purpose = pick(f.rng, append(purposes(), "review", "re_review", ""))
	s.People = max(1, f.rng.IntN(14)-4)
	s.Person = pick(f.rng, f.persons)
	s.Text = pick(f.rng, sayings())
	return s
}

func (f *facts) action(at time.Time, matter string, concluding bool) rules.Signal {
	s := f.signal(at, matter)
	s.Act = pick(f.rng, append(acts(), "transferred", "accepted", "replied", "extended", "hearing", "rated"))
	for s.Act == "concluded" && !concluding {
		s.Act = pick(f.rng, acts())
	}
	if s.Act == "rated" || f.rng.IntN(5) == 0 {
		s.Rating = pick(f.rng, ratings())
	}
	if f.rng.IntN(3) == 0 {
		s.Text = pick(f.rng, sayings())
	}
	return s
}

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// Choose takes n rows of a pool such that both answers of a question are among
// them where the pool has both, in equal parts where it has enough of each. The
// pool is asked in order and no further than needed.
func Choose(pool []*rules.Facts, n int, holds func(*rules.Facts) bool) []*rules.Facts {
	var yes, no []*rules.Facts
	for _, f := range pool {
		if holds(f) {
			yes = append(yes, f)
		} else {
			no = append(no, f)
		}
		if len(yes) >= n/2 && len(no) >= n-n/2 {
			break
		}
	}
	few := min(len(yes), max(n/2, n-len(no)))
	return append(yes[:few:few], no[:min(len(no), n-few)]...)
}
