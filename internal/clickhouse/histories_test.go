package clickhouse_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/rules/rulestest"
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

// However many rows a pass looks at, the histories are the same.
func TestHistoriesInStretches(t *testing.T) {
	db := clickhousetest.Open(t)
	rng := rand.New(rand.NewPCG(3, 14))
	now := rulestest.Now(rng)
	storeStories(t, db, rng, now, 60, 9)
	set, problems := rules.Load(os.DirFS("../../rules.d"), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	grid := backtest.Grid{From: now.AddDate(0, -2, 0), Last: now, Step: 240 * time.Hour}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		var told [2][]string
		for i, rows := range []int{100_000, 20} {
			before := clickhouse.InStretches(rows)
			runs := 0
			for h, err := range db.Histories(t.Context(), set, over, grid, grid.Last) {
				if err != nil {
					t.Fatal(err)
				}
				runs += len(h.Runs)
				told[i] = append(told[i], fmt.Sprintf("%+v", *h))
			}
			clickhouse.InStretches(before)
			if over == rules.OverCase && (runs < 20 || len(told[i]) < 50) {
				t.Errorf("%d runs of %d rows tell nothing", runs, len(told[i]))
			}
		}
		if diff := cmp.Diff(told[0], told[1]); diff != "" {
			t.Errorf("%ss, of twenty rows at a time (+)\n%s", over, diff)
		}
	}
}
