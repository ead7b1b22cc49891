package house

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport says, for each package of ours and those below it, which of ours it
// imports beside those below it. Data flows one way and imports point upstream:
// a complaint is read (ingest), judged (rules), scored (scorer), warned of
// (alerts); the store implements what these declare; the daemon wires.
//
// It must be run with -count=1: the test cache does not see other packages change.
var mayImport = map[string][]string{
	"yujing/internal/problem":  {},
	"yujing/internal/privacy":  {},
	"yujing/internal/calendar": {"yujing/internal/problem"},

	"yujing/ingest": {"yujing/internal/calendar", "yujing/internal/privacy", "yujing/internal/problem"},
	"yujing/rules":  {"yujing/internal/calendar", "yujing/internal/privacy", "yujing/internal/problem"},
	"yujing/scorer": {"yujing/rules", "yujing/internal/problem"},
	"yujing/alerts": {"yujing/rules", "yujing/scorer", "yujing/internal/problem"},

	"yujing/internal/engine": {},
	"yujing/internal/clickhouse": {"yujing/ingest", "yujing/rules", "yujing/scorer", "yujing/alerts",
		"yujing/internal/engine", "yujing/internal/problem"},

	"yujing/internal/clickhouse/clickhousetest": {"yujing/internal/clickhouse", "yujing/internal/engine"},

	"yujing/internal/simulate/simulatetest": {"yujing/ingest", "yujing/internal/clickhouse", "yujing/internal/config", "yujing/internal/privacy",
		"yujing/internal/simulate"},

	// The simulator knows how complaints arise and nothing of how they are judged.
	"yujing/internal/simulate": {"yujing/internal/calendar"},

	"yujing/internal/config": {"yujing/alerts", "yujing/ingest", "yujing/scorer", "yujing/internal/calendar",
		"yujing/internal/clickhouse", "yujing/internal/problem"},
	"yujing/internal/daemon": {"yujing/alerts", "yujing/ingest", "yujing/rules", "yujing/scorer", "yujing/internal/calendar",
		"yujing/internal/clickhouse", "yujing/internal/config", "yujing/internal/engine", "yujing/internal/privacy",
		"yujing/internal/problem", "yujing/internal/simulate"},
	// A backtest as a page: it asks the store for the facts of the cases it tells.
	"yujing/internal/report": {"yujing/rules", "yujing/scorer"},

	// What editors are told of the files: schemas are made from the code that reads them.
	"yujing/docs/schema":     {},
	"yujing/internal/schema": {"yujing/docs/schema"},
	"yujing/internal/schema/schemagen": {"yujing/alerts", "yujing/ingest", "yujing/rules", "yujing/internal/calendar",
		"yujing/internal/config", "yujing/internal/problem", "yujing/internal/schema"},
	"yujing/internal/lsp": {"yujing/alerts", "yujing/ingest", "yujing/rules", "yujing/internal/calendar", "yujing/internal/config",
		"yujing/internal/problem", "yujing/internal/schema"},

	// Reads the public file itself, so that it checks the backtest.
	"yujing/examples/boston311/baseline": {},

	"yujing/cmd/yujing":     {"yujing"},
	"yujing/internal/house": {},

	// Real servers for tests.
	"yujing/internal/gateways": {},
}

// onlyBy says which modules have one importer. Tests of the packages named
// after it may import them too.
var onlyBy = []struct {
	module string
	in     []string
	tests  []string
}{
	{"github.com/ClickHouse/clickhouse-go", []string{"yujing/internal/clickhouse"}, []string{"yujing/internal/engine"}},
	{"github.com/ebitengine/purego", []string{"yujing/internal/engine"}, nil},
	{"github.com/expr-lang/expr", []string{"yujing/rules", "yujing/ingest"}, nil},
	{"github.com/xuri/excelize", []string{"yujing/ingest", "yujing/internal/simulate"}, []string{"yujing/cmd/yujing"}},
	{"github.com/wneessen/go-mail", []string{"yujing/alerts/email"}, nil},
	{"github.com/creachadair/jrpc2", []string{"yujing/internal/lsp"}, nil},
	{"github.com/santhosh-tekuri/jsonschema", nil, []string{"yujing/internal/schema"}},
	{"gonum.org/v1/plot", []string{"yujing/internal/report"}, nil},
	{"github.com/spf13/cobra", []string{"yujing/cmd/yujing"}, nil},
}

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "yujing/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}

// below reports whether a package is root or lies below it.
func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func belowAny(path string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return below(path, root) })
}

// home gives the entry of mayImport that governs a package: the longest that it lies below.
func home(path string) (string, bool) {
	best := ""
	for root := range mayImport {
		if below(path, root) && len(root) > len(best) {
			best = root
		}
	}
	return best, best != ""
}

// wrong gives the imports of a package that point the wrong way.
func wrong(path string, imports []string) []string {
	root, _ := home(path)
	return slices.DeleteFunc(slices.Clone(imports), func(imported string) bool {
		return !below(imported, "yujing") || below(imported, root) || belowAny(imported, mayImport[root])
	})
}

func TestImportsPointUpstream(t *testing.T) {
	for _, p := range packages(t) {
		if _, ok := home(p.ImportPath); !ok {
			t.Errorf("%s is in no line of mayImport: say which packages of ours it may import", p.ImportPath)
		}
		for _, imported := range wrong(p.ImportPath, p.Imports) {
			t.Errorf("%s imports %s, which lies downstream of it; let %s declare an interface and the store or the daemon fill it",
				p.ImportPath, imported, p.ImportPath)
		}
	}
}

func TestWrongWaysAreSeen(t *testing.T) {
	for _, c := range []struct{ path, imported string }{
		{"yujing/rules", "yujing/scorer"},
		{"yujing/ingest/file", "yujing/rules"},
		{"yujing/scorer", "yujing/alerts"},
		{"yujing/alerts/sms", "yujing/internal/clickhouse"},
		{"yujing/internal/simulate", "yujing/rules"},
	} {
		if len(wrong(c.path, []string{"fmt", c.imported})) != 1 {
			t.Errorf("%s may import %s", c.path, c.imported)
		}
	}
}

func TestModulesWithOneImporter(t *testing.T) {
	for _, p := range packages(t) {
		for _, rule := range onlyBy {
			check := func(imports, allowed []string, kind string) {
				for _, imported := range imports {
					if below(imported, rule.module) && !belowAny(p.ImportPath, allowed) {
						t.Errorf("%s %s %s; only %v may", p.ImportPath, kind, imported, allowed)
					}
				}
			}
			check(p.Imports, rule.in, "imports")
			check(slices.Concat(p.TestImports, p.XTestImports), slices.Concat(rule.in, rule.tests), "imports in its tests")
		}
	}
}
