package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"yujing/internal/calendar"
)

// LiveOptions say how a district goes on living.
type LiveOptions struct {
	// History is the directory of a Run; its simulation.json is kept up to date.
	History string
	// Inbox receives INBOX/hotline-12345/*.csv, INBOX/bureau/*.xlsx and
	// INBOX/online/*.jsonl. Files are written under INBOX/.partial and renamed,
	// so that whoever watches never sees half a file.
	Inbox string
	// PerSecond is how many contacts come in a second of wall-clock time; 0 is 3.
	// Simulated time runs as fast as that takes and is told as wall-clock time.
	PerSecond float64
	// Every is how often files are written; 0 is a second.
	Every time.Duration

	Calendar *calendar.Calendar
	Model    *Model
	Logger   *zap.Logger
	// Progress is told how many contacts have come since the start.
	Progress func(contacts int)
}

// Live continues a district from where its history (and earlier live sessions)
// ended, until ctx is done; that is no error. Started again after a crash, the
// batch in work is written again with the same names and bytes.
func Live(ctx context.Context, l LiveOptions) error {
	if l.PerSecond == 0 {
		l.PerSecond = 3
	}
	if l.Every == 0 {
		l.Every = time.Second
	}
	if l.PerSecond < 0 || l.PerSecond > 10_000 || l.Every < 0 {
		return fmt.Errorf("simulate: %g contacts a second every %s; give 0.001 to 10,000 and a positive interval", l.PerSecond, l.Every)
	}
	s, err := readState(l.History)
	if err != nil {
		return err
	}
	p, err := resume(l, s)
	if err != nil {
		return err
	}
	err = p.loop(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// player is a district that lives on.
type player struct {
	LiveOptions
	state  state
	world  *world
	stamps *stamps
	out    *feedsNow
	began  int // contacts at the start
}

// resume rebuilds the district from its seed: the same events, written nowhere.
func resume(l LiveOptions, s state) (*player, error) {
	o, err := Options{Seed: s.Seed, From: s.From, To: s.To, PerDay: s.PerDay, Every: s.Every, Dirty: s.Dirty, Format: s.Format,
		Calendar: l.Calendar, Model: l.Model, Logger: l.Logger}.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(l.History, stateFile), err)
	}
	if v := modelVersion(o); v != s.Model {
		return nil, fmt.Errorf("simulate: %s was written by another version (%s, this is %s); run `yujing simulate` into a new directory",
			l.History, s.Model, v)
	}
	w := newWorld(o, silent{})
	p := &player{LiveOptions: l, state: s, world: w, stamps: &stamps{clock: w.clock, perDay: o.PerDay, sessions: s.Sessions}}
	if p.Logger == nil {
		p.Logger = zap.NewNop()
	}
	p.out = &feedsNow{encoders: encodersFor(o, w.district, p.stamps), open: p.place}
	reached := w.clock.since(o.To)
	if s.Batch != nil {
		reached = s.Batch.From
	}
	if err := errors.Join(w.run(w.clock.since(o.To)), w.export(), w.run(reached), w.export()); err != nil {
		return nil, err
	}
	w.live, w.out = true, p.out
	if s.Batch != nil { // it may have been cut off: the same again
		if err := p.advance(s.Batch.To); err != nil {
			return nil, err
		}
	}
	p.began = w.report.Contacts
	return p, nil
}

// loop writes what happens, batch by batch, until ctx is done.
func (p *player) loop(ctx context.Context) error {
	now := p.world.clock.since(time.Now())
	p.state.Sessions = append(p.state.Sessions, session{From: p.world.now, Wall: max(now, p.stamps.of(p.world.now)), PerSecond: p.PerSecond})
	p.stamps.sessions = p.state.Sessions
	tick := time.NewTicker(p.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		to := p.stamps.until(p.world.now, p.world.clock.since(time.Now()))
		if to <= p.world.now {
			continue
		}
		if to > 60*365*day {
			return errors.New("simulate: the district has lived for 60 years; run `yujing simulate` into a new directory")
		}
		p.state.Batch = &span{From: p.world.now, To: to}
		if err := writeState(p.History, p.state); err != nil {
			return err
		}
		if err := p.advance(to); err != nil {
			return err
		}
		if p.Progress != nil {
			p.Progress(p.world.report.Contacts - p.began)
		}
	}
}

func (p *player) advance(to int32) error {
	if err := p.world.run(to); err != nil {
		return err
	}
	return p.world.export()
}

// place opens a file that is renamed into the inbox when it is closed.
func (p *player) place(source uint8, name string) (io.WriteCloser, error) {
	dir, partial := filepath.Join(p.Inbox, sourceNames()[source]), filepath.Join(p.Inbox, ".partial")
	for _, d := range []string{dir, partial} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	file, err := os.Create(filepath.Join(partial, name))
	if err != nil {
		return nil, err
	}
	return &placed{File: file, to: filepath.Join(dir, name)}, nil
}

// placed is a file that appears under its name when it is complete.
type placed struct {
	*os.File
	to string
}

func (f *placed) Close() error {
	if err := f.File.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), f.to)
}

// feedsNow writes at once, in the caller's goroutine.
type feedsNow struct {
	silent
	encoders [sourceCount]encoder
	open     create
}

func (f *feedsNow) export(source uint8, until int32, records []record, lines []line) error {
	_, err := f.encoders[source].write(batch{until, records, lines}, f.open)
	if err != nil {
		return fmt.Errorf("simulate: write %s: %w", sourceNames()[source], err)
	}
	return nil
}

// silent takes everything and keeps nothing.
type silent struct{}

func (silent) export(uint8, int32, []record, []line) error { return nil }
func (silent) matter(*matter) error                        { return nil }
func (silent) group(*group) error                          { return nil }
func (silent) observe(int32) error                         { return nil }
