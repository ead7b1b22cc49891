package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"yujing/internal/config"
)

// root is the top of the module, seen from this package.
const root = "../.."

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var required = regexp.MustCompile(`(?m)^(?:require)?\s+([a-z0-9.-]+\.[a-z]+/\S+|\S+\.\S+/\S+) (v\S+)$`)

func TestEveryDependencyIsExplained(t *testing.T) {
	explained := read(t, "docs/dependencies.md")
	modules := required.FindAllStringSubmatch(read(t, "go.mod"), -1)
	if len(modules) < 3 {
		t.Fatalf("go.mod names %d direct modules: is it read right?", len(modules))
	}
	for _, m := range modules {
		if row := "| `" + m[1] + "` | " + m[2] + " |"; !strings.Contains(explained, row) {
			t.Errorf("docs/dependencies.md has no row %q: say why it is there", row)
		}
	}
}

var (
	link   = regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)\s]*)?\)`)
	target = regexp.MustCompile("(?m)(?:^|`)make ([a-z][a-z-]*)")
)

// documents gives the Markdown files of the module.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "var" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			all = append(all, path)
		}
		return nil
	})
	if err != nil || len(all) < 5 {
		t.Fatalf("%d documents, %v", len(all), err)
	}
	return all
}

func TestLinksOfTheDocumentsHold(t *testing.T) {
	for _, path := range documents(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", path, m[1])
			}
		}
	}
}

func TestDocumentsNameTargetsThatExist(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, path := range documents(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range target.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s says make %s; the Makefile has no such target", path, m[1])
			}
		}
	}
}

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestConfigurationOfTheDocumentsLoads reads every example of docs/config.md the
// way the daemon does, so that the page cannot name a key that does not exist.
func TestConfigurationOfTheDocumentsLoads(t *testing.T) {
	blocks := yamlBlock.FindAllStringSubmatch(read(t, "docs/config.md"), -1)
	if len(blocks) < 3 {
		t.Fatalf("docs/config.md has %d examples: is it read right?", len(blocks))
	}
	for _, block := range blocks {
		if _, problems := config.Parse("docs/config.md", []byte(block[1])); problems.Err() != nil {
			t.Errorf("example:\n%s%v", block[1], problems)
		}
	}
}
