package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"yujing/internal/clickhouse"
	"yujing/rules"
	"yujing/scorer"
)

// timed is a store that tells where the time of an instant goes.
type timed struct {
	*clickhouse.DB
	picked       time.Duration                // which rows may have turned
	rules        map[rules.Over]time.Duration // the rules as SQL, over the rows of each kind
	facts, wrote time.Duration                // of what changed: its facts read, what was written
}

// Turned is the store's, timed.
func (t *timed) Turned(ctx context.Context, turns rules.Turns, v scorer.View, from time.Time, most int) ([]uint64, error) {
	started := time.Now()
	rows, err := t.DB.Turned(ctx, turns, v, from, most)
	t.picked += time.Since(started)
	return rows, err
}

// Holding is the store's, timed until the last row is taken; what stood is read beside it.
func (t *timed) Holding(ctx context.Context, set *rules.Set, v scorer.View) iter.Seq2[scorer.Holding, error] {
	return func(yield func(scorer.Holding, error) bool) {
		started := time.Now()
		t.DB.Holding(ctx, set, v)(yield)
		t.rules[v.Over] += time.Since(started)
	}
}

// Facts is the store's, timed to its end.
func (t *timed) Facts(ctx context.Context, v scorer.View) iter.Seq2[*rules.Facts, error] {
	return func(yield func(*rules.Facts, error) bool) {
		started := time.Now()
		t.DB.Facts(ctx, v)(yield)
		t.facts += time.Since(started)
	}
}

// Record is the store's, timed.
func (t *timed) Record(ctx context.Context, changes []scorer.Change) error {
	started := time.Now()
	err := t.DB.Record(ctx, changes)
	t.wrote += time.Since(started)
	return err
}

// measured is one scheduled instant: what it came to and what it took, from the
// first read to the last assessment written.
type measured struct {
	scorer.Tick
	took time.Duration
	of   *timed
	peak int // of the engine, in MB
}

func (s *store) score(ctx context.Context, set *rules.Set, asOf time.Time) (measured, error) {
	if err := s.forgetPeak(); err != nil {
		return measured{}, err
	}
	of := &timed{DB: s.DB, rules: map[rules.Over]time.Duration{}}
	started := time.Now()
	tick, err := scorer.New(of, of, set, nil).Score(ctx, scorer.Instant{AsOf: asOf, Trigger: scorer.Scheduled},
		func(context.Context, []scorer.Change) error { return nil })
	m := measured{Tick: tick, took: time.Since(started), of: of}
	if err != nil {
		return m, err
	}
	if tick.Differ > 0 {
		return m, fmt.Errorf("the two engines disagree on %d assessments: the figures mean nothing", tick.Differ)
	}
	m.peak, err = s.peak()
	return m, err
}

func (m measured) String() string {
	return fmt.Sprintf("%.1f s (rows picked %.1f s; rules as SQL over cases %.1f s, over groups %.1f s; of what changed facts %.1f s, written %.1f s), %d rows, %d changed", m.took.Seconds(),
		m.of.picked.Seconds(), m.of.rules[rules.OverCase].Seconds(), m.of.rules[rules.OverGroup].Seconds(), m.of.facts.Seconds(), m.of.wrote.Seconds(), m.Rows, m.Changed)
}

// tick is a scheduled instant on a store of the size that the design speaks of.
func (b *bench) tick(ctx context.Context) error {
	s, set, err := b.filledStore(ctx)
	if err != nil {
		return err
	}
	shape, err := s.shape(ctx)
	if err != nil {
		return err
	}
	first, err := s.score(ctx, set, s.at)
	if err != nil {
		return err
	}
	fired, err := s.fired(ctx)
	if err != nil {
		return err
	}
	b.add("first tick, everything is news", first.String(), fmt.Sprintf("%s; %d rules; %s; engine's peak %d MB", shape, ruleCount, fired, first.peak), "")
	var hours []besideBare
	for n := range 3 {
		hour, err := s.tickBesideBare(ctx, set, s.at.Add(time.Duration(n+1)*time.Hour))
		if err != nil {
			return err
		}
		hours = append(hours, hour)
	}
	slices.SortFunc(hours, func(a, b besideBare) int { return cmp.Compare(a.times(), b.times()) })
	steady := hours[1]
	b.add("tick, an hour later", steady.measured.String(), fmt.Sprintf("%s; beside it %s: tick is %.1f times that, the median of three hours (%.1f to %.1f)",
		shape, steady.bare, steady.times(), hours[0].times(), hours[2].times()), "tick at most 3 times bare")
	daily, err := s.tickBesideBare(ctx, set, s.at.Add(untilMidnight))
	if err != nil {
		return err
	}
	b.add("tick, the first of a day, which asks of every row", daily.measured.String(), fmt.Sprintf("%s; beside it %s: tick is %.1f times that", shape, daily.bare, daily.times()), "")
	cap := clickhouse.DefaultConfig().Embedded.MemoryMB
	peak := max(first.peak, steady.peak, daily.peak)
	b.add("tick, engine's peak memory", fmt.Sprintf("%d MB", peak), fmt.Sprintf("cap %d MB: %.2f of it; an hour later %d MB", cap, float64(peak)/float64(cap), steady.peak), "at most 1.5 times the cap")
	return nil
}

// besideBare is an instant and a bare scan right after it: the machine's speed is
// not the same from minute to minute.
type besideBare struct {
	measured
	bare bareScan
}

func (m besideBare) times() float64 { return m.took.Seconds() / m.bare.best.Seconds() }

func (s *store) tickBesideBare(ctx context.Context, set *rules.Set, asOf time.Time) (besideBare, error) {
	tick, err := s.score(ctx, set, asOf)
	if err != nil {
		return besideBare{}, err
	}
	bare, err := s.bare(ctx, asOf)
	return besideBare{tick, bare}, err
}

// shape tells how much is stored and how it lies.
func (s *store) shape(ctx context.Context) (string, error) {
	var cases, signals, groups, parts, small int
	if err := s.numbers(ctx, "SELECT uniqExact(case_id), count(), uniqExact(group_id) FROM signals", &cases, &signals, &groups); err != nil {
		return "", err
	}
	err := s.numbers(ctx, "SELECT count(), countIf(rows < 10000) FROM system.parts WHERE active AND database = currentDatabase() AND table = 'signals'", &parts, &small)
	return fmt.Sprintf("%d cases, %d signals, %d groups, %d parts (%d small)", cases, signals, groups, parts, small), err
}

// fired tells on how many of the rows a rule fires at all.
func (s *store) fired(ctx context.Context) (string, error) {
	lines, err := s.lines(ctx, "SELECT risk, count(), round(arrayAvg(groupArray(length(rules))), 1) FROM assessments GROUP BY risk ORDER BY risk")
	said := make([]string, len(lines))
	for i, line := range lines {
		said[i] = fmt.Sprintf("%s %s rows, %s rules each", line[0], line[1], line[2])
	}
	return "fires: " + strings.Join(said, ", "), err
}

// bareScan is one scan-and-group of what the tick reads.
type bareScan struct {
	best          time.Duration
	hash, inOrder string
	columns       int
}

func (c bareScan) String() string {
	return fmt.Sprintf("scan-and-group of its %d columns %.1f s (hash %s, in order %s)", c.columns, c.best.Seconds(), c.hash, c.inOrder)
}

// bare reads and groups, with nothing else done, what the last tick read of the
// signals of cases: FINAL, visible at the instant, every column that it used.
func (s *store) bare(ctx context.Context, asOf time.Time) (bareScan, error) {
	columns, err := s.columnsOf(ctx, "tick_cases_facts")
	if err != nil {
		return bareScan{}, err
	}
	var aggregates []string
	for _, c := range columns {
		if c.name != "case_id" {
			aggregates = append(aggregates, c.aggregate())
		}
	}
	now := fmt.Sprintf("fromUnixTimestamp64Milli(%d, 'UTC')", asOf.UnixMilli())
	sql := strings.ReplaceAll("SELECT case_id, count(), "+strings.Join(aggregates, ", ")+` FROM signals FINAL
		WHERE at <= {now} AND known_at <= {now} AND (known_until > {now} OR closed_at > {now}) AND stored_at <= {now}
		GROUP BY case_id SETTINGS optimize_aggregation_in_order = `, "{now}", now)
	hash, hashErr := s.fastest(ctx, 3, sql+"0")
	inOrder, orderErr := s.fastest(ctx, 3, sql+"1")
	scan := bareScan{hash: said(hash, hashErr), inOrder: said(inOrder, orderErr), columns: len(columns)}
	switch {
	case hashErr != nil && orderErr != nil:
		return scan, fmt.Errorf("scan and group: %w", errors.Join(hashErr, orderErr))
	case hashErr != nil:
		scan.best = inOrder
	case orderErr != nil:
		scan.best = hash
	default:
		scan.best = min(hash, inOrder)
	}
	return scan, nil
}

// said is a time, or that there is none: one of the two ways may not fit into memory.
func said(took time.Duration, err error) string {
	if err != nil {
		return "fails"
	}
	return fmt.Sprintf("%.1f s", took.Seconds())
}

// column is a column of signals.
type column struct{ name, kind string }

// aggregate is the least that makes the engine read a column.
func (c column) aggregate() string {
	switch {
	case strings.HasPrefix(c.kind, "Map"), strings.HasPrefix(c.kind, "Array"), strings.Contains(c.kind, "String"):
		return "max(length(" + c.name + "))"
	}
	return "max(" + c.name + ")"
}

// columnsOf gives the columns of signals that a view reads: those of the engine's
// plan, and those that say what is visible, which it reads apart.
func (s *store) columnsOf(ctx context.Context, view string) ([]column, error) {
	lines, err := s.lines(ctx, "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = 'signals'")
	if err != nil {
		return nil, err
	}
	plan, err := s.lines(ctx, "EXPLAIN header = 1 SELECT * FROM "+view)
	if err != nil {
		return nil, err
	}
	read := map[string]bool{"case_id": true, "at": true, "known_at": true, "known_until": true, "closed_at": true, "stored_at": true}
	scans := scanned(plan)
	if len(scans) == 0 {
		return nil, fmt.Errorf("the plan of %s reads no table", view)
	}
	for _, name := range scans {
		read[name] = true
	}
	var out []column
	for _, line := range lines {
		if read[line[0]] {
			out = append(out, column{line[0], line[1]})
		}
	}
	return out, nil
}

// scanned gives the names in the headers of what a plan reads of tables.
func scanned(plan [][]string) []string {
	var out []string
	reading := false
	for _, line := range plan {
		fields := strings.Fields(line[0])
		switch {
		case len(fields) == 0:
		case strings.HasPrefix(fields[0], "ReadFrom"):
			reading = true
		case !reading:
		case fields[0] == "Header:" && len(fields) > 2:
			out = append(out, fields[1])
		case fields[0] == strings.ToLower(fields[0]): // a further column; a step of the plan has a capital
			out = append(out, fields[0])
		default:
			reading = false
		}
	}
	return out
}
