package clickhouse_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/alerts"
	"yujing/internal/clickhouse/clickhousetest"
)

// The latest calibration of each risk counts, also where the last backtest was
// of one risk alone.
func TestCalibrationsAreKeptByRuleSet(t *testing.T) {
	db := clickhousetest.Open(t)
	month := 30 * 24 * time.Hour
	bins := func(outcomes int) []alerts.Bin {
		return []alerts.Bin{{From: 0, To: 9, Cases: 4000, Outcomes: outcomes, Horizon: month}, {From: 90, To: 100, Cases: 318, Outcomes: 134, Horizon: month}}
	}
	keep := func(set string, at time.Time, risks map[string][]alerts.Bin) {
		t.Helper()
		for range 2 { // a repeated write changes nothing
			must(t, db.KeepCalibration(t.Context(), alerts.Calibration{RuleSet: set, Risks: risks}, at))
		}
	}
	keep("rs-1", day0, map[string][]alerts.Bin{"repeat": bins(1), "escalated": bins(2)})
	keep("rs-2", day0.Add(time.Hour), map[string][]alerts.Bin{"repeat": bins(3)})
	keep("rs-1", day0.Add(2*time.Hour), map[string][]alerts.Bin{"repeat": bins(4)})
	for set, risks := range map[string]map[string][]alerts.Bin{
		"rs-1": {"repeat": bins(4), "escalated": bins(2)},
		"rs-2": {"repeat": bins(3)},
		"rs-3": {},
	} {
		got, err := db.Calibration(t.Context(), set)
		must(t, err)
		if diff := cmp.Diff(alerts.Calibration{RuleSet: set, Risks: risks}, got); diff != "" {
			t.Error(diff)
		}
	}
}
