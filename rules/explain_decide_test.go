package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// deciding lists the parts that decide, down to those that have no parts.
func (t *Term) deciding() (list []string) {
	for _, part := range t.Terms {
		if !part.Decides {
			continue
		}
		below := part.deciding()
		if len(below) == 0 {
			below = []string{part.Expr}
		}
		list = append(list, below...)
	}
	return list
}

// The row: two contacts, 5 and 1 days ago; transferred, never answered.
func TestWhichPartDecides(t *testing.T) {
	for when, want := range map[string][]string{
		`case.age > 1 and case.people > 5`:                                    {"case.people"},
		`case.age > 9 and case.people > 5`:                                    {"case.age", "case.people"},
		`case.age > 1 and case.people > 0`:                                    {"case.age", "case.people"},
		`case.age > 1 or case.people > 5`:                                     {"case.age"},
		`case.age > 9 or case.people > 5`:                                     {"case.age", "case.people"},
		`not (case.age > 9 and case.people > 0)`:                              {"case.age"},
		`(case.age > 9 or case.people > 0) and len(contacts) > 0`:             {"case.people", "len(contacts)"},
		`case.age > 1 ? case.people > 0 : len(contacts) > 9`:                  {"case.age", "case.people"},
		`case.age > 9 ? case.people > 0 : len(contacts) > 9`:                  {"case.age", "len(contacts)"},
		`(due("reply") ?? now) > case.at`:                                     {"now", "case.at"},
		`(due("hotline_reply") ?? now) > case.at`:                             {`due("hotline_reply")`, "case.at"},
		`(first(actions)?.due ?? case.at) == case.at`:                         {"case.at", "case.at"},
		`let n = len(contacts); let m = case.people; n > 1 or m > 9`:          {"let n = len(contacts)", "n"},
		`let d = case.at; any(contacts, .at > d) and case.age > 1`:            {"let d = case.at", "any(contacts, .at > d)", "case.age"},
		`count(actions, .act == "replied") == 0 and none(contacts, .again)`:   {"none(contacts, .again)"},
		`case.channel in ["visit"] or case.channel startsWith "hot"`:          {"case.channel"},
		`case.channel not in ["visit"] and not (case.channel == "hotline")`:   {"case.channel"},
		`((case.age > 9 ? due("reply") : due("hotline_reply")) ?? now) > now`: {"case.age", `due("hotline_reply")`, "now"},
	} {
		t.Run(when, func(t *testing.T) {
			set := load(t, rule("a", strings.ReplaceAll(when, "'", "''"), "points: 1"))
			now := defaultNow(time.UTC)
			x := explained(t, set, "repeat", asked(now), now)
			if diff := cmp.Diff(want, x.Rules[0].Tree.deciding()); diff != "" {
				t.Errorf("%s is %s, deciding (-want +got)\n%s", when, x.Rules[0].Tree.Value, diff)
			}
		})
	}
}

// A collection call shows the signals that made it what it is.
func TestWhichSignalsDecide(t *testing.T) {
	for when, want := range map[string][]string{
		`any(contacts, .age <= 2)`:                           {"c2"},
		`all(contacts, .age <= 2)`:                           {"c1"},
		`all(contacts, .age <= 9)`:                           {"c1", "c2"},
		`none(contacts, .age <= 2)`:                          {"c2"},
		`none(contacts, .age > 90)`:                          nil,
		`count(contacts, .age <= 9) >= 2`:                    {"c1", "c2"},
		`one(contacts, .channel == "visit")`:                 {"c2"},
		`(last(contacts)?.age ?? 9.0) < 2`:                   {"c2"},
		`overdue("hotline_reply")`:                           {"a1"},
		`case.unit == "街道办"`:                                 {"a1"},
		`(find(contacts, .again)?.channel ?? "") == "visit"`: {"c2"},
	} {
		t.Run(when, func(t *testing.T) {
			set := load(t, rule("a", when, "points: 1"))
			now := defaultNow(time.UTC)
			x := explained(t, set, "repeat", asked(now), now)
			if got := x.Rules[0].Signals; !slices.Equal(got, want) {
				t.Errorf("%s rests on %v, want %v", when, got, want)
			}
			for _, s := range x.Signals {
				if !slices.Contains(want, s.ID) {
					t.Errorf("the note of %s is on a signal that nothing rests on", s.ID)
				}
			}
		})
	}
}
