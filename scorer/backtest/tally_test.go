package backtest

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/rules"
)

func TestRuleFigures(t *testing.T) {
	f, _ := measure(t,
		// a and b warn together, either would not: both are lost.
		matter(1, 1, held(2, 9, "a", "b")).outcome(8),
		// a alone first, then lift warns with it: without lift nothing does.
		matter(2, 1, held(2, 3, "a"), held(4, 9, "a", "lift")),
		// lift warns first, a and b later would: nothing is lost.
		matter(3, 1, held(2, 3, "lift"), held(4, 9, "a", "b")).outcome(9),
		// not warned, because of minus; a shadow rule beside it.
		matter(4, 1, held(2, 9, "a", "b", "minus", "shadow")).outcome(5),
		// warned by lift; a and b are held down by minus, whose removal would not lose anything.
		matter(5, 1, held(2, 4, "lift"), held(5, 9, "a", "b", "minus")),
		// shadow alone, outcome.
		matter(6, 1, held(3, 9, "shadow")).outcome(7),
		// all after the outcome: not followed then, counts nowhere.
		matter(7, 1, held(5, 9, "a", "b", "lift")).outcome(4),
	)
	want := map[string]*RuleFigures{
		"a":      {Points: 40, Fired: 5, CameTrue: 3, Alone: 1, Warned: 2, Lost: 1},
		"b":      {Points: 30, Fired: 4, CameTrue: 3, Alone: 0, Warned: 1, Lost: 1},
		"minus":  {Points: -30, Fired: 2, CameTrue: 1, Redundant: true},
		"lift":   {Points: 5, Fired: 3, CameTrue: 1, Alone: 2, Warned: 3, Lost: 2},
		"shadow": {Points: 60, Shadow: true, Fired: 2, CameTrue: 2, Alone: 1},
	}
	if diff := cmp.Diff(want, f.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestLevels(t *testing.T) {
	f, _ := measure(t,
		matter(1, 1, held(2, 9, "a")).outcome(8),                       // blue
		matter(2, 1, held(2, 4, "lift"), held(5, 9, "b")).outcome(8.5), // orange
		matter(3, 1, held(2, 9, "a", "b")),                             // orange, false
		matter(4, 1).outcome(1),                                        // too soon
		matter(5, 1))
	for _, want := range []struct {
		level                string
		warned, true, false  int
		precision, recall, l float64
	}{
		{"blue", 3, 2, 1, 2. / 3, 2. / 3, 2. / 3 / .6},
		{"yellow", 2, 1, 1, .5, 1. / 3, .5 / .6},
		{"orange", 2, 1, 1, .5, 1. / 3, .5 / .6},
	} {
		got := f.Levels[want.level]
		if got.Warned != want.warned || got.True != want.true || got.False != want.false || *got.Precision != want.precision || *got.Recall != want.recall || *got.Lift != want.l {
			t.Errorf("%s: %+v, precision %v, recall %v, lift %v; want %+v", want.level, got, *got.Precision, *got.Recall, *got.Lift, want)
		}
	}
	if red := f.Levels["red"]; red.Warned != 0 || red.Precision != nil || *red.Recall != 0 || red.Lift != nil || red.LiftInterval != nil {
		t.Errorf("red: %+v", red)
	}
	if f.TooSoon != 1 || f.Missed != 1 || *f.BaseRate != .6 || f.Warned != 2 {
		t.Errorf("yellow: %+v", f)
	}
}

func TestLeadTimes(t *testing.T) {
	f, _ := measure(t,
		matter(1, 1, held(2, 9, "a", "b")).outcome(3),
		matter(2, 1, held(2, 9, "a", "b")).outcome(4.5),
		matter(3, 1, held(2, 9, "a", "b")).outcome(10))
	if diff := cmp.Diff(&Quartiles{1.75, 2.5, 5.25}, f.LeadDays); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{24, 60, 192}, f.LeadHours); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCalibration(t *testing.T) {
	f, _ := measure(t,
		matter(1, 1, held(2, 9, "a", "b")).outcome(3),                       // warned at 70
		matter(2, 1, held(2, 3, "a", "b"), held(4, 9, "a", "b", "lift")),    // warned at 70, 75 later
		matter(3, 1, held(2, 9, "lift")).outcome(3),                         // warned at 5
		matter(4, 1, held(2, 3, "b"), held(4, 5, "a"), held(6, 9, "minus")), // 40
		matter(5, 1),            // 0
		matter(6, 1).outcome(1), // too soon: no followed instant
		matter(7, 1.5, held(2, 9, "a", "b")).concluded(1.7), // none either
	)
	for i, want := range [bins][2]int{0: {2, 1}, 4: {1, 0}, 7: {2, 1}} {
		if got := f.Calibration[i]; got.Cases != want[0] || got.Outcomes != want[1] || got.From != 10*i {
			t.Errorf("bin %d: %+v, want %v", i, got, want)
		}
	}
	if b := f.Calibration[9]; b.From != 90 || b.To != 100 || b.Share != nil {
		t.Errorf("last bin: %+v", b)
	}
	if b := f.Calibration[7]; *b.Share != .5 || math.Abs(b.Interval[0]-0.0945312) > 1e-6 || math.Abs(b.Interval[1]-0.9054688) > 1e-6 {
		t.Errorf("bin 70: share %v in %v; want .5 in [0.0945312, 0.9054688]", *b.Share, *b.Interval)
	}
}

func TestScore100IsInTheLastBin(t *testing.T) {
	set := madeSet(t, madeRule{id: "a", points: 60}, madeRule{id: "b", points: 60})
	report, err := Measure(t.Context(), &made{end: day(40), cases: []*History{matter(1, 1, Run{First: 2, Last: 3, Holds: Holds{0b110}})}}, set, Options{From: day(0), To: day(20)})
	if err != nil {
		t.Fatal(err)
	}
	if b := report.Risks["main"].Calibration[9]; b.Cases != 1 {
		t.Errorf("%+v", b)
	}
}

func TestShares(t *testing.T) {
	none := matter(1, 1)
	none.Unit, none.Channel, none.Place = "", "online", "3301"
	old := matter(2, -50, held(3, 9, "a", "b"), held(11, 12, "a", "b"))
	old.Unit, old.Place = "gone", "441900"
	f, _ := measure(t, none, old, matter(3, 1, held(2, 9, "a", "b")).outcome(3), matter(4, 1))
	zero, half, one, two := 0.0, 0.5, 1.0, 2.0
	want := []Share{
		{Value: "bureau", Cases: 2, Outcomes: 1, Warned: 1, True: 1, Rates: Rates{&half, &one, &one, &two}, WarningsPerDay: 1. / 19},
		{Value: "", Cases: 1, Rates: Rates{BaseRate: &zero}},
		{Value: "gone", WarningsPerDay: 2. / 19},
	}
	if diff := cmp.Diff(want, f.ByUnit); diff != "" {
		t.Errorf("by unit (-want +got):\n%s", diff)
	}
	var places []string
	for _, s := range f.ByPlace {
		places = append(places, s.Value)
	}
	if diff := cmp.Diff([]string{"330106", "3301", "441900"}, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	if len(f.ByChannel) != 2 || f.ByChannel[0].Value != "hotline" || f.ByChannel[0].WarningsPerDay != 3./19 {
		t.Errorf("by channel: %+v", f.ByChannel)
	}
}

func TestRisksOfBothKinds(t *testing.T) {
	group := &History{Row: 9, Ref: "s:G", First: day(2), Outcomes: []time.Time{day(8)}, Runs: []Run{{First: 3, Last: 5, Holds: Holds{1}, Active: true}}}
	var told []string
	report, err := Measure(t.Context(), &made{end: day(25), cases: []*History{matter(1, 1), matter(2, 1)}, groups: []*History{group}}, madeSet(t, usual()...),
		Options{From: day(0), To: day(20), Step: 12 * time.Hour, Level: rules.Orange, Cases: func(c *Case) error {
			told = append(told, c.Risk+" "+c.Ref)
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"other s:R1", "main s:R1", "other s:R2", "main s:R2", "crowd s:G"}, told); diff != "" {
		t.Errorf("order of cases (-want +got):\n%s", diff)
	}
	if f := report.Risks["crowd"]; f.Missed != 1 || f.Levels["yellow"].True != 1 {
		t.Errorf("crowd: %+v", f)
	}
	if report.Instants != 51 || report.Step != "12h" || report.Level != "orange" || len(report.Risks) != 3 {
		t.Errorf("%+v", report)
	}
}

func TestMeasureRefuses(t *testing.T) {
	set, end := madeSet(t, usual()...), day(40)
	for name, test := range map[string]struct {
		o      Options
		end    time.Time
		noData bool
	}{
		"from not before to":    {Options{From: day(1), To: day(1)}, end, false},
		"a step backwards":      {Options{From: day(1), To: day(9), Step: -1}, end, false},
		"an unknown risk":       {Options{From: day(1), To: day(9), Risks: []string{"mian"}}, end, false},
		"an empty store":        {Options{From: day(1), To: day(9)}, time.Time{}, true},
		"after the data":        {Options{From: day(41), To: day(49)}, end, true},
		"one instant":           {Options{From: day(1), To: day(2)}, end, true},
		"one instant with data": {Options{From: day(39.5), To: day(49)}, end, true},
	} {
		_, err := Measure(t.Context(), &made{end: test.end}, set, test.o)
		if err == nil || errors.Is(err, ErrNoData) != test.noData {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOutliers(t *testing.T) {
	var list []*History
	for i := range uint64(400) {
		h := matter(i, 1)
		h.Unit = []string{"seen", "blind", "few", "alike"}[i%4]
		if i%4 == 2 && i > 16 {
			h.Unit = "alike"
		}
		if i%2 == 0 || h.Unit == "blind" {
			h.outcome(8)
		}
		if h.Unit == "seen" || h.Unit == "alike" && i%4 == 2 || h.Unit == "few" {
			h.Runs = []Run{held(2, 5, "a", "b")}
		}
		list = append(list, h)
	}
	f, _ := measure(t, list...)
	var got []string
	for _, o := range f.Outliers {
		if o.By == "unit" {
			got = append(got, o.Value+" "+o.Figure)
			if below := o.Value == "blind"; o.Below() != below {
				t.Errorf("%+v", o)
			}
		}
	}
	if diff := cmp.Diff([]string{"alike recall", "blind recall", "seen recall"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%+v", diff, f.ByUnit)
	}
}
