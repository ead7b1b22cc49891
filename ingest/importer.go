package ingest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"go.uber.org/zap"

	"yujing/internal/privacy"
)

// Options is what an Importer needs.
type Options struct {
	Store  Store
	Key    *privacy.Key
	Logger *zap.Logger      // default: none
	Now    func() time.Time // default: time.Now

	Workers int // mapping goroutines; default: one per processor
	Batch   int // signals appended at once; default 65,536. It bounds the memory;
	// the first ones are smaller
}

// Importer turns deliveries of a source into signals in the store. One import
// runs at a time: each sees what the one before it stored.
type Importer struct {
	Options
	mu sync.Mutex
}

// New gives an Importer; Store and Key must be set.
func New(opts Options) *Importer {
	if opts.Logger == nil {
		opts.Logger = zap.NewNop()
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Workers <= 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	if opts.Batch <= 0 {
		opts.Batch = 65536
	}
	return &Importer{Options: opts}
}

// run is one import under way.
type run struct {
	*Importer
	source   *Source
	report   *Report
	rejects  map[ID]bool        // of the source, not yet settled
	spilled  map[ID]*FileReport // records of this import that wait among the rejects
	settled  []ID               // rejects that were stored on retry
	linked   int                // keys that came to stand for a matter
	progress func(Progress)
	reached  Progress
}

// Import reads files of a source in order and stores what is new. It may be
// repeated: what is stored already is counted as known. Records that cannot be
// mapped become rejects and are no error; an error is one of the store or of
// ctx, and the import goes on where it was when it is repeated. At its end the
// records that waited for their matter are tried again. progress may be nil.
func (im *Importer) Import(ctx context.Context, source *Source, files []string, progress func(Progress)) (Report, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	started := time.Now()
	r := &run{Importer: im, source: source, report: &Report{Source: source.ID}, progress: progress}
	r.reached.Total = sizes(files)
	err := r.importFiles(ctx, files)
	r.report.Seconds = time.Since(started).Seconds()
	im.Logger.Info("import", zap.String("source", source.ID), zap.Int("files", len(files)), zap.Int("records", r.report.Records),
		zap.Int("stored", r.report.Stored), zap.Int("known", r.report.Known), zap.Int("corrected", r.report.Corrected),
		zap.Int("rejected", r.report.Rejected), zap.Int("harm", r.report.Harm), zap.Float64("seconds", r.report.Seconds), zap.Error(err))
	return *r.report, err
}

func sizes(files []string) (total int64) {
	for _, name := range files {
		if info, err := os.Stat(name); err == nil {
			total += info.Size()
		}
	}
	return total
}

func (r *run) importFiles(ctx context.Context, files []string) error {
	if err := r.Store.RememberKey(ctx, r.Key.Name()); err != nil {
		return err
	}
	waiting, err := r.outstanding(ctx) // how many wait for their matter
	if err != nil {
		return err
	}
	left, err := r.pipe(ctx, func(ctx context.Context, emit func(job) error) error {
		for _, name := range files {
			if err := r.read(name, emit); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.wait(ctx, left); err != nil {
		return err
	}
	if r.linked == 0 && waiting > manyWaiting || waiting+len(r.spilled) == 0 {
		return nil
	}
	return r.retryWaiting(ctx)
}

// manyWaiting is how many waiting records are tried again even when an import
// brought no new contact. More of them, as when a feed's messages never came,
// would slow every arrival down for nothing.
const manyWaiting = 10_000

// outstanding fetches the ids of the source's rejects, so that those that are
// stored now are settled, and says how many wait for their matter.
func (r *run) outstanding(ctx context.Context) (waiting int, err error) {
	r.rejects = map[ID]bool{}
	for reject, err := range r.Store.Rejects(ctx, RejectQuery{Source: r.source.ID, Brief: true}) {
		if err != nil {
			return 0, fmt.Errorf("look up rejects: %w", err)
		}
		r.rejects[reject.ID] = true
		if reject.Waits {
			waiting++
		}
	}
	return waiting, nil
}

// read emits the records of one file. What cannot be read of it is a reject,
// not an error: the other files go on.
func (r *run) read(name string, emit func(job) error) error {
	file := newFileReport(name)
	r.report.Files = append(r.report.Files, file)
	reader, err := r.source.Feed.Open(name)
	if err != nil {
		return unreadable(file, err, emit)
	}
	defer reader.Close()
	var before int64
	for {
		chunk, err := reader.Read()
		if len(chunk.Records) > 0 {
			file.Records += len(chunk.Records)
			if err := emit(job{file: file, records: chunk.Records, bytes: chunk.Offset - before}); err != nil {
				return err
			}
			before = chunk.Offset
		}
		switch {
		case errors.Is(err, errEnd):
			return emit(job{file: file, complete: true})
		case err != nil:
			return unreadable(file, err, emit)
		}
	}
}

// unreadable makes a fault of what ended the reading of a file.
func unreadable(file *FileReport, err error, emit func(job) error) error {
	file.Fault = faultOf(err)
	return emit(job{file: file, complete: true})
}

func faultOf(err error) *Fault {
	var fault *Fault
	if errors.As(err, &fault) {
		return fault
	}
	return &Fault{Reason: privacy.Mask(reasonOf(err)), Remedy: "check that the file is there and whole, then import it again"}
}

// reasonOf leaves the path out of an error: a file's name may hold an identity.
func reasonOf(err error) string {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Op + ": " + at.Err.Error()
	}
	return err.Error()
}

// wait makes rejects of the records whose matter did not come in this import.
func (r *run) wait(ctx context.Context, left []mapped) error {
	for len(left) > 0 {
		n := min(len(left), 10_000)
		st := &step{run: r, now: r.Now().UTC().Truncate(time.Millisecond)}
		for i := range left[:n] {
			if err := st.refuse(&left[i], noMatter(&left[i].drafts[0]), true); err != nil {
				return err
			}
		}
		if err := st.append(ctx); err != nil {
			return err
		}
		left = left[n:]
	}
	return nil
}

// fileReject settles or makes the reject of a file as a whole.
func (st *step) fileReject(file *FileReport) {
	id := fileRejectID(st.Key, st.source.ID, file.Path)
	if file.Fault == nil {
		if st.rejects[id] {
			st.batch.Settled = append(st.batch.Settled, id)
			delete(st.rejects, id)
		}
		return
	}
	reject := Reject{ID: id, Source: st.source.ID, File: file.Name, Line: max(1, file.Fault.Line), Reason: privacy.Mask(file.Fault.Reason),
		Remedy: privacy.Mask(file.Fault.Remedy), Masked: "(the file " + privacy.Mask(filepath.Base(file.Path)) + " from there on)", At: st.now}
	st.batch.Rejects = append(st.batch.Rejects, reject)
	file.Rejected++
	st.report.add(nil, reject)
}
