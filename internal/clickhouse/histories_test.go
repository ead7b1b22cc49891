package clickhouse_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
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

// However many segments a pass aggregates, the histories are the same.
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
		for i, segments := range []int{100_000, 20} {
			before := clickhouse.InStretches(segments)
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
			t.Errorf("%ss, of twenty segments at a time (+)\n%s", over, diff)
		}
	}
}

// TestHistoriesTurnOnlyAtTurns holds rules that are seen through, which are asked at
// their turns alone, against the same rules asked at every instant: beside one that
// is not seen through and never holds.
func TestHistoriesTurnOnlyAtTurns(t *testing.T) {
	const notSeenThrough = `sum(contacts, .age) < -1`
	db := clickhousetest.Open(t)
	rng := rand.New(rand.NewPCG(4, 26))
	now := rulestest.Now(rng).Truncate(time.Hour)
	storeStories(t, db, rng, now, 600, 120)
	g := rulestest.NewGenerator(26)
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		conditions := []string{`overdue("accept") or overdue("reply")`, `now - (due("hotline_reply") ?? now) > 1.5`, `(due("register") ?? now) - now <= 2`,
			`workdays(now, due("reply") ?? now) <= 3`, `4 > workdays(now, due("register") ?? now)`, `workdays(due("register") ?? now, now) >= 2`,
			`any(contacts, .age > 2) and none(contacts, .age > 3.25)`, `any(actions, .age <= 7)`, `any(actions, now < (.due ?? now))`}
		if over == rules.OverGroup {
			conditions = append(conditions, `count(group, .age <= 7) > 1`)
		}
		for len(conditions) < 24 {
			if rule := g.Rule(); seenThrough(t, over, rule) {
				conditions = append(conditions, rule)
			}
		}
		told := map[time.Duration][2]map[uint64][]backtest.Run{}
		for _, step := range []time.Duration{time.Hour, 24 * time.Hour} {
			grid := backtest.Grid{From: now.Add(-400 * step), Last: now, Step: step}
			told[step] = [2]map[uint64][]backtest.Run{runsOf(t, db, over, conditions, grid), runsOf(t, db, over, append(slices.Clone(conditions), notSeenThrough), grid)}
		}
		for step, of := range told {
			turns := 0
			for row, runs := range of[1] {
				turns += len(runs)
				if diff := cmp.Diff(runs, of[0][row]); diff != "" {
					t.Errorf("%s %x, %s apart: asked at every instant (-) and at turns (+)\n%s", over, row, step, diff)
				}
			}
			t.Logf("%ss, %s apart: %d rows, %d runs", over, step, len(of[1]), turns)
			if len(of[1]) < 25 || turns < 3*len(of[1]) || len(of[0]) != len(of[1]) {
				t.Errorf("%d and %d rows, %d runs: that shows too little", len(of[0]), len(of[1]), turns)
			}
		}
	}
}

func seenThrough(t *testing.T, over rules.Over, rule string) bool {
	t.Helper()
	set, err := rulestest.Load(over, []string{rule})
	if err != nil {
		t.Fatal(err)
	}
	of := set.Turns(over)
	return !of.Always && len(of.EveryDay) == 0 && len(of.Group.Ages) == 0 // of a case; to a group its contacts are its own
}

// runsOf gives the runs of each row under rules.
func runsOf(t *testing.T, db *clickhouse.DB, over rules.Over, conditions []string, grid backtest.Grid) map[uint64][]backtest.Run {
	t.Helper()
	set, err := rulestest.Load(over, conditions)
	if err != nil {
		t.Fatal(err)
	}
	runs := map[uint64][]backtest.Run{}
	for h, err := range db.Histories(t.Context(), set, over, grid, grid.Last) {
		if err != nil {
			t.Fatal(err)
		}
		runs[h.Row] = h.Runs
	}
	return runs
}
