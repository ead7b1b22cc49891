package lsp

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yujing/internal/problem"
	"yujing/internal/schema"
)

// find gives the problems of one file by its name.
func problemsOf(t *testing.T, w *workspace, name string) []diagnostic {
	t.Helper()
	found := w.problems(func(what string, _ []byte) { t.Error(what) })
	for path, list := range found {
		if filepath.Base(path) == name {
			return w.document(path).diagnostics(list, utf16Units)
		}
	}
	return nil
}

func TestTheFilesOfTheseTestsAreFine(t *testing.T) {
	w, dir := desk(t)
	for name, text := range map[string]string{"rules.d/repeat.yaml": rulesText, "sources.d/bureau.yaml": sourceText, "yujing.yaml": "http: {listen: \"\"}\n"} {
		w, _, _ = open(t, w, filepath.Join(dir, name), text)
	}
	for path, list := range w.problems(func(what string, _ []byte) { t.Error(what) }) {
		if len(list) > 0 {
			t.Errorf("%s: %v", path, list)
		}
	}
}

// The range covers exactly the runes that are wrong, in UTF-16 units, whatever
// stands before them on the line.
func TestProblemsStandWhereTheyAre(t *testing.T) {
	w, dir := desk(t)
	for _, c := range []struct{ path, text, under, check string }{
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts, .again)", "any(contacts, .agian)"), ".agian", "unknown-name"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts, .again)", "nobody > 1"), "nobody", "unknown-name"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "来件 {{ len(contacts)", "来件😀 {{ len(contact)"), "contact", "unknown-name"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "n > 1", `n > 1 and "😀" == case.unit and m > 1`), "m", "unknown-name"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "points: 30", "points: 300"), "300", "out-of-range"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "id: overdue", "id: asked-again"), "asked-again", "duplicate-id"},
		{"rules.d/repeat.yaml", "\ufeff" + replace(t, rulesText, "risk: repeat", "risk: repat"), "repat", "wrong-value"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "[asked-again]", "[asked-agian]"), "asked-agian", "wrong-value"},
		{"sources.d/bureau.yaml", replace(t, sourceText, "来信: letter", "来信😀: pigeon"), "pigeon", "word"},
		{"yujing.yaml", "alerts:\n  receivers:\n    - {names: {zh: 😀}, name: duty, role: king, channels: [{file: .}]}\n    - {name: s, role: safety, channels: [{file: .}]}\n", "king", "receivers"},
	} {
		next, d, _ := open(t, w, filepath.Join(dir, c.path), c.text)
		list := problemsOf(t, next, filepath.Base(c.path))
		i := slices.IndexFunc(list, func(p diagnostic) bool { return p.Code == c.check && p.Severity == severityError })
		if i < 0 {
			t.Errorf("%s: no problem of %s in %+v", c.under, c.check, list)
			continue
		}
		from, to := d.place(list[i].Range.Start, utf16Units), d.place(list[i].Range.End, utf16Units)
		if got := string([]rune(d.line(from.line))[from.column:to.column]); strings.TrimPrefix(got, ".") != strings.TrimPrefix(c.under, ".") {
			t.Errorf("%s: the range covers %q: %+v", c.under, got, list[i])
		}
	}
}

// The text on the screen counts, not the one on disk: a rule renamed in one open
// file breaks the tests in another that is not open.
func TestNeighboursSeeTheTextOnTheScreen(t *testing.T) {
	w, dir := desk(t)
	next, _, _ := open(t, w, filepath.Join(dir, "rules.d/repeat.yaml"), replace(t, rulesText, "id: asked-again", "id: renamed"))
	list := problemsOf(t, next, "repeat_test.yaml")
	if len(list) == 0 || !strings.Contains(list[0].Message, "asked-again") {
		t.Errorf("%+v", list)
	}
	next, _, _ = open(t, w, filepath.Join(dir, "rules.d/new.yaml"), "risk: repeat\nrules: []\n") // not on disk
	next, _, _ = open(t, next, filepath.Join(dir, "rules.d/other.yaml"), strings.ReplaceAll(rulesText, "asked-again", "other"))
	list = problemsOf(t, next, "repeat.yaml") // which is not open
	if !slices.ContainsFunc(list, func(p diagnostic) bool { return p.Code == "duplicate-id" }) {
		t.Errorf("the rule overdue stands in two files: %+v", list)
	}
}

func TestDeadlinesAreThoseOfTheConfiguration(t *testing.T) {
	w, dir := desk(t)
	next, _, _ := open(t, w, filepath.Join(dir, "rules.d/repeat.yaml"), replace(t, rulesText, `overdue("reply")`, `overdue("visit_reply")`))
	if list := problemsOf(t, next, "repeat.yaml"); len(list) != 1 || list[0].Code != "unknown-name" {
		t.Errorf("%+v", list)
	}
	next, _, _ = open(t, next, filepath.Join(dir, "yujing.yaml"), "deadlines:\n  - {kind: visit_reply, starts: [contact], length: 3, ends: [replied], source: 本市规定}\n")
	if list := problemsOf(t, next, "repeat.yaml"); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestATestThatFailsIsAWarning(t *testing.T) {
	w, dir := desk(t)
	next, d, _ := open(t, w, filepath.Join(dir, "rules.d/repeat_test.yaml"), replace(t, testsText, "rules: [asked-again]", "rules: [overdue]"))
	list := problemsOf(t, next, "repeat_test.yaml")
	if len(list) != 1 || list[0].Severity != severityWarning || list[0].Code != "unit-test" || !strings.Contains(d.line(list[0].Range.Start.Line), "name: 再次来件") {
		t.Errorf("%+v", list)
	}
}

func TestWhatIsMendedIsCleared(t *testing.T) {
	w, dir := desk(t)
	path := filepath.Join(dir, "rules.d/repeat.yaml")
	shown := map[string]publishDiagnosticsParams{}
	tell := func(w *workspace) string { // what is told of the tests, which are not open
		told := "nothing"
		for _, p := range w.publications(w.problems(func(what string, _ []byte) { t.Error(what) }), shown, utf16Units) {
			shown[p.URI] = p
			if isTest(p.URI) {
				told = itoa(len(p.Diagnostics)) + " problems"
			}
		}
		return told
	}
	broken, _, _ := open(t, w, path, replace(t, rulesText, "id: asked-again", "id: renamed"))
	mended, d, _ := open(t, w, path, rulesText)
	for i, c := range []struct {
		w    *workspace
		want string
	}{
		{broken, "2 problems"}, {broken, "nothing"}, {mended, "0 problems"}, {broken, "2 problems"},
		{mended.with(d.uri, nil), "0 problems"}, // closed: nothing of this directory is shown
	} {
		if got := tell(c.w); got != c.want {
			t.Errorf("step %d: %s, want %s", i, got, c.want)
		}
	}
	for uri, p := range shown {
		if len(p.Diagnostics) > 0 {
			t.Errorf("%s is closed and still shows %+v", uri, p.Diagnostics)
		}
	}
}

// One directory whose analysis panics takes nothing away from the others.
func TestAPanicInTheAnalysisIsContained(t *testing.T) {
	w, dir := desk(t)
	w, _, _ = open(t, w, filepath.Join(dir, "sources.d/bureau.yaml"), replace(t, sourceText, "来信: letter", "来信: pigeon"))
	w, _, _ = open(t, w, filepath.Join(dir, "yujing.yaml"), "colour: red\n")
	w.schemas = maps.Clone(w.schemas)
	failed := 0
	found := w.guarded(map[string]func() findings{
		"a": func() findings { panic("boom") },
		"b": func() findings { return w.sourceProblems(filepath.Join(dir, "sources.d")) },
	}, func(what string, stack []byte) {
		failed++
		if !strings.Contains(what, "boom") || !strings.Contains(string(stack), "diagnose") {
			t.Errorf("%s\n%s", what, stack)
		}
	})
	if failed != 1 || len(found[filepath.Join(dir, "sources.d/bureau.yaml")]) != 1 {
		t.Errorf("%d panics, found %v", failed, found)
	}
}

func TestProblemWithoutAPlace(t *testing.T) {
	d := newDocument("", "", nil, "first\n  第二😀 line")
	for _, c := range []struct {
		p    problem.Problem
		want span
	}{
		{problem.Problem{}, span{position{0, 0}, position{0, 5}}},
		{problem.Problem{Line: 2}, span{position{1, 2}, position{1, 11}}},
		{problem.Problem{Line: 2, Column: 5, Width: 1}, span{position{1, 4}, position{1, 6}}},
		{problem.Problem{Line: 2, Column: 6, Width: 99}, span{position{1, 6}, position{1, 11}}},
		{problem.Problem{Line: 9, Column: 1}, span{position{8, 0}, position{8, 0}}},
	} {
		if got := d.problemSpan(c.p, utf16Units); got != c.want {
			t.Errorf("%+v: %v, want %v", c.p, got, c.want)
		}
	}
	if kinds := len(schema.Kinds()); kinds != 5 {
		t.Errorf("%d kinds of files: kindOf and symbols know five", kinds)
	}
}
