package rules

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"yujing/internal/problem"
)

// lintRuleText is one rule of a test, with all that a complete rule has.
type lintRuleText struct{ id, when, points, extra string }

// lintSet makes a set of rules of one risk, each with a test, whose points reach red.
func lintSet(rules ...lintRuleText) fstest.MapFS {
	var b strings.Builder
	b.WriteString("risk: repeat\nrules:\n")
	ids := []string{"filler"}
	for _, r := range append(rules, lintRuleText{id: "filler", when: `overdue("register")`, points: "100"}) {
		if r.points == "" {
			r.points = "10"
		}
		fmt.Fprintf(&b, "  - id: %s\n    name: {zh: 规则, en: rule}\n    when: |\n      %s\n    points: %s\n    because: {zh: 原因, en: why}\n    advise: {zh: 请联系, en: call}\n",
			r.id, r.when, r.points)
		if r.extra != "" {
			b.WriteString("    " + r.extra + "\n")
		}
		ids = append(ids, r.id)
	}
	return fstest.MapFS{
		"risks.yaml":  {Data: []byte(goodRisks)},
		"x.yaml":      {Data: []byte(b.String())},
		"x_test.yaml": {Data: []byte("risk: repeat\ntests: [{expect: {rules: [" + strings.Join(ids, ", ") + "]}}]\n")},
	}
}

// told gives rule ids and checks of what Check tells, in order.
func told(t *testing.T, fsys fstest.MapFS) []string {
	t.Helper()
	list := []string{}
	for _, p := range Check(fsys, Options{}) {
		if p.Severity != problem.Warning {
			t.Fatalf("an error: %v", p)
		}
		list = append(list, p.Check)
	}
	return list
}

func TestShippedRulesAreClean(t *testing.T) {
	if found := Check(os.DirFS(shippedDir), Options{Dir: "rules.d", SMSRoom: 20}); len(found) > 0 {
		t.Errorf("%v", found)
	}
}

// TestCheckTellsWhatLoadTells: Check never hides a problem of Load.
func TestCheckTellsWhatLoadTells(t *testing.T) {
	dir := os.DirFS("testdata/planted")
	_, loaded := Load(dir, Options{})
	found := map[string]bool{}
	for _, p := range Check(dir, Options{}) {
		found[p.String()] = true
	}
	for _, p := range loaded {
		if !found[p.String()] {
			t.Errorf("Check does not tell: %v", p)
		}
	}
	if len(loaded) == 0 || len(found) <= len(loaded) {
		t.Errorf("%d problems of Load, %d of Check", len(loaded), len(found))
	}
}
