package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/rules"
	"yujing/scorer"
)

// Changed lets the store evaluate the rules over all rows of a kind and gives
// what is not as it stood before the instant, ordered by row: one pass over the
// signals, whatever the number of rules. It implements scorer.Facts.
func (db *DB) Changed(ctx context.Context, set *rules.Set, v scorer.View) ([]scorer.Verdict, error) {
	instant := []string{"{now:Int64}", integer(v.AsOf), "{since:Int64}", integer(v.AsOf.Add(-scorer.CaseWindow)),
		"{group_since:Int64}", integer(v.AsOf.Add(-scorer.GroupWindow)), "{as_seen:Bool}", fmt.Sprint(v.AsSeen)}
	view := "facts_of_" + string(v.Over) + "s"
	q := set.Query(v.Over, rules.QueryOptions{OnlyFired: true, Now: instant[1], Since: instant[3], Facts: view})
	ctx = asking(ctx, clickhouse.Parameters{"now": milliseconds(v.AsOf), "over": string(v.Over)})
	if err := db.exec(ctx, factsView(view, q, v.Over, instant)); err != nil {
		return nil, fmt.Errorf("prepare the view %s: %w", view, err)
	}
	text := statement("changed", "{{calendar}}", named(q), "{{says}}", q.Says)
	var out []scorer.Verdict
	err := collect(ctx, db, "changed assessments", text, &out, func(r driver.Rows) error {
		verdict, err := scanVerdict(r)
		out = append(out, verdict)
		return err
	})
	return out, err
}

// Cases counts the cases that a scheduled instant looks at.
func (db *DB) Cases(ctx context.Context, v scorer.View) (int, error) {
	var n uint64
	ctx = with(ctx, clickhouse.Parameters{"now": milliseconds(v.AsOf), "since": milliseconds(v.AsOf.Add(-scorer.CaseWindow))})
	if err := db.value(ctx, statement("count_cases"), &n); err != nil {
		return 0, fmt.Errorf("count cases: %w", err)
	}
	return int(n), nil
}

// integer writes an instant into a statement, as milliseconds.
func integer(t time.Time) string { return "toInt64(" + milliseconds(t) + ")" }

// factsView makes what rules ask of each row's signals a view of the store. The
// engine analyses a name in a statement together with all that lies below it, but
// for what a view holds: for the shipped rules that is one second instead of ten.
// A view with parameters is no such border, so the instant is written into it.
func factsView(name string, q rules.Query, over rules.Over, instant []string) string {
	visible := statement("visible", instant...)
	contacts := statement("neighbours", append(instant, "{{visible}}", visible)...)
	rows, neighbours := statement("rows_of_cases", "{{visible}}", visible), ""
	if over == rules.OverGroup {
		rows = statement("rows_of_groups", "{{neighbours}}", contacts, "{{visible}}", visible)
	}
	if q.Neighbours {
		neighbours = ",\nneighbours AS\n(\n" + contacts + "\n)"
	}
	return statement("create_facts_view", "{{view}}", name, "{{calendar}}", named(q), "{{rows}}", rows, "{{neighbours}}", neighbours, "{{facts}}", q.Facts)
}
