package ingest

import (
	"math"
	"slices"
	"time"
)

// silentTooLong is after how much silence the same key opens a new matter.
const silentTooLong = 365 * 24 * time.Hour

// matter is what deciding about a contact needs of a case.
type matter struct {
	id        CaseID
	times     []int64 // of its signals, unix milliseconds, ascending
	opened    int64   // its first contact
	concluded int64   // when it was first concluded
	persons   map[uint64]person
}

// person is who stands behind a pseudonym within one matter.
type person struct {
	at    int64  // of the contact that says so
	known uint64 // the name all pseudonyms of the same complainant share
}

func newMatter(id CaseID) *matter {
	return &matter{id: id, opened: math.MaxInt64, concluded: math.MaxInt64}
}

// touch notes a signal of the matter.
func (m *matter) touch(kind Kind, act string, at time.Time) {
	ms := at.UnixMilli()
	if i := len(m.times); i == 0 || m.times[i-1] <= ms {
		m.times = append(m.times, ms)
	} else {
		i, _ = slices.BinarySearch(m.times, ms)
		m.times = slices.Insert(m.times, i, ms)
	}
	switch {
	case kind == Contact:
		m.opened = min(m.opened, ms)
	case act == Concluded:
		m.concluded = min(m.concluded, ms)
	}
}

// spoke says whether a contact of the matter is known.
func (m *matter) spoke() bool { return m.opened != math.MaxInt64 }

// live says whether a contact at this instant still belongs to the matter: it
// was not concluded before, and something happened within a year of it. A
// matter that is known by its links only is live: its signals come.
func (m *matter) live(at time.Time) bool {
	ms := at.UnixMilli()
	if m.concluded < ms {
		return false
	}
	i, _ := slices.BinarySearch(m.times, ms)
	near := func(j int) bool {
		if j < 0 || j >= len(m.times) {
			return false
		}
		d := m.times[j] - ms
		return max(d, -d) <= silentTooLong.Milliseconds()
	}
	return len(m.times) == 0 || near(i-1) || near(i)
}

// before orders matters by their first contact; the id settles ties, so that
// the order of rows does not.
func (m *matter) before(o *matter) bool {
	if m.opened != o.opened {
		return m.opened < o.opened
	}
	return m.id < o.id
}

// complainant gives the one name under which a contact's pseudonyms go within
// the matter: that of the earliest contact that shares one, else their first.
func (m *matter) complainant(who []uint64, at time.Time) uint64 {
	if len(who) == 0 {
		return 0
	}
	found := person{at: math.MaxInt64, known: who[0]}
	for _, w := range who {
		if p, ok := m.persons[w]; ok && p.at < found.at {
			found = p
		}
	}
	m.meet(who, at, found.known)
	return found.known
}

// meet notes that these pseudonyms are one complainant.
func (m *matter) meet(who []uint64, at time.Time, known uint64) {
	if m.persons == nil {
		m.persons = make(map[uint64]person, len(who))
	}
	for _, w := range who {
		if p, ok := m.persons[w]; !ok || at.UnixMilli() < p.at {
			m.persons[w] = person{at: at.UnixMilli(), known: known}
		}
	}
}
