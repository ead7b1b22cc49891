package backtest

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yujing/rules"
)

// random makes a set with n rules in risk main.
func random(t *testing.T, rng *rand.Rand, n int) *rules.Set {
	list := make([]madeRule, n)
	for i := range list {
		list[i] = madeRule{id: fmt.Sprint("r", i), points: 5 * (rng.IntN(16) - 4), shadow: rng.IntN(6) == 0}
		if rng.IntN(6) == 0 {
			list[i].atLeast = []string{"blue", "yellow", "orange", "red"}[rng.IntN(4)]
		}
		if list[i].points == 0 && list[i].atLeast == "" {
			list[i].points = 10
		}
	}
	return madeSet(t, list...)
}

// randomHistories has rows of every age, with times on instants and between.
func randomHistories(rng *rand.Rand, rows, rules int) []*History {
	sometimes := func(from float64) time.Time {
		if rng.IntN(2) == 0 {
			return time.Time{}
		}
		return day(from + float64(rng.IntN(60))/4)
	}
	list := make([]*History, rows)
	for i := range list {
		first := float64(rng.IntN(140))/4 - 12
		h := matter(uint64(i), first)
		h.Concluded = sometimes(first)
		h.Outcomes = []time.Time{sometimes(first), sometimes(first)}
		h.Apart = []bool{rng.IntN(9) == 0, rng.IntN(9) == 0}
		h.Channel, h.Unit, h.Place = fmt.Sprint("channel", rng.IntN(2)), []string{"", "a", "b"}[rng.IntN(3)], fmt.Sprint("33010", rng.IntN(4), "001")
		for at := rng.IntN(6); at < 28; at += rng.IntN(4) {
			run := Run{First: at, Last: at + rng.IntN(5), Holds: make(Holds, 1+rules/64), Active: rng.IntN(4) > 0}
			for range 1 + rng.IntN(3) {
				n := rng.IntN(rules + 1)
				run.Holds[n/64] |= 1 << (n % 64)
			}
			h.Runs = append(h.Runs, run)
			at = run.Last + 1
		}
		list[i] = h
	}
	return list
}

// plain judges a row from the definitions alone, instant by instant.
type plain struct {
	frame Frame
	set   *rules.Set
	risk  *rules.Risk
	h     *History
	index int
}

func (p *plain) held(i, without int) (list []*rules.Rule, active bool) {
	for _, r := range p.h.Runs {
		if i < r.First || i > r.Last {
			continue
		}
		for n, rule := range p.set.Numbered(p.risk.Over) {
			if rule.Risk == p.risk.ID && r.Holds.Has(n) && n != without {
				list = append(list, rule)
			}
		}
		return list, r.Active
	}
	return nil, false
}

func (p *plain) weigh(i, without int) (int, rules.Level) {
	list, _ := p.held(i, without)
	score, _, level := p.risk.Weigh(slices.Values(list))
	return score, level
}

// over says that the row's outcome or conclusion has come at an instant.
func (p *plain) over(i int) bool {
	at, outcome := p.frame.Grid.At(i), p.h.Outcomes[p.index]
	return !outcome.IsZero() && !at.Before(outcome) || !p.h.Concluded.IsZero() && !at.Before(p.h.Concluded)
}

func (p *plain) followed() (list []int) {
	for i := range p.frame.Grid.Len() {
		at := p.frame.Grid.At(i)
		if !at.Before(p.h.First) && !p.over(i) && !at.After(p.h.First.Add(p.risk.Horizon)) {
			list = append(list, i)
		}
	}
	return list
}

// starts counts the instants after the first at which the row begins to stand at a level.
func (p *plain) starts(level rules.Level) (n, standing int) {
	stood := false
	for i := range p.frame.Grid.Len() {
		if !p.frame.Grid.At(i).Before(p.frame.To) {
			break
		}
		_, active := p.held(i, -1)
		_, is := p.weigh(i, -1)
		stands := active && !p.over(i) && is >= level
		if stands && !stood {
			if i == 0 {
				standing++
			} else {
				n++
			}
		}
		stood = stands
	}
	return n, standing
}

// verdict gives what became of a row if warnings are given at a level.
func (p *plain) verdict(level rules.Level) (v Verdict, warning int) {
	end, outcome := p.h.First.Add(p.risk.Horizon), p.h.Outcomes[p.index]
	came := !outcome.IsZero() && !outcome.After(end)
	warning = slices.IndexFunc(p.followed(), func(i int) bool { _, is := p.weigh(i, -1); return is >= level })
	if warning >= 0 {
		warning = p.followed()[warning]
	}
	first := 0
	for p.frame.Grid.At(first).Before(p.h.First) {
		first++
	}
	switch {
	case !came && end.After(p.frame.DataEnd):
		return Undecided, warning
	case came && warning >= 0:
		return True, warning
	case came && !outcome.After(p.frame.Grid.At(first)):
		return TooSoon, warning
	case came:
		return Missed, warning
	case warning >= 0:
		return False, warning
	}
	return Quiet, warning
}

func (p *plain) inCohort() bool {
	return !p.h.Apart[p.index] && !p.h.First.Before(p.frame.Grid.From) && p.h.First.Before(p.frame.To)
}

// rule adds the row to the figures of rule number n.
func (p *plain) rule(n int, rule *rules.Rule, level rules.Level, f *RuleFigures) {
	verdict, warning := p.verdict(level)
	if verdict == Undecided {
		return
	}
	lost, fired := warning >= 0, false
	for _, i := range p.followed() {
		all, _ := p.held(i, -1)
		holds := slices.Contains(all, rule)
		if holds && !fired {
			fired = true
			f.Fired++
			if verdict == True || verdict == Missed || verdict == TooSoon {
				f.CameTrue++
			}
			if len(all) == 1 {
				f.Alone++
			}
		}
		if holds && i == warning && !rule.Shadow {
			f.Warned++
		}
		if _, without := p.weigh(i, n); without >= level {
			lost = false
		}
	}
	if lost && !rule.Shadow {
		f.Lost++
	}
}

// plainFigures are the figures that need no interval.
func plainFigures(frame Frame, set *rules.Set, risk *rules.Risk, index int, level rules.Level, list []*History) *Figures {
	f := &Figures{Rules: map[string]*RuleFigures{}, Levels: map[string]*LevelFigures{}}
	days := float64(frame.Inside()-1) * frame.Grid.Step.Hours() / 24
	var at [rules.Red + 1]counts
	var started [rules.Red + 1]int
	for _, h := range list {
		p := &plain{frame, set, risk, h, index}
		if h.Apart[index] {
			continue
		}
		for _, l := range colours() {
			n, standing := p.starts(l)
			started[l] += n
			if l == level {
				f.Standing += standing
			}
			if v, _ := p.verdict(l); p.inCohort() {
				at[l].add(v)
			}
		}
	}
	for n, rule := range set.Numbered(risk.Over) {
		if rule.Risk != risk.ID {
			continue
		}
		r := &RuleFigures{Points: rule.Points, Shadow: rule.Shadow}
		for _, h := range list {
			if p := (&plain{frame, set, risk, h, index}); p.inCohort() {
				p.rule(n, rule, level, r)
			}
		}
		r.Redundant = r.Fired > 0 && r.Lost == 0 && !r.Shadow
		f.Rules[rule.ID] = r
	}
	for _, l := range colours() {
		c := at[l]
		f.Levels[l.String()] = &LevelFigures{Warned: c.warned(), True: c.true, False: c.false, Rates: c.rates(), WarningsPerDay: float64(started[l]) / days}
	}
	c := at[level]
	f.Cases, f.Outcomes, f.Warned, f.True, f.False = c.cases(), c.outcomes(), c.warned(), c.true, c.false
	f.Missed, f.TooSoon, f.Quiet, f.Undecided = c.missed, c.tooSoon, c.quiet, c.undecided
	f.Rates, f.WarningsPerDay = c.rates(), float64(started[level])/days
	return f
}

func TestFiguresAreThoseOfTheDefinitions(t *testing.T) {
	for seed := range uint64(18) {
		rng := rand.New(rand.NewPCG(seed, 1))
		rules := []int{3, 8, 63, 64, 70, 130}[seed%6]
		set, list := random(t, rng, rules), randomHistories(rng, 40+600/rules, rules)
		end, level, step := day(15+float64(rng.IntN(60))/4), colours()[rng.IntN(4)], []time.Duration{24, 12, 36}[rng.IntN(3)]*time.Hour
		checkFigures(t, fmt.Sprint("seed ", seed), set, list, end, Options{From: day(0), To: day(16), Step: step, Level: level})
	}
}

func checkFigures(t *testing.T, name string, set *rules.Set, list []*History, end time.Time, o Options) {
	t.Helper()
	var cases bytes.Buffer
	writer, err := NewCaseWriter(&cases)
	if err != nil {
		t.Fatal(err)
	}
	o.Cases = writer.Write
	report, err := Measure(t.Context(), &made{end: end, cases: list}, set, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Flush(); err != nil {
		t.Fatal(err)
	}
	last := o.To.Add(10 * 24 * time.Hour)
	if end.Before(last) {
		last = end
	}
	frame := Frame{Grid: Grid{From: o.From, Last: last, Step: o.Step}, To: o.To, DataEnd: end}
	for index, id := range []string{"other", "main"} {
		got := report.Risks[id]
		want := plainFigures(frame, set, set.Risk(id), index, o.Level, list)
		only := gocmp.Options{cmpopts.IgnoreFields(Figures{}, "PrecisionInterval", "RecallInterval", "LiftInterval", "LeadDays", "LeadHours", "Calibration", "Daily", "ByUnit", "ByPlace", "ByChannel", "Outliers"),
			cmpopts.IgnoreFields(LevelFigures{}, "LiftInterval")}
		if diff := gocmp.Diff(want, got, only); diff != "" {
			t.Errorf("%s, risk %s (-want +got):\n%s", name, id, diff)
		}
		addsUp(t, name, got, frame.Days())
		if diff := gocmp.Diff(recompute(t, id, cases.Bytes()), got, cmpopts.EquateEmpty(), gocmp.Options{cmpopts.IgnoreFields(Figures{}, "PrecisionInterval", "RecallInterval", "LiftInterval",
			"WarningsPerDay", "Standing", "Levels", "Rules", "Daily", "ByPlace", "ByUnit", "Outliers"), cmpopts.IgnoreFields(Share{}, "WarningsPerDay")}); diff != "" {
			t.Errorf("%s, risk %s from the cases alone (-want +got):\n%s", name, id, diff)
		}
	}
}

// addsUp holds sums that must be equal.
func addsUp(t *testing.T, name string, f *Figures, days float64) {
	t.Helper()
	equal := func(what string, a, b int) {
		if a != b {
			t.Errorf("%s: %s: %d and %d", name, what, a, b)
		}
	}
	equal("cases by verdict", f.Cases, f.True+f.False+f.Missed+f.TooSoon+f.Quiet+f.Undecided)
	equal("outcomes by verdict", f.Outcomes, f.True+f.Missed+f.TooSoon)
	equal("warned by verdict", f.Warned, f.True+f.False)
	equal("true rows and lead times", f.True, len(f.LeadHours))
	warnings := 0
	for _, n := range f.Daily {
		warnings += n
	}
	equal("warnings a day and daily", int(f.WarningsPerDay*days+.5), warnings)
	for what, list := range map[string][]Share{"unit": f.ByUnit, "place": f.ByPlace, "channel": f.ByChannel} {
		var sum Share
		for _, s := range list {
			sum.Cases += s.Cases
			sum.Outcomes += s.Outcomes
			sum.Warned += s.Warned
			sum.True += s.True
			sum.Undecided += s.Undecided
			sum.WarningsPerDay += s.WarningsPerDay
		}
		equal(what+": cases", sum.Cases, f.Cases)
		equal(what+": outcomes", sum.Outcomes, f.Outcomes)
		equal(what+": warned", sum.Warned, f.Warned)
		equal(what+": true", sum.True, f.True)
		equal(what+": undecided", sum.Undecided, f.Undecided)
		equal(what+": warnings", int(sum.WarningsPerDay*days+.5), warnings)
	}
	for id, r := range f.Rules {
		if r.CameTrue > r.Fired || r.Alone > r.Fired || r.Warned > r.Fired || r.Warned > f.Warned || r.Lost > f.Warned {
			t.Errorf("%s: rule %s: %+v", name, id, r)
		}
	}
}

// recompute gives the figures that follow from the file of cases alone.
func recompute(t *testing.T, risk string, file []byte) *Figures {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := &Figures{}
	var leads []float64
	verdicts := map[string]int{}
	channels := map[string]map[string]int{}
	for i := range bins {
		f.Calibration = append(f.Calibration, Bin{From: 10 * i, To: 10*i + 9})
	}
	f.Calibration[bins-1].To = 100
	for _, line := range lines[1:] {
		c := map[string]string{}
		for i, name := range lines[0] {
			c[name] = line[i]
		}
		if c["risk"] != risk {
			continue
		}
		verdicts[c["verdict"]]++
		if channels[c["channel"]] == nil {
			channels[c["channel"]] = map[string]int{}
		}
		channels[c["channel"]][c["verdict"]]++
		if c["verdict"] == "true" {
			lead := parsed(t, c["outcome_at"]).Sub(parsed(t, c["warned_at"]))
			leads = append(leads, lead.Hours()/24)
			f.LeadHours = append(f.LeadHours, int(lead.Hours()))
		}
		if score, err := strconv.Atoi(c["score"]); err == nil && c["verdict"] != "undecided" {
			b := &f.Calibration[min(score/10, 9)]
			b.Cases++
			if c["outcome_at"] != "" {
				b.Outcomes++
			}
		}
	}
	for i := range f.Calibration {
		b := &f.Calibration[i]
		b.Share, b.Interval = ratio(float64(b.Outcomes), float64(b.Cases)), Wilson(b.Outcomes, b.Cases)
	}
	slices.Sort(leads)
	slices.Sort(f.LeadHours)
	if len(leads) > 0 {
		f.LeadDays = &Quartiles{quantile(leads, 1), quantile(leads, 2), quantile(leads, 3)}
	}
	whole := shareOf("", verdicts)
	f.Cases, f.Outcomes, f.Warned, f.True, f.Undecided, f.Rates = whole.Cases, whole.Outcomes, whole.Warned, whole.True, whole.Undecided, whole.Rates
	f.False, f.Missed, f.TooSoon, f.Quiet = verdicts["false"], verdicts["missed"], verdicts["too_soon"], verdicts["quiet"]
	for value, v := range channels {
		f.ByChannel = append(f.ByChannel, shareOf(value, v))
	}
	slices.SortFunc(f.ByChannel, func(a, b Share) int { return cmp.Or(b.Cases-a.Cases, cmp.Compare(a.Value, b.Value)) })
	return f
}

func parsed(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// quantile is quarter q/4 of sorted values, at position q(n-1)/4.
func quantile(v []float64, q int) float64 {
	whole, rest := q*(len(v)-1)/4, q*(len(v)-1)%4
	if rest == 0 {
		return v[whole]
	}
	return v[whole] + float64(rest)/4*(v[whole+1]-v[whole])
}

// shareOf divides counts as docs/backtest.md does.
func shareOf(value string, v map[string]int) Share {
	outcomes := v["true"] + v["missed"] + v["too_soon"]
	warned := v["true"] + v["false"]
	decided := outcomes + v["false"] + v["quiet"]
	s := Share{Value: value, Cases: decided + v["undecided"], Outcomes: outcomes, Warned: warned, True: v["true"], Undecided: v["undecided"]}
	divide := func(a, b float64) *float64 {
		if b == 0 {
			return nil
		}
		a /= b
		return &a
	}
	s.BaseRate = divide(float64(outcomes), float64(decided))
	s.Precision, s.Recall = divide(float64(s.True), float64(warned)), divide(float64(s.True), float64(outcomes))
	if s.Precision != nil && s.BaseRate != nil {
		s.Lift = divide(*s.Precision, *s.BaseRate)
	}
	return s
}
