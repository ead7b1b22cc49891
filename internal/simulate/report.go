package simulate

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// PerSource is a number for each feed; in JSON an object by the feeds' names.
type PerSource [sourceCount]int

// MarshalJSON names the feeds.
func (p PerSource) MarshalJSON() ([]byte, error) {
	named := map[string]int{}
	for source, name := range sourceNames() {
		named[name] = p[source]
	}
	return json.Marshal(named)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *PerSource) UnmarshalJSON(data []byte) error {
	named := map[string]int{}
	err := json.Unmarshal(data, &named)
	for source, name := range sourceNames() {
		p[source] = named[name]
	}
	return err
}

// Report counts what a run did.
type Report struct {
	Matters         int       `json:"matters"`
	Groups          int       `json:"groups"`
	Contacts        int       `json:"contacts"`
	Actions         int       `json:"actions"`
	Records         PerSource `json:"records"`
	Rows            PerSource `json:"rows"`   // written; a record that changed is written again
	Broken          PerSource `json:"broken"` // of the rows, those broken on purpose
	Files           int       `json:"files"`
	Repeat          int       `json:"repeat"` // matters that came back
	AfterMissed     int       `json:"after_missed"`
	Collective      int       `json:"collective"` // groups
	Escalated       int       `json:"escalated"`
	Doubles         int       `json:"doubles"`
	Reviews         int       `json:"reviews"`
	Concluded       int       `json:"concluded"`
	AfterConclusion int       `json:"after_conclusion"`
	From            time.Time `json:"from"`
	To              time.Time `json:"to"`
	Seconds         float64   `json:"seconds"`
}

// String is the report for a person.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s: %d contacts, %d actions, %d matters, %d groups, in %.1f s\n",
		r.From.Format(time.DateOnly), r.To.Format(time.DateTime), r.Contacts, r.Actions, r.Matters, r.Groups, r.Seconds)
	fmt.Fprintf(&b, "came back: %d repeat (%.1f %%; %d after a missed deadline), %d collective (%.1f %% of groups), %d escalated (%.2f %%)\n",
		r.Repeat, percent(r.Repeat, r.Matters), r.AfterMissed, r.Collective, percent(r.Collective, r.Groups),
		r.Escalated, percent(r.Escalated, r.Matters))
	fmt.Fprintf(&b, "no bad repeats: %d double submissions, %d reviews, %d concluded, %d came after that\n",
		r.Doubles, r.Reviews, r.Concluded, r.AfterConclusion)
	for source, name := range sourceNames() {
		fmt.Fprintf(&b, "%s: %d records in %d rows", name, r.Records[source], r.Rows[source])
		if r.Broken[source] > 0 {
			fmt.Fprintf(&b, ", %d of them broken on purpose", r.Broken[source])
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// Truth is the true hazard of a matter or group at an instant.
type Truth struct {
	At     time.Time
	Risk   Risk
	ID     uint64 // of the matter or group
	Hazard float64
}
