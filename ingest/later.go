package ingest

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What is filled in later must not be read by what happened earlier: a
// request's closing reason is not known at its opening. Under later: a
// definition says, in the order in which they come, which time governs which
// columns; a column whose time nobody records stands under $stored.

// governor is an entry of later: the time, or times parted by |, from which on
// columns are known. Of several times the latest that is told counts: where a
// matter is either transferred or assigned, its unit is known from whichever came.
type governor struct {
	rank    int   // 0 is the earliest
	columns []int // the time columns; none for $stored
	name    string
}

// ordered refuses each signal that reads what is known only after it, and gives
// every signal the times before which it cannot be known.
func (c *compiler) ordered() {
	governs := c.governors()
	for i := range c.out.signals {
		s := &c.out.signals[i]
		own := s.ownTimes()
		rank := -1
		for _, column := range own {
			if g, ok := governs[column]; ok {
				rank = max(rank, g.rank)
			}
		}
		for _, v := range s.all() {
			for _, r := range v.reads {
				g, governed := governs[r.column]
				itself := slices.Contains(own, r.column) && slices.Contains(g.columns, r.column)
				if governed && !itself && !s.knownStored {
					c.ahead(s, v, r, g, rank)
				}
			}
		}
	}
	c.apart()
}

// governors gives the governor of each governed column. The time of an action
// that later: does not name governs itself, later than everything named.
func (c *compiler) governors() map[int]governor {
	governs := map[int]governor{}
	rank := 0
	if c.def.Later != nil {
		for key, list := range c.Pairs(c.def.Later) {
			g := governor{rank: rank, name: key.Value}
			rank++
			if key.Value != stored {
				g.columns = c.governing(governs, key, g)
			}
			for _, n := range c.list(list) {
				c.govern(governs, n, c.column(n.Value), g)
			}
		}
	}
	contacts := c.timesOf(Contact)
	for _, column := range c.timesOf(Action) {
		if _, known := governs[column]; !known && !slices.Contains(contacts, column) {
			governs[column] = governor{rank: rank, columns: []int{column}, name: c.out.columns[column]}
		}
	}
	return governs
}

// governing gives the time columns of an entry; each is known from itself on.
func (c *compiler) governing(governs map[int]governor, key *yaml.Node, g governor) (columns []int) {
	for name := range strings.SplitSeq(key.Value, "|") {
		name = strings.TrimSpace(name)
		if name == "" {
			c.Fail(key, "later", "a time column is not named", "write later: {TIME: [COLUMN, COLUMN]}")
			continue
		}
		column := c.column(name)
		columns = append(columns, column)
		c.govern(governs, key, column, governor{rank: g.rank, columns: []int{column}, name: name})
	}
	return columns
}

func (c *compiler) govern(governs map[int]governor, at *yaml.Node, column int, g governor) {
	if other, twice := governs[column]; twice {
		c.Fail(at, "later", fmt.Sprintf("%s is governed by %s already", c.out.columns[column], other.name), "a column is filled in at one time")
		return
	}
	governs[column] = g
}

func (c *compiler) timesOf(kind Kind) (columns []int) {
	for i := range c.out.signals {
		if s := &c.out.signals[i]; s.kind == kind && s.at != nil {
			for _, r := range s.at.reads {
				columns = append(columns, r.column)
			}
		}
	}
	return columns
}

// ahead judges one read of a governed column by a signal that is not known
// from the moment of storing only.
func (c *compiler) ahead(s *signal, v *value, r read, g governor, rank int) {
	name := c.out.columns[r.column]
	switch {
	case g.name == stored:
		c.FailInside(v.node, r.offset, r.width, "look-ahead", fmt.Sprintf("signal %s reads %s, whose time is not known", s.name, name),
			"move it to a signal of its own with known_at: "+stored)
	case g.rank > rank:
		c.FailInside(v.node, r.offset, r.width, "look-ahead", fmt.Sprintf("signal %s reads %s, which is known only from %s on", s.name, name, g.name),
			"read it in a signal at that time, or put the times in their order under later:")
	case s.guarded(g.columns):
	default:
		s.guards = append(s.guards, g.columns)
	}
}

// guarded says that the signal is not known before these times anyway: they are
// its own, or it has the guard already.
func (s *signal) guarded(columns []int) bool {
	own := s.ownTimes()
	return len(columns) == 1 && slices.Contains(own, columns[0]) ||
		slices.ContainsFunc(s.guards, func(g []int) bool { return slices.Equal(g, columns) })
}

// ownTimes are the columns that say when the signal happened or could be known.
func (s *signal) ownTimes() (columns []int) {
	for _, v := range []*value{s.at, s.knownAt} {
		if v != nil {
			for _, r := range v.reads {
				columns = append(columns, r.column)
			}
		}
	}
	return columns
}

// all gives every value of a signal. The conditions count: that something is
// there is knowledge too.
func (s *signal) all() []*value {
	list := []*value{s.when, s.at, s.knownAt, s.ref, s.channel, s.level, s.competent, s.place, s.subject, s.purpose, s.unit, s.people, s.text, s.act, s.rating, s.due, s.link}
	list = slices.Concat(list, s.category, s.who, s.key)
	for _, a := range s.attrs {
		list = append(list, a.value)
	}
	return slices.DeleteFunc(list, func(v *value) bool { return v == nil })
}

// apart says whether a corrected record could come under another ref. Then the
// record has a key of its own, so that its stored signals are found.
func (c *compiler) apart() {
	for i := range c.out.signals {
		ref := c.out.signals[i].ref
		if ref == nil {
			continue
		}
		for _, r := range ref.reads {
			c.out.apart = c.out.apart || !slices.Contains(c.out.record, r.column)
		}
	}
}
