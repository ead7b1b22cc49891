package ingest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// Retry maps the rejects of a source again, in the order in which they were
// rejected, after its definition was mended. What maps now is stored as a clean
// import would have stored it; what does not stays, with its new reason. only
// limits it to some rejects; empty = all.
func (im *Importer) Retry(ctx context.Context, source *Source, only ...ID) (Report, error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	started := time.Now()
	r := &run{Importer: im, source: source, report: &Report{Source: source.ID}}
	chosen := map[ID]bool{}
	for _, id := range only {
		chosen[id] = true
	}
	err := r.retry(ctx, RejectQuery{Source: source.ID}, chosen)
	r.report.Seconds = time.Since(started).Seconds()
	return *r.report, err
}

// retryWaiting tries the records again that wait for their matter. They are no
// records of this import: what still waits is not counted.
func (r *run) retryWaiting(ctx context.Context) error {
	before := *r.report
	err := r.retry(ctx, RejectQuery{Source: r.source.ID, Waiting: true}, nil)
	r.report.Records, r.report.Rejected, r.report.Rejects = before.Records, before.Rejected, before.Rejects
	for _, id := range r.settled {
		if file := r.spilled[id]; file != nil { // it is stored after all
			r.report.Rejected--
			file.Rejected--
			r.report.Rejects = slices.DeleteFunc(r.report.Rejects, func(reject Reject) bool { return reject.ID == id })
		}
	}
	return err
}

func (r *run) retry(ctx context.Context, q RejectQuery, chosen map[ID]bool) error {
	var headers Headers
	files := map[string]*FileReport{}
	waiting, err := r.pipe(ctx, func(ctx context.Context, emit func(job) error) error {
		j := job{}
		flush := func() error {
			if len(j.records) == 0 {
				return nil
			}
			err := emit(j)
			j = job{}
			return err
		}
		for reject, err := range r.Store.Rejects(ctx, q) {
			if err != nil {
				return fmt.Errorf("read rejects: %w", err)
			}
			if len(chosen) > 0 && !chosen[reject.ID] {
				continue
			}
			if len(reject.Sealed) == 0 {
				continue // of a file as a whole: it is settled when the file is imported again
			}
			rec, err := unseal(r.Key, r.source.Feed, reject)
			if err != nil { // it stays: another key may open it
				r.Logger.Warn("reject stays sealed", zap.String("source", reject.Source), zap.Stringer("reject", reject.ID), zap.Error(err))
				rec = &Record{Line: reject.Line, Fault: &Fault{Reason: reject.Reason, Remedy: reject.Remedy}}
			}
			if rec.Header != nil {
				rec.Header = headers.Of(rec.Header.Columns)
			}
			if files[reject.File] == nil {
				files[reject.File] = &FileReport{Path: reject.File, Name: reject.File}
			}
			if j.file != nil && j.file != files[reject.File] || len(j.records) >= 512 {
				if err := flush(); err != nil {
					return err
				}
			}
			reject.Sealed = nil
			j.file, j.records, j.from = files[reject.File], append(j.records, *rec), append(j.from, reject)
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return r.wait(ctx, waiting)
}
