package rules

import (
	"strings"
	"testing"
)

// TestAlwaysFires tells a condition that holds on every row, and none that only
// nearly does.
func TestAlwaysFires(t *testing.T) {
	for when, want := range map[string]string{
		`len(contacts) >= 1`: "always-fires",
		`case.age > 3 or none(contacts, .age > 3) or case.age <= 3`: "always-fires",
		`first(contacts) != nil`:                                    "always-fires",
		`case.age > 3 or none(contacts, .age > 3)`:                  "",
		`len(actions) >= 1`:                                         "",
	} {
		if got := strings.Join(told(t, lintSet(lintRuleText{id: "a", when: when})), " "); got != want {
			t.Errorf("%s: got %q, want %q", when, got, want)
		}
	}
}
