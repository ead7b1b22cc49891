package tune

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// mistuned has a rule whose number is too low, one with too few points and one
// that is worth nothing.
func mistuned() []cause {
	return []cause{
		{id: "low-number", points: 60, number: 2, true: 5, weight: 2.5, chance: 0.5},
		{id: "few-points", points: 20, number: 3, true: 3, weight: 2.5, chance: 0.15},
		{id: "good", points: 60, number: 3, true: 3, weight: 2.5, chance: 0.1},
		{id: "idle", points: 20, number: 3, true: 3, weight: 0, chance: 0.2},
		{id: "minus", points: -20, number: 3, true: 3, weight: -1, chance: 0.2},
	}
}

func TestTuneFindsWhatIsMistuned(t *testing.T) {
	w := makeWorld(11, mistuned(), 180, 40, 0.002)
	r := tuned(t, w, Options{})
	if w.asked != 1 {
		t.Errorf("the store was asked %d times, want once", w.asked)
	}
	got := map[string]Change{}
	for _, c := range r.Changes {
		got[c.Rule] = c
		t.Logf("%s %s: %s to %s, %+d true, %+d false, %+.2f a day", c.Rule, c.In, c.From, c.To, c.True, c.False, c.Warnings)
	}
	if c := got["low-number"]; c.Points || c.To <= c.From {
		t.Errorf("low-number: %+v, want a higher number", c)
	}
	if c := got["few-points"]; !c.Points || len(c.To) != 2 || c.To < "50" {
		t.Errorf("few-points: %+v, want 50 points or more", c)
	}
	if c, touched := got["good"]; touched {
		t.Errorf("good is good as it is: %+v", c)
	}
	later := r.Swept.Later
	if later.RecallChange[0] <= 0 || later.PrecisionChange[0] <= 0 {
		t.Errorf("later part: change of recall %v, of precision %v", *later.RecallChange, *later.PrecisionChange)
	}
	if earlier := r.Swept.Earlier; earlier.After.WarningsPerDay > r.Limit {
		t.Errorf("%.2f warnings a day, limit %.2f", earlier.After.WarningsPerDay, r.Limit)
	}
	if r.Swept.RedLost > 0 {
		t.Errorf("%d cases lose their red", r.Swept.RedLost)
	}
}

// A budget below what the rules warn of now is kept, at a loss if it must be.
func TestTuneKeepsTheBudget(t *testing.T) {
	w := makeWorld(11, mistuned(), 180, 40, 0.002)
	for _, budget := range []float64{2, 8, 20} {
		r := tuned(t, w, Options{Budget: budget, AllowLostRed: true})
		for what, j := range map[string]*Judged{"swept": r.Swept, "fitted": r.Fit.Judged} {
			if j == nil || j.Earlier.After.WarningsPerDay > budget {
				t.Errorf("budget %.0f, %s: %+v", budget, what, j)
			}
		}
	}
}

// The rules of a world in which nothing has a cause are left alone.
func TestTuneProposesNothingForNoise(t *testing.T) {
	for seed := range uint64(4) {
		causes := mistuned()
		for i := range causes {
			causes[i].weight = 0
		}
		r := tuned(t, makeWorld(20+seed, causes, 180, 40, 0.004), Options{})
		for _, c := range r.Changes {
			if c.True > 0 {
				t.Errorf("seed %d: %s %s to %s is said to find %d cases", seed, c.Rule, c.From, c.To, c.True)
			}
		}
	}
}

// red is a world in which idle alone makes many red, some of whom come true.
func red() []cause {
	return []cause{
		{id: "idle", points: 95, number: 3, true: 3, weight: 0, chance: 0.3},
		{id: "good", points: 20, number: 3, true: 3, weight: 2.5, chance: 0.2},
	}
}

func TestTuneLosesNoRedCaseThatCameTrueUnlessTold(t *testing.T) {
	w := makeWorld(31, red(), 180, 40, 0.002)
	r := tuned(t, w, Options{})
	if r.Swept != nil && r.Swept.RedLost > 0 || r.Fit.Proposed && r.Fit.Judged.RedLost > 0 {
		t.Errorf("red lost: %+v %+v", r.Swept, r.Fit.Judged)
	}
	if r.Fit.Proposed != (len(r.Amendments(true)) > 0) {
		t.Errorf("proposed %v, %d amendments", r.Fit.Proposed, len(r.Amendments(true)))
	}
	if r = tuned(t, w, Options{AllowLostRed: true}); r.Swept == nil || r.Swept.RedLost == 0 {
		t.Errorf("told so, it proposes %+v", r.Swept)
	}
}

// What tuning says of a part, before and after, is what a backtest of that part
// alone says of the rules as they are and as they are proposed.
func TestFiguresAreThoseOfABacktest(t *testing.T) {
	w := makeWorld(11, mistuned(), 180, 40, 0.002)
	r := tuned(t, w, Options{})
	set := madeSet(t, w.causes)
	after, err := set.Amended(r.Amendments(false))
	if err != nil || len(r.Amendments(false)) == 0 {
		t.Fatal(err)
	}
	for _, side := range []struct {
		name     string
		set      *rules.Set
		of       func(*backtest.Comparison) backtest.Side
		from, to time.Time
		in       *backtest.Comparison
	}{
		{"earlier before", set, before, r.From, r.Split, r.Swept.Earlier},
		{"earlier after", after, afterwards, r.From, r.Split, r.Swept.Earlier},
		{"later before", set, before, r.Split, r.To, r.Swept.Later},
		{"later after", after, afterwards, r.Split, r.To, r.Swept.Later},
	} {
		report, err := backtest.Measure(t.Context(), &shiftedWorld{w, int(side.from.Sub(begin) / step)}, side.set,
			backtest.Options{From: side.from, To: side.to, Step: step, Level: rules.Yellow})
		if err != nil {
			t.Fatal(err)
		}
		f, got := report.Risks["main"], side.of(side.in)
		want := backtest.Side{True: f.True, False: f.False, Missed: f.Missed, TooSoon: f.TooSoon, Quiet: f.Quiet, WarningsPerDay: f.WarningsPerDay}
		got = backtest.Side{True: got.True, False: got.False, Missed: got.Missed, TooSoon: got.TooSoon, Quiet: got.Quiet, WarningsPerDay: got.WarningsPerDay}
		if got != want {
			t.Errorf("%s: %+v, a backtest says %+v", side.name, got, want)
		}
	}
}

func before(c *backtest.Comparison) backtest.Side { return c.Before }

func afterwards(c *backtest.Comparison) backtest.Side { return c.After }

// A value of the sweep is what a backtest of the earlier part says of it.
func TestSweepIsWhatABacktestSays(t *testing.T) {
	w := makeWorld(11, mistuned(), 120, 40, 0.002)
	r := tuned(t, w, Options{})
	set := madeSet(t, w.causes)
	checked := 0
	for _, s := range r.Sweeps {
		for _, v := range s.Values {
			rule := set.Risk("main").Rules[slices.IndexFunc(set.Risk("main").Rules, func(r *rules.Rule) bool { return r.ID == s.Rule })]
			a := rules.Amendment{Rule: s.Rule}
			if !s.Points {
				a.Numbers = []rules.NewNumber{{Number: rule.Numbers()[0], New: v.Value}}
			} else if len(v.Value) > 0 && strings.HasSuffix(v.Value, "5") {
				continue // half of them are enough
			} else {
				points := atoi(t, v.Value)
				a.Points = &points
			}
			changed, err := set.Amended([]rules.Amendment{a})
			if err != nil {
				t.Fatal(err)
			}
			report, err := backtest.Measure(t.Context(), w, changed, backtest.Options{From: r.From, To: r.Split, Step: step, Level: rules.Yellow})
			if err != nil {
				t.Fatal(err)
			}
			if f := report.Risks["main"]; f.True != v.True || f.False != v.False || f.WarningsPerDay != v.WarningsPerDay {
				t.Errorf("%s %s %s: %+v, a backtest says %d true, %d false, %.3f a day", s.Rule, s.In, v.Value, v, f.True, f.False, f.WarningsPerDay)
			}
			checked++
		}
	}
	if checked < 30 {
		t.Errorf("%d values compared", checked)
	}
}

// Many variants are asked for in several questions, with the same answer.
func TestQuestionsJoinToOne(t *testing.T) {
	w := makeWorld(11, mistuned(), 60, 20, 0.002)
	set := madeSet(t, w.causes)
	risk := set.Risk("main")
	_, variants := knobs(risk, false)
	win := window{from: day(0), split: day(40), to: day(60), dataEnd: day(100), grid: backtest.Grid{From: day(0), Last: day(90), Step: step}}
	whole, err := gather(t.Context(), w, set, risk, variants, win, len(variants))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := gather(t.Context(), w, set, risk, variants, win, 3)
	if err != nil {
		t.Fatal(err)
	}
	if w.asked < 5 {
		t.Errorf("asked %d times for %d variants", w.asked, len(variants))
	}
	for i := range whole.rows {
		a, b := spread(whole, i), spread(parts, i)
		if !slices.EqualFunc(a, b, func(x, y string) bool { return x == y }) {
			t.Fatalf("row %d: %v in one question, %v in several", i, a, b)
		}
	}
}

// spread tells what held of a row at each instant.
func spread(h *history, i int) []string {
	out := make([]string, h.grid.Len())
	for _, r := range h.rows[i].runs {
		for at := r.first; at <= r.last; at++ {
			out[at] = string(h.patterns[r.pattern].AppendKey(nil))
		}
	}
	return out
}

func TestTooLittleIsToldWithTheRemedy(t *testing.T) {
	w := makeWorld(1, mistuned(), 60, 3, 0.001)
	set := madeSet(t, w.causes)
	o := Options{Risk: set.Risk("main"), Level: rules.Yellow, From: day(0), To: day(60), Step: step}
	_, err := Run(t.Context(), w, set, o)
	var few *TooFewError
	if !errors.As(err, &few) || few.Least != LeastEarlier || !strings.Contains(err.Error(), "it needs 30, about") {
		t.Errorf("%v", err)
	}
	for _, split := range []time.Time{day(0), day(60), day(59), day(400), day(-3)} {
		o.Split = split
		var empty *EmptySplitError
		if _, err := Run(t.Context(), w, set, o); !errors.As(err, &empty) {
			t.Errorf("split at %s: %v", split, err)
		}
	}
}

func TestNumbersToTry(t *testing.T) {
	for number, want := range map[string]string{"2": "0 1 3 4 5", "7": "2 4 5 6 9 11 14 21", "15": "5 8 10 12 19 23 30 45", "0.5": "0.17 0.25 0.34 0.4 0.62 0.75 1 1.5"} {
		v := atof(t, number)
		n := rules.Number{Text: number, Value: v, Whole: !strings.Contains(number, ".")}
		if got := strings.Join(others(n), " "); got != want {
			t.Errorf("%s: try %s, want %s", number, got, want)
		}
	}
}

// A text that names the number is wrong once the number is another.
func TestTextsThatNameTheNumber(t *testing.T) {
	rule := &rules.Rule{Name: rules.Text{ZH: "七日内再次来件", EN: "again within 7 days"},
		Because: rules.Text{ZH: "近 17 天来件 {{ count(contacts, .age <= 7) }} 次", EN: "in 7.5 days"}}
	if got := naming(rule, "7"); len(got) != 2 || got[0] != rule.Name.ZH || got[1] != rule.Name.EN {
		t.Errorf("%q", got)
	}
}

func TestChances(t *testing.T) {
	for _, c := range []struct {
		name    string
		move    move
		atLeast float64
		atMost  float64
	}{
		{"nothing", move{}, 1, 1},
		{"a loss", move{TrueLost: 3, FalseLost: 100}, 1, 1},
		{"rows that come true as rows do", move{TrueGained: 6, FalseGained: 94}, 0.3, 1},
		{"rows that come true three times as often", move{TrueGained: 18, FalseGained: 82}, 0, 1e-4},
		{"rows for nothing, but few", move{FalseLost: 20}, 0.2, 0.5},
		{"many for nothing", move{FalseLost: 200}, 0, 1e-4},
		{"one lot for a better", move{TrueGained: 20, FalseGained: 80, TrueLost: 2, FalseLost: 98}, 0, 1e-4},
		{"one lot for another", move{TrueGained: 10, FalseGained: 90, TrueLost: 8, FalseLost: 92}, 0.2, 1},
	} {
		if p := c.move.chance(0.06); p < c.atLeast || p > c.atMost {
			t.Errorf("%s: chance %.2g, want %.2g to %.2g", c.name, p, c.atLeast, c.atMost)
		}
	}
	// R: fisher.test(matrix(c(8, 2, 1, 9), 2), alternative = "greater")$p.value
	if p := fisher(8, 10, 1, 10); p < 0.0027387 || p > 0.0027388 {
		t.Errorf("fisher %.6f", p)
	}
	// R: pbinom(7, 20, 0.2, lower.tail = FALSE)
	if p := tail(8, 20, 0.2); p < 0.0321426 || p > 0.0321427 {
		t.Errorf("tail %.6f", p)
	}
}
