package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestNeverFiresNamesTheParts(t *testing.T) {
	for _, c := range []struct {
		when, message string
		column        int
	}{
		{`case.age > 9 and any(contacts, .again) and case.age < 3`, "case.age > 9 and case.age < 3 never hold together", 50},
		{`overdue("reply") and any(contacts, .act == "closed")`, `any(contacts, .act == "closed") never holds`, 28},
		{`let old = case.age > 9; old and case.age < 3`, "case.age > 9 and case.age < 3 never hold together", 39},
		{`case.age > 9 and (case.age < 3 or case.age < 4)`, "case.age > 9 and case.age < 3 or case.age < 4 never hold together", 25},
	} {
		got := Check(lintSet(lintRuleText{id: "a", when: c.when}), Options{})
		if len(got) != 1 || got[0].Check != "never-fires" || !strings.Contains(got[0].Message, c.message) || got[0].Line != 6 || got[0].Column != c.column {
			t.Errorf("%s: got %v, want %s at %d", c.when, got, c.message, c.column)
		}
	}
}

func TestOutcomes(t *testing.T) {
	for outcome, want := range map[string]string{
		`it.act == "" and it.again`:               "",
		`it.act == "replied" and it.act == ""`:    "never-fires",
		`it.people >= 0`:                          "always-fires",
		`none(before, .who == it.who and .again)`: "",
		"it.again\n    cohort: it.purpose == \"complaint\" and len(before) == 0": "",
		"it.again\n    cohort: it.people > 3 and it.people < 2":                  "never-fires",
		"it.again\n    cohort: it.act == \"replied\"":                            "never-fires",
		"it.again\n    cohort: it.people > 1 or any(before, .people > 1)":        "",
		"it.again\n    cohort: it.people > 1 and any(before, .people > 1)":       "never-fires",
	} {
		fsys := lintSet()
		fsys["risks.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(goodRisks, "it.again", outcome, 1))}
		if got := strings.Join(told(t, fsys), " "); got != want {
			t.Errorf("%s: got %q, want %q", outcome, got, want)
		}
	}
}
