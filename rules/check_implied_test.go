package rules

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestImplied(t *testing.T) {
	rule := func(when string) lintRuleText { return lintRuleText{when: when} }
	for _, c := range []struct {
		name string
		a, b lintRuleText
		want []string
	}{
		{"the same", rule(`any(actions, .act == "returned")`), rule(`count(actions, .act == "returned") >= 1`), []string{"implied"}},
		{"a case of a list", rule(`any(actions, .act == "closed")`), rule(`any(actions, .act in ["replied", "closed"])`), []string{"implied"}},
		{"a case of an or", rule(`overdue("reply")`), rule(`overdue("reply") or overdue("accept")`), []string{"implied"}},
		{"a word of a pattern", rule(`case.text matches "多次反映"`), rule(`case.text matches "再次|多次"`), []string{"implied"}},
		{"none of a wider list", rule(`none(actions, .act in ["replied", "closed"])`), rule(`none(actions, .act == "closed")`), []string{"implied"}},
		{"a rung", rule(`case.age > 180 and none(actions, .act == "closed")`), rule(`case.age > 90 and none(actions, .act == "closed")`), nil},
		{"a rung that counts", rule(`count(contacts, .again) >= 3`), rule(`any(contacts, .again)`), nil},
		{"a rung of other days", rule(`count(contacts, .age <= 7) >= 2`), rule(`count(contacts, .age <= 30) >= 2`), nil},
		{"a rung with more", rule(`overdue("reply") and case.people >= 5`), rule(`overdue("reply")`), nil},
		{"a rung that adds nothing", lintRuleText{when: `overdue("reply") and case.people >= 5`, points: "0", extra: "at_least: blue"},
			lintRuleText{when: `overdue("reply")`, extra: "at_least: orange"}, []string{"implied"}},
		{"the same, one in shadow", rule(`overdue("reply")`), lintRuleText{when: `overdue("reply")`, extra: "mode: shadow"}, nil},
		{"numbers in quotes are words", rule(`case.place startsWith "3301"`), rule(`case.place startsWith "33"`), []string{"implied"}},
		{"unlike", rule(`overdue("reply")`), rule(`overdue("accept")`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.a.id, c.b.id = "a", "b"
			if diff := cmp.Diff(append([]string{}, c.want...), told(t, lintSet(c.a, c.b))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(append([]string{}, c.want...), told(t, lintSet(c.b, c.a))); diff != "" {
				t.Errorf("the other way round: -want +got:\n%s", diff)
			}
		})
	}
}

// TestImpliedNamesTheOther tells which rule fires with which, and where it stands.
func TestImpliedNamesTheOther(t *testing.T) {
	found := Check(lintSet(lintRuleText{id: "narrow", when: `overdue("reply")`}, lintRuleText{id: "wide", when: `overdue("reply") or overdue("accept")`}), Options{})
	if len(found) != 1 || found[0].Line != 5 || !strings.Contains(found[0].Message, "whenever rule narrow fires, rule wide fires too (x.yaml:10)") {
		t.Errorf("got %v", found)
	}
}
