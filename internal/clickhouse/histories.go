package clickhouse

import (
	"context"
	"crypto/rand"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/zap"

	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/backtest"
)

var _ backtest.Source = (*DB)(nil)

// DataEnd is the latest time of any signal, zero if there is none.
func (db *DB) DataEnd(ctx context.Context) (time.Time, error) {
	var at time.Time
	if err := db.value(ctx, statement("data_end"), &at); err != nil {
		return at, fmt.Errorf("find the end of the data: %w", err)
	}
	return orZero(at), nil
}

// Histories tells of each row at risk what held of it at the instants of a grid.
// Where the rows stand, and when, is found first, by everything known now; then
// the store evaluates the rules at many instants in one pass. It implements
// backtest.Source.
func (db *DB) Histories(ctx context.Context, set *rules.Set, over rules.Over, grid backtest.Grid, to time.Time) iter.Seq2[*backtest.History, error] {
	return func(yield func(*backtest.History, error) bool) {
		h := &histories{db: db, set: set, over: over, grid: grid, to: to, prefix: followedTables + strings.ToLower(rand.Text()[:8]) + "_"}
		defer h.drop(context.WithoutCancel(ctx))
		if err := h.make(ctx); err != nil {
			yield(nil, fmt.Errorf("histories of %ss: %w", over, err))
			return
		}
		h.tell(ctx, yield)
	}
}

// histories are one such telling. Its tables and views are its own, by their prefix.
type histories struct {
	db     *DB
	set    *rules.Set
	over   rules.Over
	grid   backtest.Grid
	to     time.Time
	prefix string
	rows   []*backtest.History // by row; their runs are read at the end
	query  rules.Query
}

// stretch is the rows from one number to another, both included, whose signals one
// pass reads, and how many these are.
type stretch struct{ low, high, rows uint64 }

// followedTables begins the names of the tables and views of all backtests. One
// that was killed left them behind: after so long nobody needs them.
const (
	followedTables = "backtest_"
	leftBehind     = 48 * time.Hour
)

// mostInstants is what the numbers of instants in the store's tables hold.
const mostInstants = math.MaxUint16

// check refuses a grid that the store's tables do not hold.
func check(g backtest.Grid) error {
	if g.Step < time.Millisecond || g.Step%time.Millisecond != 0 {
		return fmt.Errorf("a step of %s is no whole number of milliseconds; write 24h", g.Step)
	}
	if n := g.Len(); n > mostInstants {
		return fmt.Errorf("%d instants, %s apart, are more than the %d that one backtest holds: take a longer step or a shorter period", n, g.Step, mostInstants)
	}
	return nil
}

// Bounds of one pass: beyond them the store's aggregations would outgrow their memory.
const (
	passLines    = 4_000_000 // rows times instants, where rows are asked at every instant
	passInstants = 32        // where rows look at their groups
	followBlock  = 50_000    // rows written at a time
)

// passSegments is in how many segments something is aggregated; tests take fewer.
var passSegments = 300_000

func (h *histories) make(ctx context.Context) error {
	if err := check(h.grid); err != nil {
		return err
	}
	if err := h.db.dropPrefixed(ctx, followedTables, time.Now().Add(-leftBehind)); err != nil {
		return err
	}
	quiet := []time.Duration{backtest.ActiveWindow}
	if h.over == rules.OverCase {
		quiet = append(quiet, scorer.CaseWindow)
	}
	h.query = h.set.Query(h.over, rules.QueryOptions{Prefix: h.prefix, Step: h.grid.Step.Milliseconds(), Quiet: quiet})
	for _, name := range []string{"create_followed", "create_segments", "create_runs"} {
		if err := h.db.exec(ctx, statement(name, "{{prefix}}", h.prefix)); err != nil {
			return err
		}
	}
	if err := h.follow(ctx); err != nil {
		return err
	}
	if err := h.segment(ctx); err != nil {
		return fmt.Errorf("find where what is visible changes: %w", err)
	}
	stretches, err := h.stretches(ctx)
	if err != nil {
		return err
	}
	for _, s := range stretches {
		instants := h.grid.Len()
		if h.query.Every {
			instants = max(1, passLines/int(s.rows))
		}
		if h.query.Neighbours {
			instants = min(instants, passInstants)
		}
		for first := 0; first < h.grid.Len(); first += instants {
			if err := h.pass(ctx, s, first, min(first+instants, h.grid.Len())-1); err != nil {
				return err
			}
		}
	}
	return nil
}

// stretches cuts the rows so that a pass has few enough segments.
func (h *histories) stretches(ctx context.Context) ([]stretch, error) {
	var list []stretch
	query := statement("stretches", "{{prefix}}", h.prefix, "{{most}}", fmt.Sprint(passSegments))
	err := collect(ctx, h.db, "stretches of rows", query, &list, func(r driver.Rows) error {
		var s stretch
		err := r.Scan(&s.low, &s.high, &s.rows)
		list = append(list, s)
		return err
	})
	return list, err
}

// slots fill what statements over the instants of a grid have in common.
func (h *histories) slots(s stretch, first, last int) []string {
	ms := func(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }
	slots := []string{"{{prefix}}", h.prefix, "{{from}}", ms(h.grid.From), "{{step}}", fmt.Sprint(h.grid.Step.Milliseconds()),
		"{{first}}", fmt.Sprint(first), "{{last}}", fmt.Sprint(last), "{{last_now}}", ms(h.grid.At(last)), "{{low}}", fmt.Sprint(s.low), "{{high}}", fmt.Sprint(s.high),
		"{{first_since}}", ms(h.grid.At(first).Add(-scorer.GroupWindow)), "{{group_window}}", fmt.Sprint(scorer.GroupWindow.Milliseconds()),
		"{{active}}", fmt.Sprint(backtest.ActiveWindow.Milliseconds()), "{{window}}", fmt.Sprint(h.window()),
		"{{columns}}", statement("signal_columns"), "{{layer}}", h.query.Last().Name}
	return append(slots, "{{seen}}", statement("seen_over_instants", slots...), "{{left}}", statement("left_over_instants", slots...),
		"{{between}}", statement("segments_between", slots...))
}

// segment cuts the time of each row where what is visible of it changes.
func (h *histories) segment(ctx context.Context) error {
	slots := h.slots(stretch{}, 0, max(h.grid.Len()-1, 0))
	turns := statement("turns_of_"+string(h.over)+"s", slots...)
	if h.over == rules.OverGroup && h.query.Actions {
		turns += statement("turns_of_actions", slots...)
	}
	return h.db.exec(asking(ctx, nil), statement("insert_segments", append(slots, "{{turns}}", turns)...))
}

// pass evaluates the rules over a stretch of rows at some instants.
func (h *histories) pass(ctx context.Context, s stretch, first, last int) error {
	slots := h.slots(s, first, last)
	l := layers{query: h.query}
	if h.query.Neighbours {
		l.rows = append(l.rows, rules.Layer{Name: h.prefix + "neighbours", SQL: statement("followed_neighbours", slots...)})
	}
	rows := statement("followed_"+string(h.over)+"s", slots...)
	if h.over == rules.OverGroup && h.query.Actions {
		rows += statement("followed_actions", append(slots, "{{contacts}}", rows)...)
	}
	l.rows = append(l.rows, rules.Layer{Name: h.prefix + "rows", SQL: rows})
	if err := h.db.prepare(ctx, l); err != nil {
		return err
	}
	if err := h.db.exec(overInstants(ctx), statement("insert_runs", slots...)); err != nil {
		return fmt.Errorf("evaluate %s to %s: %w", h.grid.At(first).Format(time.DateOnly), h.grid.At(last).Format(time.DateOnly), err)
	}
	return nil
}

// overInstants is asking for many instants: their keys are in no order of the table.
func overInstants(ctx context.Context) context.Context {
	settings := statementLimits()
	settings["optimize_aggregation_in_order"] = 0
	return clickhouse.Context(ctx, clickhouse.WithSettings(settings))
}

// window is for how long after its last signal a row is scored, in milliseconds.
func (h *histories) window() int64 {
	if h.over == rules.OverGroup {
		return math.MaxInt64 / 4 // a group sees only what lies within its own window
	}
	return scorer.CaseWindow.Milliseconds()
}

// tell gives the rows with their runs. Both are ordered by row.
func (h *histories) tell(ctx context.Context, yield func(*backtest.History, error) bool) {
	rest := h.rows
	for run, err := range h.runs(ctx) {
		if err != nil {
			yield(nil, err)
			return
		}
		for rest[0].Row < run.row {
			if !yield(rest[0], nil) {
				return
			}
			rest = rest[1:]
		}
		rest[0].Runs = joined(rest[0].Runs, run.Run)
	}
	for _, row := range rest {
		if !yield(row, nil) {
			return
		}
	}
}

// joined adds a run, or lengthens the last: two passes may have cut it.
func joined(runs []backtest.Run, next backtest.Run) []backtest.Run {
	if n := len(runs); n > 0 && runs[n-1].Last+1 == next.First && runs[n-1].Same(next) {
		runs[n-1].Last = next.Last
		return runs
	}
	return append(runs, next)
}

type rowRun struct {
	row uint64
	backtest.Run
}

func (h *histories) runs(ctx context.Context) iter.Seq2[rowRun, error] {
	return func(yield func(rowRun, error) bool) {
		stream(ctx, h.db, "runs", statement("runs", "{{prefix}}", h.prefix), func(r driver.Rows) (run rowRun, err error) {
			var first, last uint16
			var holds []uint64
			err = r.Scan(&run.row, &first, &last, &run.Active, &holds)
			run.First, run.Last, run.Holds = int(first), int(last), holds
			return run, err
		}, yield)
	}
}

// drop removes the tables and views of this telling.
func (h *histories) drop(ctx context.Context) {
	if err := h.db.dropPrefixed(ctx, h.prefix, time.Now().Add(time.Hour)); err != nil {
		h.db.log.Warn("a backtest leaves tables behind, the next one after two days removes them", zap.Error(err))
	}
}

// dropPrefixed removes the tables and views whose names begin so and that were
// made before an instant.
func (db *DB) dropPrefixed(ctx context.Context, prefix string, before time.Time) error {
	var names []string
	ctx = with(ctx, clickhouse.Parameters{"prefix": prefix, "before": fmt.Sprint(before.Unix())})
	err := collect(ctx, db, "tables of a backtest", statement("prefixed"), &names, func(r driver.Rows) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	})
	for _, name := range names {
		if err == nil {
			err = db.exec(ctx, statement("drop_table", "{{table}}", name))
		}
		db.mu.Lock()
		delete(db.views, name)
		db.mu.Unlock()
	}
	return err
}
