package alerts

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"

	"yujing/rules"
	"yujing/scorer"
)

// ID names an alert: hash of risk, row and the ordinal of its opening. The same
// opening has the same ID on every run, which makes events repeatable.
type ID uint64

// NewID is the id of the ordinal-th alert (from 1) of a row in a risk.
func NewID(risk, row string, ordinal uint32) ID {
	h := xxhash.New()
	var n [4]byte
	for _, s := range []string{risk, row} {
		binary.LittleEndian.PutUint32(n[:], uint32(len(s)))
		_, _ = h.Write(n[:])
		_, _ = h.WriteString(s)
	}
	binary.LittleEndian.PutUint32(n[:], ordinal)
	_, _ = h.Write(n[:])
	return ID(max(h.Sum64(), 1))
}

// String is the id as people see and type it: 16 hex digits.
func (id ID) String() string { return fmt.Sprintf("%016x", uint64(id)) }

// MarshalText writes the 16 hex digits.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *ID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseID(string(text))
	return err
}

// ParseID reads 16 hex digits.
func ParseID(s string) (ID, error) {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil || len(s) != 16 {
		return 0, fmt.Errorf("%q is no alert number: give the 16 digits that `yujing alerts` shows", s)
	}
	return ID(n), nil
}

// Kind says what happened to an alert.
type Kind string

// What can happen. Opened, raised, lowered and the engine's closings follow
// from assessments; the rest are acts of people, but for notes.
const (
	Opened       Kind = "opened"
	Raised       Kind = "raised"  // tells again, and takes an acknowledgement back: people judged a lesser thing
	Lowered      Kind = "lowered" // tells nobody
	Acknowledged Kind = "acknowledged"
	Acted        Kind = "acted"
	Closed       Kind = "closed"
	Muted        Kind = "muted"
	Noted        Kind = "noted" // changes nothing: why nobody was told, a message given up, a remark
)

// Reason says why an alert was closed.
type Reason = string

// Reasons of people, and the two of the engine.
const (
	Resolved   Reason = "resolved"
	FalseAlarm Reason = "false_alarm"
	Duplicate  Reason = "duplicate"
	Subsided   Reason = "subsided"   // the level fell to none
	Concluded  Reason = "concluded"  // the matter is 终结
	Unreadable Reason = "unreadable" // its stored events do not make a life
)

// ByEngine signs the events that no person caused.
const ByEngine = "engine"

// SafetyRisk is the risk of an alert that a threat of harm opened. It is not a
// risk of the rules and never has a score.
const SafetyRisk = "safety"

// Digest tags a notice that goes out with all others of its tag in one message.
const (
	DigestFirst = "first" // matters that stood at a level before the first start
	DigestLate  = "late"  // found by catching up after downtime
)

// Event is one step in an alert's life. Events of the same assessment are the
// same on every run: appending (Alert, Seq) again changes nothing.
type Event struct {
	Alert   ID
	Seq     uint32    // from 1, without gaps
	At      time.Time // the instant assessed, or when a person acted; whole ms UTC
	Kind    Kind
	Risk    string
	Row     string // as in rules.Facts; for safety the signal's id
	Ordinal uint32 // which opening of this row in this risk, from 1
	Level   rules.Level
	Score   int // 0..100
	By      string
	Reason  string    // of a closing; text of a note
	Until   time.Time // of a mute
	To      []string  // lanes "receiver/channel" that hear of this event
	Digest  string
	Detail  *Detail // nil when loaded for folding only
}

// Detail is what a message of this event says. It holds no text of a citizen
// beyond what a rule's own templates quote from masked facts, and no identity.
type Detail struct {
	Name     rules.Text    `json:"name,omitzero"` // of the risk
	Was      rules.Level   `json:"was,omitempty"` // level before
	Rules    []rules.Fired `json:"rules,omitempty"`
	RuleSet  string        `json:"rule_set,omitempty"`
	Calendar string        `json:"calendar,omitempty"`
	Odds     *Odds         `json:"odds,omitempty"` // what became of what scored alike; nil = nobody knows
	Matter   scorer.Matter `json:"matter,omitzero"`
	Channel  string        `json:"channel,omitempty"` // safety: by which channel the threat came
	Passed   []Passed      `json:"passed,omitempty"`  // who was passed over, and why
	Note     string        `json:"note,omitempty"`    // nobody was left to be told, and what followed
}

// Passed is a receiver who is not told, with the reason.
type Passed struct {
	Receiver string `json:"receiver"`
	Why      string `json:"why"`
}

// tells says whether somebody should hear of an event of this kind.
func (k Kind) tells() bool { return k == Opened || k == Raised }

// NoticeID names what one receiver's channel is to be told: an event. Message
// keys are made of it.
type NoticeID struct {
	Alert ID
	Seq   uint32
}

// String is the form used in message keys.
func (n NoticeID) String() string { return n.Alert.String() + "-" + strconv.Itoa(int(n.Seq)) }
