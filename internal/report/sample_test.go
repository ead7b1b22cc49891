package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// shipped is the rule set that the tests report on.
func shipped(t *testing.T) *rules.Set {
	t.Helper()
	set, problems := rules.Load(os.DirFS("../../rules.d"), rules.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// sample is a report such as a district's year gives, and the cases told of it.
func sample(t *testing.T) Input {
	t.Helper()
	s := sampler{rand.New(rand.NewPCG(7, 11)), time.Date(2024, 12, 31, 16, 0, 0, 0, time.UTC)}
	in := Input{Set: shipped(t), Made: s.from.AddDate(1, 6, 0), Command: "yujing backtest --from 2025-01-01 --to 2026-01-01 --html out.html"}
	in.Report = &backtest.Report{Risks: map[string]*backtest.Figures{}, Instants: 455, Seconds: 37.25, RuleSet: in.Set.Version(), Calendar: in.Set.CalendarVersion(),
		From: s.from, To: s.from.AddDate(1, 0, 0), DataEnd: s.from.AddDate(1, 3, 0), Step: "24h0m0s", Level: "yellow"}
	for _, risk := range in.Set.Risks() {
		in.Report.Risks[risk.ID] = s.figures(risk)
		for i := range 14 {
			in.Worked = append(in.Worked, s.worked(risk, i))
		}
	}
	return in
}

type sampler struct {
	*rand.Rand
	from time.Time
}

func share(k, n int) *float64 {
	if n == 0 {
		return nil
	}
	f := float64(k) / float64(n)
	return &f
}

func around(f *float64, half float64) *[2]float64 {
	if f == nil {
		return nil
	}
	return &[2]float64{max(*f-half, 0), *f + half}
}

func rates(true, false, outcomes, decided int) backtest.Rates {
	r := backtest.Rates{BaseRate: share(outcomes, decided), Precision: share(true, true+false), Recall: share(true, outcomes)}
	if r.Precision != nil && r.BaseRate != nil && *r.BaseRate > 0 {
		lift := *r.Precision / *r.BaseRate
		r.Lift = &lift
	}
	return r
}

func (s sampler) figures(risk *rules.Risk) *backtest.Figures {
	hit, miss, vain, soon, quiet, open := 300+s.IntN(200), 350+s.IntN(200), 600+s.IntN(300), 40+s.IntN(50), 7000+s.IntN(2000), 900+s.IntN(300)
	outcomes, decided := hit+miss+soon, hit+miss+vain+soon+quiet
	f := &backtest.Figures{Cases: decided + open, Outcomes: outcomes, Warned: hit + vain, True: hit, False: vain, Missed: miss, TooSoon: soon, Quiet: quiet,
		Undecided: open, Rates: rates(hit, vain, outcomes, decided), WarningsPerDay: 4.37 + 3*s.Float64(), Standing: 211 + s.IntN(100),
		LeadDays: &backtest.Quartiles{P25: 4.21, P50: 11.63, P75: 27.94}, Levels: map[string]*backtest.LevelFigures{}, Rules: map[string]*backtest.RuleFigures{}}
	f.PrecisionInterval, f.RecallInterval, f.LiftInterval = around(f.Precision, 0.027), around(f.Recall, 0.034), around(f.Lift, 0.21)
	for i, level := range colours() {
		warned := []int{2600, hit + vain, 410, 52}[i]
		came := []int{hit + 250, hit, 190, 31}[i]
		l := &backtest.LevelFigures{Warned: warned, True: came, False: warned - came, Rates: rates(came, warned-came, outcomes, decided), WarningsPerDay: float64(warned) / 170}
		l.LiftInterval = around(l.Lift, 0.3)
		f.Levels[level.String()] = l
	}
	for i, rule := range risk.Rules {
		fired := s.IntN(2000)
		if i == 3 {
			fired = 0
		}
		f.Rules[rule.ID] = &backtest.RuleFigures{Points: rule.Points, Shadow: rule.Shadow, Fired: fired, CameTrue: fired / 4, Alone: fired / 9, Warned: fired / 3,
			Lost: fired / 11 * (i % 2), Redundant: fired > 0 && i%2 == 0}
	}
	for i := range 10 {
		b := backtest.Bin{From: 10 * i, To: 10*i + 9, Cases: []int{4200, 1900, 1100, 700, 420, 300, 180, 90, 22, 0}[i]}
		b.Outcomes = int(float64(b.Cases) * (0.02 + 0.006*float64(i*i)))
		b.Share = share(b.Outcomes, b.Cases)
		if b.Share != nil {
			b.Interval = around(b.Share, 1.5*math.Sqrt(0.2/float64(b.Cases)))
		}
		f.Calibration = append(f.Calibration, b)
	}
	f.Calibration[9].To = 100
	for i := range 364 {
		f.Daily = append(f.Daily, s.IntN(9)+i%7/5*3)
	}
	for range hit {
		f.LeadHours = append(f.LeadHours, int(min(s.ExpFloat64()*420, 2100)))
	}
	slices.Sort(f.LeadHours)
	f.ByChannel = s.shares("hotline", "online", "mailbox", "visit", "letter", "")
	f.ByUnit = s.shares("住房和城乡建设局", "人力资源和社会保障局", "城管执法局", "交通运输局", "翠苑街道办事处", "教育局", "市场监督管理局", "公安分局", "生态环境分局", "农业农村局", "自然资源分局", "供电公司", "自来水公司", "")
	f.ByPlace = s.shares("330106", "330105", "330108", "330110", "")
	for _, s := range f.ByUnit[2:4] {
		f.Outliers = append(f.Outliers, backtest.Outlier{By: "unit", Value: s.Value, Figure: "recall", Part: *s.Recall, Of: s.Outcomes, Interval: [2]float64{0.11, 0.3}, Whole: *f.Recall})
	}
	return f
}

func (s sampler) shares(values ...string) []backtest.Share {
	var list []backtest.Share
	for i, v := range values {
		cases := 3000 / (i + 1)
		warned, outcomes := cases/10, cases/12
		hit := min(int(float64(outcomes)*(0.2+0.4*s.Float64())), warned)
		if i == len(values)-1 {
			warned, outcomes, hit = 0, 0, 0
		}
		list = append(list, backtest.Share{Value: v, Cases: cases, Outcomes: outcomes, Warned: warned, True: hit, Undecided: cases / 9,
			Rates: rates(hit, warned-hit, outcomes, cases-cases/9), WarningsPerDay: float64(warned) / 365})
	}
	return list
}

func (s sampler) worked(risk *rules.Risk, i int) Worked {
	first := s.from.Add(time.Duration(s.IntN(200*24)) * time.Hour)
	c := backtest.Case{Risk: risk.ID, Row: fmt.Sprintf("%016x", s.Uint64()), Ref: fmt.Sprintf("hotline-12345:2025%08d", s.IntN(1e8)), First: first,
		Channel: "hotline", Unit: "住房和城乡建设局", Place: "330106001", Score: 55 + s.IntN(45), Level: rules.Orange, Verdict: backtest.True,
		WarnedAt: first.Add(50 * time.Hour), OutcomeAt: first.Add(time.Duration(300+s.IntN(1500)) * time.Hour)}
	w := Worked{Case: c, At: c.WarnedAt, Contacts: 3, Actions: 9}
	if i >= 7 {
		w.Case.Verdict, w.Case.WarnedAt, w.Case.Score, w.Case.Level = backtest.Missed, time.Time{}, s.IntN(45), rules.None
		w.At = c.OutcomeAt.Add(-3 * time.Hour)
	}
	for _, rule := range risk.Rules[:min(i%4, len(risk.Rules))] {
		w.Fired = append(w.Fired, rules.Fired{ID: rule.ID, Points: rule.Points, Shadow: rule.Shadow, Name: rule.Name,
			Because: rules.Text{ZH: "同一信访人 7 日内再次来件，累计来件 3 次，至今未答复", EN: "the same complainant asked again within 7 days, 3 contacts in all, and has no answer yet"}, Advise: rule.Advise})
	}
	note := func(act string, hours int) rules.SignalNote {
		n := rules.SignalNote{ID: act, At: first.Add(time.Duration(hours) * time.Hour), Act: act, Unit: "住房和城乡建设局"}
		if act == "" {
			n.Channel, n.Unit = "visit", ""
		}
		return n
	}
	w.Known = Notes{List: []rules.SignalNote{note("", 0), note("registered", 1), note("transferred", 3), note("", 26), note("accepted", 40)}, Left: 7, Total: 12}
	if i%3 == 0 {
		w.Unknown = Notes{List: []rules.SignalNote{note("replied", 44)}, Total: 1}
	}
	outcome := note("", 0)
	outcome.At = c.OutcomeAt
	w.After = Notes{List: []rules.SignalNote{note("extended", 60), note("replied", 80), outcome}, Left: 2, Total: 5}
	return w
}
