package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"yujing/internal/clickhouse"
	"yujing/rules"
	"yujing/scorer"
)

// facts is one case as the libraries see it: the facts of factList, in its order.
type facts struct {
	Contacts     int     `expr:"contacts"`
	Contacts7    int     `expr:"contacts7"`
	Contacts30   int     `expr:"contacts30"`
	Contacts90   int     `expr:"contacts90"`
	Actions      int     `expr:"actions"`
	Actions14    int     `expr:"actions14"`
	Transferred  int     `expr:"transferred"`
	Returned     int     `expr:"returned"`
	Accepted     int     `expr:"accepted"`
	Replied      int     `expr:"replied"`
	Closed       int     `expr:"closed"`
	Extended     int     `expr:"extended"`
	Supervised   int     `expr:"supervised"`
	Visited      int     `expr:"visited"`
	CalledBack   int     `expr:"called_back"`
	Unsatisfied  int     `expr:"unsatisfied"`
	Satisfied    int     `expr:"satisfied"`
	Complainants int     `expr:"complainants"`
	People       int     `expr:"people"`
	MostPeople   int     `expr:"most_people"`
	ManyTimes    int     `expr:"many_times"`
	Unsafe       int     `expr:"unsafe"`
	Higher       int     `expr:"higher"`
	Visits       int     `expr:"visits"`
	Age          float64 `expr:"age"`
	Quiet        float64 `expr:"quiet"`
}

const (
	conditionCount = 50
	celRows        = 200_000 // of the cases, as many are enough to know what one costs
	opaRows        = 5_000
	factRounds     = 5
	compiledAfter  = 4 // runs of a statement, by then the engine has made machine code of it, as for a tick every hour
)

// library evaluates the conditions over some rows on one core and adds up for how
// many each is true.
type library func(rows []facts, holds []int) error

// overFacts is the conditions over facts that are there already: in the engine
// as the SQL of rules, and in libraries used as their authors advise.
func (b *bench) overFacts(ctx context.Context) error {
	s, err := b.fill(ctx)
	if err != nil {
		return err
	}
	list := conditions(conditionCount)
	engine, err := b.storedFacts(ctx, s, list)
	if err != nil {
		return err
	}
	rows, err := s.readFacts(ctx)
	if err != nil {
		return err
	}
	want, err := engine.counted(ctx)
	if err != nil {
		return err
	}
	if err := b.beside(ctx, "expr", rows, want, newExpr(list), engine, "at least 20"); err != nil {
		return err
	}
	for _, l := range []struct {
		name string
		rows int
		make func() (library, error)
		hold string
	}{{"cel-go", celRows, newCEL(list), "at least 20"}, {"OPA", opaRows, newOPA(ctx, list), ""}} {
		sample := rows[:min(len(rows), l.rows)]
		_, want, err := evaluate(sample, newExpr(list))
		if err != nil {
			return err
		}
		if err := b.beside(ctx, l.name, sample, want, l.make, engine, l.hold); err != nil {
			return err
		}
	}
	return s.write(ctx, "DROP TABLE stored_facts SYNC")
}

// beside measures a library on some rows, of which it must say what is wanted,
// and the engine on all of its own, in turn: a machine that has less to give for a
// while has less for both. The medians count.
func (b *bench) beside(ctx context.Context, name string, rows []facts, want []int, make func() (library, error), engine *storedFacts, hold string) error {
	var libraries, engines []time.Duration
	for range factRounds {
		took, err := engine.fastest(ctx, 1, engine.holds)
		if err != nil {
			return err
		}
		engines = append(engines, took)
		took, got, err := evaluate(rows, make)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("%s says another thing than the one before it:\n%v\n%v", name, got, want)
		}
		libraries = append(libraries, took)
	}
	library, ours := perCondition{median(libraries), len(rows)}, perCondition{median(engines), engine.rows}
	if !engine.told {
		engine.told = true
		b.add("50 rules over facts, engine", ours.String(), fmt.Sprintf("%d cases; which rules hold, as bits; the first time, before the engine has compiled it, %.2f s; to analyse the statement takes %.2f s of each", ours.rows, engine.first.Seconds(), engine.analysis.Seconds()), "")
	}
	if hold != "" {
		hold = "engine " + hold + " times faster"
	}
	b.add("50 rules over facts, "+name, library.String(), fmt.Sprintf("%d cases, %d goroutines, same answers; beside it the engine takes %.3f s: %.1f times faster", library.rows, runtime.GOMAXPROCS(0), ours.took.Seconds(), library.each()/ours.each()), hold)
	return nil
}

func median(times []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(times))[len(times)/2]
}

// perCondition is a time for conditions over rows.
type perCondition struct {
	took time.Duration
	rows int
}

// each is the nanoseconds of one condition over one row.
func (p perCondition) each() float64 {
	return float64(p.took.Nanoseconds()) / float64(p.rows*conditionCount)
}

func (p perCondition) String() string {
	return fmt.Sprintf("%.3f s, %.1f ns a condition", p.took.Seconds(), p.each())
}

// evaluate runs a library on every core, each with its own instance.
func evaluate(rows []facts, make func() (library, error)) (time.Duration, []int, error) {
	cores := runtime.GOMAXPROCS(0)
	libraries, counts := []library{}, [][]int{}
	for range cores {
		l, err := make()
		if err != nil {
			return 0, nil, err
		}
		libraries, counts = append(libraries, l), append(counts, newCounts())
	}
	runtime.GC() // what was there before is not its doing
	share := (len(rows) + cores - 1) / cores
	started := time.Now()
	var group errgroup.Group
	for i := range cores {
		group.Go(func() error {
			return libraries[i](rows[min(i*share, len(rows)):min((i+1)*share, len(rows))], counts[i])
		})
	}
	err := group.Wait()
	took := time.Since(started)
	total := newCounts()
	for _, c := range counts {
		for i, n := range c {
			total[i] += n
		}
	}
	return took, total, err
}

func newCounts() []int { return make([]int, conditionCount) }

// storedFacts is the facts that rules of the conditions ask for, stored in the
// engine, and the statement that says what holds of them.
type storedFacts struct {
	*store
	holds           string
	rows            int
	first, analysis time.Duration // of the statement: its first run, and what does not depend on the rows
	told            bool          // its row is in the table
}

// storedFacts stores the facts as the tick's view gives them.
func (b *bench) storedFacts(ctx context.Context, s *store, list []condition) (*storedFacts, error) {
	set, err := b.factRules(list)
	if err != nil {
		return nil, err
	}
	for _, err := range s.Holding(ctx, set, scorer.View{AsOf: s.at, AsSeen: true, Over: rules.OverCase}) { // for the view it makes
		if err != nil {
			return nil, err
		}
	}
	for _, sql := range []string{"DROP TABLE IF EXISTS stored_facts SYNC",
		"CREATE TABLE stored_facts ENGINE = Memory AS SELECT * FROM tick_cases_facts SETTINGS optimize_aggregation_in_order = 1"} {
		if err := s.write(ctx, sql); err != nil {
			return nil, err
		}
	}
	query := set.Query(rules.OverCase, rules.QueryOptions{Prefix: "stored_"})
	if len(query.Layers) != 2 {
		return nil, fmt.Errorf("the conditions are made of %d layers, not of facts and what holds", len(query.Layers))
	}
	f := &storedFacts{store: s, holds: query.Last().SQL}
	if err := s.numbers(ctx, "SELECT count() FROM stored_facts", &f.rows); err != nil {
		return nil, err
	}
	if f.first, err = s.fastest(ctx, 1, f.holds); err != nil {
		return nil, err
	}
	if _, err = s.fastest(ctx, compiledAfter, f.holds); err != nil {
		return nil, err
	}
	f.analysis, err = s.fastest(ctx, 3, "EXPLAIN "+f.holds)
	return f, err
}

// counted tells of how many rows each condition holds.
func (f *storedFacts) counted(ctx context.Context) ([]int, error) {
	counted := newCounts()
	for i := range counted {
		if err := f.numbers(ctx, fmt.Sprintf("SELECT sum(bitTest(holds[%d], %d)) FROM (%s)", i/64+1, i%64, f.holds), &counted[i]); err != nil {
			return nil, err
		}
	}
	return counted, nil
}

// factRules is the conditions as rules of one risk.
func (b *bench) factRules(list []condition) (*rules.Set, error) {
	dir := filepath.Join(b.dir, "facts.d")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	risks, err := os.ReadFile(filepath.Join(b.rules, "risks.yaml"))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "risks.yaml"), risks, 0o600); err != nil {
		return nil, err
	}
	texts := make([]string, len(list))
	for i, c := range list {
		texts[i] = c.write(" and ", " or ", func(f fact) string { return f.rule }, func(fact) bool { return false })
	}
	if err := writeRules(filepath.Join(dir, "facts.yaml"), "repeat", texts); err != nil {
		return nil, err
	}
	set, problems := rules.Load(os.DirFS(dir), rules.Options{})
	return set, problems.Err()
}

// readFacts computes the facts a second time, by SQL that is written by hand,
// and reads them.
func (s *store) readFacts(ctx context.Context) ([]facts, error) {
	now := fmt.Sprint(s.at.UnixMilli())
	var columns []string
	for _, f := range factList() {
		kind := "toInt64"
		if isDecimal(f) {
			kind = "toFloat64"
		}
		columns = append(columns, kind+"("+f.sql+")")
	}
	sql := strings.ReplaceAll("SELECT "+strings.Join(columns, ", ")+` FROM
		(
			SELECT *, kind = 'contact' AS c, toUnixTimestamp64Milli(at) AS ms, ({{now}} - ms) / 86400000 AS age
			FROM signals FINAL
			WHERE at <= fromUnixTimestamp64Milli({{now}}, 'UTC') AND stored_at <= fromUnixTimestamp64Milli({{now}}, 'UTC')
		)
		GROUP BY case_id HAVING countIf(c) > 0 AND max(ms) > {{now}} - `, "{{now}}", now) + fmt.Sprint(scorer.CaseWindow.Milliseconds()) + " SETTINGS optimize_aggregation_in_order = 1"
	in, out := io.Pipe()
	go func() { out.CloseWithError(s.Raw(ctx, out, clickhouse.RawQuery{SQL: sql, Format: "RowBinary"})) }()
	return decode(bufio.NewReaderSize(in, 1<<20))
}

// decode reads rows of eight bytes a field into facts.
func decode(in io.Reader) ([]facts, error) {
	if err := fieldsMatch(); err != nil {
		return nil, err
	}
	var all []facts
	line := make([]byte, 8*len(factList()))
	for {
		if _, err := io.ReadFull(in, line); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("read facts: %w", err)
		}
		var f facts
		fields := reflect.ValueOf(&f).Elem()
		for i := range fields.NumField() {
			bits := binary.LittleEndian.Uint64(line[8*i:])
			if field := fields.Field(i); field.CanInt() {
				field.SetInt(int64(bits))
			} else {
				field.SetFloat(math.Float64frombits(bits))
			}
		}
		all = append(all, f)
	}
}

// fieldsMatch holds that facts has the fields of factList.
func fieldsMatch() error {
	t := reflect.TypeFor[facts]()
	list := factList()
	for i := range max(t.NumField(), len(list)) {
		if i >= len(list) || i >= t.NumField() || t.Field(i).Tag.Get("expr") != list[i].name {
			return fmt.Errorf("field %d of facts is not that of factList: write both in one order", i)
		}
	}
	return nil
}
