// Package simulatetest gives tests a simulated district in a store, come there
// through the shipped feed definitions, and beside it what no feed shows: the
// true hazards.
package simulatetest

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/internal/config"
	"yujing/internal/privacy"
	"yujing/internal/simulate"
)

// Options say which district.
type Options struct {
	Seed     uint64
	Days     int // from 1 January 2025
	Contacts int
	Sources  string // the directory of the shipped feed definitions, sources.d
}

// District is a store with everything that a simulated district's feeds told.
type District struct {
	DB       *clickhouse.DB
	From, To time.Time
	hazards  map[simulate.Risk]map[string]*course
}

// course is the true hazard of a matter or group at consecutive midnights.
type course struct {
	first int // of the midnights since From
	daily []float64
}

// Open simulates a district and imports it. The package must have
// clickhousetest.Main as its TestMain.
func Open(t testing.TB, o Options) *District {
	t.Helper()
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, simulate.Zone())
	d := &District{DB: clickhousetest.Open(t), From: from, To: from.AddDate(0, 0, o.Days), hazards: map[simulate.Risk]map[string]*course{}}
	dir := filepath.Join(t.TempDir(), "district")
	byID := [3]map[uint64]*course{{}, {}, {}}
	_, err := simulate.Run(t.Context(), simulate.Options{Seed: o.Seed, From: d.From, To: d.To, Contacts: o.Contacts, Dir: dir,
		Every: 60 * 24 * time.Hour, Observe: func(h simulate.Truth) { d.observe(byID[h.Risk], h) }})
	if err != nil {
		t.Fatal(err)
	}
	d.name(t, filepath.Join(dir, "truth.csv"), byID[simulate.Repeat], simulate.Repeat)
	d.name(t, filepath.Join(dir, "truth.csv"), byID[simulate.Escalated], simulate.Escalated)
	d.name(t, filepath.Join(dir, "groups.csv"), byID[simulate.Collective], simulate.Collective)
	d.load(t, dir, o.Sources)
	return d
}

func (d *District) observe(byID map[uint64]*course, h simulate.Truth) {
	day := int(h.At.Sub(d.From).Hours() / 24)
	c := byID[h.ID]
	if c == nil {
		c = &course{first: day}
		byID[h.ID] = c
	}
	c.daily = append(c.daily, h.Hazard)
}

// name finds the courses by what the feeds call the first contact.
func (d *District) name(t testing.TB, path string, byID map[uint64]*course, risk simulate.Risk) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", path, len(rows), err)
	}
	named := map[string]*course{}
	for _, row := range rows[1:] {
		id, err := strconv.ParseUint(row[0], 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if c := byID[id]; c != nil { // none if it lived for less than a day
			named[row[1]+":"+row[2]] = c
		}
	}
	d.hazards[risk] = named
}

// load imports all files, source by source.
func (d *District) load(t testing.TB, dir, definitions string) {
	t.Helper()
	sources, problems := config.Sources(definitions)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	key, err := privacy.NewKey([]byte(fmt.Sprintf("%-32s", "an insecure key")))
	if err != nil {
		t.Fatal(err)
	}
	importer := ingest.New(ingest.Options{Store: d.DB, Key: key, Now: func() time.Time { return d.To.Add(time.Hour) }})
	for _, source := range sources {
		files, err := filepath.Glob(filepath.Join(dir, source.ID, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", source.ID, len(files), err)
		}
		slices.Sort(files)
		if _, err := importer.Import(t.Context(), source, files, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// Hazard is the true hazard per day, at the midnight so many days after From, of
// the matter (or group, for collective) whose first contact is called ref, as
// SOURCE:REF. It is 0 where it cannot come back, or nothing lives by that name.
func (d *District) Hazard(risk simulate.Risk, ref string, midnight int) float64 {
	c := d.hazards[risk][ref]
	if c == nil || midnight < c.first || midnight >= c.first+len(c.daily) {
		return 0
	}
	return c.daily[midnight-c.first]
}

// Highest is the highest true hazard at the midnights from first to last.
func (d *District) Highest(risk simulate.Risk, ref string, first, last int) float64 {
	highest := 0.0
	for i := first; i <= last; i++ {
		highest = max(highest, d.Hazard(risk, ref, i))
	}
	return highest
}
