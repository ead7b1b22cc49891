package rules

import (
	"strings"
	"testing"
)

func TestDeadParts(t *testing.T) {
	for _, c := range []struct{ when, part string }{
		{`overdue("reply") or any(contacts, .act == "replied")`, `any(contacts, .act == "replied") never holds`},
		{`overdue("reply") and len(contacts) > 0`, `len(contacts) > 0 always holds`},
		{`any(actions, .act == "closed" and .age >= 0)`, `.age >= 0 always holds`},
		{`any(contacts, .again or (.age > 9 and .age < 3))`, `.age > 9 and .age < 3 never holds`},
		{`let old = case.age > 9; overdue("reply") and (old or (case.age < 0 and overdue("accept")))`, `case.age < 0 and overdue("accept") never holds`},
		{`overdue("reply") or overdue("accept")`, ""},
		{`any(contacts, .again and .age > 9) or any(contacts, .age < 3)`, ""},
	} {
		got := Check(lintSet(lintRuleText{id: "a", when: c.when}), Options{})
		switch {
		case c.part == "" && len(got) > 0:
			t.Errorf("%s: got %v", c.when, got)
		case c.part != "" && (len(got) != 1 || got[0].Check != "dead-part" || !strings.Contains(got[0].Message, "decides nothing: "+c.part)):
			t.Errorf("%s: got %v, want %s", c.when, got, c.part)
		}
	}
}
