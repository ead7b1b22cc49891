package daemon

import (
	"fmt"
	"os"
	"path/filepath"

	"yujing/ingest"
	"yujing/ingest/file"
	"yujing/internal/privacy"
)

// openFeeds makes the inbox and what watches it.
func (d *Daemon) openFeeds(key *privacy.Key) error {
	if err := os.MkdirAll(d.o.Config.Inbox, 0o700); err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	for _, source := range d.sources { // there to see where files go
		if err := os.MkdirAll(filepath.Join(d.o.Config.Inbox, source.ID), 0o700); err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
	}
	d.feeds = file.NewWatcher(file.WatchOptions{
		Inbox: d.o.Config.Inbox, Sources: d.sources, Logger: d.log.Named("feeds"), Done: d.imported,
		Importer: ingest.New(ingest.Options{Store: d.db, Key: key, Logger: d.log.Named("ingest"), Now: d.o.Now}),
	})
	return nil
}

// imported counts an import, and wakes the scorer if there is something new.
func (d *Daemon) imported(r ingest.Report, err error) {
	for result, n := range map[string]int{"stored": r.Stored, "known": r.Known, "corrected": r.Corrected} {
		d.metrics.imported.WithLabelValues(r.Source, result).Add(float64(n))
	}
	d.metrics.rejected.WithLabelValues(r.Source).Add(float64(r.Rejected))
	if r.Stored+r.Corrected > 0 {
		d.runner.Nudge()
		select {
		case d.arrived <- struct{}{}:
		default: // a look is due already
		}
	}
}
