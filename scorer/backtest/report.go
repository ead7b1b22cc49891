package backtest

import "time"

// Report is what a backtest found. Its JSON is the output of --json; a figure
// whose divisor is 0 is null. Times of a risk's figures are in docs/backtest.md.
type Report struct {
	Risks    map[string]*Figures `json:"risks"`
	Instants int                 `json:"instants"`
	Seconds  float64             `json:"seconds"` // that it took
	RuleSet  string              `json:"rule_set"`
	Calendar string              `json:"calendar"`
	From     time.Time           `json:"from"`
	To       time.Time           `json:"to"`
	DataEnd  time.Time           `json:"data_end"`
	Step     string              `json:"step"`
	Level    string              `json:"level"`
}

// Figures are those of one risk.
type Figures struct {
	Cases     int `json:"cases"` // in the cohort
	Outcomes  int `json:"outcomes"`
	Warned    int `json:"warned"`
	True      int `json:"true"`
	False     int `json:"false"`
	Missed    int `json:"missed"`
	TooSoon   int `json:"too_soon"`
	Quiet     int `json:"quiet"`
	Undecided int `json:"undecided"`
	Rates
	PrecisionInterval *[2]float64 `json:"precision_interval"`
	RecallInterval    *[2]float64 `json:"recall_interval"`
	LiftInterval      *[2]float64 `json:"lift_interval"`
	LeadDays          *Quartiles  `json:"lead_days"`
	WarningsPerDay    float64     `json:"warnings_per_day"`
	Standing          int         `json:"standing"`

	Levels      map[string]*LevelFigures `json:"levels"` // blue, yellow, orange, red
	Rules       map[string]*RuleFigures  `json:"rules"`  // by id
	Calibration []Bin                    `json:"calibration"`
	Daily       []int                    `json:"daily"`   // warnings of each instant in [from, to), from the second on
	LeadHours   []int                    `json:"-"`       // of the true rows, for the histogram, ascending
	ByUnit      []Share                  `json:"by_unit"` // most cases first
	ByPlace     []Share                  `json:"by_place"`
	ByChannel   []Share                  `json:"by_channel"`
	Outliers    []Outlier                `json:"outliers"` // parts that are not as the whole
}

// Rates are the four figures that are told of any part of a cohort.
type Rates struct {
	BaseRate  *float64 `json:"base_rate"`
	Precision *float64 `json:"precision"`
	Recall    *float64 `json:"recall"`
	Lift      *float64 `json:"lift"`
}

// Quartiles are days.
type Quartiles struct {
	P25 float64 `json:"p25"`
	P50 float64 `json:"p50"`
	P75 float64 `json:"p75"`
}

// LevelFigures are the figures if this level were the one asked for.
type LevelFigures struct {
	Warned int `json:"warned"`
	True   int `json:"true"`
	False  int `json:"false"`
	Rates
	LiftInterval   *[2]float64 `json:"lift_interval"`
	WarningsPerDay float64     `json:"warnings_per_day"`
}

// RuleFigures say what a rule does.
type RuleFigures struct {
	Points    int  `json:"points"`
	Shadow    bool `json:"shadow,omitempty"`
	Fired     int  `json:"fired"`
	CameTrue  int  `json:"came_true"`
	Alone     int  `json:"alone"`
	Warned    int  `json:"warned"`
	Lost      int  `json:"lost"`
	Redundant bool `json:"redundant"`
}

// Bin is a step of the calibration: scores From to To.
type Bin struct {
	From     int         `json:"from"`
	To       int         `json:"to"`
	Cases    int         `json:"cases"`
	Outcomes int         `json:"outcomes"`
	Share    *float64    `json:"share"`
	Interval *[2]float64 `json:"interval"`
}

// Share is the part of the cohort that has one channel, unit or place.
type Share struct {
	Value     string `json:"value"` // "" is unknown
	Cases     int    `json:"cases"`
	Outcomes  int    `json:"outcomes"`
	Warned    int    `json:"warned"`
	True      int    `json:"true"`
	Undecided int    `json:"undecided"`
	Rates
	WarningsPerDay float64 `json:"warnings_per_day"`
}

// Empty says that no risk had a row in its cohort and none that stood at the
// level: there was nothing to judge.
func (r *Report) Empty() bool {
	for _, f := range r.Risks {
		if f.Cases > 0 || f.Standing > 0 || f.WarningsPerDay > 0 {
			return false
		}
	}
	return true
}
