package clickhouse

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// LastSignal is the latest of a source.
type LastSignal struct {
	Source string
	At     time.Time
}

// LastSignals gives the latest signal of every source that ever had one.
func (db *DB) LastSignals(ctx context.Context) ([]LastSignal, error) {
	var out []LastSignal
	err := collect(ctx, db, "last signals", statement("last_signals"), &out, func(r driver.Rows) error {
		var l LastSignal
		if err := r.Scan(&l.Source, &l.At); err != nil {
			return err
		}
		out = append(out, l)
		return nil
	})
	return out, err
}
