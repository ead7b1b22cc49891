package main

import (
	"context"
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"yujing/rules"
)

//go:embed fill.sql
var fillSQL string

// block is some of the made-up signals, stored by one insert.
type block struct {
	first, step, count int           // their numbers; per of them in a row are one case
	per                int           // signals of a case
	now                time.Time     // no signal is later
	window             time.Duration // the last signal of each case lies within it
	stored             string        // when the store had them, in SQL
}

func (k block) sql() string {
	return strings.NewReplacer("{{first}}", fmt.Sprint(k.first), "{{step}}", fmt.Sprint(k.step), "{{count}}", fmt.Sprint(k.count), "{{per}}", fmt.Sprint(k.per),
		"{{now}}", fmt.Sprint(k.now.UnixMilli()), "{{window}}", fmt.Sprint(k.window.Milliseconds()), "{{stored}}", k.stored).Replace(fillSQL)
}

const (
	caseAge    = 359 * 24 * time.Hour // the last signals of cases spread over so long: nearly all stay in their window
	smallBlock = 30                   // cases that a feed brings at a time
	// untilMidnight is from the instant that signals are made for, the morning of
	// yesterday, to midnight in the zone of the rules.
	untilMidnight = 16 * time.Hour
	smalls        = 4 // such feeds in the last hour
)

// fill gives the store of the tick: signals in the parts that an import leaves
// which took in a long history, and after it the feeds of one hour. Merges are
// held up, so that every measurement meets the same parts.
func (b *bench) fill(ctx context.Context) (*store, error) {
	if b.filled != nil {
		return b.filled, nil
	}
	s, err := openStore(ctx, filepath.Join(b.dir, "filled"))
	if err != nil {
		return nil, err
	}
	b.filled = s
	s.at = time.Now().UTC().Truncate(24 * time.Hour).Add(-24 * time.Hour)
	if err := s.write(ctx, "SYSTEM STOP MERGES signals"); err != nil {
		return nil, err
	}
	total := b.cases * b.perCase
	for i := range b.blocks {
		k := block{first: i, step: b.blocks, count: (total + b.blocks - 1 - i) / b.blocks, per: b.perCase, now: s.at, window: caseAge, stored: "at"}
		if err := s.write(ctx, k.sql()); err != nil {
			return nil, fmt.Errorf("fill the store, block %d: %w", i, err)
		}
	}
	hourLater := s.at.Add(time.Hour)
	for i := range smalls {
		n := smallBlock * b.perCase
		k := block{first: total + i*n, step: 1, count: n, per: b.perCase, now: hourLater, window: time.Hour,
			stored: fmt.Sprintf("fromUnixTimestamp64Milli(toInt64(%d - %d), 'UTC')", hourLater.UnixMilli(), (time.Duration(i) * 10 * time.Minute).Milliseconds())}
		if err := s.write(ctx, k.sql()); err != nil {
			return nil, fmt.Errorf("fill the store, feed %d: %w", i, err)
		}
	}
	return s, nil
}

// filledStore gives the store of the tick and the rules of the tick.
func (b *bench) filledStore(ctx context.Context) (*store, *rules.Set, error) {
	s, err := b.fill(ctx)
	if err != nil {
		return nil, nil, err
	}
	set, err := b.ruleSet()
	return s, set, err
}

func (b *bench) closeFilled() {
	if b.filled != nil {
		_ = b.filled.Close() // the directory goes with it
	}
}
