package clickhouse_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/scorer/backtest"
)

// histories reads so many of the histories of cases, and gives how many came.
func histories(t *testing.T, db *clickhouse.DB, grid backtest.Grid, most int) (n int, err error) {
	t.Helper()
	set, problems := rules.Load(os.DirFS("../../rules.d"), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	for _, err := range db.Histories(t.Context(), set, rules.OverCase, grid, grid.Last) {
		if err != nil {
			return n, err
		}
		if n++; n == most {
			break
		}
	}
	return n, nil
}

// A backtest leaves no table and no view behind, whether its answer is read to
// the end or not.
func TestHistoriesLeaveNothingBehind(t *testing.T) {
	db := clickhousetest.Open(t)
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{contact(1, day0), contact(2, day0.Add(time.Hour))}})
	for _, most := range []int{1, 2, 3} {
		grid := backtest.Grid{From: day0.AddDate(0, 0, -1), Last: day0.AddDate(0, 0, 3), Step: 24 * time.Hour}
		if n, err := histories(t, db, grid, most); err != nil || n != min(most, 2) {
			t.Fatalf("%d histories, %v", n, err)
		}
		var left bytes.Buffer
		if err := db.Raw(t.Context(), &left, clickhouse.RawQuery{SQL: "SELECT name FROM system.tables WHERE startsWith(name, 'backtest_')", Format: "TSVRaw"}); err != nil {
			t.Fatal(err)
		}
		if left.Len() > 0 {
			t.Errorf("after %d of 2 histories there are still\n%s", most, left.String())
		}
	}
}

func TestGridThatTheTablesDoNotHoldIsRefused(t *testing.T) {
	db := clickhousetest.Open(t)
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{contact(1, day0)}})
	for step, want := range map[time.Duration]string{
		time.Minute:            "86401 instants, 1m0s apart, are more than the 65535",
		500 * time.Microsecond: "no whole number of milliseconds",
	} {
		_, err := histories(t, db, backtest.Grid{From: day0, Last: day0.AddDate(0, 0, 60), Step: step}, 9)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a step of %s: %v; want %q", step, err, want)
		}
	}
}
