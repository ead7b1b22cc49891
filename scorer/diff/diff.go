// Package diff says what a change of the rules changes: which warnings a period
// would have gained, lost or had at another instant, and what that does to
// precision, recall and the load of each unit. docs/backtest.md has the words.
package diff

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// Side is one of the two rule sets.
type Side struct {
	Name string // as it was asked for: a directory or a revision
	Set  *rules.Set
}

// Diff is B against A.
type Diff struct {
	A       Version   `json:"a"`
	B       Version   `json:"b"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	DataEnd time.Time `json:"data_end"`
	Step    string    `json:"step"`
	Level   string    `json:"level"`
	Risks   []*Risk   `json:"risks"` // in the order of B, then those that only A has

	zone *time.Location // in which people are told times: that of the first risk
}

// Version names a rule set.
type Version struct {
	Name    string `json:"name"`
	RuleSet string `json:"rule_set"`
}

// Risk is what changes in one risk.
type Risk struct {
	ID     string     `json:"risk"`
	Name   rules.Text `json:"name"`
	Before *Figures   `json:"before"` // null if the side does not have the risk
	After  *Figures   `json:"after"`
	// Redefined says that the two sides do not look for the same outcomes, so that
	// their figures are of different things.
	Redefined bool `json:"redefined"`

	// Those that came true first, then by the score.
	Gained []Change `json:"gained"`
	Lost   []Change `json:"lost"`
	Moved  []Change `json:"moved"`
	Units  []Load   `json:"units"` // by warnings per day of B, most first
}

// Figures are those of one side.
type Figures struct {
	Cases    int `json:"cases"`
	Outcomes int `json:"outcomes"`
	Warned   int `json:"warned"`
	True     int `json:"true"`
	False    int `json:"false"`
	backtest.Rates
	WarningsPerDay float64 `json:"warnings_per_day"`
}

// Load is how many warnings a day a unit gets.
type Load struct {
	Unit   string  `json:"unit"` // "" is unknown
	Before float64 `json:"before"`
	After  float64 `json:"after"`
}

// Change is a row whose warning is another one, or at another instant.
type Change struct {
	Row    string   `json:"row"`
	Ref    string   `json:"ref"`
	Unit   string   `json:"unit"`
	Before *Warning `json:"before"`
	After  *Warning `json:"after"`
}

// Warning is a warning of a row, and what became of that.
type Warning struct {
	At      time.Time        `json:"at"`
	Score   int              `json:"score"`
	Level   rules.Level      `json:"level"`
	Verdict backtest.Verdict `json:"verdict"` // true, false, undecided
}

// Compare measures both sides over the same period and rows.
func Compare(ctx context.Context, src backtest.Source, a, b Side, o backtest.Options) (*Diff, error) {
	end, err := src.DataEnd(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for the end of the data: %w", err)
	}
	src = &ended{src, end}
	d := &Diff{A: Version{a.Name, a.Set.Version()}, B: Version{b.Name, b.Set.Version()}}
	changes := map[string]*merger{}
	before, err := measure(ctx, src, a, o, func(c *backtest.Case) error {
		if !c.WarnedAt.IsZero() {
			mergerOf(changes, c.Risk).before(c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	after, err := measure(ctx, src, b, o, func(c *backtest.Case) error {
		mergerOf(changes, c.Risk).after(c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	one := cmp.Or(after, before)
	switch {
	case one == nil:
		return nil, fmt.Errorf("neither %s nor %s has a risk of %v", a.Name, b.Name, o.Risks)
	case (before == nil || before.Empty()) && (after == nil || after.Empty()):
		return nil, fmt.Errorf("%w: no matter has its first contact in it, and none was at risk", backtest.ErrNoData)
	}
	d.From, d.To, d.DataEnd, d.Step, d.Level = one.From, one.To, one.DataEnd, one.Step, one.Level
	d.risks(a.Set, b.Set, before, after, changes)
	return d, nil
}

// ended is a source whose data end where they did when it was first asked:
// signals that arrive between the two passes stretch neither.
type ended struct {
	backtest.Source
	end time.Time
}

func (e *ended) DataEnd(context.Context) (time.Time, error) { return e.end, nil }

// measure runs one side, of the risks asked for those it has; nil if it has none.
func measure(ctx context.Context, src backtest.Source, side Side, o backtest.Options, cases func(*backtest.Case) error) (*backtest.Report, error) {
	if o.Cases = cases; o.Risks != nil {
		o.Risks = slices.DeleteFunc(slices.Clone(o.Risks), func(id string) bool { return side.Set.Risk(id) == nil })
		if len(o.Risks) == 0 {
			return nil, nil
		}
	}
	report, err := backtest.Measure(ctx, src, side.Set, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", side.Name, err)
	}
	return report, nil
}

// risks puts together what was found, risk by risk.
func (d *Diff) risks(a, b *rules.Set, before, after *backtest.Report, changes map[string]*merger) {
	for _, set := range []*rules.Set{b, a} {
		for _, r := range set.Risks() {
			was, is := figuresOf(before, r.ID), figuresOf(after, r.ID)
			if was == nil && is == nil || slices.ContainsFunc(d.Risks, func(known *Risk) bool { return known.ID == r.ID }) {
				continue
			}
			one := &Risk{ID: r.ID, Name: r.Name, Before: summary(was), After: summary(is), Units: loads(was, is),
				Redefined: redefined(a.Risk(r.ID), b.Risk(r.ID))}
			if d.zone == nil {
				d.zone = r.Zone
			}
			m := mergerOf(changes, r.ID)
			one.Gained, one.Lost, one.Moved = m.end()
			d.Risks = append(d.Risks, one)
		}
	}
}

func figuresOf(report *backtest.Report, risk string) *backtest.Figures {
	if report == nil {
		return nil
	}
	return report.Risks[risk]
}

// redefined says that two risks of one name are not the same danger.
func redefined(a, b *rules.Risk) bool {
	return a != nil && b != nil && (a.Over != b.Over || a.Horizon != b.Horizon || a.Outcome != b.Outcome || a.Cohort != b.Cohort)
}

func summary(f *backtest.Figures) *Figures {
	if f == nil {
		return nil
	}
	return &Figures{f.Cases, f.Outcomes, f.Warned, f.True, f.False, f.Rates, f.WarningsPerDay}
}

// loads joins what the units get on both sides.
func loads(before, after *backtest.Figures) []Load {
	byUnit := map[string]*Load{}
	each := func(f *backtest.Figures, set func(l *Load, perDay float64)) {
		if f == nil {
			return
		}
		for _, s := range f.ByUnit {
			l := byUnit[s.Value]
			if l == nil {
				l = &Load{Unit: s.Value}
				byUnit[s.Value] = l
			}
			set(l, s.WarningsPerDay)
		}
	}
	each(before, func(l *Load, perDay float64) { l.Before = perDay })
	each(after, func(l *Load, perDay float64) { l.After = perDay })
	list := []Load{}
	for _, l := range byUnit {
		if l.Before > 0 || l.After > 0 {
			list = append(list, *l)
		}
	}
	slices.SortFunc(list, func(x, y Load) int {
		return cmp.Or(cmp.Compare(y.After, x.After), cmp.Compare(y.Before, x.Before), cmp.Compare(x.Unit, y.Unit))
	})
	return list
}

// PerDay is the number of warnings a day over all risks, before and after.
func (d *Diff) PerDay() (before, after float64) {
	for _, r := range d.Risks {
		if r.Before != nil {
			before += r.Before.WarningsPerDay
		}
		if r.After != nil {
			after += r.After.WarningsPerDay
		}
	}
	return before, after
}

// Units is the load of each unit over all risks, most of B first.
func (d *Diff) Units() []Load {
	byUnit := map[string]Load{}
	for _, r := range d.Risks {
		for _, l := range r.Units {
			sum := byUnit[l.Unit]
			byUnit[l.Unit] = Load{l.Unit, sum.Before + l.Before, sum.After + l.After}
		}
	}
	list := []Load{}
	for _, l := range byUnit {
		list = append(list, l)
	}
	slices.SortFunc(list, func(x, y Load) int { return cmp.Or(cmp.Compare(y.After, x.After), cmp.Compare(x.Unit, y.Unit)) })
	return list
}
