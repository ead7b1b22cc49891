package simulate

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// Names of the sources, as in the shipped definitions, and of their directories.
func sourceNames() [sourceCount]string { return [...]string{"hotline-12345", "bureau", "online"} }

// batch is what a feed exports at an instant.
type batch struct {
	until   int32
	records []record
	lines   []line
}

// tally counts what an encoder wrote.
type tally struct{ rows, broken, files int }

// create opens a file to be: Close puts it in its place.
type create func(source uint8, name string) (io.WriteCloser, error)

// encoder writes batches in one feed's format. It belongs to one goroutine.
type encoder interface {
	write(b batch, open create) (tally, error)
}

// feeds is the output of a run: an encoder for each source, working while the
// district goes on, and the truth.
type feeds struct {
	work  *errgroup.Group
	ctx   context.Context
	pipes [sourceCount]chan batch
	total [sourceCount]tally
	truth *truth // nil = not written
	world *world
	tell  func(Truth)
}

// newFeeds starts the encoders.
func newFeeds(ctx context.Context, encoders [sourceCount]encoder, open create) *feeds {
	f := &feeds{}
	f.work, f.ctx = errgroup.WithContext(ctx)
	for source := range sourceCount {
		f.pipes[source] = make(chan batch, 1)
		f.work.Go(func() error {
			for b := range f.pipes[source] {
				t, err := encoders[source].write(b, open)
				if err != nil {
					return fmt.Errorf("simulate: write %s: %w", sourceNames()[source], err)
				}
				f.total[source].rows += t.rows
				f.total[source].broken += t.broken
				f.total[source].files += t.files
			}
			return nil
		})
	}
	return f
}

func (f *feeds) export(source uint8, until int32, records []record, lines []line) error {
	select {
	case f.pipes[source] <- batch{until, records, lines}:
		return nil
	case <-f.ctx.Done():
		return context.Cause(f.ctx)
	}
}

func (f *feeds) matter(m *matter) error {
	if f.truth == nil {
		return nil
	}
	return f.truth.matter(f.world, m)
}

func (f *feeds) group(g *group) error {
	if f.truth == nil {
		return nil
	}
	return f.truth.group(f.world, g)
}

func (f *feeds) observe(int32) error {
	if f.truth != nil && f.truth.hazards != nil {
		f.world.truths(f.truth.hazard)
	}
	if f.tell != nil {
		f.world.truths(f.tell)
	}
	return f.ctx.Err()
}

// close waits for the encoders and adds up what they wrote.
func (f *feeds) close(r *Report) error {
	for _, p := range f.pipes {
		close(p)
	}
	err := f.work.Wait()
	for source, t := range f.total {
		r.Rows[source], r.Broken[source] = t.rows, t.broken
		r.Files += t.files
	}
	return err
}

// inDir writes each source's files into a directory of its own.
func inDir(dir string) create {
	return func(source uint8, name string) (io.WriteCloser, error) {
		path := filepath.Join(dir, sourceNames()[source])
		if err := os.MkdirAll(path, 0o755); err != nil {
			return nil, err
		}
		return os.Create(filepath.Join(path, name))
	}
}

// encodersFor builds the encoders of a run.
func encodersFor(o Options, d *District, s *stamps) [sourceCount]encoder {
	c := func() *composer { return &composer{district: d, stamps: s, seed: o.Seed, dirty: o.Dirty} }
	return [sourceCount]encoder{
		&hotlineCSV{composer: c(), utf8: o.Format == CSV},
		&bureauXLSX{composer: c()},
		&onlineJSONL{composer: c()},
	}
}

// fileName is the same for the same export, and sorts by time.
func fileName(source uint8, s *stamps, until int32, extension string) string {
	name := sourceNames()[source] + "-" + s.at(until).Format("20060102-150405")
	if len(s.sessions) > 0 { // several batches in a second
		name += fmt.Sprintf("-%010d", until)
	}
	return name + "." + extension
}
