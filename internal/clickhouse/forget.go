package clickhouse

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Forget removes a matter from every table and records that it did, without
// saying what the matter was. It gives the number of rows removed by table.
// Rejects are sealed and cannot be searched; they end with their time to live.
// Who still knows of its alerts must be told before: see AlertsOf.
func (db *DB) Forget(ctx context.Context, id uint64, by, reason string) (map[string]uint64, error) {
	names, err := db.refsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	gone, err := db.AlertsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	mine := fmt.Sprintf("row_id = %d OR ref IN (%s)", id, names) // a group is called after its first contact
	removed := map[string]uint64{}
	if removed["alert_events"], removed["deliveries"], err = db.removeAlerts(ctx, gone); err != nil {
		return removed, err
	}
	for _, step := range []struct{ table, where string }{
		{"assessments", mine},
		{"case_links", fmt.Sprintf("case_id = %d", id)},
		{"signals", fmt.Sprintf("case_id = %d", id)}, // last: with them the matter can be named again after a crash
	} {
		n, err := db.remove(ctx, step.table, step.where)
		if err != nil {
			return removed, err
		}
		removed[step.table] = n
	}
	return removed, db.insert(ctx, "forgotten", "insert_forgotten", 1, func(batch driver.Batch) error {
		return batch.Append(time.Now().UTC(), id, by, reason, removed)
	})
}

// refsOf lists the SOURCE:REF of a matter as literals. If it has none, one that
// no row has: an empty one stands in events that people cause.
func (db *DB) refsOf(ctx context.Context, id uint64) (string, error) {
	refs, err := db.FindCase(ctx, id)
	if err != nil {
		return "", err
	}
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = literal(r.Source + ":" + r.Ref)
	}
	return cmp.Or(strings.Join(names, ","), "':'"), nil
}

func (db *DB) remove(ctx context.Context, table, where string) (uint64, error) {
	var n uint64
	if err := db.conn.QueryRow(ctx, statement("count_where", "{{table}}", table, "{{where}}", where)).Scan(&n); err != nil {
		return 0, fmt.Errorf("count rows of %s: %w", table, err)
	}
	if n == 0 {
		return 0, nil
	}
	if err := db.exec(ctx, statement("delete_where", "{{table}}", table, "{{where}}", where)); err != nil {
		return 0, fmt.Errorf("remove rows of %s: %w", table, err)
	}
	return n, nil
}
