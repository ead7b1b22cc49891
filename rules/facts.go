// Package rules turns rule files into a checked Set that scores facts. It is
// pure: no clock, no I/O but the fs.FS it is given. Time is an argument.
package rules

import "time"

// Over says what a risk scores: a matter, or a group of matters.
type Over string

const (
	OverCase  Over = "case"
	OverGroup Over = "group"
)

// Signal is one contact or action as a rule may see it. What responsible use
// forbids (names, phones, occupations) is not here, so no rule can ask.
// People, Level and the rest mean what docs/DOMAIN terms say; see ingest.Signal.
type Signal struct {
	ID        string // hex; for explain, not for rules
	At        time.Time
	Ref       string
	Channel   string
	Level     int
	Competent int
	Place     string
	Category  [3]string
	Subject   string
	Purpose   string
	Unit      string
	People    int
	Person    uint64 // complainant, comparable within the facts of one row only; 0 unknown
	Text      string
	Act       string
	Due       time.Time // zero = not stated
	Rating    string
	Attrs     map[string]string
	Case      string // the matter it belongs to
}

// Facts is everything that is known of one row (a case or a group) as of an
// instant: what is not visible at that instant is not in here.
type Facts struct {
	Over      Over
	Row       string   // stable name: 16 hex digits
	Ref       string   // SOURCE:REF of the first contact, for people
	Contacts  []Signal // the row's own, oldest first, at least one
	Actions   []Signal // the row's own, oldest first
	Group     []Signal // contacts of the row's group in the last 90 days, oldest first
	Concluded bool     // the matter is 终结: no longer scored
}

// Last is when something last happened to the row.
func (f *Facts) Last() time.Time {
	last := f.Contacts[len(f.Contacts)-1].At
	if n := len(f.Actions); n > 0 && f.Actions[n-1].At.After(last) {
		return f.Actions[n-1].At
	}
	return last
}
