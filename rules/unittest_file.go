package rules

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// unitTest is one test: a row at an instant and what should be said of it; and,
// once it ran, what was said.
type unitTest struct {
	file   string
	line   int
	name   string
	risk   *Risk
	now    time.Time
	facts  Facts
	expect expectation
	node   *yaml.Node // the mapping that it stands in

	answers []answer // of each engine
	spoken  []Fired  // with their texts
	outcome string
	took    time.Duration
}

// testFile is one *_test.yaml.
type testFile struct {
	*yamlFile
	name  string // in its directory
	data  []byte
	risk  *Risk // nil if the file does not name a known one
	tests []*unitTest
}

// broken says that the file cannot be used.
func (f *testFile) broken() bool { return f.Problems.Err() != nil }

// testReader reads one *_test.yaml.
type testReader struct {
	*yamlFile
	set  *Set
	risk *Risk
	now  time.Time
}

// defaultNow is when tests play that do not say: a Tuesday morning with working days around it.
func defaultNow(zone *time.Location) time.Time { return time.Date(2026, 3, 10, 9, 0, 0, 0, zone) }

// readTests reads a file of tests; what is wrong with it stands in its Problems.
func readTests(fsys fs.FS, name, dir string, set *Set) *testFile {
	f := &testFile{name: name}
	shown := path.Join(dir, name)
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		f.yamlFile = &yamlFile{&problem.Decoder{File: shown, Problems: problem.List{{File: shown, Severity: problem.Error,
			Message: fmt.Sprintf("cannot be read: %v", err), Check: "file"}}}}
		return f
	}
	var root *yaml.Node
	f.data = data
	f.yamlFile, root = openYAML(shown, data)
	if root != nil {
		r := &testReader{yamlFile: f.yamlFile, set: set}
		f.tests = r.read(root)
		f.risk = r.risk
		f.Problems.Sort()
	}
	return f
}

func (r *testReader) read(root *yaml.Node) []*unitTest {
	top := r.mapping(root, "the file", "risk", "now", "tests")
	if top == nil {
		return nil
	}
	for _, key := range []string{"risk", "tests"} {
		if top[key] == nil {
			r.missing(root, "the file", key, "a test file names one risk and its tests")
			return nil
		}
	}
	known := []string{}
	for _, risk := range r.set.risks {
		known = append(known, risk.ID)
	}
	id, ok := r.oneOf(top["risk"], "risk", known...)
	if !ok {
		return nil
	}
	r.risk = r.set.Risk(id)
	r.now = r.instant(top["now"], defaultNow(r.risk.Zone))
	var tests []*unitTest
	for _, item := range r.list(top["tests"], "tests") {
		if t := r.test(item); t != nil {
			tests = append(tests, t)
		}
	}
	return tests
}

// instant reads an absolute time; without a zone it is the risk's.
func (r *testReader) instant(n *yaml.Node, otherwise time.Time) time.Time {
	if n == nil {
		return otherwise
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, n.Value, r.risk.Zone); err == nil && inTime(t) {
			return t
		}
	}
	r.at(n, "wrong-value", "write a time from 1971 to 2200 as 2026-03-10 09:00", "now is %q", n.Value)
	return otherwise
}

func (r *testReader) test(n *yaml.Node) *unitTest {
	m := r.mapping(n, "a test", "name", "now", "concluded", "each", "contacts", "actions", "group", "expect")
	if m == nil {
		return nil
	}
	t := &unitTest{file: r.File, line: n.Line, risk: r.risk, now: r.instant(m["now"], r.now), node: n}
	if m["name"] == nil {
		r.missing(n, "a test", "name", "say what it shows")
	} else {
		t.name, _ = r.text(m["name"], "name")
	}
	t.facts = Facts{Over: r.risk.Over, Row: "test", Ref: "test:" + t.name}
	if m["concluded"] != nil {
		word, _ := r.oneOf(m["concluded"], "concluded", "true", "false")
		t.facts.Concluded = word == "true"
	}
	base := Signal{Case: "own", People: 1}
	if m["each"] != nil {
		r.signal(m["each"], &base, t.now, "each")
	}
	t.facts.Contacts = r.signals(m["contacts"], base, t.now, "contact")
	t.facts.Actions = r.signals(m["actions"], Signal{Case: "own", Channel: base.Channel}, t.now, "action")
	t.facts.Group = r.signals(m["group"], base, t.now, "group")
	if len(t.facts.Contacts) == 0 {
		r.missing(n, "a test", "contacts", "a row has at least one contact")
	}
	if m["expect"] != nil && m["expect"].Tag != "!!null" { // without one it fails, and --update fills it in
		r.expectation(m["expect"], t)
	}
	return t
}

// signals reads a list of contacts or actions; each begins as a copy of base.
func (r *testReader) signals(n *yaml.Node, base Signal, now time.Time, what string) []Signal {
	if n == nil {
		return nil
	}
	var list []Signal
	for i, item := range r.list(n, what+"s") {
		s := base
		s.ID = fmt.Sprintf("%s-%d", what, i+1)
		r.signal(item, &s, now, what)
		if i > 0 && !s.At.IsZero() && s.At.Before(list[i-1].At) {
			r.Problems = append(r.Problems, problem.Problem{File: r.File, Line: item.Line, Column: item.Column, Severity: problem.Error,
				Message: "an earlier signal stands after a later one", Help: "write them oldest first", Check: "order"})
		}
		list = append(list, s)
	}
	return list
}

// signal reads one signal into s, which must be one that a row can have.
func (r *testReader) signal(n *yaml.Node, s *Signal, now time.Time, what string) {
	m := r.mapping(n, "a "+what, "at", "act", "who", "case", "channel", "level", "competent", "place", "category", "subject",
		"purpose", "unit", "people", "text", "due", "rating", "attrs", "ref")
	if m == nil {
		return
	}
	for key, to := range map[string]*string{"act": &s.Act, "case": &s.Case, "channel": &s.Channel, "place": &s.Place, "subject": &s.Subject,
		"purpose": &s.Purpose, "unit": &s.Unit, "text": &s.Text, "rating": &s.Rating, "ref": &s.Ref} {
		if m[key] == nil || !r.value(m[key], key) {
			continue
		}
		*to = m[key].Value
		if known := words()[key]; known != nil && *to != "" {
			r.oneOf(m[key], key, known...)
		}
	}
	switch {
	case what == "action" && m["act"] == nil:
		r.missing(n, "an action", "act", "say what the office did: replied, transferred, closed")
	case what != "action" && m["act"] != nil:
		r.at(m["act"], "wrong-value", "write it under actions", "%s has no act", map[string]string{"each": "each", "contact": "a contact", "group": "a contact of the group"}[what])
	}
	if m["at"] != nil {
		if s.At = r.offset(m["at"], now); s.At.After(now) {
			r.at(m["at"], "wrong-value", "write how long before now: -3d, -36h, -3d12h", "at is after now: %q", m["at"].Value)
		}
	} else if what != "each" {
		r.missing(n, "a "+what, "at", "write how long before now: -3d, -36h, -3d12h")
	}
	if m["due"] != nil {
		s.Due = r.offset(m["due"], now)
	}
	if m["who"] != nil {
		if _, ok := r.text(m["who"], "who"); ok && r.value(m["who"], "who") {
			s.Person = xxhash.Sum64String(m["who"].Value)
		}
	}
	if m["people"] != nil {
		s.People, _ = r.whole(m["people"], "people", 1, 100000)
	}
	s.Level = r.levelWord(m["level"], s.Level)
	s.Competent = r.levelWord(m["competent"], s.Competent)
	if m["category"] != nil {
		for i, item := range r.list(m["category"], "category") {
			if i == len(s.Category) {
				r.at(item, "wrong-value", "leave it out", "a category has three levels")
			} else if i < len(s.Category) && r.value(item, "category") {
				s.Category[i] = item.Value
			}
		}
	}
	if m["attrs"] != nil {
		s.Attrs = map[string]string{}
		for key, value := range r.Pairs(m["attrs"]) {
			if r.value(value, key.Value) {
				s.Attrs[key.Value] = value.Value
			}
		}
	}
}

// value says that a node is one value, which may be the empty text.
func (r *testReader) value(n *yaml.Node, what string) bool {
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		return true
	}
	r.at(n, "wrong-type", `write one text, or "" for none`, "%s must be a text", what)
	return false
}

func (r *testReader) levelWord(n *yaml.Node, otherwise int) int {
	if n == nil {
		return otherwise
	}
	word, _ := r.oneOf(n, "level", "village", "township", "county", "city", "province", "nation")
	return levels()[word]
}

// inTime says that a time is one that a source can have (see ingest): where times
// are numbers 0 is none.
func inTime(t time.Time) bool { return t.UTC().Year() >= 1971 && t.UTC().Year() <= 2200 }

// offset reads a time as a distance from now: -3d, -36h, -3d12h30m, +2d, 0. It is
// zero if there is none.
func (r *testReader) offset(n *yaml.Node, now time.Time) time.Time {
	m := regexp.MustCompile(`^([+-]?)(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?$`).FindStringSubmatch(n.Value)
	if n.Value == "0" {
		return now
	}
	if m == nil || m[2]+m[3]+m[4] == "" {
		r.at(n, "wrong-value", "write a distance from now: -3d, -36h, -3d12h", "time is %q", n.Value)
		return time.Time{}
	}
	var d time.Duration
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute} {
		v, _ := strconv.Atoi("0" + m[i+2])
		d += time.Duration(v) * unit
	}
	if m[1] == "-" {
		d = -d
	}
	if !inTime(now.Add(d)) {
		r.at(n, "wrong-value", "stay within the years 1971 to 2200", "time is %q, that is of the year %d", n.Value, now.Add(d).Year())
		return time.Time{}
	}
	return now.Add(d)
}

func (r *testReader) expectation(n *yaml.Node, t *unitTest) {
	m := r.mapping(n, "expect", "rules", "score", "shadow_score", "level", "outcome", "because", "advise")
	x := &t.expect
	if m["rules"] != nil {
		ids := []string{}
		known := []string{}
		for _, rule := range t.risk.Rules {
			known = append(known, rule.ID)
		}
		for _, item := range r.list(m["rules"], "rules") {
			if id, ok := r.oneOf(item, "rule", known...); ok {
				ids = append(ids, id)
			}
		}
		x.rules = &ids
	}
	for key, to := range map[string]**int{"score": &x.score, "shadow_score": &x.shadow} {
		if m[key] != nil {
			v, _ := r.whole(m[key], key, 0, 100)
			*to = &v
		}
	}
	if m["level"] != nil {
		word, _ := r.oneOf(m["level"], "level", "none", "blue", "yellow", "orange", "red")
		level, _ := ParseLevel(word)
		x.level = &level
	}
	if m["outcome"] != nil {
		x.outcome = &m["outcome"].Value
	}
	x.because, x.advise = r.byRule(m["because"], t.risk), r.byRule(m["advise"], t.risk)
}

// byRule reads expected texts.
func (r *testReader) byRule(n *yaml.Node, risk *Risk) map[string]string {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.at(n, "wrong-type", "write {rule: text}", "expected texts must be a mapping of rules to texts")
		return nil
	}
	texts := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if risk.rule(key.Value) == nil {
			r.at(key, "wrong-value", "name a rule of risk "+risk.ID, "no rule %q", key.Value)
			continue
		}
		texts[key.Value] = n.Content[i+1].Value
	}
	return texts
}
