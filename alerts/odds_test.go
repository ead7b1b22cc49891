package alerts_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yujing/alerts"
	"yujing/rules"
	"yujing/scorer"
)

// kept is what backtests found, by rule set.
type kept map[string]alerts.Calibration

// Calibration implements alerts.Calibrations.
func (k kept) Calibration(_ context.Context, ruleSet string) (alerts.Calibration, error) {
	c, ok := k[ruleSet]
	if !ok {
		return c, errors.New("the store is away")
	}
	return c, nil
}

// cases of 70 to 79 points are known well, of 90 and more hardly.
func calibration(set string) kept {
	month := 30 * 24 * time.Hour
	return kept{set: {RuleSet: set, Risks: map[string][]alerts.Bin{"repeat": {
		{From: 60, To: 69, Cases: 500, Outcomes: 50, Horizon: month},
		{From: 70, To: 79, Cases: 318, Outcomes: 134, Horizon: month},
		{From: 90, To: 100, Cases: 29, Outcomes: 20, Horizon: month},
	}}}}
}

const (
	oddsZH = "以往同分事项中，每 100 件有 42 件在 30 天内发生重复信访（n=318）"
	oddsEN = "of matters that scored like this, 42 of 100 came to it within 30 days (repeat petition, n = 318)"
)

func TestAnAlertSaysWhatBecameOfWhatScoredAlike(t *testing.T) {
	for name, tc := range map[string]struct {
		kept  alerts.Calibrations
		level rules.Level // 72 points if orange, 95 if red
		said  bool
	}{
		"same rule set":    {calibration("rs-1234abcd"), rules.Orange, true},
		"another rule set": {calibration("rs-other"), rules.Orange, false},
		"too few":          {calibration("rs-1234abcd"), rules.Red, false},
		"none kept":        {nil, rules.Orange, false},
		"none of the risk": {kept{"rs-1234abcd": {}}, rules.Orange, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, config())
			w.kept = tc.kept
			w.start()
			w.apply(change(1, tc.level))
			m := w.gates["file"].messages()[0]
			if said := strings.Contains(m.Text, oddsZH) && strings.Contains(m.Text, oddsEN) && strings.Contains(m.HTML, oddsZH) && strings.Contains(m.HTML, oddsEN); said != tc.said {
				t.Errorf("%s: said %v in\n%s", name, said, m.Text)
			}
			if !tc.said && strings.Contains(m.Text+m.HTML, "同分") {
				t.Errorf("%s: it says something all the same:\n%s", name, m.Text)
			}
			if strings.Contains(m.Short, "100") {
				t.Errorf("%s: the text message has no room for it: %s", name, m.Short)
			}
		})
	}
}

func TestListsSayItToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.kept = calibration("rs-1234abcd")
		w.start()
		w.apply(change(1, rules.Orange), change(2, rules.Red), change(3, rules.Orange))
		w.apply(change(3, rules.Yellow, func(c *scorer.Change) { c.AsOf = c.AsOf.Add(time.Hour) })) // what was known of 72 points says nothing of 45
		all, err := alerts.List(t.Context(), w.store, alerts.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		var table, lines bytes.Buffer
		if err := errors.Join(alerts.PrintTable(&table, all, time.UTC), alerts.PrintJSON(&lines, all)); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(table.String(), "以往同分 odds") || strings.Count(table.String(), "42 %（n=318）") != 1 {
			t.Errorf("one alert of three has odds:\n%s", table.String())
		}
		if strings.Count(lines.String(), `"odds":{"cases":318,"outcomes":134,"hours":720}`) != 1 {
			t.Errorf("one alert of three has odds:\n%s", lines.String())
		}
		for i := range all {
			all[i].Odds = nil
		}
		table.Reset()
		if err := alerts.PrintTable(&table, all, time.UTC); err != nil || strings.Contains(table.String(), "odds") {
			t.Errorf("a column of nothing (%v):\n%s", err, table.String())
		}
	})
}

// A digest says it of each.
func TestDigestSaysIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.kept = calibration("rs-1234abcd")
		w.start()
		first := func(c *scorer.Change) { c.First = true }
		w.apply(change(1, rules.Orange, first), change(2, rules.Red, first))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		said := 0
		for _, m := range w.gates["file"].messages() {
			said += strings.Count(m.Text, oddsZH)
		}
		if said != 1 {
			t.Errorf("said %d times, want once:\n%+v", said, w.gates["file"].messages())
		}
	})
}
