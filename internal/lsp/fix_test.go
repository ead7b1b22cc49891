package lsp

import (
	"path/filepath"
	"testing"
)

// What an action writes mends the problem that it was offered for.
func TestFixes(t *testing.T) {
	w, dir := desk(t)
	for _, c := range []struct{ path, text, want string }{
		{"rules.d/repeat.yaml", replace(t, rulesText, ".again)", ".agian)"), `    when: 'case.subject == "😀公司" or any(contacts, .again)'`},
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts, .again)", `any(actions, .act == "repleid")`), `    when: 'case.subject == "😀公司" or any(actions, .act == "replied")'`},
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts,", "any(contatcs,"), `    when: 'case.subject == "😀公司" or any(contacts, .again)'`},
		{"rules.d/repeat.yaml", replace(t, rulesText, `overdue("reply")`, `overdue("repyl")`), `      overdue("reply") and n > 1`},
		{"rules.d/repeat.yaml", replace(t, rulesText, "points: 30", "pionts: 30"), "    points: 30"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "[asked-again]", "[asked-agian]"), "      rules: [asked-again]"},
		{"sources.d/bureau.yaml", replace(t, sourceText, "kind: file", "kind: fiel"), "kind: file"},
	} {
		next, d, _ := open(t, w, filepath.Join(dir, c.path), c.text)
		list := d.fixes(problemsOf(t, next, filepath.Base(c.path)), utf16Units)
		if len(list) != 1 {
			t.Errorf("%s: %d actions: %+v", c.want, len(list), list)
			continue
		}
		edit := list[0].Edit.Changes[d.uri][0]
		if got := apply(d, edit, utf16Units); got != c.want {
			t.Errorf("%s\ngives\n%s", c.want, got)
		}
	}
}

func TestNoFixWithoutAGuess(t *testing.T) {
	d := newDocument("", "", nil, "points: 300")
	for _, p := range []diagnostic{{Source: "yujing", Message: "points is 300; write a whole number"},
		{Source: "other", Message: `did you mean "x"?`}} {
		if list := d.fixes([]diagnostic{p}, utf16Units); len(list) > 0 {
			t.Errorf("%+v", list)
		}
	}
}
