// Package calendar knows which days China works: weekends, the State Council's
// holidays and the weekend days worked in exchange (调休). It also owns the table
// of legal deadlines, which is configuration. It asks no clock.
package calendar

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// holidays holds the files of NateScarlet/holiday-cn (MIT, see holidays/LICENSE),
// which transcribe the State Council's yearly notices. 2016 is not among them;
// the coming year's file is empty until its notice appears in November.
//
//go:embed holidays/*.json
var holidays embed.FS

// exception is a day that is not what its weekday says.
type exception struct {
	day int // as Day counts
	off bool
}

// Calendar answers in constant time. It is immutable and safe for concurrent use.
type Calendar struct {
	first   int     // day of shift[0]
	shift   []int16 // sum of all exceptions up to and including the day: -1 a weekday off, +1 a weekend day worked
	notices []int   // years with a notice, sorted
	version string
}

// file is the shape of one year of holiday-cn.
type file struct {
	Year int `json:"year"`
	Days []struct {
		Name     string `json:"name"`
		Date     string `json:"date"` // 2006-01-02
		IsOffDay bool   `json:"isOffDay"`
	} `json:"days"`
}

// Embedded is the calendar this program was built with. Each call parses anew
// (under a millisecond): keep the result.
func Embedded() *Calendar {
	sub, err := fs.Sub(holidays, "holidays")
	if err != nil {
		panic(fmt.Sprintf("calendar: embedded holidays: %v", err)) // a constant path: cannot fail
	}
	c, err := Load(sub)
	if err != nil {
		panic(fmt.Sprintf("calendar: embedded holidays: %v", err)) // the package's tests load them
	}
	return c
}

// Load reads every *.json in the root of fsys. A day may stand in the file of
// another year (the New Year of 2019 begins in December 2018); a day that two
// files judge differently is an error. All broken files are told at once.
func Load(fsys fs.FS) (*Calendar, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list holiday files: %w", err)
	}
	days := map[int]bool{}
	var notices []int
	var problems []error
	for _, name := range names {
		f, err := read(fsys, name, days)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if len(f.Days) > 0 {
			notices = append(notices, f.Year)
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	slices.Sort(notices)
	return build(days, notices), nil
}

// read adds one file's days to days.
func read(fsys fs.FS, name string, days map[int]bool) (*file, error) {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read holiday file: %w", err)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("holiday file %s: %w; fetch it anew from NateScarlet/holiday-cn", name, err)
	}
	if f.Year < 1970 || f.Year > 2200 {
		return nil, fmt.Errorf(`holiday file %s: "year" is %d; it must be a year from 1970 to 2200`, name, f.Year)
	}
	for _, d := range f.Days {
		date, err := time.Parse(time.DateOnly, d.Date)
		if err != nil {
			return nil, fmt.Errorf("holiday file %s: date %q is not YYYY-MM-DD", name, d.Date)
		}
		if date.Year() < f.Year-1 || date.Year() > f.Year+1 {
			return nil, fmt.Errorf("holiday file %s: %s lies far from the year %d", name, d.Date, f.Year)
		}
		day := Day(date)
		if off, seen := days[day]; seen && off != d.IsOffDay {
			return nil, fmt.Errorf("holiday file %s: %s is a day off in one file and worked in another; keep one", name, d.Date)
		}
		days[day] = d.IsOffDay
	}
	return &f, nil
}

// build turns days off and days worked into running sums.
func build(days map[int]bool, notices []int) *Calendar {
	list := make([]exception, 0, len(days))
	for day, off := range days {
		list = append(list, exception{day, off})
	}
	slices.SortFunc(list, func(a, b exception) int { return a.day - b.day })

	c := &Calendar{notices: notices, version: version(list, notices)}
	if len(list) == 0 {
		return c
	}
	c.first = list[0].day
	c.shift = make([]int16, list[len(list)-1].day-c.first+1)
	for _, e := range list {
		weekday := Weekdays(e.day)-Weekdays(e.day-1) == 1
		switch {
		case e.off && weekday:
			c.shift[e.day-c.first] = -1
		case !e.off && !weekday:
			c.shift[e.day-c.first] = 1
		}
	}
	for i := 1; i < len(c.shift); i++ {
		c.shift[i] += c.shift[i-1]
	}
	return c
}

func version(list []exception, notices []int) string {
	var b strings.Builder
	fmt.Fprintln(&b, notices)
	for _, e := range list {
		fmt.Fprintln(&b, e.day, e.off)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:6])
}

// Version is a short hash of the data: two calendars with the same version give
// the same answers. It is kept with each assessment.
func (c *Calendar) Version() string { return c.version }

// Known says whether the notice of this year is at hand. For other years the
// answers rest on weekends alone, see Gap.
func (c *Calendar) Known(year int) bool {
	_, found := slices.BinarySearch(c.notices, year)
	return found
}

// Gap says which notice should be at hand as of an instant and is not, and what
// to do; "" if none is missing. The next year's appears in November.
func (c *Calendar) Gap(now time.Time) string {
	year := now.Year()
	if c.Known(year) && now.Month() >= time.November {
		year++
	}
	if c.Known(year) {
		return ""
	}
	return fmt.Sprintf("the holidays of %d are not known, its working days are taken to be Mondays to Fridays; "+
		"take a newer yujing, or build it with %d.json of NateScarlet/holiday-cn in internal/calendar/holidays", year, year)
}

// Workday says whether the civil day of this time, in the time's own location, is worked.
func (c *Calendar) Workday(day time.Time) bool {
	d := Day(day)
	return c.Count(d)-c.Count(d-1) == 1
}

// Workdays counts the whole working days after from's day up to and including
// to's day: Friday to Monday is 1. Both days are taken in from's location. It is
// negative if to lies on an earlier day.
func (c *Calendar) Workdays(from, to time.Time) int {
	return c.Count(Day(to.In(from.Location()))) - c.Count(Day(from))
}

// Add gives the last millisecond of the n-th day after from's day, in from's
// location; working days only if working. The day of the start is not counted,
// as in 《信访工作条例》 time limits. n below 1 gives the end of from's own day.
func (c *Calendar) Add(from time.Time, n int, working bool) time.Time {
	n = max(n, 0)
	year, month, day := from.Date()
	if working {
		n = c.nth(Day(from), n)
	}
	return time.Date(year, month, day+n, 23, 59, 59, int(999*time.Millisecond), from.Location())
}

// nth says how many days after start the n-th working day lies.
func (c *Calendar) nth(start, n int) int {
	if n == 0 {
		return 0
	}
	want := c.Count(start) + n
	days := n // at least so many; jump by what is missing, which never overshoots
	for {
		missing := want - c.Count(start+days)
		if missing <= 0 {
			return days
		}
		days += missing
	}
}

// Day numbers the civil day of t in t's own location: days since 1970-01-01.
func Day(t time.Time) int {
	year, month, day := t.Date()
	seconds := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	return int(floorDiv(seconds, 86400))
}

// Count is the number of working days from a fixed day long ago up to and
// including this day (as Day numbers it): only differences mean something. It
// lets a query language hold the calendar as one array of running sums.
func (c *Calendar) Count(day int) int {
	n := Weekdays(day)
	if len(c.shift) == 0 || day < c.first {
		return n
	}
	return n + int(c.shift[min(day-c.first, len(c.shift)-1)])
}

// Span gives the first and last day (as Day numbers them) on which the calendar
// differs from plain weekends; outside, Count grows by weekdays alone. It is
// 0, -1 if there is no such day.
func (c *Calendar) Span() (first, last int) { return c.first, c.first + len(c.shift) - 1 }

// Weekdays counts Mondays to Fridays from Monday 1969-12-29 up to and including day.
func Weekdays(day int) int {
	since := int64(day) + 3 // 1970-01-01 was a Thursday
	weeks := floorDiv(since, 7)
	return int(weeks*5 + min(since-weeks*7+1, 5))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
