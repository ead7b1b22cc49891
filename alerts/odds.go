package alerts

import (
	"context"
	"fmt"
	"math"
	"time"

	"go.uber.org/zap"

	"yujing/rules"
)

// Calibrations keeps what backtests found. The store does.
type Calibrations interface {
	// Calibration is the latest that was kept of a rule set; without risks if none was.
	Calibration(ctx context.Context, ruleSet string) (Calibration, error)
}

// Calibration says what became of rows that scored alike under a rule set.
type Calibration struct {
	RuleSet string
	Risks   map[string][]Bin
}

// Bin is the rows that scored From to To.
type Bin struct {
	From, To int
	Cases    int
	Outcomes int           // of these, within the horizon of the risk
	Horizon  time.Duration // whole hours
}

// leastAlike is from how many rows on a share is told: with 30 it is known to
// within 18 of a hundred either way at worst.
const leastAlike = 30

// Odds are what an alert says of its score: how many of those that scored alike
// came to the outcome.
type Odds struct {
	Cases    int `json:"cases"`
	Outcomes int `json:"outcomes"`
	Hours    int `json:"hours"` // of the horizon
}

// odds are those of a score, nil if too few rows scored alike.
func (c *Calibration) odds(risk string, score int) *Odds {
	for _, b := range c.Risks[risk] {
		if b.From <= score && score <= b.To && b.Cases >= leastAlike {
			return &Odds{Cases: b.Cases, Outcomes: b.Outcomes, Hours: int(b.Horizon / time.Hour)}
		}
	}
	return nil
}

// share is how many of a hundred came to it.
func (o *Odds) share() int { return int(math.Round(100 * float64(o.Outcomes) / float64(o.Cases))) }

// short is for a column: 42 % (n=318).
func (o *Odds) short() string {
	if o == nil || o.Cases == 0 {
		return ""
	}
	return fmt.Sprintf("%d %%（n=%d）", o.share(), o.Cases)
}

// Words say it to an officer. The name is that of the risk.
func (o *Odds) Words(name rules.Text) rules.Text {
	if o == nil || o.Cases == 0 {
		return rules.Text{}
	}
	zh, en := fmt.Sprintf("%d 小时", o.Hours), fmt.Sprintf("%d hours", o.Hours)
	if o.Hours%24 == 0 {
		zh, en = fmt.Sprintf("%d 天", o.Hours/24), fmt.Sprintf("%d days", o.Hours/24)
	}
	return rules.Text{
		ZH: fmt.Sprintf("以往同分事项中，每 100 件有 %d 件在 %s内发生%s（n=%d）", o.share(), zh, name.ZH, o.Cases),
		EN: fmt.Sprintf("of matters that scored like this, %d of 100 came to it within %s (%s, n = %d)", o.share(), en, name.EN, o.Cases),
	}
}

// calibrated asks for the calibration of a rule set once. That it cannot be read
// holds no alert up: then nothing is said.
type calibrated struct {
	engine *Engine
	sets   map[string]*Calibration
}

func (e *Engine) calibrated() *calibrated {
	return &calibrated{engine: e, sets: map[string]*Calibration{}}
}

// put fills in the odds of an event that tells somebody.
func (c *calibrated) put(ctx context.Context, event *Event) {
	if c.engine.calibrations == nil || !event.Kind.tells() || event.Detail.RuleSet == "" {
		return
	}
	of := event.Detail.RuleSet
	if c.sets[of] == nil {
		got, err := c.engine.calibrations.Calibration(ctx, of)
		if err != nil {
			c.engine.log.Warn("alerts go out without the share that came true", zap.String("rule_set", of), zap.Error(err))
		}
		c.sets[of] = &got
	}
	event.Detail.Odds = c.sets[of].odds(event.Risk, event.Score)
}
