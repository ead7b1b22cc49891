package rules_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/rules"
	"yujing/rules/rulestest"
)

const dayLong = 24 * time.Hour

// turns says that a row has a turn between two instants, the later one included.
func turns(t *rules.Turns, f *rules.Facts, from, to time.Time) bool {
	within := func(of time.Time, by []time.Duration) bool {
		return slices.ContainsFunc(by, func(d time.Duration) bool {
			at := of.Add(d)
			return !of.IsZero() && !at.Before(from.Add(-time.Millisecond)) && !at.After(to.Add(time.Millisecond))
		})
	}
	any := func(signals []rules.Signal, m rules.Marks) bool {
		return slices.ContainsFunc(signals, func(s rules.Signal) bool { return within(s.At, m.Ages) || within(s.Due, m.Dues) })
	}
	return t.Always || slices.ContainsFunc(t.Midnights(), func(m rules.Midnight) bool { return m.Passes(from, to) }) ||
		any(f.Contacts, t.Contacts) || any(f.Actions, t.Actions) || any(f.Group, t.Group)
}

// TestNothingTurnsBetweenTurns asks random rules at two instants without a turn
// between them, of rules that are seen through: they must say the same.
func TestNothingTurnsBetweenTurns(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	now := rulestest.Now(rng)
	g := rulestest.NewGenerator(8)
	seenThrough, still, turned, changed := 0, 0, 0, 0
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		rows := rulestest.Rows(rng, 40, over, now)
		for range 400 {
			rule := g.Rule()
			set, err := rulestest.Load(over, []string{rule})
			if err != nil {
				t.Fatal(err)
			}
			of := set.Turns(over)
			if of.Always {
				continue
			}
			seenThrough++
			e, risk := set.NewEvaluator(), set.Risk(rulestest.Risk)
			says := func(f *rules.Facts, at time.Time) []rules.Fired {
				a, err := e.Evaluate(risk, f, at)
				if err != nil {
					t.Fatal(err)
				}
				return a.Fired
			}
			for _, f := range rows {
				later := now.Add(time.Duration(math.Exp(rng.Float64() * math.Log(float64(40*dayLong))))).Truncate(time.Millisecond)
				same := cmp.Equal(says(f, now), says(f, later))
				switch {
				case turns(&of, f, now, later):
					turned++
					if !same {
						changed++
					}
				case same:
					still++
				default:
					t.Fatalf("%s\nturns between %s and %s, which %+v does not foresee, over %+v", rule, now, later, of, f)
				}
			}
		}
	}
	t.Logf("%d of 800 rules seen through; %d pairs without a turn, %d with one, %d changed", seenThrough, still, turned, changed)
	if seenThrough < 200 || still < 2000 || changed < 50 {
		t.Error("too few to tell")
	}
}

func TestTurns(t *testing.T) {
	day := func(days ...float64) (list []time.Duration) {
		for _, d := range days {
			list = append(list, time.Duration(d*float64(dayLong)))
		}
		return list
	}
	midnights := func(days ...float64) []string {
		var list []string
		for _, d := range day(days...) {
			list = append(list, fmt.Sprint("Asia/Shanghai ", d))
		}
		return list
	}
	type want struct {
		Contacts, Actions, Group rules.Marks
		Days                     []string
		Deadlines                []string
		EveryDay, Always         bool
	}
	for when, w := range map[string]want{
		`len(contacts) > 1`: {},
		`count(contacts, .age <= 7) > 1 or case.age > 2.5`:                             {Contacts: rules.Marks{Ages: day(2.5, 7)}},
		`now - (latest(filter(actions, .act == "replied")) ?? now) > 5`:                {Actions: rules.Marks{Ages: day(5)}},
		`count(group, .age <= 7) > 1`:                                                  {Group: rules.Marks{Ages: day(7, 90)}},
		`overdue("reply")`:                                                             {Contacts: rules.Marks{Dues: day(0)}, Actions: rules.Marks{Dues: day(0)}, Days: midnights(0), Deadlines: []string{"reply 0s"}},
		`any(contacts, (.due ?? now) - now < 3)`:                                       {Contacts: rules.Marks{Dues: day(-3, 3)}},
		`(due("reply") ?? now) < now`:                                                  {Contacts: rules.Marks{Dues: day(0)}, Actions: rules.Marks{Dues: day(0)}, Days: midnights(0), Deadlines: []string{"reply 0s"}},
		`now - (due("reply") ?? now) > 2`:                                              {Contacts: rules.Marks{Dues: day(-2, 2)}, Actions: rules.Marks{Dues: day(-2, 2)}, Days: midnights(2, -2), Deadlines: []string{"reply 48h0m0s", "reply -48h0m0s"}},
		`workdays(case.at, now) > 3`:                                                   {Days: midnights(0), EveryDay: true},
		`workdays(due("reply") ?? now, now) >= -3`:                                     {Days: midnights(0), Deadlines: []string{"reply 3 working days", "reply 4 working days", "reply -3 working days", "reply -2 working days"}},
		`2.5 > workdays(now, due("reply") ?? now)`:                                     {Days: midnights(0), Deadlines: []string{"reply 2 working days", "reply 3 working days", "reply -2 working days", "reply -1 working days"}},
		`workdays(now, due("reply") ?? now) + 1 < 3`:                                   {Days: midnights(0), EveryDay: true},
		`workdays(now, due("reply") ?? now) < len(contacts)`:                           {Days: midnights(0), EveryDay: true},
		`workdays(now, due("reply") ?? case.at) < 3`:                                   {Days: midnights(0), EveryDay: true},
		`let d = workdays(now, due("reply") ?? now); d > 3`:                            {Days: midnights(0), Deadlines: []string{"reply 3 working days", "reply 4 working days", "reply -3 working days", "reply -2 working days"}},
		`workdays(now, now) < 3`:                                                       {Days: midnights(0), EveryDay: true},
		`workdays(case.at, latest(contacts) ?? case.at) > 3`:                           {},
		`(max(map(contacts, .age)) ?? 0) > 4`:                                          {Contacts: rules.Marks{Ages: day(4)}},
		`any(contacts, {let c = #; any(actions, .at > c.at)})`:                         {},
		`any(contacts, {let a = .age; a > 3 and a < 4})`:                               {Contacts: rules.Marks{Ages: day(3, 4)}},
		`(first(filter(contacts, .again))?.age ?? 99) < 1 and -case.age > -6`:          {Contacts: rules.Marks{Ages: day(1, 6)}},
		`(any(contacts, .again) ? case.age : 3.5) > 2`:                                 {Contacts: rules.Marks{Ages: day(2)}},
		`sum(contacts, .age) > 10`:                                                     {Always: true},
		`case.age > len(contacts)`:                                                     {Always: true},
		`floor(case.age) == 3`:                                                         {Always: true},
		`(latest(group) ?? now) > case.at and now - (earliest(group) ?? now) > county`: {Contacts: rules.Marks{Ages: day(0)}, Group: rules.Marks{Ages: day(0, 3, 90)}},
	} {
		set, err := rulestest.Load(rules.OverCase, []string{when})
		if err != nil {
			t.Errorf("%s: %v", when, err)
			continue
		}
		of := set.Turns(rules.OverCase)
		got := want{Contacts: of.Contacts, Actions: of.Actions, Group: of.Group, EveryDay: len(of.EveryDay) > 0, Always: of.Always}
		for _, m := range of.Midnights() {
			got.Days = append(got.Days, fmt.Sprint(m.Zone, " ", m.After))
		}
		for _, m := range of.Deadlines {
			if m.Working {
				got.Deadlines = append(got.Deadlines, fmt.Sprint(m.Kind, " ", m.Workdays, " working days"))
			} else {
				got.Deadlines = append(got.Deadlines, fmt.Sprint(m.Kind, " ", m.After))
			}
		}
		if diff := cmp.Diff(w, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", when, diff)
		}
	}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		if of := shipped(t).Turns(over); of.Always || len(of.EveryDay) > 0 {
			t.Errorf("the shipped rules over %ss are not seen through", over)
		}
	}
}

func TestMidnightPasses(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York") // its days have 23, 24 and 25 hours
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to string
		after    time.Duration
		want     bool
	}{
		{"2026-03-07 22:00:00.000", "2026-03-07 23:59:59.998", 0, false},
		{"2026-03-07 22:00:00.000", "2026-03-07 23:59:59.999", 0, true}, // the last millisecond of a day counts with the next
		{"2026-03-07 22:00:00.000", "2026-03-08 00:00:00.000", 0, true},
		{"2026-03-08 00:00:00.001", "2026-03-08 23:00:00.000", 0, false},
		{"2026-03-08 00:00:00.002", "2026-03-20 00:00:00.000", 0, true},
		{"2026-03-08 22:00:00.000", "2026-03-09 00:30:00.000", dayLong, false}, // a day of 23 hours is over an hour before
		{"2026-03-09 00:30:00.000", "2026-03-09 01:00:00.000", dayLong, true},
		{"2026-03-05 12:00:00.000", "2026-03-05 13:00:00.000", -dayLong / 2, true},
		{"2026-03-05 10:00:00.000", "2026-03-05 11:00:00.000", -dayLong / 2, false},
	} {
		parse := func(s string) time.Time {
			at, err := time.ParseInLocation("2006-01-02 15:04:05.000", s, zone)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		if got := (rules.Midnight{Zone: zone, After: c.after}).Passes(parse(c.from), parse(c.to)); got != c.want {
			t.Errorf("from %s to %s, %s after: %v", c.from, c.to, c.after, got)
		}
	}
}
