// Package ingest is the first station of a complaint's journey: records of a
// feed become signals, each with its own identity, its three times and the
// matter it belongs to. Feeds are defined in sources.d; the kinds of feed live
// in packages of their own below this one.
package ingest

import (
	"encoding/hex"
	"fmt"
	"time"
)

// Kind says who acted: a citizen or an office.
type Kind string

const (
	// Contact: a citizen spoke (a call, a letter, a visit, a message).
	Contact Kind = "contact"
	// Action: an office did something (registered, assigned, replied, ...).
	Action Kind = "action"
)

// Level is the rank of an organ. Levels are ordinal: going two or more above
// the competent one is an escalated visit (越级访).
type Level uint8

// Levels of organs; 0 is unknown and never compares as low.
const (
	Village Level = iota + 1
	Township
	County
	City
	Province
	Nation
)

// ID names a signal: hash of (source, record id, name of the signal in the
// mapping). The same event imported twice has the same ID.
type ID [16]byte

// String is the ID in hex, as shown to people and used in keys.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// CaseID names a matter (信访事项). 0 means none.
type CaseID uint64

// String is the case as 16 hex digits: the form of the command line and of messages.
func (c CaseID) String() string { return fmt.Sprintf("%016x", uint64(c)) }

// Flags that a signal may carry. They never reach a rule's score.
const (
	// FlagTimes: the order of the record's times is impossible (closed before opened).
	FlagTimes = "impossible_times"
	// FlagHarm: the text threatens harm to self or others; a human looks at once.
	FlagHarm = "harm"
)

// Signal is one thing that happened to a matter. Texts are masked and
// identities are pseudonyms before a Signal exists: nothing downstream can leak
// what it never had. All times are whole milliseconds UTC.
type Signal struct {
	ID      ID
	Version uint64 // hash of the content: same ID, other Version = a correction
	Source  string // name of the feed definition
	Name    string // name of the signal in the mapping
	Ref     string // the upstream system's own number of the matter (信访件编号)
	Kind    Kind

	Channel   string // hotline, online, mailbox, letter, visit
	Level     Level  // where it was received (登记机构级别)
	Competent Level  // level of the organ that should decide (有权处理机关级别)
	Place     string // GB/T 2260 division code, 6 to 12 digits
	Category  [3]string
	Subject   string    // whom the complaint is about (投诉对象)
	Purpose   string    // complaint, request, suggestion, inquiry, thanks, review, re_review, accusation
	Unit      string    // the unit that must answer (责任单位)
	People    int       // how many persons this contact speaks for; at least 1 for a contact
	Text      string    // masked
	Act       string    // for an action: registered, assigned, accepted, replied, ...
	Due       time.Time // zero = not stated (限办截止)
	Rating    string    // satisfied, basically, not; "" = none
	Attrs     map[string]string
	Flags     []string

	At       time.Time // it happened
	KnownAt  time.Time // the source could know it; never before At; zero = when it is stored
	StoredAt time.Time // this store has it
	Updated  time.Time // the source last changed the record, by its own word (更新时间); zero = it does not say. Stored, no part of Version

	// What decides which matter a contact belongs to; not stored with the signal.
	Link  Key      // the upstream link (关联件), 0 = none
	Keys  []Key    // identity + second-level category + place, or what the source defines; empty = joins nothing
	Who   []uint64 // pseudonyms of the complainant, in the mapping's order; empty = unknown
	Group uint64   // subject if given, else place + second-level category; 0 = none
}
