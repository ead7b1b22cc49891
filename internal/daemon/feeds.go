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
	live := d.live.Load()
	if err := live.makeInbox(); err != nil {
		return err
	}
	d.feeds = file.NewWatcher(file.WatchOptions{
		Inbox: live.config.Inbox, Sources: live.sources, Logger: d.log.Named("feeds"), Done: d.imported,
		Importer: ingest.New(ingest.Options{Store: d.db, Key: key, Logger: d.log.Named("ingest"), Now: d.o.Now}),
	})
	return nil
}

// makeInbox makes a directory for each source: there to see where files go.
func (d *definitions) makeInbox() error {
	if err := os.MkdirAll(d.config.Inbox, 0o700); err != nil {
		return fmt.Errorf("inbox: %w", err)
	}
	for _, source := range d.sources {
		if err := os.MkdirAll(filepath.Join(d.config.Inbox, source.ID), 0o700); err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
	}
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
		wake(d.arrived)
	}
	if r.Harm > 0 {
		wake(d.threat)
	}
}

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // a look is due already
	}
}
