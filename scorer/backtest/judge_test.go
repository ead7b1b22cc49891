package backtest

import (
	"testing"
	"time"

	"yujing/rules"
)

func TestVerdicts(t *testing.T) {
	ms := time.Millisecond
	warned := held(3, 30, "a", "b") // 70 points: orange
	at := func(h *History, outcome time.Time) *History {
		h.Outcomes[1] = outcome
		return h
	}
	for _, test := range []struct {
		name   string
		of     *History
		want   Verdict
		warned float64 // day, 0 = not
		score  int
		level  rules.Level
	}{
		{"warned, then the outcome", matter(1, 1.5, warned).outcome(5), True, 3, 70, rules.Orange},
		{"outcome at the instant of the warning", matter(1, 1.5, warned).outcome(3), Missed, 0, 0, rules.None},
		{"outcome a moment after the warning", at(matter(1, 1.5, warned), day(3).Add(ms)), True, 3, 70, rules.Orange},
		{"outcome at the end of the horizon", matter(1, 1.5, warned).outcome(11.5), True, 3, 70, rules.Orange},
		{"outcome a moment after the horizon", at(matter(1, 1.5, warned), day(11.5).Add(ms)), False, 3, 70, rules.Orange},
		{"no outcome", matter(1, 1.5, warned), False, 3, 70, rules.Orange},
		{"no warning, no outcome", matter(1, 1.5, held(3, 30, "b")), Quiet, 0, 30, rules.Blue},
		{"nothing held", matter(1, 1.5), Quiet, 0, 0, rules.None},
		{"nothing held, outcome", matter(1, 1.5).outcome(4), Missed, 0, 0, rules.None},
		{"outcome before the first instant", matter(1, 1.5, warned).outcome(1.75), TooSoon, 0, 0, rules.None},
		{"outcome at the first instant", matter(1, 1.5, warned).outcome(2), TooSoon, 0, 0, rules.None},
		{"outcome a moment after the first instant", at(matter(1, 1.5, held(2, 9, "a", "b")), day(2).Add(ms)), True, 2, 70, rules.Orange},
		{"first contact at an instant, outcome with it", matter(1, 2, held(2, 9, "a", "b")).outcome(2), TooSoon, 0, 0, rules.None},
		{"first contact at an instant", matter(1, 2, held(2, 9, "a", "b")).outcome(2.5), True, 2, 70, rules.Orange},
		{"concluded at the instant of the warning", matter(1, 1.5, warned).concluded(3), Quiet, 0, 0, rules.None},
		{"concluded after the warning, outcome later", matter(1, 1.5, warned).concluded(4).outcome(8), True, 3, 70, rules.Orange},
		{"concluded before the warning, outcome later", matter(1, 1.5, warned).concluded(3).outcome(8), Missed, 0, 0, rules.None},
		{"concluded before the first instant, outcome later", matter(1, 1.5, warned).concluded(1.75).outcome(8), Missed, 0, 0, rules.None},
		{"warning at the end of the horizon", matter(1, 2, held(12, 30, "a", "b")), False, 12, 70, rules.Orange},
		{"warning after the horizon", matter(1, 1.5, held(12, 30, "a", "b")), Quiet, 0, 0, rules.None},
		{"run from before the first contact", matter(1, 4.5, held(0, 30, "a", "b")), False, 5, 70, rules.Orange},
		{"score at the warning, not the highest later", matter(1, 1.5, held(2, 3, "b"), held(4, 5, "a", "b", "minus"), held(6, 7, "a", "b")), False, 6, 70, rules.Orange},
		{"negative points take a warning away", matter(1, 1.5, held(2, 9, "a", "b", "minus")), Quiet, 0, 40, rules.Blue},
		{"a lifted level warns, the score stays", matter(1, 1.5, held(2, 9, "lift")), False, 2, 5, rules.Orange},
		{"highest score of the unwarned", matter(1, 1.5, held(2, 3, "b"), held(4, 5, "a"), held(6, 7, "b")), Quiet, 0, 40, rules.Blue},
		{"a shadow rule warns of nothing", matter(1, 1.5, held(2, 9, "shadow")), Quiet, 0, 0, rules.None},
		{"of another risk", matter(1, 1.5, Run{First: 2, Last: 9, Holds: Holds{1}, Active: true}), Quiet, 0, 0, rules.None},
		{"warned though long inactive", matter(1, 1.5, Run{First: 2, Last: 9, Holds: held(0, 0, "a", "b").Holds}), False, 2, 70, rules.Orange},
	} {
		_, cases := measure(t, test.of)
		c := cases[1]
		var at time.Time
		if test.warned != 0 {
			at = day(test.warned)
		}
		if c.Verdict != test.want || !c.WarnedAt.Equal(at) || c.Score != test.score || c.Level != test.level {
			t.Errorf("%s: %s, warned at %v with %d %s; want %s, %v, %d %s", test.name, c.Verdict, c.WarnedAt, c.Score, c.Level, test.want, at, test.score, test.level)
		}
	}
}

func TestHorizonAtTheEndOfTheData(t *testing.T) {
	for _, test := range []struct {
		end  time.Time
		want Verdict
	}{
		{day(15), Quiet},
		{day(15).Add(-time.Millisecond), Undecided},
	} {
		var got *Case
		_, err := Measure(t.Context(), &made{end: test.end, cases: []*History{matter(1, 5)}}, madeSet(t, usual()...), Options{From: day(0), To: day(10), Risks: []string{"main"},
			Cases: func(c *Case) error { got = c; return nil }})
		if err != nil || got.Verdict != test.want {
			t.Errorf("data end %v: %v, %v; want %s", test.end, got.Verdict, err, test.want)
		}
	}
}

func TestUndecidedRowsStandInNoOtherFigure(t *testing.T) {
	list := []*History{matter(1, 5, held(6, 9, "a", "b")), matter(2, 5)}
	report, err := Measure(t.Context(), &made{end: day(14), cases: list}, madeSet(t, usual()...), Options{From: day(0), To: day(10), Risks: []string{"main"}})
	if err != nil {
		t.Fatal(err)
	}
	f := report.Risks["main"]
	if f.Cases != 2 || f.Undecided != 2 || f.Warned != 0 || f.Precision != nil || f.Recall != nil || f.BaseRate != nil || f.Lift != nil ||
		f.PrecisionInterval != nil || f.LiftInterval != nil || f.LeadDays != nil || f.Rules["a"].Fired != 0 || f.Levels["blue"].Warned != 0 {
		t.Errorf("%+v", f)
	}
	for _, b := range f.Calibration {
		if b.Cases != 0 || b.Share != nil || b.Interval != nil {
			t.Errorf("bin %+v", b)
		}
	}
	if f.WarningsPerDay != 1.0/9 {
		t.Errorf("%v warnings a day, want one in nine days: they are of all rows", f.WarningsPerDay)
	}
}

func TestCohort(t *testing.T) {
	apart := matter(5, 3, held(4, 9, "a", "b"))
	apart.Apart = []bool{false, true}
	f, cases := measure(t, matter(1, -0.01), matter(2, 0), matter(3, 19.99), matter(4, 20), apart)
	if f.Cases != 2 || cases[2] == nil || cases[3] == nil {
		t.Errorf("%d cases: %v; want 2 and 3, those in [0, 20)", f.Cases, cases)
	}
	if f.WarningsPerDay != 0 {
		t.Errorf("%v warnings a day of a row that is left out altogether", f.WarningsPerDay)
	}
}

// warnings gives standing, and the days from the second instant on at which warnings came.
func warnings(t *testing.T, list ...*History) (standing int, days []int) {
	t.Helper()
	f, _ := measure(t, list...)
	if len(f.Daily) != 19 {
		t.Fatalf("%d days, want 19: from the second of 20 instants on", len(f.Daily))
	}
	total := 0
	for i, n := range f.Daily {
		total += n
		for range n {
			days = append(days, i+1)
		}
	}
	if want := float64(total) / 19; f.WarningsPerDay != want {
		t.Errorf("%v warnings a day, want %v", f.WarningsPerDay, want)
	}
	return f.Standing, days
}

func TestWarningsPerDay(t *testing.T) {
	asleep := func(r Run) Run { r.Active = false; return r }
	for _, test := range []struct {
		name     string
		of       *History
		standing int
		days     []int
	}{
		{"standing at the first instant", matter(1, -30, held(0, 5, "a", "b")), 1, nil},
		{"at the second", matter(1, -30, held(1, 5, "a", "b")), 0, []int{1}},
		{"again after a pause", matter(1, -30, held(0, 3, "a", "b"), held(5, 6, "a", "b")), 1, []int{5}},
		{"other rules, the same level", matter(1, 1, held(2, 3, "a", "b"), held(4, 6, "lift")), 0, []int{2}},
		{"below, then above", matter(1, 1, held(2, 3, "b"), held(4, 6, "a", "b")), 0, []int{4}},
		{"before its first contact was due", matter(1, 30, held(4, 6, "a", "b")), 0, []int{4}},
		{"at the end of the period", matter(1, 1, held(19, 22, "a", "b")), 0, []int{19}},
		{"after the period", matter(1, 1, held(20, 22, "a", "b")), 0, nil},
		{"long inactive", matter(1, -300, asleep(held(3, 6, "a", "b"))), 0, nil},
		{"active again", matter(1, -300, asleep(held(3, 6, "a", "b")), held(7, 9, "a", "b")), 0, []int{7}},
		{"outcome at that instant", matter(1, -30, held(4, 6, "a", "b")).outcome(4), 0, nil},
		{"outcome after it", matter(1, -30, held(4, 6, "a", "b")).outcome(4.5), 0, []int{4}},
		{"an outcome after the horizon counts too", matter(1, -30, held(4, 6, "a", "b")).outcome(3), 0, nil},
		{"concluded at that instant", matter(1, -30, held(4, 6, "a", "b")).concluded(4), 0, nil},
		{"beyond the horizon", matter(1, 0, held(15, 16, "a", "b")), 0, []int{15}},
	} {
		standing, days := warnings(t, test.of)
		if standing != test.standing || len(days) != len(test.days) || len(days) > 0 && days[0] != test.days[0] {
			t.Errorf("%s: standing %d, warnings on days %v; want %d, %v", test.name, standing, days, test.standing, test.days)
		}
	}
}

func TestJudgeByLevel(t *testing.T) {
	set := madeSet(t, usual()...)
	frame := Frame{Grid: Grid{From: day(0), Last: day(30), Step: 24 * time.Hour}, To: day(20), DataEnd: day(40)}
	h := matter(1, 1, held(2, 4, "b"), held(5, 9, "a")).outcome(9)
	if m := NewJudge(set, set.Risk("main"), frame, rules.Yellow).Judge(h); m.Verdict != Missed {
		t.Errorf("yellow: %+v", m)
	}
	if m := NewJudge(set, set.Risk("main"), frame, rules.Blue).Judge(h); m.Verdict != True || m.Warning != 2 || m.Score != 30 || m.Lead() != 7*24*time.Hour {
		t.Errorf("blue: %+v", m)
	}
}

// The highest score is that of all followed instants, the warning's or not.
func TestHighestScore(t *testing.T) {
	set := madeSet(t, usual()...)
	frame := Frame{Grid: Grid{From: day(0), Last: day(40), Step: 24 * time.Hour}, To: day(20), DataEnd: day(40)}
	judge := NewJudge(set, set.Risk("main"), frame, rules.Blue)
	late := matter(1, 1.5, held(2, 3, "b"), held(4, 5, "a", "b"), held(6, 7, "b"), held(12, 20, "a", "b", "lift"))
	for _, test := range []struct {
		name    string
		of      *History
		peak    int
		outcome bool
		cohort  bool
		first   int
		last    int
	}{
		{"higher after the warning, and after the horizon", late, 70, false, true, 2, 11},
		{"higher after the outcome", matter(1, 1.5, held(2, 3, "b"), held(4, 5, "a", "b")).outcome(4), 30, true, true, 2, 3},
		{"nothing held", matter(1, 1.5).concluded(6), 0, false, true, 2, 5},
		{"too soon", matter(1, 1.5, held(2, 9, "a")).outcome(1.75), 0, true, true, 2, 1},
		{"not in the cohort", matter(1, 20, held(21, 22, "a")), 0, false, false, 0, 0},
	} {
		m := judge.Judge(test.of)
		if outcome := !m.OutcomeAt.IsZero(); m.Peak != test.peak || outcome != test.outcome || m.Cohort != test.cohort || m.First != test.first || m.Last != test.last {
			t.Errorf("%s: %+v; want %+v", test.name, m, test)
		}
	}
	frame.DataEnd = day(5)
	if m := NewJudge(set, set.Risk("main"), frame, rules.Blue).Judge(late); m.Verdict != Undecided {
		t.Errorf("the horizon is not over: %v", m.Verdict)
	}
}
