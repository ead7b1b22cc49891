package rules

import (
	"strings"
	"testing"
)

// TestNumbersStayExact: what could leave the bounds is refused where it could,
// and what rules ask in earnest is not.
func TestNumbersStayExact(t *testing.T) {
	s := ruleScope(deadlineKinds())
	for source, message := range map[string]string{
		`sum(contacts, .people) * 1000 > 5`:                             "",
		`sum(contacts, .people * .people) > 5`:                          "sum(contacts, .people * .people) can pass 2^53",
		`sum(contacts, .people * .people * 1.0) > 5`:                    "",
		`len(contacts) * len(actions) * len(group) > 5`:                 "(len(contacts) * len(actions)) * len(group) can pass 2^53",
		`let n = sum(contacts, .people); n * n > 5`:                     "n * n can pass 2^53",
		`(mean(map(contacts, .people * .people)) ?? 0.5) > 1`:           "mean(map(contacts, .people * .people)) can pass 2^53",
		`sum(map(contacts, .people)[case.people:]) > 1`:                 "",
		`any(map(contacts, .people * .people), # * # > 1)`:              "# * # can pass 2^53",
		`1000000000000001 > 1`:                                          "1000000000000001 is too large",
		`9223372036854775807 > 1`:                                       "9223372036854775807 is too large",
		`case.age > 1e16`:                                               "10000000000000000.0 is too large",
		`case.age > 0.0000000001`:                                       "0.0000000001 is too small",
		`case.age > 1e-9 and case.age < 1e15`:                           "",
		`case.age * ` + strings.Repeat("1e15 * ", 20) + `1.0 > 1`:       "can pass 10^300",
		`((case.age / (case.age - 1)) ?? 0) * 1e15 > 1`:                 "",
		`(case.age > 1 ? len(case.text) : 3) * len(case.text) * 99 > 1`: "can pass 2^53",
		`len(contacts) % 7 * 1000000000000000 > 1`:                      "",
	} {
		p, mistakes := compile(source, s)
		switch {
		case message == "" && p == nil:
			t.Errorf("%s is refused: %+v", source, mistakes)
		case message != "" && (len(mistakes) != 1 || !strings.Contains(mistakes[0].message, message)):
			t.Errorf("%s: %+v, want %s", source, mistakes, message)
		}
	}
}

// TestClosedForms: forms that have no one meaning in both engines are refused,
// each with what to write instead.
func TestClosedForms(t *testing.T) {
	s := ruleScope(deadlineKinds())
	for source, message := range map[string]string{
		`len(case.age > 1 ? contacts : actions) > 1`:             "a choice between values of type list of signals",
		`(case.age > 1 ? contacts[0] : actions[0])?.age != nil`:  "a choice between values of type signal?",
		`(find(contacts, .again) ?? last(contacts))?.age != nil`: "find(contacts, .again), a signal?, has no stand-in",
		`complainants(map(contacts, case)) > 1`:                  "map gives a number, text, time or truth",
		`len(map(contacts, #)) > 1`:                              "map gives a number, text, time or truth",
		`len(map(contacts, .category)) > 1`:                      "map gives a number, text, time or truth",
		`case.category in map(contacts, .unit)`:                  "is category, the list holds text",
		`let c = case; c.age > 1`:                                "case as a whole is not in the language",
		`let c = case.category; c[0] == ""`:                      "case.category as a whole is not in the language",
		`any(contacts, {let a = .attrs; a["k"] == ""})`:          "as a whole is not in the language",
		`any(contacts, {let c = #; let d = c; d.again})`:         "c as a whole is not in the language",
		`first(contacts)?.category == nil`:                       "first(contacts)?.category as a whole is not in the language",
		`case.text == "\u0000"`:                                  "a text that is not valid UTF-8, or holds the character NUL",
		`case.attrs["\x00"] == ""`:                               "a text that is not valid UTF-8, or holds the character NUL",
	} {
		p, mistakes := compile(source, s)
		if p != nil || len(mistakes) != 1 || !strings.Contains(mistakes[0].message, message) || mistakes[0].help == "" && !strings.Contains(message, "the list holds") {
			t.Errorf("%s: %+v, want %s", source, mistakes, message)
		}
	}
}
