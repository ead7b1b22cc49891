package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"yujing/internal/daemon"
	"yujing/internal/simulate"
)

// The demonstration's district: half a year of history of a small district.
const (
	demoSeed     = 20220501
	demoContacts = 6_000
	demoMonths   = 6
)

// demo is the daemon on a district that does not exist. Its history is
// simulated and imported at the first start; then it goes on living, and its
// files come into the inbox like those of any feed.
func (a *app) demo(ctx context.Context, noSend bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(c.Alerts.Zone)
	if err != nil {
		return usage("alerts: zone: %w", err)
	}
	if err := a.ready(c); err != nil {
		return err
	}
	if err := os.MkdirAll(a.dataDir, 0o700); err != nil { // before the simulator makes it, readable for all
		return fmt.Errorf("create the data directory: %w", err)
	}
	history := filepath.Join(a.dataDir, "demo")
	if err := a.demoHistory(ctx, history); err != nil {
		if ctx.Err() != nil {
			return nil // Ctrl-C; the next start begins anew
		}
		return err
	}
	fmt.Fprintf(a.stdout, "messages lie in %s: at most %d an hour for each receiver, what exceeds them comes as one bundle\n", c.Outbox, c.Alerts.Quota.Messages)
	a.quiet = true
	err = a.daemon(ctx, daemon.Options{NoSend: noSend, Observe: a.announce(zone)}, func(ctx context.Context, d *daemon.Daemon) error {
		if d.Addr() != "" {
			fmt.Fprintf(a.stdout, "health, readiness and metrics: http://%s/readyz\n", d.Addr())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-d.Ready():
		}
		fmt.Fprintln(a.stdout, "ready; the district's complaints are coming in. Ctrl-C stops; meanwhile, in another terminal: bin/yujing alerts")
		return simulate.Live(ctx, simulate.LiveOptions{History: history, Inbox: c.Inbox})
	})
	if err == nil {
		fmt.Fprintf(a.stdout, "stopped; started again, the district goes on where it was (rm -r %s forgets it)\n", a.dataDir)
	}
	return err
}

// demoHistory simulates and imports the past. The last file it writes is the
// mark that it is done: cut short, it begins anew, and what was imported is known.
func (a *app) demoHistory(ctx context.Context, dir string) error {
	mark := filepath.Join(dir, "imported")
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	now := time.Now()
	fmt.Fprintf(a.stdout, "simulating %d months of a district that does not exist ...\n", demoMonths)
	if _, err := simulate.Run(ctx, simulate.Options{Seed: demoSeed, From: now.AddDate(0, -demoMonths, 0), To: now, Contacts: demoContacts, Dir: dir}); err != nil {
		return err
	}
	for _, source := range []string{"hotline-12345", "bureau", "online"} {
		files, err := filepath.Glob(filepath.Join(dir, source, "*"))
		if err != nil || len(files) == 0 {
			continue
		}
		importer, definition, err := a.importer(ctx, source)
		if err != nil {
			return err
		}
		report, err := importer.Import(ctx, definition, files, nil)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s: %d records, %d signals\n", source, report.Records, report.Stored)
	}
	return os.WriteFile(mark, nil, 0o600)
}
