package simulatetest_test

import (
	"os"
	"testing"
	"time"

	"yujing/internal/clickhouse/clickhousetest"
	"yujing/internal/simulate"
	"yujing/internal/simulate/simulatetest"
	"yujing/rules"
	"yujing/scorer/backtest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// recall is where lifts are compared.
const recall = 0.4

// A district that the shipped rules were not tuned on, judged by the definitions
// of docs/backtest.md: warnings by the true hazard reach a lift that good warnings
// reach in life, and the shipped rules reach most of that, though they see nothing
// but the feeds.
func TestShippedRulesAgainstTheTrueHazard(t *testing.T) {
	d := simulatetest.Open(t, simulatetest.Options{Seed: 101, Days: 200, Contacts: 25_000, Sources: "../../../sources.d"})
	set, problems := rules.Load(os.DirFS("../../../rules.d"), rules.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	end, err := d.DB.DataEnd(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	frame := backtest.Frame{Grid: backtest.Grid{From: d.From, Last: end, Step: 24 * time.Hour}, To: d.From.AddDate(0, 0, 110), DataEnd: end}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		contests := contestsOver(set, over, frame)
		for h, err := range d.DB.Histories(t.Context(), set, over, frame.Grid, frame.To) {
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range contests {
				c.add(d, h)
			}
		}
		for _, c := range contests {
			c.decide(t)
		}
	}
}

// contest is the rows of one risk, ranked by the rules and by the truth.
type contest struct {
	risk         simulate.Risk
	judge        *backtest.Judge
	rules, truth []ranked
}

func contestsOver(set *rules.Set, over rules.Over, frame backtest.Frame) []*contest {
	var list []*contest
	for _, risk := range []simulate.Risk{simulate.Repeat, simulate.Collective, simulate.Escalated} {
		if r := set.Risk(risk.String()); r.Over == over {
			list = append(list, &contest{risk: risk, judge: backtest.NewJudge(set, r, frame, rules.Yellow)})
		}
	}
	return list
}

func (c *contest) add(d *simulatetest.District, h *backtest.History) {
	m := c.judge.Judge(h)
	row, decided := rankedOf(m)
	if !decided {
		return
	}
	c.rules = append(c.rules, row)
	row.highest = d.Highest(c.risk, h.Ref, m.First, m.Last)
	c.truth = append(c.truth, row)
}

func (c *contest) decide(t *testing.T) {
	t.Helper()
	truth, ok1 := atRecall(curveOf(c.truth), recall)
	shipped, ok2 := atRecall(curveOf(c.rules), recall)
	if !ok1 || !ok2 {
		t.Errorf("%s: no threshold of the hazard (%v) or of the rules (%v) reaches recall %.1f", c.risk, ok1, ok2, recall)
		return
	}
	t.Logf("%s: %d rows; the hazard: lift %.2f at recall %.3f; the rules: %.2f at %.3f, from %.0f points on (%.0f %%)",
		c.risk, len(c.truth), truth.lift, truth.recall, shipped.lift, shipped.recall, shipped.threshold, 100*shipped.lift/truth.lift)
	if truth.lift < 3.5 || truth.lift > 6 {
		t.Errorf("%s: lift of the true hazard %.2f, want 3.5 to 6", c.risk, truth.lift)
	}
	if shipped.lift < 0.7*truth.lift {
		t.Errorf("%s: lift of the shipped rules %.2f, want 70 %% of %.2f", c.risk, shipped.lift, truth.lift)
	}
}
