package clickhouse

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/rules"
	"yujing/scorer"
)

var _ scorer.Facts = (*DB)(nil)

// groupMatters is how many matters are read at a time for groups; tests take fewer.
// They lie all over the store, so each time costs a good part of reading all of it,
// and their signals stay in memory until then. A group is never split: a larger one
// is read whole.
var groupMatters = 40_000

// Facts reads the facts of rows as of an instant, ordered by row.
func (db *DB) Facts(ctx context.Context, v scorer.View) iter.Seq2[*rules.Facts, error] {
	if v.Over == rules.OverGroup {
		return db.groupRows(ctx, v)
	}
	return db.caseRows(ctx, v)
}

// grouped is a visible signal with the case and group it belongs to.
type grouped struct {
	rules.Signal
	caseID, group uint64
	source        string
	kind          string
}

func (db *DB) caseRows(ctx context.Context, v scorer.View) iter.Seq2[*rules.Facts, error] {
	return func(yield func(*rules.Facts, error) bool) {
		if v.Rows == nil {
			var groups map[uint64]*group
			if !v.WithoutGroup {
				var err error
				if groups, err = db.groups(ctx, v, everything); err != nil {
					yield(nil, err)
					return
				}
			}
			only := inWindow(v.AsOf)
			if v.Whole {
				only = everything
			}
			for f, err := range db.cases(ctx, v, only) {
				if err != nil {
					yield(nil, err)
					return
				}
				f.facts.Group = groups[f.group].contacts()
				if !yield(f.facts, nil) {
					return
				}
			}
			return
		}
		db.listedCases(ctx, v, yield)
	}
}

// selection restricts a query to some rows: a condition, and the numbers that
// its table asked holds.
type selection struct {
	where string
	asks  bool // the condition speaks of asked
	keys  []uint64
}

var everything, nothing = selection{where: "1"}, selection{where: "0"}

// mostWritten is how many numbers a statement is given in its text, as far as its
// parser takes well. The index of groups is of use for these alone.
const mostWritten = 4096

// among selects the rows whose column is one of some numbers.
func among(column string, keys []uint64) selection {
	switch {
	case len(keys) == 0:
		return nothing
	case len(keys) > mostWritten:
		return selection{column + " IN (SELECT key FROM asked)", true, keys}
	}
	where := make([]byte, 0, len(column)+21*len(keys))
	where = append(append(where, column...), " IN ("...)
	for i, key := range keys {
		if i > 0 {
			where = append(where, ',')
		}
		where = strconv.AppendUint(where, key, 10)
	}
	return selection{where: string(append(where, ')'))}
}

// attach sends the numbers along with a query.
func (s selection) attach(ctx context.Context) (context.Context, error) {
	if !s.asks {
		return ctx, nil
	}
	return asked(ctx, s.keys)
}

// listedCases reads a few cases and then only the groups they are in.
func (db *DB) listedCases(ctx context.Context, v scorer.View, yield func(*rules.Facts, error) bool) {
	var found []caseFacts
	var keys []uint64
	for f, err := range db.cases(ctx, v, among("case_id", v.Rows)) {
		if err != nil {
			yield(nil, err)
			return
		}
		found = append(found, f)
		if f.group != 0 && !v.WithoutGroup {
			keys = append(keys, f.group)
		}
	}
	slices.Sort(keys)
	groups, err := db.groups(ctx, v, among("group_id", slices.Compact(keys)))
	if err != nil {
		yield(nil, err)
		return
	}
	for _, f := range found {
		f.facts.Group = groups[f.group].contacts()
		if !yield(f.facts, nil) {
			return
		}
	}
}

type caseFacts struct {
	facts *rules.Facts
	group uint64
}

// cases assembles the ordered signals of cases into facts, one case at a time.
// A case without a visible contact (its first one is not known yet) has no row.
func (db *DB) cases(ctx context.Context, v scorer.View, only selection) iter.Seq2[caseFacts, error] {
	return func(yield func(caseFacts, error) bool) {
		var now caseFacts
		var current uint64
		flush := func() bool {
			if now.facts == nil || len(now.facts.Contacts) == 0 {
				return true
			}
			return yield(now, nil)
		}
		for s, err := range db.signals(ctx, v, "cases", only) {
			if err != nil {
				yield(caseFacts{}, err)
				return
			}
			if now.facts == nil || s.caseID != current {
				if !flush() {
					return
				}
				current = s.caseID
				now = caseFacts{facts: &rules.Facts{Over: rules.OverCase, Row: s.Case}}
			}
			now.add(s)
		}
		flush()
	}
}

func (c *caseFacts) add(s grouped) {
	if s.kind != "contact" {
		c.facts.Actions = append(c.facts.Actions, s.Signal)
		c.facts.Concluded = c.facts.Concluded || s.Act == "concluded"
		return
	}
	if len(c.facts.Contacts) == 0 {
		c.facts.Ref = s.source + ":" + s.Ref
	}
	if c.group == 0 {
		c.group = s.group
	}
	c.facts.Contacts = append(c.facts.Contacts, s.Signal)
}

// group is the contacts that one group sees, oldest first.
type group struct {
	ref     string
	signals []rules.Signal
	caseIDs []uint64
}

func (g *group) add(s grouped) {
	if g.ref == "" {
		g.ref = s.source + ":" + s.Ref
	}
	g.signals = append(g.signals, s.Signal)
	g.caseIDs = append(g.caseIDs, s.caseID)
}

// facts are the group's as a row of its own, with what was done in its matters.
func (g *group) facts(id uint64, done map[uint64][]rules.Signal) *rules.Facts {
	f := &rules.Facts{Over: rules.OverGroup, Row: scorer.RowName(id), Ref: g.ref, Contacts: g.signals, Group: g.signals}
	slices.Sort(g.caseIDs)
	for _, c := range slices.Compact(g.caseIDs) {
		f.Actions = append(f.Actions, done[c]...)
	}
	slices.SortFunc(f.Actions, earlier)
	return f
}

// earlier orders the signals of several matters.
func earlier(a, b rules.Signal) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) }

func (g *group) contacts() []rules.Signal {
	if g == nil {
		return nil
	}
	return g.signals
}

// groups reads the contacts of the window by group.
func (db *DB) groups(ctx context.Context, v scorer.View, only selection) (map[uint64]*group, error) {
	out := map[uint64]*group{}
	for s, err := range db.signals(ctx, v, "group_contacts", only) {
		if err != nil {
			return nil, err
		}
		g := out[s.group]
		if g == nil {
			g = &group{}
			out[s.group] = g
		}
		g.add(s)
	}
	return out, nil
}

// groupRows yields groups as rows of their own: their contacts of the window, and
// what was done in the matters that these speak of.
func (db *DB) groupRows(ctx context.Context, v scorer.View) iter.Seq2[*rules.Facts, error] {
	return func(yield func(*rules.Facts, error) bool) {
		of, err := db.matters(ctx, v)
		if err != nil {
			yield(nil, err)
			return
		}
		for len(of) > 0 {
			n := min(groupMatters, len(of))
			for n < len(of) && of[n].group == of[n-1].group {
				n++
			}
			if !db.someGroups(ctx, v, of[:n], yield) {
				return
			}
			of = of[n:]
		}
	}
}

// matter is one that a contact of a group speaks of, visible or not.
type matter struct{ group, caseID uint64 }

// matters finds what must be read for the groups of a view, ordered by group.
func (db *DB) matters(ctx context.Context, v scorer.View) ([]matter, error) {
	only := everything
	if v.Rows != nil {
		only = among("group_id", v.Rows)
	}
	if only.where == nothing.where {
		return nil, nil
	}
	ctx, err := only.attach(with(ctx, clickhouse.Parameters{"as_of": instant(v.AsOf), "since": instant(groupSince(v))}))
	if err != nil {
		return nil, fmt.Errorf("read the matters of groups: %w", err)
	}
	var out []matter
	err = collect(ctx, db, "the matters of groups", statement("matters_of_groups", "{{only}}", only.where), &out, func(r driver.Rows) error {
		var m matter
		err := r.Scan(&m.group, &m.caseID)
		out = append(out, m)
		return err
	})
	return out, err
}

// groupSince is from when on a group sees its contacts.
func groupSince(v scorer.View) time.Time {
	if v.Whole {
		return never
	}
	return v.AsOf.Add(-scorer.GroupWindow)
}

// someGroups reads the matters of some groups in one pass, yields the groups as
// rows, and says whether more are wanted.
func (db *DB) someGroups(ctx context.Context, v scorer.View, of []matter, yield func(*rules.Facts, error) bool) bool {
	contacts, actions := map[uint64][]grouped{}, map[uint64][]rules.Signal{}
	cases := make([]uint64, len(of))
	for i, m := range of {
		contacts[m.group], cases[i] = nil, m.caseID
	}
	slices.Sort(cases)
	since := groupSince(v)
	for s, err := range db.signals(ctx, v, "cases", among("case_id", slices.Compact(cases))) {
		if err != nil {
			return yield(nil, err) && false
		}
		if s.kind != "contact" {
			actions[s.caseID] = append(actions[s.caseID], s.Signal)
		} else if _, wanted := contacts[s.group]; wanted && s.At.After(since) {
			contacts[s.group] = append(contacts[s.group], s)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(contacts)) {
		var g group
		slices.SortFunc(contacts[id], func(a, b grouped) int { return earlier(a.Signal, b.Signal) })
		for _, s := range contacts[id] {
			g.add(s)
		}
		delete(contacts, id)
		if len(g.signals) > 0 && !yield(g.facts(id, actions), nil) {
			return false
		}
	}
	return true
}

// inWindow restricts to cases in which something happened within the window.
func inWindow(asOf time.Time) selection {
	return selection{where: fmt.Sprintf("case_id IN (SELECT case_id FROM signals WHERE at > fromUnixTimestamp64Milli(%d) AND at <= fromUnixTimestamp64Milli(%d))",
		asOf.Add(-scorer.CaseWindow).UnixMilli(), asOf.UnixMilli())}
}

// signals streams the visible signals of a view. The two queries differ in
// their order and in the columns that groups do not need.
func (db *DB) signals(ctx context.Context, v scorer.View, query string, only selection) iter.Seq2[grouped, error] {
	ctx = with(ctx, clickhouse.Parameters{"as_of": instant(v.AsOf), "as_seen": strconv.FormatBool(v.AsSeen), "since": instant(groupSince(v))})
	scan := scanCaseSignal
	if query == "group_contacts" {
		scan = scanGroupContact
	}
	return func(yield func(grouped, error) bool) {
		if only.where == nothing.where {
			return
		}
		ctx, err := only.attach(ctx)
		if err != nil {
			yield(grouped{}, fmt.Errorf("read %s: %w", query, err))
			return
		}
		stream(ctx, db, query, statement(query, "{{only}}", only.where), scan, yield)
	}
}

func scanCaseSignal(r driver.Rows) (grouped, error) {
	var s grouped
	var id string
	var level, competent uint8
	var people uint32
	err := r.Scan(&s.caseID, &s.At, &id, &s.source, &s.Ref, &s.kind, &s.Channel, &level, &competent, &s.Place,
		&s.Category[0], &s.Category[1], &s.Category[2], &s.Subject, &s.Purpose, &s.Unit, &people, &s.Text, &s.Act, &s.Due, &s.Rating,
		&s.Attrs, &s.Person, &s.group)
	s.settle(id, level, competent, people)
	return s, err
}

func scanGroupContact(r driver.Rows) (grouped, error) {
	s := grouped{kind: "contact"}
	var id string
	var level, competent uint8
	var people uint32
	err := r.Scan(&s.group, &s.caseID, &s.At, &id, &s.source, &s.Ref, &s.Channel, &level, &competent, &s.Place,
		&s.Category[0], &s.Category[1], &s.Category[2], &s.Subject, &s.Purpose, &s.Unit, &people, &s.Text, &s.Due, &s.Rating, &s.Attrs, &s.Person)
	s.settle(id, level, competent, people)
	return s, err
}

// settle turns the store's types into those of the facts.
func (s *grouped) settle(id string, level, competent uint8, people uint32) {
	s.ID = hex.EncodeToString([]byte(id))
	s.Level, s.Competent, s.People = int(level), int(competent), int(people)
	s.At, s.Due = s.At.UTC(), orZero(s.Due)
	s.Case = scorer.RowName(s.caseID)
}

// StoredSince gives the signals stored, or closed by a correction, after an
// instant; of more than most, those stored or closed last.
func (db *DB) StoredSince(ctx context.Context, after time.Time, most int) ([]scorer.Arrived, error) {
	ctx = with(ctx, clickhouse.Parameters{"after": instant(after), "most": strconv.Itoa(most)})
	var out []scorer.Arrived
	err := collect(ctx, db, "arrivals", statement("stored_since"), &out, func(r driver.Rows) error {
		var a scorer.Arrived
		var id string
		var closed time.Time
		var version uint64
		if err := r.Scan(&a.Case, &a.Group, &id, &version, &closed); err != nil {
			return err
		}
		a.Signal = id + strconv.FormatUint(version, 36) + strconv.FormatInt(closed.UnixMilli(), 36)
		out = append(out, a)
		return nil
	})
	return out, err
}
