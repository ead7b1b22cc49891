package clickhouse

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/verify"
)

var _ verify.Past = (*DB)(nil)

func period(p verify.Period, more clickhouse.Parameters) clickhouse.Parameters {
	out := clickhouse.Parameters{"from": instant(orNever(p.From)), "to": instant(p.To)}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// Instants gives the evaluated instants of a period, in order, without the rows of arrivals.
func (db *DB) Instants(ctx context.Context, p verify.Period) (out []scorer.Tick, err error) {
	err = collect(with(ctx, period(p, nil)), db, "evaluated instants", statement("instants"), &out, func(r driver.Rows) error {
		var t scorer.Tick
		var trigger string
		var rows, changed uint64
		err := r.Scan(&t.AsOf, &trigger, &t.StoredAt, &rows, &changed, &t.Late, &t.RuleSet, &t.Calendar)
		t.Trigger, t.Rows, t.Changed = scorer.Trigger(trigger), int(rows), int(changed)
		out = append(out, t)
		return err
	})
	return out, err
}

// numbering is the column of signals that numbers the rows of a kind, and window
// is for how long something that happened is seen.
func numbering(over rules.Over) (column string, window time.Duration) {
	if over == rules.OverGroup {
		return "group_id", scorer.GroupWindow
	}
	return "case_id", scorer.CaseWindow
}

// RowsToReplay gives the rows that something happened to within the windows of a
// period, or that were assessed.
func (db *DB) RowsToReplay(ctx context.Context, over rules.Over, p verify.Period) (out []uint64, err error) {
	column, window := numbering(over)
	since := never
	if !p.From.IsZero() {
		since = p.From.Add(-window)
	}
	ctx = with(ctx, period(p, clickhouse.Parameters{"over": string(over), "since": instant(since)}))
	err = collect(ctx, db, "rows to replay", statement("rows_to_replay", "{{row}}", column), &out, func(r driver.Rows) error {
		var row uint64
		err := r.Scan(&row)
		out = append(out, row)
		return err
	})
	return out, err
}

// Lives gives all that is stored of some rows, in no certain order. A row of
// which only assessments are left has an empty story.
func (db *DB) Lives(ctx context.Context, over rules.Over, rows []uint64, p verify.Period, neighbours bool) ([]verify.Life, error) {
	stories, err := db.stories(ctx, over, rows, neighbours)
	if err != nil {
		return nil, err
	}
	lives := make(map[uint64]*verify.Life, len(rows))
	for _, row := range rows {
		lives[row] = &verify.Life{Row: row, Story: &story{over: over, row: row}}
	}
	for _, s := range stories {
		lives[s.row].Story = s
	}
	if err := db.recorded(ctx, over, rows, p, lives); err != nil {
		return nil, err
	}
	if err := db.evaluated(ctx, over, rows, p, lives); err != nil {
		return nil, err
	}
	out := make([]verify.Life, 0, len(rows))
	for _, row := range rows {
		out = append(out, *lives[row])
	}
	return out, nil
}

// recorded adds the assessments of rows.
func (db *DB) recorded(ctx context.Context, over rules.Over, rows []uint64, p verify.Period, lives map[uint64]*verify.Life) error {
	ctx, err := asked(with(ctx, period(p, clickhouse.Parameters{"over": string(over)})), rows)
	if err != nil {
		return fmt.Errorf("read recorded assessments: %w", err)
	}
	type line struct {
		row uint64
		verify.Recorded
	}
	var all []line
	err = collect(ctx, db, "recorded assessments", statement("recorded"), &all, func(r driver.Rows) error {
		var l line
		var score, shadow, level uint8
		var contacts uint64
		err := r.Scan(&l.row, &l.Risk, &l.AsOf, &l.StoredAt, &l.Ref, &score, &shadow, &level, &l.Fired, &l.RuleSet, &l.Calendar, &l.Late, &contacts, &l.First)
		l.Score, l.ShadowScore, l.Level, l.Contacts = int(score), int(shadow), rules.Level(level), int(contacts)
		l.First = orZero(l.First)
		all = append(all, l)
		return err
	})
	for _, l := range all {
		lives[l.row].Recorded = append(lives[l.row].Recorded, l.Recorded)
	}
	return err
}

// evaluated adds the arrivals at which rows were assessed.
func (db *DB) evaluated(ctx context.Context, over rules.Over, rows []uint64, p verify.Period, lives map[uint64]*verify.Life) error {
	ctx, err := asked(with(ctx, period(p, nil)), rows)
	if err != nil {
		return fmt.Errorf("read arrivals: %w", err)
	}
	type line struct {
		row uint64
		at  time.Time
	}
	var all []line
	err = collect(ctx, db, "arrivals", statement("evaluated", "{{rows}}", string(over)+"s"), &all, func(r driver.Rows) error {
		var l line
		err := r.Scan(&l.row, &l.at)
		all = append(all, l)
		return err
	})
	for _, l := range all {
		lives[l.row].Arrivals = append(lives[l.row].Arrivals, l.at)
	}
	return err
}

// Forgotten gives what was removed on request.
func (db *DB) Forgotten(ctx context.Context) (out []verify.Forgotten, err error) {
	err = collect(ctx, db, "what was forgotten", statement("forgotten"), &out, func(r driver.Rows) error {
		var f verify.Forgotten
		err := r.Scan(&f.At, &f.Case)
		out = append(out, f)
		return err
	})
	return out, err
}

// KeepRules stores the files of a version of the rules. Storing them again changes nothing.
func (db *DB) KeepRules(ctx context.Context, f scorer.RuleFiles) error {
	return db.insert(ctx, "rule files", "insert_rule_sets", 1, func(batch driver.Batch) error {
		return batch.Append(f.Version, time.Now().UTC(), f.Files, f.Deadlines)
	})
}

// KeptRules gives every version of the rules whose files were kept.
func (db *DB) KeptRules(ctx context.Context) (out []scorer.RuleFiles, err error) {
	err = collect(ctx, db, "rule files", statement("rule_sets"), &out, func(r driver.Rows) error {
		var f scorer.RuleFiles
		err := r.Scan(&f.Version, &f.Files, &f.Deadlines)
		out = append(out, f)
		return err
	})
	return out, err
}
