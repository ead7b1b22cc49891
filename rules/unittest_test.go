package rules

import (
	"encoding/xml"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
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
		{"because is a text", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: -1d}]\n    expect: {because: x}\n"},
		{"after now", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: 3d}]\n    expect: {score: 0}\n"},
		{"a contact that acts", "risk: repeat\ntests:\n  - name: x\n    each: {act: replied}\n    contacts: [{at: -3d, act: replied}]\n    expect: {score: 0}\n"},
		{"an action without act", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: -3d}]\n    actions: [{at: -1d}]\n    expect: {score: 0}\n"},
		{"what is no text", "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: -3d, unit: [区], text: ~, who: \"\", category: [a, b, c, d], attrs: {窗口: ~}}]\n    expect: {score: 0}\n"},
		{"no time", "risk: repeat\ntests:\n  - name: x\n    now: 1970-02-10\n    contacts: [{at: -1天}, {at: -3d}]\n    expect: {score: 0}\n"},
		{"before all time", "risk: repeat\ntests:\n  - name: x\n    now: 1971-02-10\n    contacts: [{at: -60d}]\n    expect: {score: 0}\n"},
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

func TestRunSelects(t *testing.T) {
	fsys := fstest.MapFS{"x_test.yaml": {Data: []byte(engineTests)}, "y_test.yaml": {Data: []byte(engineTests)}}
	for name, c := range map[string]struct {
		opts TestOptions
		want string
	}{
		"all":              {TestOptions{}, "x one, x two, y one, y two"},
		"by name":          {TestOptions{Run: regexp.MustCompile("^t")}, "x two, y two"},
		"of a file":        {TestOptions{File: "y_test.yaml"}, "y one, y two"},
		"both":             {TestOptions{File: "y_test.yaml", Run: regexp.MustCompile("one")}, "y one"},
		"none":             {TestOptions{Run: regexp.MustCompile("three")}, ""},
		"a file not there": {TestOptions{File: "z_test.yaml"}, ""},
	} {
		var got []string
		for _, r := range runAll(t, fsys, enginesSet(t), c.opts).Results {
			got = append(got, r.File[:1]+" "+r.Name)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s: ran %s, want %s", name, s, c.want)
		}
	}
}

// TestJUnit: what CI systems read, in the schema they agree on.
func TestJUnit(t *testing.T) {
	fsys := fstest.MapFS{"x_test.yaml": {Data: []byte(engineTests + "  - name: <&\"]]>\n    contacts: [{at: -1d}]\n    expect: {score: 5}\n")},
		"y_test.yaml": {Data: []byte("risk: repeat\nteste: []\nnow: today\n")}}
	tick := time.Unix(0, 0)
	clock := func() time.Time { tick = tick.Add(time.Millisecond); return tick }
	report := runAll(t, fsys, enginesSet(t), TestOptions{Dir: "rules.d", Clock: clock})
	var b strings.Builder
	if err := report.WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/unittest_junit.golden", b.String())
	var back junitSuites
	if err := xml.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	if back.Tests != 4 || back.Fails != 1 || back.Errors != 1 || len(back.Suites) != 2 || back.Suites[0].Cases[2].Name != `<&"]]>` {
		t.Errorf("reads back as %+v", back)
	}
}
