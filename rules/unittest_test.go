package rules

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

func runAll(t *testing.T, fsys fs.FS, set *Set, opts TestOptions) *TestReport {
	t.Helper()
	report, err := RunTests(t.Context(), fsys, set, opts)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestRunTestsTellsDifferences(t *testing.T) {
	set := load(t, rule("a", "len(contacts) > 1", "points: 30")+rule("b", "any(contacts, .again)", "points: 30"))
	fsys := fstest.MapFS{"x_test.yaml": {Data: []byte(`risk: repeat
tests:
  - name: 全对
    each: {who: a}
    contacts: [{at: -3d}, {at: -1d}]
    expect: {rules: [b, a], score: 60, level: yellow, outcome: contact-2, because: {a: 因}}
  - name: 全错
    contacts: [{at: -3d}, {at: -1d}]
    expect:
      rules: [b]
      score: 10
      level: red
      shadow_score: 5
      outcome: contact-1
      because: {a: 果, b: 因}
      advise: {a: 议}
`)}}
	report := runAll(t, fsys, set, TestOptions{Dir: "rules.d"})
	var b strings.Builder
	report.Print(&b)
	golden(t, "testdata/unittest.golden", b.String())
	if report.Passed != 1 || report.Failed != 1 || report.Results[1].Line != 7 {
		t.Errorf("%d passed, %d failed, %+v", report.Passed, report.Failed, report.Results)
	}
}

func TestRunTestsTellsBadFiles(t *testing.T) {
	set := load(t, rule("a", "len(contacts) > 1", "points: 30"))
	var b strings.Builder
	for _, c := range []struct{ name, text string }{
		{"unknown risk", "risk: repaet\ntests: []\n"},
		{"no tests", "risk: repeat\n"},
		{"bad offset", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: yesterday}]\n    expect: {score: 0}\n"},
		{"wrong order", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: -1d}, {at: -2d}]\n    expect: {score: 0}\n"},
		{"unknown rule", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: -1d}]\n    expect: {rules: [b]}\n"},
		{"unknown key", "risk: repeat\ntests:\n  - name: x\n    contact: [{at: -1d}]\n    expect: {score: 0}\n"},
		{"no contacts", "risk: repeat\ntests:\n  - name: x\n    expect: {score: 0}\n"},
		{"bad now", "risk: repeat\nnow: today\ntests:\n  - name: x\n    contacts: [{at: -1d}]\n    expect: {score: 0}\n"},
		{"score is a text", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: -1d}]\n    expect: {score: many}\n"},
		{"because of no rule", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: -1d}]\n    expect: {because: {c: x}}\n"},
	} {
		report := runAll(t, fstest.MapFS{"x_test.yaml": {Data: []byte(c.text)}}, set, TestOptions{})
		if report.Passed != 0 || report.Failed != 1 || report.Problems.Err() == nil {
			t.Errorf("%s: %d passed, %d failed", c.name, report.Passed, report.Failed)
		}
		b.WriteString("# " + c.name + "\n")
		report.Print(&b)
	}
	golden(t, "testdata/unittest_bad.golden", b.String())
}
