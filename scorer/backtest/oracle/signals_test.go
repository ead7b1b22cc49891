package oracle

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"yujing/internal/clickhouse"
	"yujing/rules"
	"yujing/scorer"
)

// forever is the known_until of what is still believed, in milliseconds.
var forever = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// signal is one stored row: a signal in an interval of knowledge.
type signal struct {
	rules.Signal
	caseID, group uint64
	source        string
	contact       bool
	known, until  int64 // believed from known, no longer at until
}

// visible says whether the signal had happened and was believed at t.
func (s *signal) visible(t time.Time) bool {
	now := t.UnixMilli()
	return s.At.UnixMilli() <= now && s.known <= now && now < s.until
}

// signals are all that a store holds, oldest first.
type signals []*signal

// rawRow is a row of the table as it is read.
type rawRow struct {
	Case, Group, Person                     uint64 `json:",string"`
	At, Known, Until, Closed, Due           int64  `json:",string"`
	ID, Source, Ref, Kind, Channel, Place   string
	Category1, Category2, Category3         string
	Subject, Purpose, Unit, Text, Act, Rate string
	Level, Competent, People                int
	Attrs                                   map[string]string
}

const everything = `SELECT toString(case_id) AS Case, toString(group_id) AS Group, toString(person) AS Person,
	toString(toUnixTimestamp64Milli(at)) AS At, toString(toUnixTimestamp64Milli(known_at)) AS Known,
	toString(toUnixTimestamp64Milli(known_until)) AS Until, toString(toUnixTimestamp64Milli(closed_at)) AS Closed,
	toString(toUnixTimestamp64Milli(due)) AS Due, lower(hex(id)) AS ID, source AS Source, ref AS Ref, kind AS Kind, channel AS Channel,
	place AS Place, category1 AS Category1, category2 AS Category2, category3 AS Category3, subject AS Subject, purpose AS Purpose,
	unit AS Unit, text AS Text, act AS Act, rating AS Rate, level AS Level, competent AS Competent, people AS People, attrs AS Attrs
	FROM signals`

// read takes all rows out of a store. Of copies of one row, of which merges leave
// one, the one closed last counts.
func read(t testing.TB, db *clickhouse.DB) signals {
	t.Helper()
	var text bytes.Buffer
	if err := db.Raw(t.Context(), &text, clickhouse.RawQuery{SQL: everything, Format: "JSONEachRow"}); err != nil {
		t.Fatal(err)
	}
	type key struct {
		matter    uint64
		at, known int64
		id        string
	}
	last := map[key]rawRow{}
	for d := json.NewDecoder(&text); d.More(); {
		var r rawRow
		if err := d.Decode(&r); err != nil {
			t.Fatal(err)
		}
		k := key{r.Case, r.At, r.Known, r.ID}
		if other, twice := last[k]; !twice || r.Closed > other.Closed {
			last[k] = r
		}
	}
	var all signals
	for _, r := range last {
		all = append(all, r.signal())
	}
	slices.SortFunc(all, func(a, b *signal) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID), cmp.Compare(a.known, b.known))
	})
	return all
}

func (r *rawRow) signal() *signal {
	s := &signal{caseID: r.Case, group: r.Group, source: r.Source, contact: r.Kind == "contact", known: r.Known, until: r.Until}
	s.Signal = rules.Signal{ID: r.ID, At: time.UnixMilli(r.At).UTC(), Ref: r.Ref, Channel: r.Channel, Level: r.Level, Competent: r.Competent,
		Place: r.Place, Category: [3]string{r.Category1, r.Category2, r.Category3}, Subject: r.Subject, Purpose: r.Purpose, Unit: r.Unit,
		People: r.People, Person: r.Person, Text: r.Text, Act: r.Act, Rating: r.Rate, Attrs: r.Attrs, Case: scorer.RowName(r.Case)}
	if r.Due != 0 {
		s.Due = time.UnixMilli(r.Due).UTC()
	}
	return s
}

// seen are those visible at t.
func (all signals) seen(t time.Time) (some signals) {
	for _, s := range all {
		if s.visible(t) {
			some = append(some, s)
		}
	}
	return some
}

// believed are those that the store holds true now.
func (all signals) believed() (some signals) {
	for _, s := range all {
		if s.until == forever {
			some = append(some, s)
		}
	}
	return some
}

// end is the latest time of any signal.
func (all signals) end() (last time.Time) {
	for _, s := range all {
		if s.At.After(last) {
			last = s.At
		}
	}
	return last
}
