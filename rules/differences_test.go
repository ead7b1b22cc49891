package rules_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/rules/rulestest"
)

// TestKnownDifferences holds, one by one, the places where expr and ClickHouse
// by themselves give different answers. The language gives each one meaning, or
// refuses it and names what to write instead.
func TestKnownDifferences(t *testing.T) {
	db := clickhousetest.Empty(t)
	rng := rand.New(rand.NewPCG(9, 9))
	now := rulestest.Now(rng)
	rows := append(rulestest.Rows(rng, 150, rules.OverCase, now), &rules.Facts{Over: rules.OverCase, Row: "00000000000000ff",
		Contacts: []rules.Signal{{ID: strings.Repeat("0", 32), At: now, Text: "多次\n反映😀", People: 1, Case: "00000000000000ff"}}})
	for _, test := range []struct {
		name, condition string
		refused         string // what the refusal says; "" = both engines agree
	}{
		{"modulo zero ends a query", `((7 % len(actions)) ?? -1) == -1`, ""},
		{"nil is not equal to a value", `case.level != nil and (case.level ?? 0) != 3 or case.level == nil`, ""},
		{"a dot matches a newline", `case.text contains "\n" and case.text not matches "多次.反映"`, ""},
		{"halves round up or to even", `floor(case.age + 0.5) == 3 or floor(2.5 + 0.5) == 3`, ""},
		{"round is not the same", `round(case.age) == 3`, "floor(x + 0.5)"},
		{"a slice of text cuts bytes", `case.text[0:2] == "多次"`, "startsWith"},
		{"length in characters", `len(case.text) == 6`, ""},
		{"texts order levels wrongly", `case.channel < "letter"`, "texts have no order"},
		{"levels are numbers", `any(contacts, (.level ?? 0) > county)`, ""},
		{"a date is of some zone", `date("2026-01-01") < now`, "differences in days"},
		{"days are the zone's", `workdays(case.at, now) > 3 and workdays(now, now) == 0`, ""},
		{"indexOf counts bytes", `indexOf(case.text, "反") > 2`, "contains"},
		{"an integer in a list of fractions", `case.people in [1.0]`, "a list holds literals"},
		{"the first of a filter, under expr's optimiser", `(filter(contacts, .age > 3)[0]?.age ?? 0) > 5`, ""},
		{"a count that may stop early", `count(contacts, .age >= 0) >= 2 and count(contacts, .age >= 0) == len(contacts)`, ""},
		{"an -If aggregate of what is not closed", `any(contacts, {let c = #; none(actions, .at > c.at)})`, ""},
		{"a filter before numbering", `any(filter(contacts, .age < 30), .again)`, ""},
		{"a choice that the engine decides beforehand", `len(filter(contacts, township > 3 ? .again : .channel matches "letter|visit")) > 0`, ""},
		{"the maximum of nothing", `(max(map(actions, .people)) ?? -1) == -1`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			set, err := rulestest.Load(rules.OverCase, []string{test.condition})
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("%s: want a refusal that says %q, got %v", test.condition, test.refused, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			list, said := differences(t, db, set, rows, now)
			for _, d := range list {
				t.Error(d)
			}
			held := 0
			for i := range said {
				held += len(said[i].Fired)
			}
			if held == 0 {
				t.Errorf("%s holds on no row: nothing is shown", test.condition)
			}
		})
	}
}
