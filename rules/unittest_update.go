package rules

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// UpdatedFile is a file of tests whose expectations were brought to what the VM
// says. Nothing else in it is different, comments and layout included.
type UpdatedFile struct {
	Name    string        `json:"-"`    // in its directory
	File    string        `json:"file"` // as shown
	Data    []byte        `json:"-"`    // the whole new file
	Changes []UpdatedTest `json:"changes"`
}

// UpdatedTest is the lines of one test before and after.
type UpdatedTest struct {
	Line   int      `json:"line"` // of the test, before the change
	Name   string   `json:"name"`
	Before []string `json:"before,omitempty"`
	After  []string `json:"after"`
}

// Print writes the changes as a short diff.
func (u *UpdatedFile) Print(w io.Writer) {
	for _, c := range u.Changes {
		fmt.Fprintf(w, "%s:%d: %s\n", u.File, c.Line, c.Name)
		for _, line := range c.Before {
			fmt.Fprintf(w, "  -%s\n", line)
		}
		for _, line := range c.After {
			fmt.Fprintf(w, "  +%s\n", line)
		}
	}
}

// UpdateTests brings the expectations of tests to what comes out: of each test
// that differs, the values that do; of one that expects nothing, all. It writes
// nothing: it gives the new files. A file that cannot be read is left out, and so
// is one that cannot be edited safely, which is a problem. The error is that ctx
// is over.
func UpdateTests(ctx context.Context, fsys fs.FS, set *Set, opts TestOptions) ([]UpdatedFile, problem.List, error) {
	opts.Engines = nil
	r, err := runTests(ctx, fsys, set, opts)
	if err != nil {
		return nil, nil, err
	}
	var updates []UpdatedFile
	var problems problem.List
	for _, f := range r.files {
		if f.broken() {
			continue
		}
		u, p := r.update(f)
		if p != nil {
			problems = append(problems, *p)
		} else if len(u.Changes) > 0 {
			updates = append(updates, u)
		}
	}
	return updates, problems, nil
}

// update edits one file, and proves that what it made is the same but for what is expected.
func (r *testRun) update(f *testFile) (UpdatedFile, *problem.Problem) {
	u := UpdatedFile{Name: f.name, File: f.File}
	text := newYAMLText(f.yamlFile, f.data)
	var all []edit
	for _, t := range f.tests {
		if result := r.result(t); result.Passed() || t.answers[0].err != nil {
			continue
		}
		edits, err := text.expect(t)
		if err == nil && len(edits) > 0 {
			var c UpdatedTest
			c, err = text.change(t, edits)
			u.Changes = append(u.Changes, c)
		}
		if err != nil {
			return u, cannotUpdate(f, t.line, err)
		}
		all = append(all, edits...)
	}
	var err error
	u.Data, err = apply(f.data, all)
	if err == nil && !sameButExpected(f.File, f.data, u.Data) {
		err = errByHand
	}
	if err != nil {
		return u, cannotUpdate(f, 0, err)
	}
	return u, nil
}

func cannotUpdate(f *testFile, line int, err error) *problem.Problem {
	return &problem.Problem{File: f.File, Line: line, Severity: problem.Error, Message: "the file is left as it is", Help: err.Error(), Check: "update"}
}

// sameButExpected says that two files of tests differ in what they expect alone.
func sameButExpected(name string, before, after []byte) bool {
	_, a := openYAML(name, before)
	_, b := openYAML(name, after)
	return a != nil && b != nil && sameTests(a, b, 0)
}

// change is the lines that the edits of one test touch, before and after.
func (t *yamlText) change(of *unitTest, edits []edit) (UpdatedTest, error) {
	from, to := len(t.data), 0
	for _, e := range edits {
		from, to = min(from, t.lineStart(e.from)), max(to, t.lineEnd(e.to))
	}
	within := make([]edit, len(edits))
	for i, e := range edits {
		within[i] = edit{e.from - from, e.to - from, e.text}
	}
	after, err := apply(t.data[from:to], within)
	if err != nil {
		return UpdatedTest{}, err
	}
	c := UpdatedTest{Line: of.line, Name: of.name, Before: linesOf(t.data[from:to]), After: linesOf(after)}
	for len(c.Before) > 0 && len(c.After) > 0 && c.Before[0] == c.After[0] {
		c.Before, c.After = c.Before[1:], c.After[1:]
	}
	for len(c.Before) > 0 && len(c.After) > 0 && c.Before[len(c.Before)-1] == c.After[len(c.After)-1] {
		c.Before, c.After = c.Before[:len(c.Before)-1], c.After[:len(c.After)-1]
	}
	return c, nil
}

func linesOf(data []byte) []string {
	return strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
}

// expect makes the edits of one test.
func (t *yamlText) expect(of *unitTest) ([]edit, error) {
	key, value := pair(of.node, "expect")
	if of.expect.blank() {
		return t.fillIn(of, key, value)
	}
	a := of.answers[0].of(of.risk)
	got := figures(a)
	got["outcome"] = of.outcome
	wanted := map[string]string{}
	for what, want := range of.expect.figures() {
		wanted[what] = want
	}
	if of.expect.outcome != nil {
		wanted["outcome"] = *of.expect.outcome
	}
	var all []edit
	for i := 0; i+1 < len(value.Content); i += 2 {
		key, value := value.Content[i], value.Content[i+1]
		var edits []edit
		var err error
		switch want, figure := wanted[key.Value]; {
		case figure && want == got[key.Value]:
		case key.Value == "rules":
			edits, err = t.rules(key, value, a)
		case figure:
			edits, err = t.replace(value, got[key.Value])
		default:
			edits, err = t.texts(key, value, of)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, edits...)
	}
	return all, nil
}

// fillIn writes what comes out where nothing is expected.
func (t *yamlText) fillIn(of *unitTest, key, value *yaml.Node) ([]edit, error) {
	flow := of.node.Style&yaml.FlowStyle != 0
	indent := strings.Repeat(" ", of.node.Column-1)
	text := of.inOneLine()
	if !flow && runewidth.StringWidth(indent+"expect: "+text) > 110 {
		text = t.eol() + indent + "  " + strings.Join(of.entries(), t.eol()+indent+"  ")
	} else {
		text = " " + text
	}
	switch {
	case key == nil && flow:
		at, err := t.end(of.node.Content[len(of.node.Content)-1])
		return []edit{{at, at, ", expect:" + text}}, err
	case key == nil:
		at, err := t.end(of.node)
		at = t.lineEnd(at)
		return []edit{{at, at, t.eol() + indent + "expect:" + text}}, err
	case value.Kind == yaml.ScalarNode && value.Value == "": // expect: and nothing
		at, err := t.behindColon(key)
		if err == nil && strings.HasPrefix(text, t.eol()) {
			at = t.lineEnd(at)
		}
		return []edit{{at, at, text}}, err
	}
	return t.replace(value, of.inOneLine())
}

// entries are the lines of a whole expectation.
func (of *unitTest) entries() []string {
	a := of.answers[0].of(of.risk)
	list := []string{"rules: " + flowList(a), "score: " + strconv.Itoa(a.Score)}
	if a.ShadowScore != a.Score {
		list = append(list, "shadow_score: "+strconv.Itoa(a.ShadowScore))
	}
	return append(list, "level: "+a.Level.String(), "outcome: "+of.outcome)
}

func (of *unitTest) inOneLine() string { return "{" + strings.Join(of.entries(), ", ") + "}" }

// flowList writes the fired rules in the order of their file.
func flowList(a *Assessment) string { return "[" + strings.Join(ids(a), ", ") + "]" }

func ids(a *Assessment) []string {
	list := make([]string, len(a.Fired))
	for i, f := range a.Fired {
		list[i] = f.ID
	}
	return list
}

// rules edits the list of rules: one in brackets is written anew, of one with a
// rule a line only the lines change that must.
func (t *yamlText) rules(key, list *yaml.Node, a *Assessment) ([]edit, error) {
	if list.Style&yaml.FlowStyle != 0 || len(list.Content) == 0 {
		return t.replace(list, flowList(a))
	}
	fired := ids(a)
	var edits []edit
	kept := map[string]bool{}
	for _, item := range list.Content {
		if slices.Contains(fired, item.Value) && !kept[item.Value] {
			kept[item.Value] = true
			continue
		}
		from, to, err := t.lineOf(item, item)
		if err != nil {
			return nil, err
		}
		edits = append(edits, edit{from, to, ""})
	}
	last := list.Content[len(list.Content)-1]
	end, err := t.end(last)
	if err != nil {
		return nil, err
	}
	more := ""
	for _, id := range fired {
		if !kept[id] {
			more += t.eol() + strings.Repeat(" ", list.Column-1) + "- " + id
		}
	}
	if len(fired) > 0 {
		return append(edits, edit{t.lineEnd(end), t.lineEnd(end), more}), nil
	}
	at, err := t.behindColon(key)
	return append(edits, edit{at, at, " []"}), err
}

// texts edits expected texts: those that differ, and those of rules that do not
// fire, which go.
func (t *yamlText) texts(key, value *yaml.Node, of *unitTest) ([]edit, error) {
	var side expectedTexts
	for _, s := range of.expect.sides() {
		if s.name == key.Value {
			side = s
		}
	}
	var edits []edit
	var gone []int // indexes of their keys
	for i := 0; i+1 < len(value.Content); i += 2 {
		id, text := value.Content[i].Value, value.Content[i+1]
		at := slices.IndexFunc(of.spoken, func(f Fired) bool { return f.ID == id })
		if at < 0 {
			gone = append(gone, i)
			continue
		}
		if got := side.text(&of.spoken[at]); got != strings.TrimSpace(text.Value) {
			more, err := t.replace(text, yamlScalar(got))
			if err != nil {
				return nil, err
			}
			edits = append(edits, more...)
		}
	}
	more, err := t.remove(key, value, gone)
	return append(edits, more...), err
}

// remove takes entries out of a mapping.
func (t *yamlText) remove(key, m *yaml.Node, gone []int) ([]edit, error) {
	flow, all := m.Style&yaml.FlowStyle != 0, 2*len(gone) == len(m.Content)
	switch {
	case len(gone) == 0:
		return nil, nil
	case flow && all:
		return t.replace(m, "{}")
	case flow:
		return t.removeFlow(m, gone)
	}
	var edits []edit
	for _, i := range gone {
		from, to, err := t.lineOf(m.Content[i], m.Content[i+1])
		if err != nil {
			return nil, err
		}
		edits = append(edits, edit{from, to, ""})
	}
	if !all {
		return edits, nil
	}
	at, err := t.behindColon(key)
	return append(edits, edit{at, at, " {}"}), err
}

// removeFlow takes entries, not all, out of {a: x, b: y}: with the comma before
// them where an entry before them stays, else with the one behind.
func (t *yamlText) removeFlow(m *yaml.Node, gone []int) ([]edit, error) {
	var edits []edit
	for _, i := range gone {
		stays := 0 // the first that does
		for slices.Contains(gone, stays) {
			stays += 2
		}
		e := edit{from: t.start(m.Content[i])}
		if i < stays {
			e.to = t.start(m.Content[i+2])
		} else {
			var err1, err2 error
			e.from, err1 = t.end(m.Content[i-1])
			e.to, err2 = t.end(m.Content[i+1])
			if err1 != nil || err2 != nil {
				return nil, errByHand
			}
		}
		if bytes.ContainsRune(t.data[e.from:e.to], '\n') {
			return nil, errByHand // there may be comments between
		}
		edits = append(edits, e)
	}
	return edits, nil
}

// yamlScalar writes a text so that YAML reads it back within {} too: plain where it
// can be, else in quotes.
func yamlScalar(text string) string {
	for _, written := range []string{text, "'" + strings.ReplaceAll(text, "'", "''") + "'"} {
		var back struct{ A any }
		if yaml.Unmarshal([]byte("{a: "+written+", b: 1}"), &back) == nil && back.A == text && !strings.ContainsAny(written, "\r\n") {
			return written
		}
	}
	var b strings.Builder
	e := json.NewEncoder(&b) // what JSON writes is YAML
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return strconv.Quote(text) // not reached: a string is always written
	}
	return strings.TrimSpace(b.String())
}

// pair finds a key of a mapping and its value, nil if there is none.
func pair(n *yaml.Node, key string) (k, v *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// sameTests says that two trees of a file of tests are the same but for expect
// below a test.
func sameTests(a, b *yaml.Node, depth int) bool {
	if a.Kind != b.Kind || a.Value != b.Value || a.Tag != b.Tag || a.Style != b.Style {
		return false
	}
	left, right := a.Content, b.Content
	if depth == 2 && a.Kind == yaml.MappingNode { // the file, the list, a test
		left, right = withoutExpect(left), withoutExpect(right)
	}
	return slices.EqualFunc(left, right, func(x, y *yaml.Node) bool { return sameTests(x, y, depth+1) })
}

func withoutExpect(content []*yaml.Node) []*yaml.Node {
	var list []*yaml.Node
	for i := 0; i+1 < len(content); i += 2 {
		if content[i].Value != "expect" {
			list = append(list, content[i], content[i+1])
		}
	}
	return list
}
