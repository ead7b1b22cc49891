package clickhouse

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/rules"
	"yujing/scorer"
)

var _ scorer.Ledger = (*DB)(nil)

// Standing gives what stood strictly before an instant, where something did,
// ordered by row and risk.
func (db *DB) Standing(ctx context.Context, before time.Time, of scorer.Span) iter.Seq2[scorer.Standing, error] {
	return func(yield func(scorer.Standing, error) bool) {
		only := everything
		if of.Rows != nil {
			only = among("row_id", of.Rows)
		}
		ctx, err := only.attach(clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"as_of": instant(before), "over": string(of.Over)}),
			clickhouse.WithSettings(clickhouse.Settings{"optimize_aggregation_in_order": 1})))
		if err != nil {
			yield(scorer.Standing{}, fmt.Errorf("read standing assessments: %w", err))
			return
		}
		stream(ctx, db, "standing assessments", statement("standing", "{{only}}", only.where), scanStanding, yield)
	}
}

func scanStanding(r driver.Rows) (s scorer.Standing, err error) {
	var over string
	var score, shadow, level uint8
	err = r.Scan(&s.Row, &s.Risk, &over, &s.Ref, &score, &shadow, &level, &s.Fired)
	s.Over, s.Score, s.ShadowScore, s.Level = rules.Over(over), int(score), int(shadow), rules.Level(level)
	return s, err
}

// Record stores assessments that changed.
func (db *DB) Record(ctx context.Context, changes []scorer.Change) error {
	now := time.Now().UTC()
	return db.insert(ctx, "assessments", "insert_assessments", len(changes), func(batch driver.Batch) error {
		for i := range changes {
			if err := appendChange(batch, &changes[i], now); err != nil {
				return err
			}
		}
		return nil
	})
}

func appendChange(batch driver.Batch, c *scorer.Change, now time.Time) error {
	row, err := strconv.ParseUint(c.Row, 16, 64)
	if err != nil {
		return fmt.Errorf("row %q: %w", c.Row, err)
	}
	reasons, err := json.Marshal(c.Fired)
	if err != nil {
		return err
	}
	matter, err := json.Marshal(c.Matter)
	if err != nil {
		return err
	}
	ids, points, shadow := make([]string, len(c.Fired)), make([]int16, len(c.Fired)), make([]bool, len(c.Fired))
	for i, f := range c.Fired {
		ids[i], points[i], shadow[i] = f.ID, int16(f.Points), f.Shadow
	}
	return batch.Append(row, c.Risk, c.AsOf, now, string(c.Over), c.Ref, uint8(c.Score), uint8(c.ShadowScore), uint8(c.Level),
		ids, points, shadow, string(reasons), c.Values, string(matter), c.RuleSet, c.Calendar, c.Concluded, c.Late, c.First)
}

// RecordTick stores that an instant has been evaluated.
func (db *DB) RecordTick(ctx context.Context, t scorer.Tick) error {
	return db.insert(ctx, "ticks", "insert_ticks", 1, func(batch driver.Batch) error {
		return batch.Append(t.AsOf, string(t.Trigger), time.Now().UTC(), uint64(t.Rows), uint64(t.Changed), t.Late, t.RuleSet, t.Calendar, orEmpty(t.Cases), orEmpty(t.Groups))
	})
}

// orEmpty is a list as the store takes it.
func orEmpty(rows []uint64) []uint64 {
	if rows == nil {
		return []uint64{}
	}
	return rows
}

// LastTick is the latest evaluated instant of a trigger ("" = any); zero if none.
func (db *DB) LastTick(ctx context.Context, of scorer.Trigger) (scorer.Tick, error) {
	var last []scorer.Tick
	ctx = with(ctx, clickhouse.Parameters{"trigger": string(of)})
	err := collect(ctx, db, "the last tick", statement("last_tick"), &last, func(r driver.Rows) error {
		var t scorer.Tick
		var trigger string
		err := r.Scan(&t.AsOf, &trigger, &t.RuleSet, &t.Calendar)
		t.AsOf, t.Trigger = t.AsOf.UTC(), scorer.Trigger(trigger)
		last = append(last, t)
		return err
	})
	if err != nil || len(last) == 0 {
		return scorer.Tick{}, err
	}
	return last[0], nil
}

// RecordedSince gives the assessments recorded for instants after one, in order.
func (db *DB) RecordedSince(ctx context.Context, after time.Time) ([]scorer.Change, error) {
	ctx = with(ctx, clickhouse.Parameters{"after": instant(orNever(after))})
	var out []scorer.Change
	err := collect(ctx, db, "recorded assessments", statement("recorded_since"), &out, func(r driver.Rows) error {
		var c scorer.Change
		var row uint64
		var over, reasons, matter string
		var score, shadow, level uint8
		if err := r.Scan(&row, &c.Risk, &c.AsOf, &over, &c.Ref, &score, &shadow, &level, &reasons, &matter, &c.RuleSet, &c.Calendar, &c.Concluded, &c.Late, &c.First); err != nil {
			return err
		}
		c.Row, c.Over, c.Level = scorer.RowName(row), rules.Over(over), rules.Level(level)
		c.Score, c.ShadowScore = int(score), int(shadow)
		if err := json.Unmarshal([]byte(reasons), &c.Fired); err != nil {
			return fmt.Errorf("reasons of %s: %w", c.Row, err)
		}
		if err := json.Unmarshal([]byte(matter), &c.Matter); err != nil {
			return fmt.Errorf("matter of %s: %w", c.Row, err)
		}
		out = append(out, c)
		return nil
	})
	return out, err
}
