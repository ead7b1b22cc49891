package ingest

import (
	"context"
	"errors"
	"io"
	"time"
)

// DryRun maps the beginning of files and stores nothing: what would be the
// first signals, and the first rejects. It stops once it has that many signals.
// A signal that is known when it is stored has a zero KnownAt.
func (im *Importer) DryRun(ctx context.Context, source *Source, files []string, signals int) ([]Signal, Report, error) {
	r := &dryRun{im: im, mapper: newMapper(source, im.Key), report: Report{Source: source.ID}, most: signals, now: im.Now()}
	for _, name := range files {
		if err := r.file(ctx, name); err != nil || len(r.signals) >= signals {
			return r.signals[:min(len(r.signals), signals)], r.report, err
		}
	}
	return r.signals, r.report, nil
}

type dryRun struct {
	im      *Importer
	mapper  *mapper
	report  Report
	signals []Signal
	most    int
	now     time.Time
}

func (r *dryRun) file(ctx context.Context, name string) error {
	file := newFileReport(name)
	r.report.Files = append(r.report.Files, file)
	reader, err := r.mapper.source.Feed.Open(name)
	if err == nil {
		defer reader.Close()
		err = r.records(ctx, reader, file)
	}
	if err != nil && ctx.Err() == nil {
		file.Fault = faultOf(err)
		r.report.add(nil, Reject{Source: r.report.Source, File: file.Name, Line: file.Fault.Line, Reason: file.Fault.Reason, Remedy: file.Fault.Remedy})
	}
	return ctx.Err()
}

func (r *dryRun) records(ctx context.Context, reader Reader, file *FileReport) error {
	for ctx.Err() == nil {
		chunk, err := reader.Read()
		for i := range chunk.Records {
			if len(r.signals) >= r.most {
				return nil
			}
			if err := r.record(&chunk.Records[i], file); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (r *dryRun) record(rec *Record, file *FileReport) error {
	m := r.mapper.mapRecord(rec)
	m.file = file
	file.Records++
	r.report.Records++
	for i := range m.drafts {
		r.signals = append(r.signals, m.drafts[i].Signal)
		r.report.flags(&m.drafts[i].Signal)
	}
	if m.fault == nil {
		return nil
	}
	reject, err := rejectOf(r.im.Key, r.mapper.source, &m, m.fault, false, r.now)
	r.report.add(&m, reject)
	return err
}
