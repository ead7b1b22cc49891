package clickhouse

import (
	"context"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/rules"
	"yujing/scorer"
)

// Holding lets the store evaluate the rules over the rows of a view: one pass over
// their signals, whatever the number of rules. It implements scorer.Facts.
func (db *DB) Holding(ctx context.Context, set *rules.Set, v scorer.View) iter.Seq2[scorer.Holding, error] {
	return func(yield func(scorer.Holding, error) bool) {
		l := atInstant(set, v)
		err := db.prepare(ctx, l)
		if err == nil && v.Rows != nil {
			err = db.writeAsked(ctx, v, l.query.Neighbours || v.Over == rules.OverGroup)
		}
		if err != nil {
			yield(scorer.Holding{}, err)
			return
		}
		since := milliseconds(v.AsOf.Add(-scorer.CaseWindow))
		if v.Over == rules.OverGroup {
			since = fmt.Sprint(math.MinInt64) // a group sees only what lies within its own window
		}
		ctx := asking(ctx, clickhouse.Parameters{"since": since})
		stream(ctx, db, "what holds", statement("holding", "{{layer}}", l.query.Last().Name), scanHolding, yield)
	}
}

func scanHolding(r driver.Rows) (h scorer.Holding, err error) {
	var holds []uint64
	err = r.Scan(&h.Row, &holds)
	h.Holds = holds
	return h, err
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
