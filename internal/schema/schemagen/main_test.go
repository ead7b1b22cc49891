package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"yujing/internal/config"
	"yujing/internal/problem"
	"yujing/internal/schema"
	"yujing/rules"
)

const root = "../../.."

func TestSchemasAreUpToDate(t *testing.T) {
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range schema.Kinds() {
		got, err := schema.Text(kind)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(files[kind]), string(got)); diff != "" {
			t.Errorf("docs/schema/%s.json is out of date; run go generate ./docs/schema\n%s", kind, diff)
		}
	}
}

// validator compiles a schema with a library that is not ours.
func validator(t *testing.T, kind schema.Kind) *jsonschema.Schema {
	t.Helper()
	text, err := schema.Text(kind)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(string(kind)+".json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(string(kind) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// value is what a YAML document holds, as an editor's plugin hands it to the
// schema: what looks like a date is a text.
func value(t *testing.T, text []byte) any {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		t.Fatal(err)
	}
	if len(node.Content) == 0 {
		return nil
	}
	return plain(t, node.Content[0])
}

func plain(t *testing.T, n *yaml.Node) any {
	switch n.Kind {
	case yaml.AliasNode:
		return plain(t, n.Alias)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(t, item))
		}
		return list
	}
	var v any
	if n.Tag == "!!timestamp" {
		return n.Value
	}
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// kindOf tells what a file of the tree is by what it holds; "" if it is none of ours.
func kindOf(path string, text []byte) schema.Kind {
	for _, by := range []struct {
		key  string
		kind schema.Kind
	}{{"risks", schema.Risks}, {"tests", schema.Tests}, {"rules", schema.Rules}, {"source", schema.Source}, {"alerts", schema.Config}, {"scoring", schema.Config}} {
		if regexp.MustCompile(`(?m)^` + by.key + `:`).Match(text) {
			return by.kind
		}
	}
	return ""
}

// TestShippedFilesValidate validates every file that we ship or show, and says how
// many of each kind there are: none would prove nothing.
func TestShippedFilesValidate(t *testing.T) {
	count := map[schema.Kind]int{}
	validate := func(kind schema.Kind, where string, text []byte) {
		count[kind]++
		if err := validator(t, kind).Validate(value(t, text)); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	for _, dir := range []string{"rules.d", "sources.d", "examples", "deploy"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" {
				return err
			}
			text, err := os.ReadFile(path)
			if kind := kindOf(path, text); kind != "" {
				validate(kind, path, text)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```")
	for name, kind := range map[string]schema.Kind{"docs/config.md": schema.Config, "docs/rules.md": ""} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range block.FindAllSubmatch(text, -1) {
			of := kind
			if of == "" {
				of = kindOf(name, m[1])
			}
			validate(of, fmt.Sprintf("%s, example %d", name, i+1), m[1])
		}
	}
	for kind, least := range map[schema.Kind]int{schema.Rules: 4, schema.Risks: 1, schema.Tests: 4, schema.Source: 5, schema.Config: 4} {
		if count[kind] < least {
			t.Errorf("%d files of kind %s were validated, want at least %d", count[kind], kind, least)
		}
	}
}

// TestBadFilesDoNotValidate: each change of a good file makes it one that both the
// program and the schema refuse.
func TestBadFilesDoNotValidate(t *testing.T) {
	good := map[schema.Kind]string{}
	for kind, path := range map[schema.Kind]string{schema.Rules: "rules.d/repeat.yaml", schema.Risks: "rules.d/risks.yaml",
		schema.Tests: "rules.d/repeat_test.yaml", schema.Source: "sources.d/bureau.yaml", schema.Config: "alerts/testdata/a_good_one.yaml"} {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		good[kind] = string(text)
	}
	good[schema.Config] = goodConfig
	for kind, text := range good {
		if err := validator(t, kind).Validate(value(t, []byte(text))); err != nil {
			t.Fatalf("the good file of kind %s: %v", kind, err)
		}
		if problems := check(t, kind, text); problems.Err() != nil {
			t.Fatalf("the good file of kind %s: %v", kind, problems)
		}
	}
	for _, c := range []struct {
		kind           schema.Kind
		mistake        string
		pattern, write string
	}{
		{schema.Rules, "unknown key at the top", `(?m)^risk:`, "colour: red\nrisk:"},
		{schema.Rules, "unknown key of a rule", `(?m)^    points:`, "    weight: 3\n    points:"},
		{schema.Rules, "no risk", `(?m)^risk: .*$`, ""},
		{schema.Rules, "no condition", `(?ms)^    when:.*?^    points:`, "    points:"},
		{schema.Rules, "points above 100", `(?m)^    points: .*$`, "    points: 101"},
		{schema.Rules, "points that are a fraction", `(?m)^    points: .*$`, "    points: 1.5"},
		{schema.Rules, "points that are text", `(?m)^    points: .*$`, "    points: many"},
		{schema.Rules, "neither points nor a level", `(?m)^    points: .*$`, ""},
		{schema.Rules, "unknown mode", `(?m)^    points:`, "    mode: shade\n    points:"},
		{schema.Rules, "unknown level", `(?m)^    points:`, "    at_least: none\n    points:"},
		{schema.Rules, "capitals in an id", `(?m)^  - id: .*$`, "  - id: Asked-Again"},
		{schema.Rules, "name in one language", `(?m)^    name: .*$`, "    name: {zh: 重复}"},
		{schema.Rules, "name that is one text", `(?m)^    name: .*$`, "    name: 重复"},
		{schema.Rules, "rules that are no list", `(?ms)^rules:.*`, "rules: {a: b}"},
		{schema.Risks, "unknown key", `(?m)^    over:`, "    under: case\n    over:"},
		{schema.Risks, "over nothing", `(?m)^    over: .*$`, "    over: person"},
		{schema.Risks, "no outcome", `(?ms)^    outcome: .*?\n(?:  -|\z)`, "  -"},
		{schema.Risks, "a threshold above 100", `red: \d+`, "red: 101"},
		{schema.Risks, "a threshold missing", `, red: \d+`, ""},
		{schema.Risks, "horizon in weeks", `(?m)^    horizon: .*$`, "    horizon: 3w"},
		{schema.Tests, "unknown key of a test", `(?m)^    expect:`, "    want: 3\n    expect:"},
		{schema.Tests, "unknown key of a signal", `\{at:`, "{mood: bad, at:"},
		{schema.Tests, "a signal at no time", `\{at: -\w+(, )?`, "{"},
		{schema.Tests, "a time that is none", `\{at: -\w+`, "{at: yesterday"},
		{schema.Tests, "an act that is none", `act: \w+`, "act: ignored"},
		{schema.Tests, "a score above 100", `score: \d+`, "score: 900"},
		{schema.Tests, "a level that is none", `level: \w+`, "level: purple"},
		{schema.Source, "unknown key at the top", `(?m)^source:`, "colour: red\nsource:"},
		{schema.Source, "unknown key of a signal", `(?m)^    at:`, "    mood: bad\n    at:"},
		{schema.Source, "unknown kind", `(?m)^kind: file`, "kind: fax"},
		{schema.Source, "unknown setting", `(?m)^  format:`, "  colour: red\n  format:"},
		{schema.Source, "unknown format", `(?m)^  format: .*$`, "  format: pdf"},
		{schema.Source, "a kind of signal that is none", `(?m)^    kind: contact`, "    kind: rumour"},
		{schema.Source, "a word that is none", `\{is: transferred\}`, "{is: ignored}"},
		{schema.Source, "a word that is none in a table", `来信: letter`, "来信: pigeon"},
		{schema.Source, "a span that is none", `(?m)^silent_after: .*$`, "silent_after: soon"},
		{schema.Source, "no record", `(?m)^record: .*$`, ""},
		{schema.Source, "an action without act", `act: \{is: transferred\}, `, ""},
		{schema.Config, "unknown key", `(?m)^http:`, "colour: red\nhttp:"},
		{schema.Config, "unknown key of a section", `listen:`, "colour: red, listen:"},
		{schema.Config, "unknown role", `role: duty`, "role: king"},
		{schema.Config, "unknown channel", `\{email: `, "{fax: "},
		{schema.Config, "two channels in one entry", `\{email: `, `{file: ., email: `},
		{schema.Config, "a name with capitals", `name: duty`, "name: Duty"},
		{schema.Config, "too little memory", `memory_mb: \d+`, "memory_mb: 12"},
		{schema.Config, "a deadline without length", `length: 3, `, ""},
		{schema.Config, "an end that is none", `ends: \[replied`, "ends: [ignored"},
		{schema.Config, "a span that is none", `first: 1s`, "first: soon"},
		{schema.Config, "quiet hours that are none", `quiet: ".*?"`, `quiet: "at night"`},
	} {
		all := regexp.MustCompile(c.pattern).FindStringIndex(good[c.kind])
		if all == nil {
			t.Errorf("%s, %s: the good file has no %s", c.kind, c.mistake, c.pattern)
			continue
		}
		text := good[c.kind][:all[0]] + c.write + good[c.kind][all[1]:]
		if check(t, c.kind, text).Err() == nil {
			t.Errorf("%s, %s: the program takes it", c.kind, c.mistake)
		}
		if validator(t, c.kind).Validate(value(t, []byte(text))) == nil {
			t.Errorf("%s, %s: the schema takes it", c.kind, c.mistake)
		}
	}
}

const goodConfig = `http: {listen: "127.0.0.1:8680"}
clickhouse: {embedded: {memory_mb: 1024}}
deadlines:
  - {kind: hotline_reply, starts: [transferred], length: 3, working: true, ends: [replied, closed], channel: hotline, source: 本市热线办法}
alerts:
  retry: {first: 1s, max: 5m, give_up: 72h, timeout: 30s}
  receivers:
    - name: duty
      names: {zh: 值班室, en: duty desk}
      role: duty
      channels: [{email: duty@example.org}]
      places: [330106]
      quiet: "22:00-07:00"
    - {name: safety, role: safety, channels: [{file: .}]}
    - {name: discipline, role: discipline, unit: 纪委监委, accusations: true, channels: [{file: .}]}
`

// check reads a file as the program does.
func check(t *testing.T, kind schema.Kind, text string) problem.List {
	t.Helper()
	switch kind {
	case schema.Config:
		_, problems := config.Parse("yujing.yaml", []byte(text))
		return problems
	case schema.Source:
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, problems := config.Sources(dir)
		return problems
	}
	files := fstest.MapFS{}
	for _, name := range []string{"risks.yaml", "repeat.yaml"} {
		data, err := os.ReadFile(filepath.Join(root, "rules.d", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	name := map[schema.Kind]string{schema.Rules: "repeat.yaml", schema.Risks: "risks.yaml", schema.Tests: "repeat_test.yaml"}[kind]
	files[name] = &fstest.MapFile{Data: []byte(text)}
	set, problems := rules.Load(files, rules.Options{})
	if kind == schema.Tests && set != nil {
		report, err := rules.RunTests(t.Context(), files, set, rules.TestOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return report.Problems
	}
	return problems
}

// TestRuleKeysAreTheLoaders holds the keys of rule files, which no struct tells,
// to those that the loader knows: it names them all when it is given one that is
// like none of them.
func TestRuleKeysAreTheLoaders(t *testing.T) {
	const strange = "zzzzzzzzzzzzzzzzzzzzzzzz"
	inTest := "risk: repeat\ntests:\n  - {name: a, contacts: [{at: -1d}], expect: {}, STRANGE}\n"
	for _, c := range []struct {
		kind schema.Kind
		path []schema.Step
		text string
	}{
		{schema.Rules, nil, "risk: repeat\nrules: []\nSTRANGE\n"},
		{schema.Rules, []schema.Step{{Key: "rules"}, {Item: true}}, "risk: repeat\nrules:\n  - {STRANGE}\n"},
		{schema.Rules, []schema.Step{{Key: "rules"}, {Item: true}, {Key: "name"}}, "risk: repeat\nrules:\n  - {name: {STRANGE}}\n"},
		{schema.Rules, []schema.Step{{Key: "rules"}, {Item: true}, {Key: "because"}}, "risk: repeat\nrules:\n  - {because: {STRANGE}}\n"},
		{schema.Risks, nil, "risks: []\nSTRANGE\n"},
		{schema.Risks, []schema.Step{{Key: "risks"}, {Item: true}}, "risks:\n  - {id: repeat, STRANGE}\n"},
		{schema.Risks, []schema.Step{{Key: "risks"}, {Item: true}, {Key: "levels"}}, "risks:\n  - {id: repeat, levels: {STRANGE}}\n"},
		{schema.Tests, nil, "risk: repeat\ntests: []\nSTRANGE\n"},
		{schema.Tests, []schema.Step{{Key: "tests"}, {Item: true}}, inTest},
		{schema.Tests, []schema.Step{{Key: "tests"}, {Item: true}, {Key: "expect"}}, strings.ReplaceAll(strings.ReplaceAll(inTest, ", STRANGE", ""), "expect: {}", "expect: {STRANGE}")},
		{schema.Tests, []schema.Step{{Key: "tests"}, {Item: true}, {Key: "contacts"}, {Item: true}}, strings.ReplaceAll(strings.ReplaceAll(inTest, ", STRANGE", ""), "-1d", "-1d, STRANGE")},
		{schema.Tests, []schema.Step{{Key: "tests"}, {Item: true}, {Key: "each"}}, strings.ReplaceAll(inTest, "STRANGE", "each: {STRANGE}")},
	} {
		tree, err := schema.Load(c.kind)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, p := range tree.Keys(c.path) {
			want = append(want, p.Name)
		}
		for _, p := range check(t, c.kind, strings.ReplaceAll(c.text, "STRANGE", strange+": 1")) {
			if all, ok := strings.CutPrefix(p.Help, "known: "); ok && strings.Contains(p.Message, strange) {
				got = strings.Split(all, ", ")
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s%v: the loader and the schema know other keys; mend schemagen/rules.go (- loader, + schema):\n%s", c.kind, c.path, diff)
		}
	}
}
