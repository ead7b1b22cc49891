package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestCost(t *testing.T) {
	s := ruleScope([]string{"reply"})
	for _, c := range []struct {
		source string
		want   int
	}{
		{`true`, 1},
		{`case.age > 3`, 5},
		{`len(contacts) > 1`, 4},
		{`any(contacts, .again)`, 2 + 20*3},
		{`any(contacts[0:2], .again)`, 5 + 2*3},
		{`any(actions, any(contacts, .again))`, 2 + 40*(2+20*3)},
		{`complainants(group) > 3`, 2 + 1 + 1 + 200},
		{`let a = filter(actions, .again); any(a, .again)`, 1 + (2 + 40*3) + (2 + 40*3)},
		{`case.text contains "多次"`, 5 + 5},
		{`case.text matches "多次|再次"`, 5 + 10},
		{`case.text matches "多.次"`, 5 + 40},
	} {
		p, mistakes := compile(c.source, s)
		if p == nil {
			t.Fatalf("%s: %v", c.source, mistakes)
		}
		if got := p.cost(); got != c.want {
			t.Errorf("%s costs %d, want %d", c.source, got, c.want)
		}
	}
	for _, r := range shipped(t).Risks() {
		for _, rule := range r.Rules {
			if c := rule.Cost(); c < 1 || c > MaxCost/5 {
				t.Errorf("rule %s costs %d: the bound is near what is usual", rule.ID, c)
			}
		}
	}
}

func TestCostOfTexts(t *testing.T) {
	fsys := lintSet()
	text := strings.Replace(string(fsys["x.yaml"].Data), "zh: 原因", "zh: '{{ count(contacts, any(actions, any(contacts, .again and .age > 3))) }} 次'", 1)
	fsys["x.yaml"] = &fstest.MapFile{Data: []byte(text)}
	found := Check(fsys, Options{})
	if len(found) != 1 || found[0].Check != "cost" || found[0].Line != 8 {
		t.Errorf("got %v", found)
	}
}
