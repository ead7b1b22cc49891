package simulate

import "time"

// Report counts what a run did.
type Report struct {
	Matters         int              `json:"matters"`
	Groups          int              `json:"groups"`
	Contacts        int              `json:"contacts"`
	Actions         int              `json:"actions"`
	Records         [sourceCount]int `json:"records"` // hotline, bureau, online
	Rows            [sourceCount]int `json:"rows"`    // written; a record that changed is written again
	Broken          [sourceCount]int `json:"broken"`  // of the rows, those broken on purpose
	Files           int              `json:"files"`
	Repeat          int              `json:"repeat"` // matters that came back
	AfterMissed     int              `json:"after_missed"`
	Collective      int              `json:"collective"` // groups
	Escalated       int              `json:"escalated"`
	Doubles         int              `json:"doubles"`
	Reviews         int              `json:"reviews"`
	Concluded       int              `json:"concluded"`
	AfterConclusion int              `json:"after_conclusion"`
	From            time.Time        `json:"from"`
	To              time.Time        `json:"to"`
	Seconds         float64          `json:"seconds"`
}

// Truth is the true hazard of a matter or group at an instant.
type Truth struct {
	At     time.Time
	Risk   Risk
	ID     uint64 // of the matter or group
	Hazard float64
}
