package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/rules"
	"yujing/scorer"
)

// The load of the arrivals: so many signals every so often, for so long.
const (
	arriveEvery = 100 * time.Millisecond
	arriveBatch = 20
	arriveFor   = 20 * time.Second
)

// emitter notes when the change of a row is handed over to what sends messages.
type emitter struct {
	mu     sync.Mutex
	handed map[string]time.Time // by row, the first time
}

// emit is a scorer.Emit.
func (e *emitter) emit(_ context.Context, _ time.Time, changes []scorer.Change) error {
	now := time.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range changes {
		if _, known := e.handed[c.Row]; !known && c.Over == rules.OverCase {
			e.handed[c.Row] = now
		}
	}
	return nil
}

// arrive stores signals as a live feed does beside a full store, half of them
// new matters and half in old ones, and takes the time from each one's storing
// to the handing over of the change that it makes.
func (b *bench) arrive(ctx context.Context) error {
	s, set, err := b.filledStore(ctx)
	if err != nil {
		return err
	}
	if err := s.settle(ctx, set); err != nil {
		return err
	}
	shape, err := s.shape(ctx)
	if err != nil {
		return err
	}
	signals, err := s.arrivals(ctx, int(arriveFor/arriveEvery)*arriveBatch)
	if err != nil {
		return err
	}
	handed, err := s.live(ctx, set, signals)
	if err != nil {
		return err
	}
	b.addArrivals(shape, signals, handed)
	return nil
}

// addArrivals tells how long the signals took. Each of them changes its case's
// assessment; one whose change was never handed over has taken until now.
func (b *bench) addArrivals(shape string, signals []ingest.Row, handed map[string]time.Time) {
	var took []time.Duration
	waiting := 0
	for i := range signals {
		at, changed := handed[scorer.RowName(uint64(signals[i].Case))]
		if !changed {
			waiting++
			at = time.Now()
		}
		took = append(took, at.Sub(signals[i].StoredAt))
	}
	slices.Sort(took)
	b.add("arrival, stored to handed over", fmt.Sprintf("p50 %d ms, p99 %d ms, longest %d ms, %d never", percentile(took, 50).Milliseconds(), percentile(took, 99).Milliseconds(), took[len(took)-1].Milliseconds(), waiting),
		fmt.Sprintf("%s; %d signals a second for %s, half in stored cases", shape, arriveBatch*int(time.Second/arriveEvery), arriveFor), "p99 under 1 s")
}

func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

// settle lets merges go on and end, and scores every row if nobody has: what a
// daemon stands on that has run for a while.
func (s *store) settle(ctx context.Context, set *rules.Set) error {
	if err := s.write(ctx, "SYSTEM START MERGES signals"); err != nil {
		return err
	}
	last, err := s.LastTick(ctx, scorer.Scheduled)
	if err != nil {
		return err
	}
	if last.AsOf.IsZero() {
		if _, err := s.score(ctx, set, s.at); err != nil {
			return err
		}
	}
	for quiet, deadline := 0, time.Now().Add(5*time.Minute); quiet < 3 && time.Now().Before(deadline); {
		var merges int
		if err := s.numbers(ctx, "SELECT count() FROM system.merges", &merges); err != nil {
			return err
		}
		if quiet++; merges > 0 {
			quiet = 0
		}
		time.Sleep(time.Second)
	}
	return nil
}

// arrivals makes n contacts that speak of going higher, each in a matter of its
// own: every second one in a matter that is stored.
func (s *store) arrivals(ctx context.Context, n int) ([]ingest.Row, error) {
	cases, err := s.lines(ctx, fmt.Sprintf("SELECT case_id, any(place), any(category2), max(group_id) FROM signals WHERE kind = 'contact' AND case_id %% 64 = 1 GROUP BY case_id ORDER BY case_id LIMIT %d", n/2))
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(7, 11))
	rows := make([]ingest.Row, n)
	for i := range rows {
		id, person := rng.Uint64(), rng.Uint64()
		old := cases[i/2%len(cases)]
		group, err := strconv.ParseUint(old[3], 10, 64)
		if err != nil {
			return nil, err
		}
		known := id
		if i%2 == 0 && i/2 < len(cases) {
			if known, err = strconv.ParseUint(old[0], 10, 64); err != nil {
				return nil, err
			}
		}
		rows[i] = ingest.Row{Case: ingest.CaseID(known), Person: person, Signal: ingest.Signal{Version: 1, Source: "live", Name: "contact", Ref: fmt.Sprint("live-", i),
			Kind: "contact", Channel: "visit", Level: 4, Competent: 3, Place: old[1], Category: [3]string{"城乡建设", old[2], ""}, Purpose: "complaint", People: 3,
			Text: "多次反映无人处理，准备到省里反映", Who: []uint64{person}, Group: group}}
		for j := range 8 {
			rows[i].ID[j] = byte(id >> (8 * j))
		}
	}
	return rows, nil
}

// live runs the daemon's scoring loop while signals are stored, and gives when
// the change of each row was handed over. It sets the times of the signals.
func (s *store) live(ctx context.Context, set *rules.Set, signals []ingest.Row) (map[string]time.Time, error) {
	plan, err := scorer.Config{Schedule: "0 0 1 1 *", Zone: "Asia/Shanghai"}.Plan()
	if err != nil {
		return nil, err
	}
	out := &emitter{handed: map[string]time.Time{}}
	runner := scorer.NewRunner(scorer.RunnerOptions{Facts: s.DB, Ledger: s.DB, Set: set, Schedule: plan, Emit: out.emit})
	if err := runner.Start(ctx); err != nil {
		return nil, err
	}
	clear(out.handed) // of what came before
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- runner.Run(running) }()
	err = storeLive(ctx, s.DB, runner.Nudge, signals)
	if err == nil {
		out.wait(len(signals), time.Minute)
	}
	stop()
	return out.handed, errors.Join(err, <-done)
}

// wait waits until so many rows were handed over, or for a while.
func (e *emitter) wait(rows int, most time.Duration) {
	for deadline := time.Now().Add(most); time.Now().Before(deadline); time.Sleep(arriveEvery) {
		e.mu.Lock()
		n := len(e.handed)
		e.mu.Unlock()
		if n >= rows {
			return
		}
	}
}

// storeLive stores the signals in their batches, each at its time, or as soon after
// it as the store takes them.
func storeLive(ctx context.Context, db *clickhouse.DB, nudge func(), signals []ingest.Row) error {
	ticker := time.NewTicker(arriveEvery)
	defer ticker.Stop()
	for batch := range slices.Chunk(signals, arriveBatch) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		now := time.Now().UTC().Truncate(time.Millisecond)
		for i := range batch {
			batch[i].At, batch[i].KnownAt, batch[i].StoredAt = now, now, now
		}
		if err := db.Append(ctx, &ingest.Batch{Rows: batch}); err != nil {
			return err
		}
		nudge()
	}
	return nil
}
