package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"yujing/internal/calendar"
)

// Set is every risk and rule of a directory, checked and compiled. It is
// immutable and safe for concurrent use; what runs it is an Evaluator.
type Set struct {
	risks     []*Risk
	deadlines []calendar.Deadline
	calendar  *calendar.Calendar
	version   string
	due       map[Over]map[int]bool // kinds of deadlines that conditions and texts of these risks ask for
	group     map[Over]bool         // whether they ask for the group
	over      map[Over][]*Risk      // the risks by what they are over
}

// Risk is one danger that rows are scored for, as risks.yaml declares it.
type Risk struct {
	ID      string
	Name    Text
	Over    Over
	Levels  Thresholds
	Horizon time.Duration  // how far ahead the outcome is looked for
	Zone    *time.Location // of days, of due dates and of times in messages
	Rules   []*Rule        // in the order of the files
	Outcome string         // the expression, as written
	Cohort  string         // which rows a backtest is about, as written; "" = all

	outcome *program
	cohort  *program // nil = all
	node    origin
}

// Thresholds are the least scores of the four levels.
type Thresholds struct {
	Blue   int `json:"blue"`
	Yellow int `json:"yellow"`
	Orange int `json:"orange"`
	Red    int `json:"red"`
}

// Level is the level that a score reaches.
func (t Thresholds) Level(score int) Level {
	switch {
	case score >= t.Red:
		return Red
	case score >= t.Orange:
		return Orange
	case score >= t.Yellow:
		return Yellow
	case score >= t.Blue:
		return Blue
	}
	return None
}

// Rule is one condition, its points, and what it says when it holds.
type Rule struct {
	ID      string
	Risk    string
	Name    Text
	When    string // the condition, as written
	Points  int    // -100..100
	AtLeast Level  // lifts the level of a row to this, None = not
	Shadow  bool   // counts in ShadowScore alone
	Because Text   // templates, as written
	Advise  Text
	File    string
	Line    int

	when    *program
	because texts
	advise  texts
}

// texts is a compiled Text.
type texts struct{ zh, en *template }

// origin is where something was declared.
type origin struct {
	file string
	line int
}

// Version is a hash of what the set means: risks, rules, texts, the table of
// deadlines. Comments and layout do not change it; the order of rules does,
// because reasons are told in it.
func (s *Set) Version() string { return s.version }

// AsksGroup says whether a rule over rows of this kind, or one of its texts, asks for the group.
func (s *Set) AsksGroup(over Over) bool { return s.group[over] }

// zone is a time zone as the risks before have it: of the same name, the same.
func (s *Set) zone(zone *time.Location) *time.Location {
	for _, r := range s.risks {
		if r.Zone.String() == zone.String() {
			return r.Zone
		}
	}
	return zone
}

// Risks gives the risks in the order of risks.yaml.
func (s *Set) Risks() []*Risk { return s.risks }

// Risk finds a risk by id, nil if there is none.
func (s *Set) Risk(id string) *Risk {
	for _, r := range s.risks {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// RisksOver gives those over rows of a kind, in the order of risks.yaml.
func (s *Set) RisksOver(over Over) []*Risk { return s.over[over] }

// Numbered gives the rules over rows of a kind, risk after risk in the order of
// the files. Their places are the numbers by which the store names them.
func (s *Set) Numbered(over Over) []*Rule {
	var all []*Rule
	for _, r := range s.RisksOver(over) {
		all = append(all, r.Rules...)
	}
	return all
}

// FirstNumber is the number of a risk's first rule, see Numbered.
func (s *Set) FirstNumber(of *Risk) int {
	n := 0
	for _, r := range s.RisksOver(of.Over) {
		if r == of {
			break
		}
		n += len(r.Rules)
	}
	return n
}

// CalendarVersion is the version of the calendar that the set counts working days by.
func (s *Set) CalendarVersion() string { return s.calendar.Version() }

// seal computes what follows from the rest.
func (s *Set) seal() {
	type rule struct {
		ID, When              string
		Points                int
		AtLeast               Level
		Shadow                bool
		Name, Because, Advise Text
	}
	type levels struct{ Blue, Yellow, Orange, Red int } // the names in JSON are no part of the meaning
	type risk struct {
		ID, Outcome, Zone string
		Cohort            string `json:",omitempty"`
		Name              Text
		Over              Over
		Levels            levels
		Horizon           time.Duration
		Rules             []rule
	}
	canonical := struct {
		Language  int // raised when the same text comes to mean something else
		Risks     []risk
		Deadlines []calendar.Deadline
	}{Language: 1, Deadlines: s.deadlines}
	s.due, s.group, s.over = map[Over]map[int]bool{OverCase: {}, OverGroup: {}}, map[Over]bool{}, map[Over][]*Risk{}
	for _, r := range s.risks {
		s.over[r.Over] = append(s.over[r.Over], r)
		c := risk{ID: r.ID, Outcome: show(r.outcome.tree), Zone: r.Zone.String(), Name: r.Name, Over: r.Over, Levels: levels(r.Levels), Horizon: r.Horizon}
		if r.cohort != nil {
			c.Cohort = show(r.cohort.tree)
		}
		for _, rl := range r.Rules {
			c.Rules = append(c.Rules, rule{rl.ID, show(rl.when.tree), rl.Points, rl.AtLeast, rl.Shadow, rl.Name, rl.Because, rl.Advise})
			for _, p := range rl.programs() {
				s.group[r.Over] = s.group[r.Over] || p.group
				for kind := range p.dues {
					s.due[r.Over][kind] = true
				}
			}
		}
		canonical.Risks = append(canonical.Risks, c)
	}
	data, err := json.Marshal(canonical)
	if err != nil {
		panic("rules: a set cannot be written: " + err.Error()) // plain strings and numbers always can
	}
	sum := sha256.Sum256(data)
	s.version = hex.EncodeToString(sum[:6])
}

// programs are all that a rule runs.
func (r *Rule) programs() []*program {
	list := []*program{r.when}
	for _, t := range []*template{r.because.zh, r.because.en, r.advise.zh, r.advise.en} {
		if t == nil {
			continue
		}
		for _, p := range t.parts {
			if p.program != nil {
				list = append(list, p.program)
			}
		}
	}
	return list
}
