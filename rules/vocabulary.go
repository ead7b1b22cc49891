package rules

import "yujing/internal/calendar"

// This file is the vocabulary: everything that a rule can name. docs/rules.md is
// generated from the comments below (go generate ./rules), and the checker reads
// the types by reflection, so a field added here is a word of the language.
//
// The tag `expr` is the word. The tag `type` is its type in the language where
// the Go type does not say it: time is whole milliseconds UTC, and a type that
// ends in ? may be unknown (the Go value is then nil).
//
// What responsible use forbids (names, phones, ages, occupations, a person's
// other matters) is not here, so no rule can ask for it.

//go:generate go run ./gendoc ../docs/rules.md ../docs/language.md vocabulary_doc.go

// Vocabulary is what the condition and the texts of a rule see.
//
// S is []Element when a rule is compiled and []any when it runs.
type Vocabulary[S any] struct {
	// The matter as a whole: what its first contact said, and the unit that has it now.
	Case Case `expr:"case"`
	// The row's own contacts up to now, oldest first. There is at least one.
	Contacts S `expr:"contacts" type:"contacts"`
	// The row's own actions (what offices did) up to now, oldest first.
	Actions S `expr:"actions" type:"actions"`
	// The contacts of the last 90 days in the row's group: same subject, else same place and second-level
	// category. Aggregates only, and a predicate over it mentions nothing outside the element; .mine marks the case's own.
	Group S `expr:"group" type:"group"`
	// The instant as of which the row is scored.
	Now int `expr:"now" type:"time"`
}

// Outcome is what the outcome expression of a risk sees: one signal of the row
// and what was before it. The outcome of a row is the first signal for which
// the expression holds. There is no now: the age of an earlier signal is
// it.at - .at, in days.
type Outcome[S any] struct {
	// The signal in question, a contact or an action (a contact has the act "").
	It Element `expr:"it"`
	// The row's signals before it, contacts and actions, oldest first. Persons are numbered over the whole row.
	Before S `expr:"before" type:"before"`
}

// Case is the matter: fields of its first contact, save the unit.
type Case struct {
	// When the first contact happened.
	At int `expr:"at" type:"time"`
	// Days since the first contact, a fraction.
	Age float64 `expr:"age"`
	// How it came: hotline, online, mailbox, letter, visit.
	Channel string `expr:"channel"`
	// Level of the office that received it (登记机构级别): village, township, county, city, province, nation. Unknown where the source does not say.
	Level any `expr:"level" type:"int?"`
	// Level of the organ that should decide it (有权处理机关级别). Unknown where the source does not say.
	Competent any `expr:"competent" type:"int?"`
	// How many levels above the competent organ it was received; below 0 if lower. Unknown if either level is.
	Above any `expr:"above" type:"int?"`
	// Division code of the place the matter is about (GB/T 2260, 6 to 12 digits), "" if unknown.
	Place string `expr:"place"`
	// Content class at three levels: category[0], category[1], category[2]; "" where not classified.
	Category [3]string `expr:"category"`
	// The company, project or office complained about (投诉对象), "" if none is named.
	Subject string `expr:"subject"`
	// What is asked: complaint, request, suggestion, inquiry, thanks, review, re_review, accusation.
	Purpose string `expr:"purpose"`
	// The unit that has the matter: of the last action that names one, "" if none does.
	Unit string `expr:"unit"`
	// How many persons the first contact speaks for, at least 1.
	People int `expr:"people"`
	// What the citizen said, masked.
	Text string `expr:"text"`
	// Further columns that the source maps; "" for a key it does not have.
	Attrs map[string]string `expr:"attrs"`
}

// Element is one contact or one action in a collection; in a predicate its
// fields are written with a leading dot: .age, .act.
type Element struct {
	id string // of the signal, for explain

	// When it happened.
	At int `expr:"at" type:"time"`
	// Days from it to now, a fraction: 1.5 is a day and a half ago.
	Age float64 `expr:"age"`
	// The complainant as a number that means something in this collection only: 1, 2, ... in order of appearance, 0 unknown (and for every action).
	Who int `expr:"who"`
	// An earlier contact in this case was by the same known complainant.
	Again bool `expr:"again"`
	// It belongs to the row's own case; false marks the others in a group.
	Mine bool `expr:"mine"`
	// What the office did: registered, transferred, assigned, accepted, not_accepted, returned, extended, replied,
	// closed, called_back, rated, supervised, reviewed, re_reviewed, concluded, visited, hearing, deliberation, judicial_aid, petition_aid; "" for a contact.
	Act string `expr:"act"`
	// The unit it names (责任单位), "" if none.
	Unit string `expr:"unit"`
	// How it came: hotline, online, mailbox, letter, visit.
	Channel string `expr:"channel"`
	// Level of the office that received it: village, township, county, city, province, nation. Unknown where the source does not say.
	Level any `expr:"level" type:"int?"`
	// Level of the organ that should decide it. Unknown where the source does not say.
	Competent any `expr:"competent" type:"int?"`
	// How many levels above the competent organ it was received; below 0 if lower. Unknown if either level is.
	Above any `expr:"above" type:"int?"`
	// Division code of the place it is about, "" if unknown.
	Place string `expr:"place"`
	// Content class at three levels: .category[0], .category[1], .category[2]; "" where not classified.
	Category [3]string `expr:"category"`
	// The company, project or office complained about, "" if none is named.
	Subject string `expr:"subject"`
	// What is asked: complaint, request, suggestion, inquiry, thanks, review, re_review, accusation; "" for most actions.
	Purpose string `expr:"purpose"`
	// How many persons it speaks for: at least 1 for a contact, 0 for an action.
	People int `expr:"people"`
	// What the citizen said, masked. Rules may search it; messages may not quote it.
	Text string `expr:"text"`
	// The deadline that the source itself states (限办截止). Unknown if it states none.
	Due any `expr:"due" type:"time?"`
	// The citizen's rating (满意度): satisfied, basically, not. Unknown if there is none.
	Rating any `expr:"rating" type:"text?"`
	// Further columns that the source maps, by key: .attrs["窗口"]; "" for a key it does not have.
	Attrs map[string]string `expr:"attrs"`
}

// Constants for levels of organs, to compare levels with: (.level ?? 0) >= city.
// Levels are numbers, each one above the last.
const (
	village  = iota + 1 // 村(社区)
	township            // 乡镇(街道)
	county              // 县区
	city                // 市
	province            // 省
	nation              // 国家
)

// levels gives the constants by name.
func levels() map[string]int {
	return map[string]int{"village": village, "township": township, "county": county,
		"city": city, "province": province, "nation": nation}
}

// words are the values of the fields that have a closed list of them. A rule that
// compares such a field with another text could never fire, so it is refused.
func words() map[string][]string {
	return map[string][]string{
		"act":     calendar.Actions(),
		"channel": {"hotline", "online", "mailbox", "letter", "visit"},
		"purpose": {"complaint", "request", "suggestion", "inquiry", "thanks", "review", "re_review", "accusation"},
		"rating":  {"satisfied", "basically", "not"},
	}
}

// functions are the words that take arguments, apart from the collection
// builtins of the language: signature and meaning, for checker and documents.
func functions() []function {
	return []function{
		{"due", "due(kind) time?", `When the deadline of this kind runs out: what the source itself states first, else the table of deadlines. Unknown if nothing has started it. The kind is a literal: due("reply").`},
		{"overdue", "overdue(kind) bool", `The deadline of this kind is known, has passed, and no action has met it.`},
		{"workdays", "workdays(from, to) int", "Whole working days after from's day up to and including to's day, by the State Council's calendar with make-up workdays, in the risk's time zone; negative if to lies before from."},
		{"complainants", "complainants(C) int", "How many different known complainants the collection holds."},
		{"earliest", "earliest(C) time?", "The time of the earliest signal of the collection. Unknown if it is empty."},
		{"latest", "latest(C) time?", "The time of the latest signal of the collection. Unknown if it is empty."},
	}
}

// function is one row of the table of functions.
type function struct{ name, signature, doc string }
