package rules

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// updateOnce updates one file of tests; "" = nothing was to be changed.
func updateOnce(t *testing.T, set *Set, text string) (after, diff string) {
	t.Helper()
	updates, problems, err := UpdateTests(t.Context(), fstest.MapFS{"x_test.yaml": {Data: []byte(text)}}, set, TestOptions{Dir: "rules.d"})
	if err != nil || len(updates) > 1 {
		t.Fatalf("%d updates, %v", len(updates), err)
	}
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
	}
	for _, u := range updates {
		u.Print(&b)
		after = string(u.Data)
	}
	return after, b.String()
}

func updateSet(t *testing.T) *Set {
	return load(t, rule("a", "len(contacts) > 1", "points: 30")+rule("b", "any(contacts, .again)", "points: 20")+
		rule("c", "len(actions) > 0", "points: 10", "mode: shadow")+
		strings.Replace(rule("d", "len(contacts) > 3", "points: 1"), "因", `"{{ len(contacts) }} 次: 首次, #1"`, 1))
}

// The tests of each case have these rows: two contacts of one person (rules a
// and b, 50 points, contact-2), or one contact.
const (
	again = "    each: {who: a}\n    contacts: [{at: -3d}, {at: -1d}] # two\n"
	once  = "    contacts: [{at: -1d}]\n"
)

func TestUpdate(t *testing.T) {
	for name, c := range map[string]struct{ before, after string }{
		"a wrong figure alone": {
			"  - name: x # why\n" + again + "    # what comes out\n    expect: {rules: [b, a],  score: 10 , level: yellow} # known\n\n# the end\n",
			"  - name: x # why\n" + again + "    # what comes out\n    expect: {rules: [b, a],  score: 50 , level: yellow} # known\n\n# the end\n"},
		"every figure": {
			"  - name: x\n" + again + "    expect: {rules: [], score: 1, shadow_score: 2, level: red, outcome: none}\n",
			"  - name: x\n" + again + "    expect: {rules: [a, b], score: 50, shadow_score: 50, level: yellow, outcome: contact-2}\n"},
		"a block with comments in it": {
			"  - name: x\n" + again + "    expect: # so\n      # first\n      score: 1 # points\n\n      rules: [b] # both?\n      level: 'red'\n      # last\n",
			"  - name: x\n" + again + "    expect: # so\n      # first\n      score: 50 # points\n\n      rules: [a, b] # both?\n      level: yellow\n      # last\n"},
		"rules a line each": {
			"  - name: x\n" + again + "    expect:\n      rules:\n        # of contacts\n        - c # gone\n        - b # stays\n      score: 50\n",
			"  - name: x\n" + again + "    expect:\n      rules:\n        # of contacts\n        - b # stays\n        - a\n      score: 50\n"},
		"no rule of several lines": {
			"  - name: x\n" + once + "    expect:\n      rules: # none?\n      - a\n      - b\n      score: 0\n",
			"  - name: x\n" + once + "    expect:\n      rules: [] # none?\n      score: 0\n"},
		"all rules replaced": {
			"  - name: x\n" + again + "    expect:\n      rules:\n        - c\n",
			"  - name: x\n" + again + "    expect:\n      rules:\n        - a\n        - b\n"},
		"rules in brackets over lines": {
			"  - name: x\n" + again + "    expect:\n      rules: [\n        a,\n        c,\n      ]\n      score: 50\n",
			"  - name: x\n" + again + "    expect:\n      rules: [a, b]\n      score: 50\n"},
		"no expect": {
			"  - name: x\n" + again + "\n  # another\n  - name: y\n" + once + "    expect: {score: 0}\n",
			"  - name: x\n" + again + "    expect: {rules: [a, b], score: 50, level: yellow, outcome: contact-2}\n\n  # another\n  - name: y\n" + once + "    expect: {score: 0}\n"},
		"no expect at the end of a file without a line break": {
			"  - name: x\n" + strings.TrimSuffix(once, "\n"),
			"  - name: x\n" + once + "    expect: {rules: [], score: 0, level: none, outcome: none}"},
		"an expect without a value": {
			"  - name: x\n    expect: # to do\n" + once,
			"  - name: x\n    expect: {rules: [], score: 0, level: none, outcome: none} # to do\n" + once},
		"an empty expect": {
			"  - name: x\n    expect: { } # to do\n" + once,
			"  - name: x\n    expect: {rules: [], score: 0, level: none, outcome: none} # to do\n" + once},
		"a null expect": {
			"  - name: x\n    expect: ~\n" + once,
			"  - name: x\n    expect: {rules: [], score: 0, level: none, outcome: none}\n" + once},
		"a test in braces": {
			"  - {name: x, contacts: [{at: -1d}]}\n  - {name: y, contacts: [{at: -1d}], expect: {score: 3}}\n",
			"  - {name: x, contacts: [{at: -1d}], expect: {rules: [], score: 0, level: none, outcome: none}}\n  - {name: y, contacts: [{at: -1d}], expect: {score: 0}}\n"},
		"behind a comment in brackets": {
			"  - {name: x, contacts: [{at: -1d}, # once\n    ]}\n",
			"  - {name: x, contacts: [{at: -1d}, # once\n    ], expect: {rules: [], score: 0, level: none, outcome: none}}\n"},
		"shadow where it differs": {
			"  - name: x\n" + once + "    actions: [{at: -1d, act: replied}]\n",
			"  - name: x\n" + once + "    actions: [{at: -1d, act: replied}]\n    expect: {rules: [c], score: 0, shadow_score: 10, level: none, outcome: none}\n"},
		"texts": {
			"  - name: x\n" + again + "    expect: {because: {a: 果, b: 因, d: 三}, advise: {c: 议}}\n",
			"  - name: x\n" + again + "    expect: {because: {a: 因, b: 因}, advise: {}}\n"},
		"texts of the first rules go": {
			"  - name: x\n" + again + "    expect: {because: {c: 果, d: 因, a: 三, b: 因}}\n",
			"  - name: x\n" + again + "    expect: {because: {a: 因, b: 因}}\n"},
		"texts a line each": {
			"  - name: x\n" + again + "    expect:\n      because: # said\n        c: 果\n        # of a\n        a: |\n          三\n        b: \"四\" # b\n        d: 五\n",
			"  - name: x\n" + again + "    expect:\n      because: # said\n        # of a\n        a: 因\n        b: 因 # b\n"},
		"all texts of a block go": {
			"  - name: x\n" + once + "    expect:\n      because: # said\n        a: 果\n        b: 果\n      score: 0\n",
			"  - name: x\n" + once + "    expect:\n      because: {} # said\n      score: 0\n"},
		"a text that YAML would read otherwise": {
			"  - name: x\n    contacts: [{at: -4d}, {at: -3d}, {at: -2d}, {at: -1d}]\n    expect: {because: {d: x}}\n",
			"  - name: x\n    contacts: [{at: -4d}, {at: -3d}, {at: -2d}, {at: -1d}]\n    expect: {because: {d: '4 次: 首次, #1'}}\n"},
		"a long one over lines": {
			"  - name: x\n" + again + "    actions: [{at: -1d, act: replied}]\n" + "    expect: {score: 9, because: {a: x}}\n",
			"  - name: x\n" + again + "    actions: [{at: -1d, act: replied}]\n" + "    expect: {score: 50, because: {a: 因}}\n"},
		"nothing differs":            {"  - name: x\n" + again + "    expect:   {score:    50}\n", ""},
		"what differs is not a test": {"  - name: x\n" + once + "    expect: {score: 1}\n    contact: []\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			set := updateSet(t)
			for _, form := range []struct{ name, head, eol string }{
				{"", "# tests\nrisk: repeat # of repeat\nnow: '2026-03-10 09:00'\ntests:\n", "\n"},
				{"with CRLF", "risk: repeat\ntests:\n", "\r\n"},
				{"behind a byte order mark", "\xef\xbb\xbfrisk: repeat\ntests:\n", "\n"},
			} {
				as := func(body string) string { return strings.ReplaceAll(form.head+body, "\n", form.eol) }
				got, told := updateOnce(t, set, as(c.before))
				want := ""
				if c.after != "" {
					want = as(c.after)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s: %s\n%s", form.name, diff, told)
				}
				if want == "" {
					continue
				}
				if again, told := updateOnce(t, set, got); again != "" || told != "" {
					t.Errorf("%s: a second run changes\n%s", form.name, told)
				}
				report := runAll(t, fstest.MapFS{"x_test.yaml": {Data: []byte(got)}}, set, TestOptions{})
				for _, r := range report.Results {
					for _, d := range r.Diffs {
						if d.What != "expect" { // {} was all there was to say of texts
							t.Errorf("%s: still differs: %+v", form.name, d)
						}
					}
				}
			}
		})
	}
}

// TestUpdateLeavesWhatItCannotEdit: a file is told and left rather than risked.
func TestUpdateLeavesWhatItCannotEdit(t *testing.T) {
	const head = "risk: repeat\ntests:\n"
	for name, body := range map[string]string{
		"comments within brackets": "  - name: x\n" + again + "    expect: {rules: [\n        c, # why\n      ]}\n",
		"comments within braces":   "  - name: x\n" + again + "    expect: {because: {a: 因, # why\n      c: 三}}\n",
	} {
		after, told := updateOnce(t, updateSet(t), head+body)
		if after != "" || !strings.Contains(told, "rules.d/x_test.yaml:3: error: the file is left as it is; ") {
			t.Errorf("%s: %s\n%s", name, told, after)
		}
	}
}

// TestUpdateOfOneLine: behind a byte order mark, which is no column.
func TestUpdateOfOneLine(t *testing.T) {
	const line = "\xef\xbb\xbf{risk: repeat, tests: [{name: 一, contacts: [{at: -1d}], expect: {score: 9}}]}"
	if got, told := updateOnce(t, updateSet(t), line); got != strings.Replace(line, "9", "0", 1) {
		t.Errorf("%q\n%s", got, told)
	}
}

// TestSameButExpected: what an update is held to before it is written.
func TestSameButExpected(t *testing.T) {
	const before = "risk: repeat\ntests:\n  - name: x\n    contacts: [{at: -1d}]\n    expect: {score: 1}\n"
	for after, want := range map[string]bool{
		before: true,
		strings.Replace(before, "score: 1", "level: red", 1):                  true,
		strings.Replace(before, "    expect: {score: 1}\n", "", 1):            true,
		strings.Replace(before, "name: x", "name: y", 1):                      false,
		strings.Replace(before, "-1d", "-2d", 1):                              false,
		strings.Replace(before, "    expect", "  - expect", 1):                false,
		strings.Replace(before, "risk: repeat", "risk: repeat\nexpect: 1", 1): false,
		strings.Replace(before, "name: x", "name: 'x'", 1):                    false,
		strings.Replace(before, "{score", "[score", 1):                        false,
	} {
		if got := sameButExpected("x", []byte(before), []byte(after)); got != want {
			t.Errorf("%v of\n%s", got, after)
		}
	}
}

func TestUpdateSelects(t *testing.T) {
	files := fstest.MapFS{"x_test.yaml": {Data: []byte("risk: repeat\ntests:\n  - name: one\n" + once + "  - name: two\n" + once)},
		"y_test.yaml": {Data: []byte("risk: repeat\ntests:\n  - name: one\n" + once)}}
	updates, _, err := UpdateTests(t.Context(), files, updateSet(t), TestOptions{File: "x_test.yaml"})
	if err != nil || len(updates) != 1 || updates[0].Name != "x_test.yaml" || len(updates[0].Changes) != 2 {
		t.Errorf("of one file: %+v, %v", updates, err)
	}
}

// TestUpdatePrinted: the lines that change and no others.
func TestUpdatePrinted(t *testing.T) {
	_, told := updateOnce(t, updateSet(t), "risk: repeat\ntests:\n  - name: 再次来件\n"+again+
		"    expect:\n      rules: [a, b]\n      score: 10\n      level: yellow\n      outcome: none\n  - name: 首次来件\n"+once)
	const want = `rules.d/x_test.yaml:3: 再次来件
  -      score: 10
  -      level: yellow
  -      outcome: none
  +      score: 50
  +      level: yellow
  +      outcome: contact-2
rules.d/x_test.yaml:11: 首次来件
  +    expect: {rules: [], score: 0, level: none, outcome: none}
`
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// FuzzUpdate: whatever the file, an update that is made leaves a file that
// passes, differs in expectations alone, and is not updated again.
func FuzzUpdate(f *testing.F) {
	for _, expect := range []string{"{rules: [a], score: 1}", "\n      rules:\n        - a\n        - c\n      because:\n        a: x", "", "{because: {a: x, c: y}}"} {
		f.Add("risk: repeat\ntests:\n  - name: x\n" + again + "    expect: " + expect + "\n")
	}
	f.Add("risk: repeat\ntests:\n  - name: x\n" + once)
	f.Add("risk: repeat\ntests: [{name: x, contacts: [{at: -1d}], 'expect' : {\"score\" : \"5\" , rules: [ a\n, c ] , }}]")
	risks := strings.Replace(goodRisks, "it.again", "true", 1)
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(risks)}, "x.yaml": {Data: []byte("risk: repeat\nrules:\n" +
		rule("a", "len(contacts) > 1", "points: 30") + rule("b", "any(contacts, .again)", "points: 20") + rule("c", "len(actions) > 0", "points: 10", "mode: shadow"))}}
	set, problems := Load(fsys, Options{})
	if len(problems) > 0 {
		f.Fatal(problems)
	}
	f.Fuzz(func(t *testing.T, text string) {
		updates, _, err := UpdateTests(t.Context(), fstest.MapFS{"x_test.yaml": {Data: []byte(text)}}, set, TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(updates) == 0 {
			return
		}
		after := string(updates[0].Data)
		if diff := cmp.Diff(withoutExpectations(t, text), withoutExpectations(t, after)); diff != "" {
			t.Fatalf("more than expectations differ: %s", diff)
		}
		report := runAll(t, fstest.MapFS{"x_test.yaml": {Data: []byte(after)}}, set, TestOptions{})
		if len(report.Problems) > 0 {
			t.Fatalf("from\n%s\nto\n%s\nwhich cannot be read: %v", text, after, report.Problems)
		}
		for _, r := range report.Results {
			for _, d := range r.Diffs {
				if d.What != "expect" {
					t.Fatalf("from\n%s\nto\n%s\nwhich still differs: %+v", text, after, d)
				}
			}
		}
	})
}

// withoutExpectations reads a file of tests as plain values and leaves expect out.
func withoutExpectations(t *testing.T, text string) map[string]any {
	t.Helper()
	var file map[string]any
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	tests, _ := file["tests"].([]any)
	for _, one := range tests {
		if m, ok := one.(map[string]any); ok {
			delete(m, "expect")
		}
	}
	return file
}
