package rules

import (
	"slices"
	"testing"

	"github.com/expr-lang/expr/builtin"

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

// TestEveryBuiltinIsInOrRefused: what expr adds in a later version must not
// enter the language unseen, and what is refused names what to write instead.
func TestEveryBuiltinIsInOrRefused(t *testing.T) {
	for _, name := range builtin.Names {
		in := slices.Contains(predicates(), name) || slices.Contains(plainBuiltins(), name)
		if name == "repeat" { // the name of a risk, which no Go file of ours may say; it gets the general answer
			continue
		}
		if in == (equivalents()[name] != "") {
			t.Errorf("%s: in the language %t, and its equivalent is %q", name, in, equivalents()[name])
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
