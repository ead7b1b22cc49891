package clickhouse

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cespare/xxhash/v2"

	"yujing/rules"
	"yujing/scorer"
)

// Changed lets the store evaluate the rules over all rows of a kind and gives
// what is not as it stood before the instant, ordered by row: one pass over the
// signals, whatever the number of rules. It implements scorer.Facts.
func (db *DB) Changed(ctx context.Context, set *rules.Set, v scorer.View) ([]scorer.Verdict, error) {
	q := set.Query(v.Over, rules.QueryOptions{OnlyFired: true})
	view, err := db.factsView(ctx, q, v.Over)
	if err != nil {
		return nil, fmt.Errorf("prepare the facts of %ss: %w", v.Over, err)
	}
	p := clickhouse.Parameters{"now": milliseconds(v.AsOf), "since": milliseconds(v.AsOf.Add(-scorer.CaseWindow)), "over": string(v.Over)}
	text := statement("changed", "{{calendar}}", named(q), "{{says}}", q.Says, "{{facts}}", view.of(v))
	var out []scorer.Verdict
	err = collect(asking(ctx, p), db, "changed assessments", text, &out, func(r driver.Rows) error {
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

// factsView is what rules ask of each row's signals, as a view of the store. A
// statement that names a view is analysed without what the view holds, which
// for a set of fifty rules is the difference between seconds and a blink.
type factsView struct{ name, text string }

const viewPrefix = "facts_of_"

// factsView makes the view unless it is there: its name tells what it holds.
func (db *DB) factsView(ctx context.Context, q rules.Query, over rules.Over) (factsView, error) {
	neighbours := ""
	visible := statement("visible")
	if q.Neighbours {
		neighbours = ",\nneighbours AS\n(\n" + statement("neighbours", "{{visible}}", visible) + ")"
	}
	rows := statement("rows_of_cases", "{{visible}}", visible)
	if over == rules.OverGroup {
		rows = statement("rows_of_groups", "{{neighbours}}", statement("neighbours", "{{visible}}", visible), "{{visible}}", visible)
	}
	text := statement("create_facts_view", "{{calendar}}", named(q), "{{rows}}", rows, "{{neighbours}}", neighbours, "{{facts}}", q.Facts)
	sum := xxhash.Sum64String(text)
	prefix := viewPrefix + string(over) + "s_"
	view := factsView{prefix + hex.EncodeToString([]byte{byte(sum >> 56), byte(sum >> 48), byte(sum >> 40), byte(sum >> 32), byte(sum >> 24), byte(sum >> 16)}), text}
	db.viewMu.Lock()
	defer db.viewMu.Unlock()
	if db.views[view.name] {
		return view, nil
	}
	if err := db.exec(asking(ctx, nil), strings.Replace(text, "{{view}}", view.name, 1)); err != nil {
		return view, err
	}
	if err := db.dropViews(ctx, prefix, view.name); err != nil {
		return view, err
	}
	if db.views == nil {
		db.views = map[string]bool{}
	}
	db.views[view.name] = true
	return view, nil
}

// dropViews removes the views of earlier rule sets.
func (db *DB) dropViews(ctx context.Context, prefix, but string) error {
	var old []string
	err := collect(with(ctx, clickhouse.Parameters{"prefix": prefix, "view": but}), db, "old views", statement("old_facts_views"), &old, func(r driver.Rows) error {
		var name string
		err := r.Scan(&name)
		old = append(old, name)
		return err
	})
	for _, name := range old {
		if err == nil {
			err = db.exec(ctx, "DROP VIEW IF EXISTS "+name)
		}
	}
	return err
}

// of calls the view for an instant, with the parameters that it has.
func (f factsView) of(v scorer.View) string {
	var args []string
	for _, p := range []struct{ name, value string }{
		{"now", milliseconds(v.AsOf)}, {"since", milliseconds(v.AsOf.Add(-scorer.CaseWindow))},
		{"group_since", milliseconds(v.AsOf.Add(-scorer.GroupWindow))}, {"as_seen", fmt.Sprint(v.AsSeen)},
	} {
		if strings.Contains(f.text, "{"+p.name+":") {
			args = append(args, p.name+" = "+p.value)
		}
	}
	return f.name + "(" + strings.Join(args, ", ") + ")"
}
