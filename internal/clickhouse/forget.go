package clickhouse

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/alerts"
)

// Forget removes a matter from every table and records that it did, without
// saying what the matter was. It gives the number of rows removed by table.
// Rejects are sealed and cannot be searched; they end with their time to live.
// It gives the alerts that are gone too, for those who still know of them.
func (db *DB) Forget(ctx context.Context, id uint64, by, reason string) (map[string]uint64, []alerts.ID, error) {
	refs, err := db.FindCase(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	fullNames, names := make([]string, len(refs)), make([]string, len(refs))
	for i, r := range refs {
		fullNames[i] = r.Source + ":" + r.Ref
		names[i] = literal(fullNames[i])
	}
	mine := fmt.Sprintf("row_id = %d", id)
	if len(names) > 0 { // a group is called after its first contact
		mine += " OR ref IN (" + strings.Join(names, ",") + ")"
	}
	removed := map[string]uint64{}
	told, err := db.AlertsOf(ctx, id, fullNames)
	if err != nil {
		return nil, nil, err
	}
	if removed["alert_events"], removed["deliveries"], err = db.removeAlerts(ctx, told); err != nil {
		return removed, told, err
	}
	for _, step := range []struct{ table, where string }{
		{"assessments", mine},
		{"case_links", fmt.Sprintf("case_id = %d", id)},
		{"signals", fmt.Sprintf("case_id = %d", id)}, // last: with them the matter can be named again after a crash
	} {
		n, err := db.remove(ctx, step.table, step.where)
		if err != nil {
			return removed, told, err
		}
		removed[step.table] = n
	}
	return removed, told, db.insert(ctx, "forgotten", "insert_forgotten", 1, func(batch driver.Batch) error {
		return batch.Append(time.Now().UTC(), id, by, reason, removed)
	})
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
