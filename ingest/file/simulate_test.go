package file_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"yujing/internal/simulate"
)

// What the simulator writes, the shipped definitions read: a record is rejected
// if and only if it was broken on purpose (or waits for one that was), and
// contacts come together about as often as they belong together.
func TestSimulatedDistrict(t *testing.T) {
	b := open(t)
	dir := filepath.Join(t.TempDir(), "district")
	to := time.Date(2025, 10, 1, 0, 0, 0, 0, time.UTC)
	made, err := simulate.Run(t.Context(), simulate.Options{Seed: 7, From: to.AddDate(0, -4, 0), To: to, Contacts: 4000,
		Every: 30 * 24 * time.Hour, Dirty: 20, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"hotline-12345", "bureau", "online"} {
		files, err := filepath.Glob(filepath.Join(dir, name, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", name, len(files), err)
		}
		slices.Sort(files)
		source := b.shipped("sources.d/" + name + ".yaml")
		first, err := b.im.Import(t.Context(), source, files, nil)
		if err != nil {
			t.Fatal(err)
		}
		waits := b.number("SELECT count() FROM rejects WHERE waits AND source = '" + name + "'")
		if first.Records != made.Rows[i] || first.Rejected-waits != made.Broken[i] || first.Stored == 0 {
			t.Errorf("%s: %v, %d wait; made %d rows, %d of them broken", name, counts(first), waits, made.Rows[i], made.Broken[i])
		}
		again, err := b.im.Import(t.Context(), source, files, nil)
		if err != nil || again.Stored != 0 || again.Rejected != first.Rejected {
			t.Errorf("%s again: %v, %v", name, counts(again), err)
		}
	}
	if cases := b.number("SELECT uniqExact(case_id) FROM signals"); cases < made.Matters*96/100 || cases > made.Matters*104/100 {
		t.Errorf("%d cases of %d matters", cases, made.Matters)
	}
}

func (b *bureau) number(query string) int {
	b.Helper()
	n, err := strconv.Atoi(b.sql(query))
	if err != nil {
		b.Fatal(err)
	}
	return n
}
