package diff

import (
	"cmp"
	"slices"

	"yujing/scorer/backtest"
)

// merger finds the changes of one risk in two passes over rows in the same
// order. Only warnings of the first are kept, and then what differs.
type merger struct {
	was                 []Change // warnings of the first pass, by row
	next                int      // of these, the first not met yet
	gained, lost, moved []Change
}

func mergerOf(all map[string]*merger, risk string) *merger {
	m := all[risk]
	if m == nil {
		m = &merger{}
		all[risk] = m
	}
	return m
}

// before takes a row that the first pass warned of.
func (m *merger) before(c *backtest.Case) {
	m.was = append(m.was, Change{Row: c.Row, Ref: c.Ref, Unit: c.Unit, Before: warning(c)})
}

// after takes a row of the second pass, warned of or not.
func (m *merger) after(c *backtest.Case) {
	m.upTo(c.Row)
	var was *Change
	if m.next < len(m.was) && m.was[m.next].Row == c.Row {
		was = &m.was[m.next]
		m.next++
	}
	switch warned := !c.WarnedAt.IsZero(); {
	case warned && was == nil:
		m.gained = append(m.gained, Change{Row: c.Row, Ref: c.Ref, Unit: c.Unit, After: warning(c)})
	case !warned && was != nil:
		m.lost = append(m.lost, *was)
	case warned && !was.Before.At.Equal(c.WarnedAt):
		was.After = warning(c)
		m.moved = append(m.moved, *was)
	}
}

// upTo takes warnings as lost whose rows the second pass did not have.
func (m *merger) upTo(row string) {
	for ; m.next < len(m.was) && m.was[m.next].Row < row; m.next++ {
		m.lost = append(m.lost, m.was[m.next])
	}
}

// end gives what was found, what weighs most first.
func (m *merger) end() (gained, lost, moved []Change) {
	m.lost = append(m.lost, m.was[m.next:]...)
	m.next = len(m.was)
	for _, list := range []*[]Change{&m.gained, &m.lost, &m.moved} {
		if *list == nil {
			*list = []Change{}
		}
		slices.SortStableFunc(*list, func(x, y Change) int {
			return cmp.Or(cmp.Compare(rank(y), rank(x)), cmp.Compare(y.told().Level, x.told().Level), cmp.Compare(y.told().Score, x.told().Score))
		})
	}
	return m.gained, m.lost, m.moved
}

func warning(c *backtest.Case) *Warning {
	return &Warning{At: c.WarnedAt.UTC(), Score: c.Score, Level: c.Level, Verdict: c.Verdict}
}

// told is the warning that stands, or stood if none does.
func (c Change) told() *Warning { return cmp.Or(c.After, c.Before) }

func rank(c Change) int {
	if c.told().Verdict == backtest.True {
		return 1
	}
	return 0
}
