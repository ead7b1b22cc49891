package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/rules"
	"yujing/scorer"
)

// Turned gives the rows of a view of which something may be other than it was at
// an earlier instant: a signal is new to it or gone from it, or time has brought
// one to where a rule may turn (see rules.Turns). nil is that this cannot be told,
// since matters were removed, or that there are more than so many. It implements
// scorer.Facts.
func (db *DB) Turned(ctx context.Context, turns rules.Turns, v scorer.View, from time.Time, most int) ([]uint64, error) {
	var removed uint64
	if err := db.value(with(ctx, clickhouse.Parameters{"after": instant(from.Add(-scorer.ArrivalSlack))}), statement("count_forgotten"), &removed); err != nil {
		return nil, fmt.Errorf("count what was removed: %w", err)
	}
	if removed > 0 {
		return nil, nil
	}
	var window rules.Marks
	if v.Over == rules.OverCase {
		window.Ages = []time.Duration{scorer.CaseWindow}
	}
	anew := statement("seen_anew", "{now:Int64}", integer(v.AsOf), "{from:Int64}", integer(from), "{stored:Int64}", integer(from.Add(-scorer.WriteSlack)))
	own := []string{anew, passed(window, from, v.AsOf), "s.kind = 'contact' AND (" + passed(turns.Contacts, from, v.AsOf) + ")", "s.kind = 'action' AND (" + passed(turns.Actions, from, v.AsOf) + ")"}
	group := "0"
	if len(turns.Group.Ages) > 0 { // a rule asks for it
		group = passed(turns.Group, from, v.AsOf) + " OR " + anew
	}
	query := statement("turned_"+string(v.Over)+"s", "{{own}}", strings.Join(own, "\n  OR "), "{{group}}", group)
	ctx = with(ctx, clickhouse.Parameters{"most": strconv.Itoa(most + 1)})
	rows := []uint64{}
	err := collect(ctx, db, "what may have turned", query, &rows, func(r driver.Rows) error {
		var row uint64
		err := r.Scan(&row)
		rows = append(rows, row)
		return err
	})
	if err != nil || len(rows) > most {
		return nil, err
	}
	slices.Sort(rows)
	return rows, nil
}

// passed is the condition on a signal s that it came to a mark between two instants.
func passed(m rules.Marks, from, to time.Time) string {
	list := []string{"0"}
	between := func(column string, after time.Duration) {
		list = append(list, fmt.Sprintf("s.%s BETWEEN fromUnixTimestamp64Milli(%s, 'UTC') AND fromUnixTimestamp64Milli(%s, 'UTC')",
			column, milliseconds(from.Add(-time.Millisecond-after)), milliseconds(to.Add(time.Millisecond-after))))
	}
	for _, age := range m.Ages {
		between("at", age)
	}
	for _, due := range m.Dues {
		between("due", due)
	}
	return strings.Join(list, " OR ")
}

// writeAsked writes down the rows that a view is restricted to, and if they are
// looked at what stands beside them: of groups by the view of their contacts, so
// the views are made before.
func (db *DB) writeAsked(ctx context.Context, v scorer.View, beside bool) error {
	if err := db.exec(ctx, statement("empty_asked_rows")); err != nil {
		return fmt.Errorf("empty asked_rows: %w", err)
	}
	err := db.insert(ctx, "asked rows", "insert_asked_rows", len(v.Rows), func(batch driver.Batch) error {
		for _, row := range v.Rows {
			if err := batch.Append(false, row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || !beside {
		return err
	}
	if err := db.exec(asking(ctx, nil), statement("beside_"+string(v.Over)+"s", "{{neighbours}}", tickPrefix(v.Over)+"neighbours")); err != nil {
		return fmt.Errorf("find what stands beside the rows asked of: %w", err)
	}
	return nil
}

// keptTo are the conditions by which the relations of a view keep to its rows, as
// slots of their statements.
func keptTo(v scorer.View) []string {
	const asked, beside = " IN (SELECT key FROM asked_rows WHERE NOT beside)", " IN (SELECT key FROM asked_rows WHERE beside)"
	rows, groups, matters, pairs := "1", "1", "1", "(SELECT DISTINCT group_id, matter FROM "+tickPrefix(v.Over)+"neighbours)"
	switch {
	case v.Rows == nil:
	case v.Over == rules.OverGroup:
		groups, matters = "s.group_id"+asked, "s.case_id"+beside
		pairs = "(SELECT DISTINCT group_id, key AS matter FROM asked_rows WHERE beside)" // an insert that is repeated writes them twice
	default:
		rows, groups = "s.case_id"+asked, "s.group_id"+beside
	}
	return []string{"{{rows_asked}}", rows, "{{groups_asked}}", groups, "{{matters_asked}}", matters, "{{pairs}}", pairs}
}
