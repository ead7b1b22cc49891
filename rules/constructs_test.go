package rules

import (
	"slices"
	"testing"

	"yujing/internal/calendar"
)

// deadlineKinds are the kinds of the default table.
func deadlineKinds() []string {
	var kinds []string
	for _, d := range calendar.Deadlines() {
		kinds = append(kinds, d.Kind)
	}
	return kinds
}

// TestEveryConstructIsUsedByItsExample holds the table to what the detectors
// find: each example is a condition of the language that uses its construct.
func TestEveryConstructIsUsedByItsExample(t *testing.T) {
	s := ruleScope(deadlineKinds())
	seen := map[string]bool{}
	for _, c := range Constructs() {
		if seen[c.ID] {
			t.Errorf("%s stands twice in the table", c.ID)
		}
		seen[c.ID] = true
		p, mistakes := compile(c.Example, s)
		if p == nil || len(mistakes) > 0 || p.typ.kind != kindBool {
			t.Errorf("%s: %s is no condition: %+v", c.ID, c.Example, mistakes)
			continue
		}
		if !slices.Contains(p.constructs(), c.ID) {
			t.Errorf("%s: %s uses %q", c.ID, c.Example, p.constructs())
		}
	}
}

// TestShippedRulesAreMadeOfConstructs finds constructs that the table leaves out.
func TestShippedRulesAreMadeOfConstructs(t *testing.T) {
	known := map[string]bool{}
	for _, c := range Constructs() {
		known[c.ID] = true
	}
	for _, risk := range shipped(t).Risks() {
		for _, rule := range risk.Rules {
			for _, id := range rule.Constructs() {
				if !known[id] {
					t.Errorf("rule %s uses %s, which is not in the table", rule.ID, id)
				}
			}
		}
	}
}
