package ingest

import (
	"context"
	"io"

	"golang.org/x/sync/errgroup"
)

// errEnd is what a Reader gives after its last record.
var errEnd = io.EOF

// job is a chunk on its way through the mapping. from stands beside records
// that were rejects: which one each was.
type job struct {
	file     *FileReport
	records  []Record
	from     []Reject
	bytes    int64
	complete bool // the file ends here
	done     chan []mapped
}

// chunksAhead bounds how many mapped chunks wait for the store: enough that the
// next batch is mapped while one is being stored.
const chunksAhead = 24

// pipe runs records through the mapping, in parallel, and the results through
// the store, in order. It gives back the records that still wait for a matter.
func (r *run) pipe(ctx context.Context, produce func(ctx context.Context, emit func(job) error) error) (waiting []mapped, err error) {
	group, ctx := errgroup.WithContext(ctx)
	jobs, ordered := make(chan job), make(chan job, chunksAhead)
	group.Go(func() error {
		defer close(ordered)
		defer close(jobs)
		return produce(ctx, func(j job) error {
			j.done = make(chan []mapped, 1)
			select {
			case ordered <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
			if len(j.records) == 0 {
				j.done <- nil
				return nil
			}
			select {
			case jobs <- j:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	for range r.Workers {
		group.Go(func() error {
			m := newMapper(r.source, r.Key)
			for j := range jobs {
				j.done <- m.mapChunk(&j)
			}
			return nil
		})
	}
	group.Go(func() error {
		waiting, err = r.store(ctx, ordered)
		return err
	})
	err = group.Wait()
	return waiting, err
}

// mapChunk maps the records of a chunk.
func (m *mapper) mapChunk(j *job) []mapped {
	out := make([]mapped, len(j.records))
	for i := range j.records {
		out[i] = m.mapRecord(&j.records[i])
		out[i].file = j.file
		if j.from != nil {
			out[i].was = &j.from[i]
		}
	}
	return out
}

// store gathers mapped chunks to batches and stores them.
func (r *run) store(ctx context.Context, ordered <-chan job) (waiting []mapped, err error) {
	var batch []mapped
	var done []*FileReport
	signals := 0
	// The first batches are small, so that the store has something to do while
	// the next one is mapped; later ones are large, since each costs a look-up.
	size := max(1, r.Batch/4)
	flush := func() error {
		if waiting, err = r.take(ctx, append(waiting, batch...), done); err != nil {
			return err
		}
		clear(batch) // what it points to is stored
		batch, done, signals = batch[:0], nil, 0
		size = min(size+size/2, r.Batch)
		return r.spill(ctx, &waiting)
	}
	for j := range ordered {
		var records []mapped
		select {
		case records = <-j.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		batch = append(batch, records...)
		for i := range records {
			signals += max(1, len(records[i].drafts))
		}
		r.count(&j)
		if j.complete {
			done = append(done, j.file)
		}
		if signals >= size {
			if err := flush(); err != nil {
				return nil, err
			}
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if len(batch) > 0 || len(done) > 0 {
		if err := flush(); err != nil {
			return nil, err
		}
	}
	return waiting, nil
}

// count moves the report and the progress on.
func (r *run) count(j *job) {
	r.report.Records += len(j.records)
	r.reached.File, r.reached.Records = j.file.Name, r.report.Records
	r.reached.Bytes += j.bytes
	if r.progress != nil {
		r.progress(r.reached)
	}
}

// spill makes rejects of the oldest waiting records when there are more of them
// than a batch: they are tried again at the end.
func (r *run) spill(ctx context.Context, waiting *[]mapped) error {
	if len(*waiting) <= r.Batch {
		return nil
	}
	if r.spilled == nil {
		r.spilled = map[ID]*FileReport{}
	}
	for i := range *waiting {
		m := &(*waiting)[i]
		r.spilled[recordRejectID(r.Key, r.source.ID, m.record)] = m.file
	}
	err := r.wait(ctx, *waiting)
	*waiting = nil
	return err
}
