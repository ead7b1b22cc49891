package rules

import (
	"os"
	"strings"
	"testing"
)

const shippedDir = "../rules.d"

// shipped loads the rules that ship, and fails on any problem, warnings too.
func shipped(t testing.TB) *Set {
	t.Helper()
	set, problems := Load(os.DirFS(shippedDir), Options{Dir: "rules.d"})
	if len(problems) > 0 {
		t.Fatalf("%v", problems)
	}
	return set
}

func TestShippedRules(t *testing.T) {
	set := shipped(t)
	for _, r := range set.Risks() {
		if len(r.Rules) < 6 {
			t.Errorf("risk %s has %d rules", r.ID, len(r.Rules))
		}
		for _, rule := range r.Rules {
			for what, text := range map[string]string{"name": rule.Name.EN, "because": rule.Because.EN, "advise": rule.Advise.EN} {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s:%d: rule %s has no English %s", rule.File, rule.Line, rule.ID, what)
				}
			}
		}
	}
}

func TestShippedRulesPassTheirTests(t *testing.T) {
	set := shipped(t)
	report, err := RunTests(t.Context(), os.DirFS(shippedDir), set, TestOptions{Dir: "rules.d", Coverage: true})
	if err != nil {
		t.Fatal(err)
	}
	if report.Failed > 0 || report.Passed == 0 {
		var b strings.Builder
		report.Print(&b)
		t.Fatal(b.String())
	}
	if report.Coverage.Percent() < 100 {
		var b strings.Builder
		report.Coverage.Print(&b, func(file string) []byte {
			text, _ := os.ReadFile("../" + file) // a caret less is no matter
			return text
		})
		t.Errorf("the tests of the shipped rules do not reach everything:\n%s", b.String())
	}
}
