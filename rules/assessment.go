package rules

import (
	"fmt"
	"time"
)

// Level is a warning colour; the zero value is no warning.
type Level uint8

// The four colours of warning (蓝黄橙红), rising.
const (
	None Level = iota
	Blue
	Yellow
	Orange
	Red
)

// Text is what a person reads: Chinese first, English beside it.
type Text struct {
	ZH string `json:"zh" yaml:"zh"`           // Chinese, which officers read first
	EN string `json:"en,omitempty" yaml:"en"` // English, beside it
}

// Fired is one rule that holds for a row, with what it says.
type Fired struct {
	ID      string `json:"id"`
	Points  int    `json:"points"`
	Shadow  bool   `json:"shadow,omitempty"`
	Name    Text   `json:"name,omitzero"`
	Because Text   `json:"because,omitzero"` // rendered over the facts
	Advise  Text   `json:"advise,omitzero"`
}

// Assessment is what the rules say of one row in one risk as of an instant.
type Assessment struct {
	Risk        string
	Over        Over
	Row         string // as in Facts
	Ref         string
	AsOf        time.Time
	Score       int // 0..100
	ShadowScore int // what Score would be if the shadow rules counted too
	Level       Level
	Fired       []Fired           // in the order of the files
	Values      map[string]string // value of each collection call of the fired rules, by its source text
	RuleSet     string            // version (hash) of the set that said so
	Calendar    string            // version of the calendar
	Unscored    Text              // why the row is not scored at all (concluded); zero if it is
}

// levelNames are the words of files, commands and JSON, by Level.
func levelNames() [5]string { return [5]string{"none", "blue", "yellow", "orange", "red"} }

// String is the word for the level in files and commands: none, blue, ...
func (l Level) String() string {
	if names := levelNames(); int(l) < len(names) {
		return names[l]
	}
	return "level?"
}

// Name is what a person reads: 蓝色 / blue.
func (l Level) Name() Text {
	l = min(l, Red)
	return Text{ZH: [...]string{"无", "蓝色", "黄色", "橙色", "红色"}[l], EN: l.String()}
}

// ParseLevel reads what String writes.
func ParseLevel(s string) (Level, error) {
	for i, name := range levelNames() {
		if s == name {
			return Level(i), nil
		}
	}
	return None, fmt.Errorf("unknown level %q; known: none, blue, yellow, orange, red", s)
}

// MarshalText writes the word, so that JSON shows "orange" and not 3.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads the word.
func (l *Level) UnmarshalText(text []byte) (err error) {
	*l, err = ParseLevel(string(text))
	return err
}
