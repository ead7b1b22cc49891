package main

import (
	"context"
	"time"

	"yujing/alerts"
	"yujing/internal/clickhouse"
	"yujing/rules"
	"yujing/scorer/backtest"
)

// keepCalibration stores what a backtest found of scores, for the daemon's alerts.
func keepCalibration(ctx context.Context, db *clickhouse.DB, set *rules.Set, report *backtest.Report) error {
	return db.KeepCalibration(ctx, calibrationOf(set, report), time.Now())
}

func calibrationOf(set *rules.Set, report *backtest.Report) alerts.Calibration {
	c := alerts.Calibration{RuleSet: report.RuleSet, Risks: map[string][]alerts.Bin{}}
	for id, figures := range report.Risks {
		for _, b := range figures.Calibration {
			c.Risks[id] = append(c.Risks[id], alerts.Bin{From: b.From, To: b.To, Cases: b.Cases, Outcomes: b.Outcomes, Horizon: set.Risk(id).Horizon})
		}
	}
	return c
}
