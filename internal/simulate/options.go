package simulate

import (
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"yujing/internal/calendar"
)

// Format says which files a run writes.
type Format string

const (
	// All writes the three feeds, each contact in the one it came by.
	All Format = "all"
	// Hotline, Bureau and Online let every contact come by that one feed.
	Hotline Format = "hotline"
	Bureau  Format = "bureau"
	Online  Format = "online"
	// CSV is Hotline in UTF-8: the fastest.
	CSV Format = "csv"
)

// Options say what a run simulates and where it writes.
type Options struct {
	Seed uint64
	// From and To bound the period; From is taken back to midnight in China.
	From, To time.Time
	// Contacts is about how many contacts the whole period should have; the
	// district grows with it. Zero asks PerDay, and zero there is 100.
	Contacts int
	PerDay   float64
	// Every is how often the feeds export; an order that changed since is
	// exported anew. Zero is 7 days.
	Every time.Duration
	// Dirty is how many records in a thousand are broken on purpose.
	Dirty  int
	Format Format // "" is All

	// Dir receives hotline-12345/, bureau/, online/, truth.csv, groups.csv and
	// simulation.json. It must be empty or not exist. "" writes no files.
	Dir string
	// Hazards also writes hazards.csv: the true hazard of every living matter
	// and group at each midnight, where it changed by a tenth or more.
	Hazards bool

	Calendar *calendar.Calendar // nil is the embedded one
	Model    *Model             // nil is DefaultModel
	Logger   *zap.Logger
	// Progress is told how much of the period is done, from 0 to 1.
	Progress func(float64)
	// Observe is told, at each midnight, the true hazard of everything that lives.
	Observe func(Truth)
}

// Validate says everything that cannot be simulated.
func (o Options) Validate() error {
	_, err := o.withDefaults()
	return err
}

// withDefaults fills in what is not said and refuses what makes no sense.
func (o Options) withDefaults() (Options, error) {
	var errs []error
	o.Calendar = o.calendar()
	if o.Model == nil {
		o.Model = DefaultModel()
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if o.Format == "" {
		o.Format = All
	}
	if o.Every == 0 {
		o.Every = 7 * 24 * time.Hour
	}
	if o.From.IsZero() || !o.From.Before(o.To) {
		errs = append(errs, errors.New("simulate: the period must begin before it ends"))
	} else if o.To.Sub(o.From) > 40*366*24*time.Hour {
		errs = append(errs, errors.New("simulate: the period is longer than 40 years"))
	}
	if o.Every < time.Hour || o.Every%time.Second != 0 {
		errs = append(errs, fmt.Errorf("simulate: exports every %s; give an hour or more, in whole seconds", o.Every))
	}
	if o.Dirty < 0 || o.Dirty > 500 {
		errs = append(errs, fmt.Errorf("simulate: %d broken records in a thousand; give 0 to 500", o.Dirty))
	}
	switch o.Format {
	case All, Hotline, Bureau, Online, CSV:
	default:
		errs = append(errs, fmt.Errorf("simulate: unknown format %q; known: all, hotline, bureau, online, csv", o.Format))
	}
	o.From = midnight(o.From)
	days := o.To.Sub(o.From).Hours() / 24
	switch {
	case o.Contacts < 0 || o.PerDay < 0:
		errs = append(errs, errors.New("simulate: the number of contacts is negative"))
	case o.Contacts > 0:
		o.PerDay = float64(o.Contacts) / days
	case o.PerDay == 0:
		o.PerDay = 100
	}
	if o.PerDay > 20_000 {
		errs = append(errs, fmt.Errorf("simulate: %.0f contacts a day are more than one district has; give at most 20,000, or a longer period", o.PerDay))
	}
	return o, errors.Join(errs...)
}

func (o Options) calendar() *calendar.Calendar {
	if o.Calendar == nil {
		return calendar.Embedded()
	}
	return o.Calendar
}

// only is the one source that everything goes through, or -1.
func (f Format) only() int {
	switch f {
	case Hotline, CSV:
		return int(fromHotline)
	case Bureau:
		return int(fromBureau)
	case Online:
		return int(fromOnline)
	}
	return -1
}

// contactsPerMatter is how many contacts a matter that arises by itself leads
// to, with those of others that it draws in: measured, by TestRates.
const contactsPerMatter = 1.23

// midnight is the begin of the day in China.
func midnight(t time.Time) time.Time {
	t = t.In(Zone())
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, Zone())
}

// newWorld sets a district in motion; nothing has happened yet.
func newWorld(o Options, out output) *world {
	base := midnight(o.From)
	d := NewDistrict(o.Seed)
	w := &world{
		district: d, model: o.Model, clock: newClock(base, o.Calendar), log: o.Logger, seed: o.Seed,
		perDay: o.PerDay / contactsPerMatter, only: o.Format.only(), every: int32(o.Every / time.Second),
		r: newRNG(o.Seed, 5), byKey: map[groupKey]uint32{}, out: out,
	}
	w.place = placeShare(d, w.perDay)
	first := map[[2]string]uint16{}
	for i, c := range d.Categories {
		l2 := [2]string(c.Name[:2])
		if _, seen := first[l2]; !seen {
			first[l2] = uint16(i)
		}
		w.second = append(w.second, first[l2])
	}
	w.schedule(1, evArrive, 0, 0, 0)
	w.schedule(w.every, evExport, 0, 0, 0)
	return w
}
