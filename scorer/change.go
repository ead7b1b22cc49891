// Package scorer decides when and which rows are scored, as of which instant,
// and what changed. The rules propose; what follows from a change is for alerts.
package scorer

import (
	"time"

	"yujing/rules"
)

// Matter is what routing and messages need to know of the scored row. It holds
// no text of a citizen and no identity.
type Matter struct {
	Ref        string    `json:"ref"`   // SOURCE:REF of the first contact
	Place      string    `json:"place"` // of the first contact, as are Category and Subject
	Category   [3]string `json:"category"`
	Subject    string    `json:"subject,omitempty"`    // whom the complaint is about (投诉对象)
	Units      []string  `json:"units,omitempty"`      // every unit that ever answered for it, the present one last
	Accusation bool      `json:"accusation,omitempty"` // some contact is an accusation (检举控告): art. 30 restricts who may know
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"` // latest contact
	Contacts   int       `json:"contacts"`
}

// Change is an assessment that differs from the row's last one in score, level
// or the set of rules that fired.
type Change struct {
	rules.Assessment
	Was       rules.Level // level before; None if never assessed
	Matter    Matter
	Concluded bool // the matter is concluded (终结) and leaves the scoring
	Late      bool // found by catching up after downtime: goes out as one digest
	First     bool // stood like this before this deployment's first start: goes out as one digest
}
