package backtest

import (
	"cmp"
	"slices"
	"time"

	"yujing/rules"
)

// colours are the levels of warning.
func colours() []rules.Level { return []rules.Level{rules.Blue, rules.Yellow, rules.Orange, rules.Red} }

// bins of the calibration: ten points each, the last one with 100.
const bins = 10

// Tally adds up what became of rows in one risk.
type Tally struct {
	judge   *Judge
	levels  [rules.Red + 1]counts // by each colour as the level asked for
	starts  [rules.Red + 1]int    // warnings by each colour
	stood   int                   // at the first instant
	daily   []int
	rules   []RuleFigures
	bins    [bins]Bin
	leads   []time.Duration
	channel parts
	unit    parts
	place   parts
}

// parts are the rows by channel, unit or place.
type parts map[string]*part

type part struct {
	counts
	warnings int
}

func (p parts) of(value string) *part {
	one := p[value]
	if one == nil {
		one = &part{}
		p[value] = one
	}
	return one
}

// NewTally adds up what a judge says.
func NewTally(j *Judge) *Tally {
	t := &Tally{judge: j, daily: make([]int, max(j.Inside()-1, 0)), rules: make([]RuleFigures, len(j.Risk.Rules)),
		channel: parts{}, unit: parts{}, place: parts{}}
	for i := range t.bins {
		t.bins[i] = Bin{From: 10 * i, To: 10*i + 9}
	}
	t.bins[bins-1].To = 100
	for i, r := range j.Risk.Rules {
		t.rules[i] = RuleFigures{Points: r.Points, Shadow: r.Shadow}
	}
	return t
}

// Add judges a row and adds what became of it.
func (t *Tally) Add(h *History) *Judgement {
	m := t.judge.Judge(h)
	warnings := t.addStarts(m)
	if !m.Cohort && warnings == 0 {
		return m
	}
	for _, p := range []*part{t.channel.of(h.Channel), t.unit.of(h.Unit), t.place.of(area(h.Place))} {
		p.warnings += warnings
		if m.Cohort {
			p.add(m.Verdict)
		}
	}
	if m.Cohort {
		t.addCohort(m)
	}
	return m
}

// area is the first six digits of a place: its county.
func area(place string) string {
	n := 0
	for i := range place {
		if n == 6 {
			return place[:i]
		}
		n++
	}
	return place
}

// addStarts adds warnings, and gives how many there were at the level asked for.
func (t *Tally) addStarts(m *Judgement) int {
	n := 0
	for _, level := range colours() {
		for instant := range m.Starts(level) {
			switch asked := level == t.judge.Level; {
			case instant > 0 && asked:
				n++
				t.daily[instant-1]++
				fallthrough
			case instant > 0:
				t.starts[level]++
			case asked:
				t.stood++
			}
		}
	}
	return n
}

func (t *Tally) addCohort(m *Judgement) {
	for _, level := range colours() {
		t.levels[level].add(m.Verdict.at(m.Highest >= level))
	}
	if m.Verdict == Undecided || !m.Followed {
		return
	}
	came := !m.OutcomeAt.IsZero()
	t.addRules(m, came)
	bin := &t.bins[min(m.Score/10, bins-1)]
	bin.Cases++
	if came {
		bin.Outcomes++
	}
	if m.Verdict == True {
		t.leads = append(t.leads, m.Lead())
	}
}

func (t *Tally) addRules(m *Judgement, came bool) {
	m.fired.each(func(i int) {
		r := &t.rules[i]
		r.Fired++
		if came {
			r.CameTrue++
		}
		if m.alone.has(i) {
			r.Alone++
		}
		if m.Warning < 0 || r.Shadow {
			return
		}
		if m.atWarning.has(i) {
			r.Warned++
		}
		if !m.kept.has(i) {
			r.Lost++
		}
	})
}

// Figures are those of the rows added so far.
func (t *Tally) Figures() *Figures {
	asked := t.levels[t.judge.Level]
	ci := asked.bootstrap()
	f := &Figures{
		Cases: asked.cases(), Outcomes: asked.outcomes(), Warned: asked.warned(), True: asked.true, False: asked.false,
		Missed: asked.missed, TooSoon: asked.tooSoon, Quiet: asked.quiet, Undecided: asked.undecided,
		Rates: asked.rates(), PrecisionInterval: ci.precision, RecallInterval: ci.recall, LiftInterval: ci.lift,
		LeadDays: t.quartiles(), LeadHours: t.leadHours(),
		WarningsPerDay: t.perDay(t.starts[t.judge.Level]), Standing: t.stood, Daily: t.daily,
		Levels: t.levelFigures(), Rules: t.ruleFigures(), Calibration: t.calibration(),
		ByUnit: t.shares(t.unit), ByPlace: t.shares(t.place), ByChannel: t.shares(t.channel),
	}
	f.Outliers = f.outliers()
	return f
}

func (t *Tally) perDay(warnings int) float64 {
	if days := t.judge.Days(); days > 0 {
		return float64(warnings) / days
	}
	return 0
}

func (t *Tally) quartiles() *Quartiles {
	if len(t.leads) == 0 {
		return nil
	}
	days := make([]float64, len(t.leads))
	for i, lead := range t.leads {
		days[i] = lead.Hours() / 24
	}
	slices.Sort(days)
	return &Quartiles{point(days, 0.25), point(days, 0.5), point(days, 0.75)}
}

func (t *Tally) leadHours() []int {
	hours := make([]int, len(t.leads))
	for i, lead := range t.leads {
		hours[i] = int(lead / time.Hour)
	}
	slices.Sort(hours)
	return hours
}

func (t *Tally) levelFigures() map[string]*LevelFigures {
	all := map[string]*LevelFigures{}
	for _, level := range colours() {
		c := t.levels[level]
		all[level.String()] = &LevelFigures{Warned: c.warned(), True: c.true, False: c.false, Rates: c.rates(),
			LiftInterval: c.bootstrap().lift, WarningsPerDay: t.perDay(t.starts[level])}
	}
	return all
}

func (t *Tally) ruleFigures() map[string]*RuleFigures {
	all := map[string]*RuleFigures{}
	for i, rule := range t.judge.Risk.Rules {
		r := t.rules[i]
		r.Redundant = r.Fired > 0 && r.Lost == 0 && !r.Shadow
		all[rule.ID] = &r
	}
	return all
}

func (t *Tally) calibration() []Bin {
	list := slices.Clone(t.bins[:])
	for i := range list {
		b := &list[i]
		b.Share, b.Interval = ratio(float64(b.Outcomes), float64(b.Cases)), Wilson(b.Outcomes, b.Cases)
	}
	return list
}

// shares gives the parts with most cases first.
func (t *Tally) shares(all parts) []Share {
	list := make([]Share, 0, len(all))
	for value, p := range all {
		list = append(list, Share{Value: value, Cases: p.cases(), Outcomes: p.outcomes(), Warned: p.warned(), True: p.true, Undecided: p.undecided,
			Rates: p.rates(), WarningsPerDay: t.perDay(p.warnings)})
	}
	slices.SortFunc(list, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.Value, b.Value))
	})
	return list
}
