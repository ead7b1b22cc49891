package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/alerts"
)

var _ alerts.Calibrations = (*DB)(nil)

// KeepCalibration stores what a backtest found of a rule set, as of now.
func (db *DB) KeepCalibration(ctx context.Context, c alerts.Calibration, now time.Time) error {
	rows := 0
	for _, bins := range c.Risks {
		rows += len(bins)
	}
	return db.insert(ctx, "calibrations", "insert_calibrations", rows, func(batch driver.Batch) error {
		for risk, bins := range c.Risks {
			for _, b := range bins {
				err := batch.Append(c.RuleSet, risk, now.UTC().Truncate(time.Millisecond), uint32(b.Horizon/time.Hour), uint8(b.From), uint8(b.To), uint64(b.Cases), uint64(b.Outcomes))
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Calibration is the latest of each risk that was kept of a rule set.
func (db *DB) Calibration(ctx context.Context, ruleSet string) (alerts.Calibration, error) {
	type row struct {
		risk string
		bin  alerts.Bin
	}
	var rows []row
	ctx = with(ctx, clickhouse.Parameters{"rule_set": ruleSet})
	err := collect(ctx, db, "calibration", statement("calibration"), &rows, func(r driver.Rows) error {
		var risk string
		var hours uint32
		var from, to uint8
		var cases, outcomes uint64
		if err := r.Scan(&risk, &hours, &from, &to, &cases, &outcomes); err != nil {
			return err
		}
		rows = append(rows, row{risk, alerts.Bin{Horizon: time.Duration(hours) * time.Hour, From: int(from), To: int(to), Cases: int(cases), Outcomes: int(outcomes)}})
		return nil
	})
	if err != nil {
		return alerts.Calibration{}, fmt.Errorf("read the calibration of rule set %s: %w", ruleSet, err)
	}
	c := alerts.Calibration{RuleSet: ruleSet, Risks: map[string][]alerts.Bin{}}
	for _, r := range rows {
		c.Risks[r.risk] = append(c.Risks[r.risk], r.bin)
	}
	return c, nil
}
