package tune

import (
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// Report is what tuning found. Its JSON is the output of --json.
type Report struct {
	Risk    string    `json:"risk"`
	Level   string    `json:"level"`
	From    time.Time `json:"from"`
	Split   time.Time `json:"split"` // the first instant of the later part
	To      time.Time `json:"to"`
	DataEnd time.Time `json:"data_end"`
	Step    string    `json:"step"`
	RuleSet string    `json:"rule_set"`
	Limit   float64   `json:"limit"` // warnings a day in the earlier part that no proposal passes
	Seconds float64   `json:"seconds"`

	Earlier Rows     `json:"earlier"`
	Later   Rows     `json:"later"`
	Sweeps  []Sweep  `json:"sweeps"`
	Changes []Change `json:"changes"` // that turning one number after the other proposes
	Swept   *Judged  `json:"swept"`   // what these do; nil if there are none
	Fit     *Fit     `json:"fit"`     // points fitted to history

	swept, fitted []rules.Amendment
}

// Rows are those of a part of the period.
type Rows struct {
	Cases    int `json:"cases"`
	Outcomes int `json:"outcomes"`
}

// Sweep is one number, and what each value of it does in the earlier part while
// all else stays as written.
type Sweep struct {
	Rule   string     `json:"rule"`
	Name   rules.Text `json:"name"`
	File   string     `json:"file"`
	Line   int        `json:"line"`
	Points bool       `json:"points"`       // the points, else a number of the condition
	In     string     `json:"in,omitempty"` // the comparison that the number stands in
	Values []Value    `json:"values"`
}

// Value is one value of a number.
type Value struct {
	Value          string   `json:"value"`
	Now            bool     `json:"now,omitempty"`
	True           int      `json:"true"`
	False          int      `json:"false"`
	Recall         *float64 `json:"recall"`
	Precision      *float64 `json:"precision"`
	WarningsPerDay float64  `json:"warnings_per_day"`
	RedLost        int      `json:"red_lost"` // cases that came true, stood red, and would be warned of no more
}

// Change is one proposed change, and what the proposal would be without it.
type Change struct {
	Rule     string     `json:"rule"`
	Name     rules.Text `json:"name"`
	Points   bool       `json:"points"`
	In       string     `json:"in,omitempty"`
	From     string     `json:"from"`
	To       string     `json:"to"`
	True     int        `json:"true"`     // cases found by it, net
	False    int        `json:"false"`    // false warnings by it, net
	Warnings float64    `json:"warnings"` // a day by it, net, over both kinds
	Texts    []string   `json:"texts,omitempty"`
}

// Judged is what a proposal does. Only the later part, on which it was not made,
// says what it is worth.
type Judged struct {
	Earlier    *backtest.Comparison `json:"earlier"`
	Later      *backtest.Comparison `json:"later"`
	RedLost    int                  `json:"red_lost"`    // cases that came true, stood red, and are warned of no more, in both parts
	RedLowered int                  `json:"red_lowered"` // ... and are warned of, and stand red no more
}

// Fit is the logistic scorecard.
type Fit struct {
	Instants int          `json:"instants"` // followed ones of the earlier part
	Outcomes int          `json:"outcomes"` // that came after one of them
	Base     float64      `json:"base"`     // log odds of an outcome before the next instant where no rule holds
	Scale    float64      `json:"scale"`    // points for a weight of 1; 0 = no scale is within the limit
	Rules    []FittedRule `json:"rules"`
	Judged   *Judged      `json:"judged"`   // nil if no scale is within the limit
	Proposed bool         `json:"proposed"` // a scale is within the limit and loses no red case that came true
}

// FittedRule is a rule and its weight.
type FittedRule struct {
	Rule     string     `json:"rule"`
	Name     rules.Text `json:"name"`
	Instants int        `json:"instants"` // at which it held
	Outcomes int        `json:"outcomes"` // before the next instant
	Weight   *float64   `json:"weight"`   // null = not fitted: no points, in the shadows, or it hardly ever held
	Before   int        `json:"before"`
	After    int        `json:"after"`
}

// Amendments are those of the proposal: the swept changes, or the fitted points.
func (r *Report) Amendments(fitted bool) []rules.Amendment {
	if fitted {
		return r.fitted
	}
	return r.swept
}
