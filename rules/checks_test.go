package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"yujing/internal/problem"
)

const checkPages = "../docs/checks"

// checksInCode gives every name that the code can print in brackets after a
// problem of a rule file: the literals that stand where a check is named.
func checksInCode(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range append(files, "../internal/problem/yaml.go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			for _, e := range checkPlaces(n) {
				if name, ok := stringLiteral(e); ok && !configOnly(name) && regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`).MatchString(name) {
					names[name] = true
				}
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(names))
}

// configOnly are checks of the decoder into Go values, which reads no rule files.
func configOnly(name string) bool { return name == "type" || name == "duration" }

// checkPlaces are the expressions of a node that name a check: an argument of
// the functions that tell problems, a field of the values that are problems.
func checkPlaces(n ast.Node) []ast.Expr {
	argument := map[string]int{"say": 1, "at": 1, "Fail": 1, "warn": 1, "warnInside": 2, "FailInside": 3}
	switch n := n.(type) {
	case *ast.CallExpr:
		switch f := n.Fun.(type) {
		case *ast.SelectorExpr:
			if i, ok := argument[f.Sel.Name]; ok && i < len(n.Args) {
				return n.Args[i : i+1]
			}
		case *ast.Ident:
			if f.Name == "say" && len(n.Args) > 0 {
				return n.Args[:1]
			}
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "check") {
			return []ast.Expr{n.Value}
		}
	}
	return nil
}

func stringLiteral(e ast.Expr) (string, bool) {
	b, ok := e.(*ast.BasicLit)
	if !ok || b.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(b.Value)
	return s, err == nil
}

// TestEveryCheckHasAPage holds docs/checks to the code: a page for each check, a
// check for each page, a row of the index for each.
func TestEveryCheckHasAPage(t *testing.T) {
	checks := checksInCode(t)
	if len(checks) < 30 {
		t.Fatalf("only %d checks found: %v", len(checks), checks)
	}
	files, err := filepath.Glob(checkPages + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var pages []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".md"); name != "README" {
			pages = append(pages, name)
		}
	}
	for _, name := range checks {
		if !slices.Contains(pages, name) {
			t.Errorf("docs/checks has no page %s.md", name)
		}
	}
	for _, name := range pages {
		if !slices.Contains(checks, name) {
			t.Errorf("docs/checks/%s.md: no check has this name", name)
		}
	}
	index, err := os.ReadFile(checkPages + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, m := range regexp.MustCompile("(?m)^\\| \\[`([a-z0-9-]+)`\\]\\(([a-z0-9-]+)\\.md\\) \\| (?:error|warning|either) \\|").FindAllStringSubmatch(string(index), -1) {
		if m[1] != m[2] {
			t.Errorf("the row of %s links to %s.md", m[1], m[2])
		}
		rows = append(rows, m[1])
	}
	slices.Sort(rows)
	if !slices.Equal(rows, checks) {
		t.Errorf("docs/checks/README.md has the rows\n%v, want\n%v", rows, checks)
	}
}

// TestPagesSayWhatToDo holds that a page has its parts: why, a bad example, a
// good one, how to mend it.
func TestPagesSayWhatToDo(t *testing.T) {
	files, err := filepath.Glob(checkPages + "/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		if name == "README" {
			continue
		}
		for _, part := range []string{"# " + name + "\n", "\n## Why\n", "\n## Bad\n", "\n## Good\n", "\n## How to mend it\n"} {
			if !strings.Contains("\n"+string(text), part) {
				t.Errorf("%s lacks %q", file, strings.TrimSpace(part))
			}
		}
	}
}

// TestCheckFiles holds the other half: each lint has a file of its name.
func TestCheckFiles(t *testing.T) {
	files, err := filepath.Glob("check_*.go")
	if err != nil {
		t.Fatal(err)
	}
	checks := checksInCode(t)
	for _, file := range files {
		name := strings.ReplaceAll(strings.TrimSuffix(strings.TrimPrefix(file, "check_"), ".go"), "_", "-")
		if strings.HasSuffix(file, "_test.go") || name == "collections" { // part of the type checker
			continue
		}
		if !slices.Contains(checks, name) {
			t.Errorf("%s: no check has this name", file)
		}
	}
}

// TestExamplesOfThePages runs the examples: the bad one has the problem that the
// page is about, the good one has none.
func TestExamplesOfThePages(t *testing.T) {
	files, err := filepath.Glob(checkPages + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bad, good := examples(string(text), "Bad"), examples(string(text), "Good")
		if len(bad) == 0 { // of what cannot stand in a page: bytes, names of files
			continue
		}
		ran++
		found := Check(exampleSet(bad), Options{SMSRoom: 30})
		if !slices.ContainsFunc(found, func(p problem.Problem) bool { return p.Check == name }) || len(found) != 1 {
			t.Errorf("%s: the bad example gives\n%v", file, found)
		}
		if found := Check(exampleSet(good), Options{SMSRoom: 30}); len(found) > 0 || len(good) == 0 {
			t.Errorf("%s: the good example gives\n%v", file, found)
		}
	}
	if ran < 30 {
		t.Errorf("only %d pages have examples", ran)
	}
}

// examples are the YAML blocks of a section.
func examples(page, section string) []string {
	_, rest, _ := strings.Cut(page, "\n## "+section+"\n")
	rest, _, _ = strings.Cut(rest, "\n## ")
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(rest, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// exampleSet makes a directory of the blocks of an example. A block is a file, or
// some keys of a rule, to which the others are added; where it brings no tests,
// each rule has one.
func exampleSet(blocks []string) fstest.MapFS {
	other := strings.Replace(exampleRule("when: overdue(\"register\")\npoints: 100"), "id: example", "id: other", 1) // with it every level can be reached
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)}, "other.yaml": {Data: []byte(other)}}
	ids := []string{"other"}
	for _, block := range blocks {
		name := "x.yaml"
		switch {
		case strings.HasPrefix(block, "risks:"):
			name = "risks.yaml"
			delete(fsys, "other.yaml")
		case strings.Contains(block, "\ntests:"):
			name = "x_test.yaml"
		case !strings.HasPrefix(block, "risk:") && !strings.HasPrefix(block, "#"):
			block = exampleRule(block)
		}
		for _, m := range regexp.MustCompile(`- id: (\S+)`).FindAllStringSubmatch(block, -1) {
			ids = append(ids, m[1])
		}
		fsys[name] = &fstest.MapFile{Data: []byte(block)}
	}
	if fsys["x_test.yaml"] != nil {
		ids = ids[:1]
	}
	fsys["other_test.yaml"] = &fstest.MapFile{Data: []byte("tests: [{expect: {rules: [" + strings.Join(ids, ", ") + "]}}]")}
	return fsys
}

func exampleRule(keys string) string {
	var b strings.Builder
	b.WriteString("risk: repeat\nrules:\n  - id: example\n")
	for _, line := range strings.Split(strings.TrimSpace(keys), "\n") {
		b.WriteString("    " + line + "\n")
	}
	for key, line := range map[string]string{"name": "{zh: 例, en: example}", "when": `overdue("reply")`, "points": "10", "because": "{zh: 原因, en: why}", "advise": "{zh: 请联系信访人, en: call}"} {
		if !strings.HasPrefix(keys, key+":") && !strings.Contains(keys, "\n"+key+":") {
			b.WriteString("    " + key + ": " + line + "\n")
		}
	}
	return b.String()
}
