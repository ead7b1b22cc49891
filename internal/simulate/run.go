package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"
)

// Run simulates the period and writes what Options ask for.
func Run(ctx context.Context, o Options) (*Report, error) {
	began := time.Now()
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := emptyDir(o.Dir); err != nil {
		return nil, err
	}
	w, f, err := prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	err = w.toEnd(ctx, o)
	if err == nil {
		err = w.finish()
	}
	err = errors.Join(err, f.close(&w.report))
	if f.truth != nil {
		err = errors.Join(err, f.truth.close())
	}
	if err != nil {
		return nil, err
	}
	w.report.From, w.report.To = w.clock.base, o.To.In(Zone())
	w.report.Seconds = time.Since(began).Seconds()
	o.Logger.Info("simulated", zap.Int("contacts", w.report.Contacts), zap.Int("matters", w.report.Matters),
		zap.Int("files", w.report.Files), zap.Float64("seconds", w.report.Seconds))
	if o.Dir == "" {
		return &w.report, nil
	}
	return &w.report, writeState(o.Dir, state{Model: modelVersion(o), Seed: o.Seed, From: o.From, To: o.To, PerDay: o.PerDay,
		Every: o.Every, Dirty: o.Dirty, Format: o.Format, Report: &w.report})
}

// prepare builds a world with its outputs.
func prepare(ctx context.Context, o Options) (*world, *feeds, error) {
	w := newWorld(o, nil)
	s := &stamps{clock: w.clock, perDay: o.PerDay}
	encoders := encodersFor(o, w.district, s)
	if o.Dir == "" {
		encoders = [sourceCount]encoder{discard{}, discard{}, discard{}}
	}
	f := newFeeds(ctx, encoders, inDir(o.Dir))
	f.world, f.tell = w, o.Observe
	w.out = f
	if o.Dir != "" {
		c := &composer{district: w.district, stamps: s, seed: o.Seed, dirty: o.Dirty}
		t, err := openTruth(o.Dir, o.Hazards, c)
		if err != nil {
			return nil, nil, fmt.Errorf("simulate: %w", err)
		}
		f.truth = t
	}
	if o.Hazards || o.Observe != nil {
		w.schedule(day-w.now%day, evObserve, 0, 0, 0)
	}
	return w, f, nil
}

// toEnd runs the world through the period, a day at a time.
func (w *world) toEnd(ctx context.Context, o Options) error {
	end := w.clock.since(o.To)
	for begin := w.now; w.now < end; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.run(min(w.now+day, end)); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(float64(w.now-begin) / float64(end-begin))
		}
	}
	return nil
}

// discard writes nothing.
type discard struct{}

func (discard) write(b batch, _ create) (tally, error) {
	return tally{rows: len(b.records) + len(b.lines)}, nil
}

// emptyDir makes the directory; files of another run must not stand among the new ones.
func emptyDir(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("simulate: %s is not empty; name a new directory or clear this one", dir)
	}
	return nil
}

// state is simulation.json: how to come to where a run ended, for the live mode.
type state struct {
	Model    string        `json:"model"`
	Seed     uint64        `json:"seed"`
	From     time.Time     `json:"from"`
	To       time.Time     `json:"to"`
	PerDay   float64       `json:"per_day"`
	Every    time.Duration `json:"every"`
	Dirty    int           `json:"dirty"`
	Format   Format        `json:"format"`
	Report   *Report       `json:"report,omitempty"`
	Sessions []session     `json:"sessions,omitempty"`
	Batch    *span         `json:"batch,omitempty"` // the live batch begun last
}

// span is a stretch of simulated time, in seconds since the first midnight.
type span struct {
	From int32 `json:"from"`
	To   int32 `json:"to"`
}

const stateFile = "simulation.json"

// writeState replaces the file at once.
func writeState(dir string, s state) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	path := filepath.Join(dir, stateFile)
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	return nil
}

func readState(dir string) (state, error) {
	var s state
	data, err := os.ReadFile(filepath.Join(dir, stateFile))
	if err != nil {
		return s, fmt.Errorf("simulate: no history to continue: %w; run `yujing simulate` first", err)
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("simulate: %s: %w; run `yujing simulate` into a new directory", filepath.Join(dir, stateFile), err)
	}
	return s, nil
}

// modelVersion tells whether two programs simulate the same district.
func modelVersion(o Options) string {
	h := newRNG(0, 17)
	for _, w := range o.Model.Weights {
		for _, v := range w.By {
			h = newRNG(h.next(), uint64(int64(v*1000)))
		}
	}
	for _, v := range o.Model.Base {
		h = newRNG(h.next(), uint64(v*1e9))
	}
	return fmt.Sprintf("1-%s-%08x", o.Calendar.Version(), uint32(h.next()))
}
