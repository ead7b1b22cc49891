package lsp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yujing/internal/schema"
)

const risksText = `risks:
  - id: repeat
    name: {zh: 重信重访, en: repeat petition}
    over: case
    levels: {blue: 30, yellow: 50, orange: 70, red: 90}
    horizon: 90d
    zone: Asia/Shanghai
    outcome: it.again
`

const rulesText = `risk: repeat
rules:
  - id: asked-again
    name: {zh: 再次来件😀, en: asked again}
    when: 'case.subject == "😀公司" or any(contacts, .again)'
    points: 30
    because: 来件 {{ len(contacts) }} 次
    advise: 24 小时内电话联系信访人

  - id: overdue
    name: {zh: 逾期, en: overdue}
    when: |
      let n = len(contacts);
      overdue("reply") and n > 1
    points: 60
    at_least: red
    because: 逾期
    advise: 请尽快答复
`

const testsText = `risk: repeat
tests:
  - name: 再次来件
    each: {who: a, channel: hotline}
    contacts: [{at: -6d}, {at: -1d}]
    expect:
      rules: [asked-again]
      because: {asked-again: 来件 2 次}
  - name: 逾期未答复
    contacts: [{at: -80d, who: a}, {at: -75d, who: b}]
    actions: [{at: -70d, act: accepted}]
    expect: {rules: [overdue]}
`

const sourceText = `source: bureau
kind: file
file: {format: xlsx}
zone: Asia/Shanghai
record: 编号
signals:
  - name: petition
    kind: contact
    at: 登记时间
    ref: 编号
    channel: {of: 形式, map: {来信: letter}}
`

// desk is a workspace on disk with the files of these tests.
func desk(t *testing.T) (*workspace, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"rules.d/risks.yaml": risksText, "rules.d/repeat.yaml": rulesText,
		"rules.d/repeat_test.yaml": testsText, "sources.d/bureau.yaml": sourceText} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := newServer(Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.work.config, s.work.rules = filepath.Join(dir, "yujing.yaml"), filepath.Join(dir, "rules.d")
	return s.work, dir
}

// open opens a text in the editor; a mark in it is the cursor.
func open(t *testing.T, w *workspace, path, marked string) (*workspace, *document, place) {
	t.Helper()
	before, after, _ := strings.Cut(marked, "▮")
	version := 1
	d := newDocument(uriOf(path), path, &version, before+after)
	passed := lines(before)
	return w.with(d.uri, d), d, place{len(passed) - 1, len([]rune(passed[len(passed)-1]))}
}

// replace gives a text with its first occurrence of old replaced.
func replace(t *testing.T, text, old, with string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("%q is not in the text", old)
	}
	return strings.Replace(text, old, with, 1)
}

// apply does to a text what the editor does with an edit.
func apply(d *document, edit textEdit, e encoding) string {
	from, to := d.place(edit.Range.Start, e), d.place(edit.Range.End, e)
	line := []rune(d.line(from.line))
	return string(line[:from.column]) + edit.NewText + string(line[to.column:])
}

func TestKinds(t *testing.T) {
	w, dir := desk(t)
	for _, c := range []struct {
		path, text string
		want       schema.Kind
	}{
		{"rules.d/risks.yaml", "", schema.Risks},
		{"rules.d/new.yaml", "risk: repeat\n", schema.Rules},
		{"rules.d/new.yaml", "", schema.Rules}, // by those beside it
		{"rules.d/new_test.yaml", "", schema.Tests},
		{"sources.d/new.yaml", "", schema.Source},
		{"elsewhere/a.yaml", "source: a\n", schema.Source},
		{"yujing.yaml", "", schema.Config},
		{"district.yaml", "alerts:\n  zone: Asia/Shanghai\n", schema.Config},
		{"compose.yaml", "services: {}\n", ""},
		{"elsewhere/empty.yaml", "", ""},
		{"rules.d/README.md", "risk: repeat\n", ""},
	} {
		next, d, _ := open(t, w, filepath.Join(dir, c.path), c.text)
		if got := next.kindOf(d); got != c.want {
			t.Errorf("%s with %q is %q, want %q", c.path, c.text, got, c.want)
		}
	}
}

func TestComplete(t *testing.T) {
	w, dir := desk(t)
	for _, c := range []struct {
		path, text string
		pick       string // the item that is taken
		want       string // the line afterwards
		without    string
	}{
		{"rules.d/repeat.yaml", replace(t, rulesText, "or any(contacts, .again)", "or any(contacts, .ag▮"), "again", `    when: 'case.subject == "😀公司" or any(contacts, .again'`, "case"},
		{"rules.d/repeat.yaml", replace(t, rulesText, ".again)'", ".▮)'"), "age", `    when: 'case.subject == "😀公司" or any(contacts, .age)'`, "unit: "},
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts, .again)", "any(actions, .act == \"rep▮\")"), "replied", `    when: 'case.subject == "😀公司" or any(actions, .act == "replied")'`, "hotline"},
		{"rules.d/repeat.yaml", replace(t, rulesText, `overdue("reply")`, `overdue("▮")`), "accept", `      overdue("accept") and n > 1`, "replied"},
		{"rules.d/repeat.yaml", replace(t, rulesText, `and n > 1`, `and ▮`), "n", `      overdue("reply") and n`, ".age"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "{{ len(contacts) }}", "{{ le▮ }}"), "len", "    because: 来件 {{ len }} 次", ".age"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "来件 {{ len(contacts) }} 次", "来件 {{ case.▮"), "people", "    because: 来件 {{ case.people", "case"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "at_least: red", "▮"), "mode", "    mode: ", "points"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "at_least: red", "at_▮"), "at_least", "    at_least: ", "when"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "at_least: red", "at_le▮: red"), "at_least", "    at_least: red", "when"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "at_least: red", "at_least: ▮"), "orange", "    at_least: orange", "none"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "risk: repeat", "risk: ▮"), "repeat", "risk: repeat", "asked-again"},
		{"rules.d/repeat.yaml", rulesText + "\n  - ▮", "id", "  - id: ", "risk"},
		{"rules.d/new.yaml", "▮", "risk", "risk: ", "id"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "{zh: 逾期, en: overdue}", "{zh: 逾期, ▮}"), "en", "    name: {zh: 逾期, en: }", "zh"},
		{"rules.d/risks.yaml", replace(t, risksText, "it.again", "it.a▮"), "again", "    outcome: it.again", "age"},
		{"rules.d/risks.yaml", replace(t, risksText, "over: case", "over: ▮"), "group", "    over: group", "case.unit"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "rules: [asked-again]", "rules: [ask▮]"), "asked-again", "      rules: [asked-again]", "repeat"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "rules: [asked-again]", "rules: [asked-again, ▮]"), "overdue", "      rules: [asked-again, overdue]", "repeat"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "rules: [asked-again]", "rules:\n        - ▮"), "overdue", "        - overdue", "repeat"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "{asked-again: 来件 2 次}", "{▮}"), "overdue", "      because: {overdue: }", "zh"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "channel: hotline", "channel: ▮"), "online", "    each: {who: a, channel: online}", "replied"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "{at: -1d}", "{at: -1d, ▮}"), "purpose", "    contacts: [{at: -6d}, {at: -1d, purpose: }]", "at"},
		{"sources.d/bureau.yaml", replace(t, sourceText, "来信: letter", "来信: ▮"), "visit", "    channel: {of: 形式, map: {来信: visit}}", "replied"},
		{"sources.d/bureau.yaml", replace(t, sourceText, "kind: contact", "kind: ▮"), "action", "    kind: action", "file"},
		{"yujing.yaml", "alerts:\n  receivers:\n    - name: duty\n      role: ▮\n", "safety", "      role: safety", "blue"},
		{"sources.d/bureau.yaml", replace(t, sourceText, "ref: 编号", "ref: ▮"), "登记时间", "    ref: 登记时间", "petition"},
		{"sources.d/bureau.yaml", replace(t, sourceText, "{of: 形式, map: {来信: letter}}", "{of: ▮}"), "编号", "    channel: {of: 编号}", "hotline"},
		{"sources.d/bureau.yaml", replace(t, sourceText, "map: {来信: letter}}", "map: ▮}\nmaps: {channel: {来信: letter}}"), "channel", "    channel: {of: 形式, map: channel}", "编号"},
		{"yujing.yaml", "alerts:\n  receivers:\n    - name: duty\n      risks: [▮]\n", "repeat", "      risks: [repeat]", "asked-again"},
		{"yujing.yaml", "alerts:\n  ▮\n", "receivers", "  receivers: ", "alerts"},
	} {
		next, d, at := open(t, w, filepath.Join(dir, c.path), c.text)
		items := next.complete(d, at, utf16Units, false)
		i := slices.IndexFunc(items, func(item completionItem) bool { return item.Label == c.pick })
		if i < 0 {
			var labels []string
			for _, item := range items {
				labels = append(labels, item.Label)
			}
			t.Errorf("%s: no %q among %v", c.want, c.pick, labels)
			continue
		}
		if got := apply(d, items[i].TextEdit, utf16Units); strings.TrimRight(got, " ") != strings.TrimRight(c.want, " ") {
			t.Errorf("%s: the line becomes\n%s\nwant\n%s", c.pick, got, c.want)
		}
		if slices.ContainsFunc(items, func(item completionItem) bool { return item.Label == c.without }) {
			t.Errorf("%s: %q is offered", c.want, c.without)
		}
	}
}

func TestCompleteNothing(t *testing.T) {
	w, dir := desk(t)
	for _, c := range []struct{ path, text string }{
		{"rules.d/repeat.yaml", "# a comment▮\n" + rulesText},
		{"rules.d/repeat.yaml", replace(t, rulesText, "points: 30", "points: 3▮0")},
		{"rules.d/repeat.yaml", replace(t, rulesText, "id: asked-again", "id: ▮")},
		{"rules.d/repeat.yaml", replace(t, rulesText, "24 小时", "24 ▮小时")},
		{"compose.yaml", "services:\n  ▮\n"},
	} {
		next, d, at := open(t, w, filepath.Join(dir, c.path), c.text)
		if items := next.complete(d, at, utf16Units, false); len(items) > 0 {
			t.Errorf("%s offers %s at %v", c.path, items[0].Label, at)
		}
	}
}

func TestSnippets(t *testing.T) {
	w, dir := desk(t)
	next, d, at := open(t, w, filepath.Join(dir, "rules.d/repeat.yaml"), replace(t, rulesText, "any(contacts, .again)", "an▮"))
	for _, item := range next.complete(d, at, utf16Units, true) {
		if item.Label == "any" && (item.TextEdit.NewText != "any($0)" || item.InsertTextFormat != formatSnippet || item.Detail != "any(C, predicate) bool") {
			t.Errorf("%+v", item)
		}
	}
}

func TestHover(t *testing.T) {
	w, dir := desk(t)
	for _, c := range []struct {
		path, text, under string // what the range covers
		want              []string
	}{
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts, .again)", "any(contacts, .ag▮ain)"), "again", []string{"again: bool", "same known complainant"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, "case.subject", "case.▮subject"), "subject", []string{"subject: text", "投诉对象"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts", "▮any(contacts"), "any", []string{"any(C, predicate) bool"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, ` or any`, ` o▮r any`), "or", []string{": bool"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, `"reply"`, `"re▮ply"`), `"reply"`, []string{"60 days", "第三十一条"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, `and n > 1`, `and ▮n > 1`), "n", []string{"n: int"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, "len(contacts) }}", "len(con▮tacts) }}"), "contacts", []string{"list of signals", "oldest first"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, "points: 30", "poi▮nts: 30"), "points", []string{"adds to the score"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, "id: asked-again", "id: asked-▮again"), "asked-again", []string{"再次来件😀 / asked again", "30 points", "repeat.yaml"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, "risk: repeat", "risk: rep▮eat"), "repeat", []string{"重信重访", "over case", "risks.yaml"}},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "[asked-again]", "[asked▮-again]"), "asked-again", []string{"再次来件😀", "30 points", "risk repeat", "repeat.yaml"}},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "{asked-again:", "{asked▮-again:"), "asked-again", []string{"30 points"}},
		{"sources.d/bureau.yaml", replace(t, sourceText, "zone:", "zo▮ne:"), "zone", []string{"Asia/Shanghai"}},
		{"yujing.yaml", "scoring:\n  sche▮dule: '0 8 * * *'\n", "schedule", []string{"cron expression"}},
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts, .again)'", "any(contacts, .ag▮ain' and"), "again", []string{"again: bool"}}, // unfinished
	} {
		next, d, at := open(t, w, filepath.Join(dir, c.path), c.text)
		h := next.hover(d, at, utf16Units)
		if h == nil {
			t.Errorf("%s: nothing", c.under)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(h.Contents.Value, want) {
				t.Errorf("%s: no %q in %s", c.under, want, h.Contents.Value)
			}
		}
		if h.Range == nil {
			t.Errorf("%s: no range", c.under)
			continue
		}
		from, to := d.place(h.Range.Start, utf16Units), d.place(h.Range.End, utf16Units)
		if got := string([]rune(d.line(from.line))[from.column:to.column]); strings.TrimPrefix(got, ".") != c.under {
			t.Errorf("the range covers %q, want %q", got, c.under)
		}
	}
	next, d, at := open(t, w, filepath.Join(dir, "rules.d/repeat.yaml"), replace(t, rulesText, "电话", "电▮话"))
	if h := next.hover(d, at, utf16Units); h != nil && strings.Contains(h.Contents.Value, "```") {
		t.Errorf("a text has a type: %+v", h)
	}
}

func TestDefinition(t *testing.T) {
	w, dir := desk(t)
	for _, c := range []struct {
		path, text, file, line, under string
	}{
		{"rules.d/repeat_test.yaml", replace(t, testsText, "[asked-again]", "[▮asked-again]"), "repeat.yaml", "  - id: asked-again", "asked-again"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "{asked-again:", "{asked-again▮:"), "repeat.yaml", "  - id: asked-again", "asked-again"},
		{"rules.d/repeat_test.yaml", replace(t, testsText, "risk: repeat", "risk: rep▮eat"), "risks.yaml", "  - id: repeat", "repeat"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "risk: repeat", "risk: rep▮eat"), "risks.yaml", "  - id: repeat", "repeat"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "and n > 1", "and n▮ > 1"), "repeat.yaml", "      let n = len(contacts);", "n"},
		{"rules.d/repeat.yaml", replace(t, rulesText, "any(contacts, .again)'", "any(contacts, {let 件 = #; any(actions, .at > ▮件.at)})'"), "repeat.yaml",
			`    when: 'case.subject == "😀公司" or any(contacts, {let 件 = #; any(actions, .at > 件.at)})'`, "件"},
	} {
		next, d, at := open(t, w, filepath.Join(dir, c.path), c.text)
		list := next.definition(d, at, utf16Units)
		if len(list) != 1 {
			t.Errorf("%s: %v", c.under, list)
			continue
		}
		to := next.document(pathOf(list[0].URI))
		from, end := to.place(list[0].Range.Start, utf16Units), to.place(list[0].Range.End, utf16Units)
		line := to.line(from.line)
		if got := string([]rune(line)[from.column:end.column]); filepath.Base(to.path) != c.file || line != c.line || got != c.under {
			t.Errorf("%s leads to %q in %q of %s", c.under, got, line, to.path)
		}
	}
	next, d, at := open(t, w, filepath.Join(dir, "rules.d/repeat_test.yaml"), replace(t, testsText, "[asked-again]", "[nobody▮]"))
	if list := next.definition(d, at, utf16Units); len(list) > 0 {
		t.Errorf("a rule that is not there is at %v", list)
	}
}

func TestSymbols(t *testing.T) {
	w, dir := desk(t)
	for _, c := range []struct {
		path, text string
		want       []string // name, first and last line
	}{
		{"rules.d/repeat.yaml", rulesText, []string{"asked-again 2-7", "overdue 9-17"}},
		{"rules.d/risks.yaml", risksText, []string{"repeat 1-7"}},
		{"rules.d/repeat_test.yaml", testsText, []string{"再次来件 2-7", "逾期未答复 8-11"}},
		{"sources.d/bureau.yaml", sourceText, []string{"petition 6-10"}},
		{"yujing.yaml", "http: {listen: \"\"}\n\nscoring:\n  zone: UTC\n", []string{"http 0-0", "scoring 2-3"}},
		{"rules.d/repeat.yaml", "risk: [", nil},
	} {
		next, d, _ := open(t, w, filepath.Join(dir, c.path), c.text)
		var got []string
		for _, s := range next.symbols(d, utf16Units) {
			got = append(got, s.Name+" "+itoa(s.Range.Start.Line)+"-"+itoa(s.Range.End.Line))
			if !inside(s.SelectionRange, s.Range) {
				t.Errorf("%s: its name %v lies outside of %v", s.Name, s.SelectionRange, s.Range)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.path, got, c.want)
		}
	}
}
