package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// district is a simulated one whose hotline feed was imported.
type district struct {
	contacts int
	data     string // data directory
	simulate ran
	imported report
}

// district simulates two years of a district up to today, and imports its
// hotline's feed. One of each size is made once.
func (b *bench) district(ctx context.Context, contacts int) (*district, error) {
	if d := b.districts[contacts]; d != nil {
		return d, nil
	}
	d := &district{contacts: contacts, data: filepath.Join(b.dir, fmt.Sprint("data-", contacts))}
	feeds := filepath.Join(b.dir, fmt.Sprint("feeds-", contacts))
	today := time.Now()
	var err error
	if d.simulate, err = b.exec(ctx, "simulate", "--out", feeds, "--contacts", fmt.Sprint(contacts), "--format", "csv", "--every", "8760h",
		"--from", today.AddDate(-2, 0, 0).Format(time.DateOnly), "--to", today.Format(time.DateOnly)); err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(feeds, "hotline-12345", "*"))
	if err != nil || len(files) == 0 {
		return nil, errors.Join(err, errors.New("the simulation wrote no hotline files"))
	}
	if d.imported, err = b.importFiles(ctx, d.data, "hotline-12345", b.sources, files); err != nil {
		return nil, err
	}
	if b.districts == nil {
		b.districts = map[int]*district{}
	}
	b.districts[contacts] = d
	return d, os.RemoveAll(feeds)
}

// feeds is simulation, import and the daemon's start on what was imported.
func (b *bench) feeds(ctx context.Context) error {
	d, err := b.district(ctx, b.contacts)
	if err != nil {
		return err
	}
	b.add("simulate, contacts", fmt.Sprintf("%d in %.1f s, peak %d MB", d.contacts, d.simulate.took.Seconds(), d.simulate.peak), "", "1,000,000 in under 60 s, memory bounded")
	r := d.imported
	rate := float64(r.Stored) / r.Seconds
	b.add("import, simulated hotline", fmt.Sprintf("%.0f records/s, %.0f signals/s, importer's peak %d MB", float64(r.Records)/r.Seconds, rate, r.peak),
		fmt.Sprintf("%d records, %d signals, %.1f s", r.Records, r.Stored, r.Seconds), "half the engine's own rate, below")
	if err := b.insertNative(ctx, d, rate); err != nil {
		return err
	}
	small, err := b.district(ctx, min(b.contacts, scoredInGo))
	if err != nil {
		return err
	}
	if err := b.score(ctx, small); err != nil {
		return err
	}
	return b.daemon(ctx, d)
}

// insertNative lets the engine insert the same signals from a file in its own format.
func (b *bench) insertNative(ctx context.Context, d *district, rate float64) error {
	file := filepath.Join(b.dir, "signals.native")
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer os.Remove(file)
	if err := errors.Join(b.pipe(ctx, f, "--data", d.data, "sql", "--format", "Native", "SELECT * FROM signals"), f.Close()); err != nil {
		return err
	}
	if _, err := b.write(ctx, d.data, "CREATE TABLE signals_again AS signals"); err != nil {
		return err
	}
	stored, err := b.sql(ctx, d.data, "TSV", "SELECT count() FROM signals")
	if err != nil {
		return err
	}
	again, err := b.write(ctx, d.data, "INSERT INTO signals_again SELECT * FROM file('"+file+"', 'Native') SETTINGS max_insert_block_size = 65536, min_insert_block_size_rows = 65536, max_insert_threads = 1")
	if err != nil {
		return err
	}
	var count float64
	if _, err := fmt.Sscan(string(stored.out), &count); err != nil {
		return err
	}
	native := count / again.took.Seconds()
	b.add("engine inserts the same signals from a Native file", fmt.Sprintf("%.0f signals/s", native), fmt.Sprintf("import is %.2f of it", rate/native), "import at least 0.5 of it")
	_, err = b.write(ctx, d.data, "DROP TABLE signals_again")
	return err
}

// scoredInGo is how many contacts the district has at most that is scored row by
// row in the program; a larger one takes minutes and tells no more.
const scoredInGo = 100_000

// score is what a tick was before rules became SQL: every case read, every rule
// evaluated in the program.
func (b *bench) score(ctx context.Context, d *district) error {
	shape, err := b.sql(ctx, d.data, "TSV", "SELECT uniqExact(case_id), count() FROM signals")
	if err != nil {
		return err
	}
	bare, err := b.sql(ctx, d.data, "Null", "SELECT case_id, count(), min(at), max(at), max(level), uniq(person), uniq(unit), uniq(act), max(due), uniq(channel) FROM signals GROUP BY case_id")
	if err != nil {
		return err
	}
	scored, err := b.exec(ctx, "--data", d.data, "--rules", b.rules, "score", "--json")
	if err != nil {
		return err
	}
	b.add("score every case in Go, for comparison", fmt.Sprintf("%.1f s, peak %d MB", scored.took.Seconds(), scored.peak),
		fmt.Sprintf("cases and signals %s, %d lines; bare scan-and-group %.1f s", strings.Join(strings.Fields(string(shape.out)), " and "), bytes.Count(scored.out, []byte("\n")), bare.took.Seconds()), "")
	return nil
}
