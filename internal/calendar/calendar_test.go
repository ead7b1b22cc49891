package calendar

import (
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, layout := range []string{time.DateOnly, time.DateTime} {
		if v, err := time.ParseInLocation(layout, s, loc); err == nil {
			return v
		}
	}
	t.Fatalf("bad time %q", s)
	return time.Time{}
}

// Facts from the State Council's notices.
func TestWorkday(t *testing.T) {
	c := Embedded()
	tests := []struct {
		day  string
		work bool
		why  string
	}{
		{"2024-09-29", true, "Sunday worked for National Day 2024"},
		{"2024-10-01", false, "National Day"},
		{"2024-10-07", false, "last day of the National Day holiday"},
		{"2024-10-08", true, "back at work"},
		{"2024-10-12", true, "Saturday worked for National Day 2024"},
		{"2024-10-13", false, "plain Sunday"},
		{"2024-02-04", true, "Sunday worked for Spring Festival 2024"},
		{"2024-02-09", true, "New Year's Eve 2024 was a working day"},
		{"2018-12-29", true, "Saturday worked for New Year 2019: it stands in the file of 2019"},
		{"2018-12-31", false, "Monday off for New Year 2019: it stands in the file of 2019"},
		{"2022-12-31", false, "New Year 2023"},
		{"2026-02-14", true, "Saturday worked for Spring Festival 2026"},
		{"2026-11-23", true, "plain Monday"},
		{"2016-02-08", true, "Spring Festival 2016, but no file of 2016: weekends only"},
		{"2027-10-01", true, "no notice of 2027 yet: weekends only"},
		{"2027-10-02", false, "a Saturday needs no notice"},
	}
	for _, tt := range tests {
		if got := c.Workday(at(t, tt.day)); got != tt.work {
			t.Errorf("Workday(%s) = %v, want %v: %s", tt.day, got, tt.work, tt.why)
		}
	}
}

func TestKnown(t *testing.T) {
	c := Embedded()
	for year, want := range map[int]bool{2015: true, 2016: false, 2017: true, 2024: true, 2026: true, 2027: false, 1999: false} {
		if got := c.Known(year); got != want {
			t.Errorf("Known(%d) = %v, want %v", year, got, want)
		}
	}
}

func TestGap(t *testing.T) {
	c, err := Load(fstest.MapFS{
		"2026.json": {Data: []byte(`{"year":2026,"days":[{"date":"2026-01-01","isOffDay":true}]}`)},
		"2027.json": {Data: []byte(`{"year":2027,"days":[]}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{"2025-12-31": "2025", "2026-01-01": "", "2026-10-31": "", "2026-11-01": "2027", "2026-12-31": "2027", "2027-11-01": "2027"} {
		got := c.Gap(at(t, now))
		if named := strings.Contains(got, "holidays of "+want+" are") && strings.Contains(got, want+".json"); (want == "") != (got == "") || want != "" && !named {
			t.Errorf("as of %s: %q, want it to name %q", now, got, want)
		}
	}
}

func TestWorkdayIsJudgedInItsOwnZone(t *testing.T) {
	c := Embedded()
	night := at(t, "2024-10-08 01:00:00") // still 7 October in UTC
	if !c.Workday(night) || c.Workday(night.UTC()) {
		t.Errorf("Workday = %v in Shanghai and %v in UTC, want true and false", c.Workday(night), c.Workday(night.UTC()))
	}
}

func TestWorkdays(t *testing.T) {
	c := Embedded()
	tests := []struct {
		from, to string
		want     int
	}{
		{"2026-11-20", "2026-11-23", 1},                   // Friday to Monday
		{"2026-11-20 23:59:59", "2026-11-23 00:00:00", 1}, // hours do not matter
		{"2026-11-23", "2026-11-23", 0},
		{"2026-11-23", "2026-11-20", -1},
		{"2024-09-30", "2024-10-08", 1}, // over the holiday
		{"2024-09-27", "2024-10-14", 8}, // 29 (Sunday worked), 30 September; 8-12 (Saturday worked), 14 October
		{"2023-12-31", "2024-12-31", 251},
		{"2024-12-31", "2025-12-31", 248},
	}
	for _, tt := range tests {
		if got := c.Workdays(at(t, tt.from), at(t, tt.to)); got != tt.want {
			t.Errorf("Workdays(%s, %s) = %d, want %d", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestAdd(t *testing.T) {
	c := Embedded()
	tests := []struct {
		from    string
		n       int
		working bool
		want    string
	}{
		{"2024-09-30 16:00:00", 1, true, "2024-10-08"},
		{"2024-09-30 16:00:00", 5, true, "2024-10-12"}, // 8, 9, 10, 11, and Saturday 12
		{"2024-09-30 16:00:00", 5, false, "2024-10-05"},
		{"2024-01-31 00:00:00", 60, false, "2024-03-31"},
		{"2024-10-02 10:00:00", 0, true, "2024-10-02"},
		{"2024-10-02 10:00:00", -3, true, "2024-10-02"},
		{"2026-11-23 09:00:00", 15, false, "2026-12-08"},
		{"2026-11-21 09:00:00", 1, true, "2026-11-23"}, // Saturday
	}
	for _, tt := range tests {
		got := c.Add(at(t, tt.from), tt.n, tt.working)
		if got.Format("2006-01-02 15:04:05.000") != tt.want+" 23:59:59.999" {
			t.Errorf("Add(%s, %d, %v) = %s, want the end of %s", tt.from, tt.n, tt.working, got, tt.want)
		}
	}
}

// The prefix sums must agree with walking day by day.
func TestAgainstWalking(t *testing.T) {
	c := Embedded()
	rng := rand.New(rand.NewPCG(1, 2))
	start := at(t, "2014-06-01")
	for range 500 {
		from := start.AddDate(0, 0, rng.IntN(5000))
		to, n := from, 0
		for range rng.IntN(120) {
			to = to.AddDate(0, 0, 1)
			if c.Workday(to) {
				n++
			}
		}
		if got := c.Workdays(from, to); got != n {
			t.Fatalf("Workdays(%s, %s) = %d, walking gives %d", from, to, got, n)
		}
		if n == 0 {
			continue
		}
		end := c.Add(from, n, true)
		if c.Workdays(from, end) != n || !c.Workday(end) {
			t.Fatalf("Add(%s, %d) = %s, which is not the %d-th working day", from, n, end, n)
		}
	}
}

func TestBeforeTheEpoch(t *testing.T) {
	c := Embedded()
	// 1969-12-26 was a Friday.
	if got := c.Workdays(at(t, "1969-12-25"), at(t, "1970-01-02")); got != 6 {
		t.Errorf("Workdays over the epoch = %d, want 6", got)
	}
}

func TestLoadTellsWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"not_json":      {map[string]string{"2024.json": "no"}, "2024.json"},
		"no_year":       {map[string]string{"2024.json": `{"days":[]}`}, `"year" is 0`},
		"bad_date":      {map[string]string{"2024.json": `{"year":2024,"days":[{"date":"2024-13-01"}]}`}, "2024-13-01"},
		"far_date":      {map[string]string{"2024.json": `{"year":2024,"days":[{"date":"2014-01-01"}]}`}, "far from"},
		"contradiction": {map[string]string{"2018.json": `{"year":2018,"days":[{"date":"2018-12-31","isOffDay":false}]}`, "2019.json": `{"year":2019,"days":[{"date":"2018-12-31","isOffDay":true}]}`}, "keep one"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for n, data := range tt.files {
				fsys[n] = &fstest.MapFile{Data: []byte(data), Mode: fs.FileMode(0o644)}
			}
			if _, err := Load(fsys); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestNoFilesIsWeekends(t *testing.T) {
	c, err := Load(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	if !c.Workday(at(t, "2024-10-01")) || c.Workday(at(t, "2024-09-29")) {
		t.Error("an empty calendar must know weekends only")
	}
	if c.Version() == Embedded().Version() {
		t.Error("two different calendars have one version")
	}
}

func BenchmarkWorkdays(b *testing.B) {
	c := Embedded()
	from := time.Date(2024, 1, 5, 10, 0, 0, 0, time.UTC)
	to := from.AddDate(0, 5, 0)
	for b.Loop() {
		c.Workdays(from, to)
	}
}
