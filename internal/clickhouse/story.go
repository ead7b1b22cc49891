package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/verify"
)

// kept is a stored signal with its interval of knowledge.
type kept struct {
	grouped
	knownAt, knownUntil, storedAt, closedAt time.Time // closedAt is zero while the row is open
}

// visible is what visible.sql says, in Go: nil seen is without as_seen, another
// one may be earlier than the instant.
func (k *kept) visible(asOf time.Time, seen *time.Time) bool {
	if k.At.After(asOf) || k.knownAt.After(asOf) {
		return false
	}
	if seen == nil {
		return k.knownUntil.After(asOf)
	}
	return !k.storedAt.After(*seen) && (k.knownUntil.After(asOf) || k.closedAt.After(*seen))
}

// turns are the instants from which on the signal may be visible or not.
func (k *kept) turns() []time.Time {
	out := []time.Time{later(k.At, k.knownAt), k.storedAt}
	if !k.knownUntil.Equal(forever) {
		out = append(out, k.knownUntil)
	}
	if !k.closedAt.IsZero() {
		out = append(out, k.closedAt)
	}
	return out
}

// story is all that is stored of a row.
type story struct {
	over      rules.Over
	row       uint64
	own       []kept            // the signals of a case, or the contacts of a group
	neighbour map[uint64][]kept // of a case, by group: the contacts of the groups it was in
	actions   []kept            // of a group: what was done in the matters of its contacts
}

var _ verify.Story = (*story)(nil)

// Turns gives the instants from which on something else may be visible.
func (s *story) Turns() []time.Time {
	var out []time.Time
	for i := range s.own {
		out = append(out, s.own[i].turns()...)
		if s.over == rules.OverGroup {
			out = append(out, s.own[i].At.Add(scorer.GroupWindow))
		}
	}
	for i := range s.actions {
		out = append(out, s.actions[i].turns()...)
	}
	for _, contacts := range s.neighbour {
		for i := range contacts {
			out = append(append(out, contacts[i].turns()...), contacts[i].At.Add(scorer.GroupWindow))
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.Compact(out)
}

// Facts gives those as of an instant, as (*DB).Facts does; nil if there are none.
func (s *story) Facts(asOf time.Time, seen *time.Time) *rules.Facts {
	if s.over == rules.OverGroup {
		return s.groupFacts(asOf, seen)
	}
	c := caseFacts{facts: &rules.Facts{Over: rules.OverCase, Row: scorer.RowName(s.row)}}
	for i := range s.own {
		if s.own[i].visible(asOf, seen) {
			c.add(s.own[i].grouped)
		}
	}
	if len(c.facts.Contacts) == 0 {
		return nil
	}
	c.facts.Group = inGroup(s.neighbour[c.group], asOf, seen).contacts()
	return c.facts
}

func (s *story) groupFacts(asOf time.Time, seen *time.Time) *rules.Facts {
	g := inGroup(s.own, asOf, seen)
	if g == nil {
		return nil
	}
	done := map[uint64][]rules.Signal{}
	for i := range s.actions {
		if a := &s.actions[i]; a.visible(asOf, seen) {
			done[a.caseID] = append(done[a.caseID], a.Signal)
		}
	}
	return g.facts(s.row, done)
}

// inGroup is what a group sees of its contacts; nil if nothing.
func inGroup(contacts []kept, asOf time.Time, seen *time.Time) *group {
	var g *group
	since := asOf.Add(-scorer.GroupWindow)
	for i := range contacts {
		k := &contacts[i]
		if !k.At.After(since) || !k.visible(asOf, seen) {
			continue
		}
		if g == nil {
			g = &group{}
		}
		g.add(k.grouped)
	}
	return g
}

// stories reads all that is stored of some rows, ordered by row.
func (db *DB) stories(ctx context.Context, over rules.Over, rows []uint64, neighbours bool) ([]*story, error) {
	if over == rules.OverGroup {
		return db.groupStories(ctx, rows)
	}
	signals, err := db.keptOf(ctx, "story_cases", among("case_id", rows))
	if err != nil {
		return nil, err
	}
	var out []*story
	groups := map[uint64][]kept{}
	for i := range signals {
		k := &signals[i]
		if len(out) == 0 || out[len(out)-1].row != k.caseID {
			out = append(out, &story{over: over, row: k.caseID, neighbour: map[uint64][]kept{}})
		}
		s := out[len(out)-1]
		s.own = append(s.own, *k)
		if neighbours && k.group != 0 {
			groups[k.group], s.neighbour[k.group] = nil, nil
		}
	}
	contacts, err := db.keptOf(ctx, "story_contacts", among("group_id", slices.Sorted(maps.Keys(groups))))
	if err != nil {
		return nil, err
	}
	for _, k := range contacts {
		groups[k.group] = append(groups[k.group], k)
	}
	for _, s := range out {
		for g := range s.neighbour {
			s.neighbour[g] = groups[g]
		}
	}
	return out, nil
}

func (db *DB) groupStories(ctx context.Context, rows []uint64) ([]*story, error) {
	contacts, err := db.keptOf(ctx, "story_contacts", among("group_id", rows))
	if err != nil {
		return nil, err
	}
	var out []*story
	matters := map[uint64][]*story{}
	for i := range contacts {
		k := &contacts[i]
		if len(out) == 0 || out[len(out)-1].row != k.group {
			out = append(out, &story{over: rules.OverGroup, row: k.group})
		}
		s := out[len(out)-1]
		s.own = append(s.own, *k)
		if !slices.Contains(matters[k.caseID], s) {
			matters[k.caseID] = append(matters[k.caseID], s)
		}
	}
	actions, err := db.keptOf(ctx, "story_cases", among("kind = 'action' AND case_id", slices.Sorted(maps.Keys(matters))))
	for _, a := range actions {
		for _, s := range matters[a.caseID] {
			s.actions = append(s.actions, a)
		}
	}
	return out, err
}

// keptOf reads stored signals in the order of the facts.
func (db *DB) keptOf(ctx context.Context, query string, only selection) (out []kept, err error) {
	if only.where == nothing.where {
		return nil, nil
	}
	if ctx, err = only.attach(ctx); err != nil {
		return nil, fmt.Errorf("read %s: %w", query, err)
	}
	err = collect(ctx, db, query, statement(query, "{{only}}", only.where), &out, func(r driver.Rows) error {
		k, err := scanKept(r, query == "story_contacts")
		out = append(out, k)
		return err
	})
	return out, err
}

// scanKept reads what the scans of facts read, and the times after it.
func scanKept(r driver.Rows, contact bool) (k kept, err error) {
	scan := scanCaseSignal
	if contact {
		scan = scanGroupContact
	}
	k.grouped, err = scan(further{r, []any{&k.knownAt, &k.knownUntil, &k.storedAt, &k.closedAt}})
	k.knownAt, k.knownUntil, k.storedAt, k.closedAt = k.knownAt.UTC(), k.knownUntil.UTC(), k.storedAt.UTC(), orZero(k.closedAt)
	return k, err
}

// further scans some columns more than it is asked for.
type further struct {
	driver.Rows
	into []any
}

func (f further) Scan(into ...any) error { return f.Rows.Scan(append(into, f.into...)...) }
