package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNoEffect(t *testing.T) {
	late := `overdue("reply")`
	for _, c := range []struct {
		name  string
		rules []lintRuleText
		want  []string
	}{
		{"no points", []lintRuleText{{"late", late, "0", ""}}, []string{"no-effect"}},
		{"only a level", []lintRuleText{{"late", late, "0", "at_least: blue"}}, nil},
		{"a level of its own", []lintRuleText{{"late", late, "60", "at_least: yellow"}}, []string{"no-effect"}},
		{"a level above its own", []lintRuleText{{"late", late, "60", "at_least: orange"}}, nil},
		{"a level that holds when points are taken away", []lintRuleText{{"late", late, "60", "at_least: yellow"}, {"helped", `any(actions, .act == "hearing")`, "-20", ""}}, nil},
		{"what is taken away in shadow does not count", []lintRuleText{{"late", late, "60", "at_least: yellow"}, {"helped", `any(actions, .act == "hearing")`, "-20", "mode: shadow"}}, []string{"no-effect"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(append([]string{}, c.want...), told(t, lintSet(c.rules...))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
