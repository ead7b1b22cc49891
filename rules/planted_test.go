package rules

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// planted is a mistake of testdata/planted: a file named by it, and where it
// stands. Each file is complete but for it: names, reasons, advice, tests.
type planted struct {
	file         string
	line, column int
	check        string
}

func plantedMistakes() []planted {
	return []planted{
		{"adds-nothing.yaml", 7, 13, "no-effect"},
		{"advice-stops-the-citizen.yaml", 9, 19, "responsible-use"},
		{"always-fires.yaml", 6, 11, "always-fires"},
		{"asks-for-an-occupation.yaml", 6, 22, "responsible-use"},
		{"bad-pattern.yaml", 6, 29, "pattern"},
		{"duplicate-id.yaml", 10, 9, "duplicate-id"},
		{"group-not-closed.yaml", 6, 29, "group-closed"},
		{"implied-by-another.yaml", 12, 11, "implied"},
		{"label-for-a-citizen.yaml", 5, 16, "responsible-use"},
		{"let-hides-a-word.yaml", 6, 15, "duplicate-name"},
		{"level-may-be-unknown.yaml", 6, 16, "maybe-unknown"},
		{"looks-for-an-action-among-contacts.yaml", 6, 11, "never-fires"},
		{"message-quotes-the-citizen.yaml", 8, 27, "citizen-text"},
		{"missing-advice.yaml", 4, 5, "missing-key"},
		{"missing-english-name.yaml", 5, 11, "missing-key"},
		{"missing-name.yaml", 4, 5, "missing-key"},
		{"missing-test.yaml", 4, 9, "untested"},
		{"never-fires.yaml", 8, 11, "never-fires"},
		{"never-unknown.yaml", 6, 21, "never-unknown"},
		{"not-a-condition.yaml", 6, 11, "wrong-type"},
		{"outside-language.yaml", 6, 27, "outside-language"},
		{"over-the-cost-bound.yaml", 6, 11, "cost"},
		{"part-decides-nothing.yaml", 6, 32, "dead-part"},
		{"points-never-reach-red.yaml", 2, 7, "unreachable-level"},
		{"points-too-high.yaml", 7, 13, "out-of-range"},
		{"risks.yaml", 20, 44, "threshold-order"},
		{"same-condition-twice.yaml", 12, 11, "implied"},
		{"template-fails.yaml", 8, 23, "template"},
		{"template-shows-unknown.yaml", 8, 27, "maybe-unknown"},
		{"unclosed-bracket.yaml", 6, 30, "syntax"},
		{"unknown-field.yaml", 6, 25, "unknown-name"},
		{"unknown-function.yaml", 6, 11, "unknown-name"},
		{"unknown-key.yaml", 8, 5, "unknown-key"},
		{"unknown-name.yaml", 6, 15, "unknown-name"},
		{"unknown-risk.yaml", 2, 7, "wrong-value"},
		{"unknown-word.yaml", 6, 32, "unknown-word"},
		{"wrong-type.yaml", 6, 20, "wrong-type"},
	}
}

func (p planted) String() string {
	return fmt.Sprintf("%s:%d:%d (%s)", p.file, p.line, p.column, p.check)
}

// checked runs Check and gives what it found in the form of the table.
func checked(fsys fs.FS, room int) []string {
	found := []string{}
	for _, p := range Check(fsys, Options{SMSRoom: room}) {
		found = append(found, planted{p.File, p.Line, p.Column, p.Check}.String())
	}
	return found
}

// TestPlantedMistakes finds all of them in one run: one problem a file, of the
// check that the mistake calls for, at its place, and nothing else.
func TestPlantedMistakes(t *testing.T) {
	var want []string
	for _, p := range plantedMistakes() {
		want = append(want, p.String())
	}
	if diff := cmp.Diff(want, checked(os.DirFS("testdata/planted"), 31)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	files, err := filepath.Glob("testdata/planted/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, testSuffix) })
	if len(files) != len(want) || len(files) < 20 {
		t.Errorf("%d files, %d mistakes", len(files), len(want))
	}
}

// TestPlantedAlone plants each mistake by itself among risks without one: what
// is found of it does not hang on the other files.
func TestPlantedAlone(t *testing.T) {
	dir := os.DirFS("testdata/planted")
	sound := readFile(t, dir, risksFile)
	sound = strings.ReplaceAll(sound, "orange: 40", "orange: 60")
	for _, p := range plantedMistakes() {
		if p.file == risksFile {
			continue
		}
		tests := strings.TrimSuffix(p.file, ".yaml") + testSuffix
		fsys := fstest.MapFS{risksFile: {Data: []byte(sound)}}
		for _, name := range []string{p.file, tests} {
			fsys[name] = &fstest.MapFile{Data: []byte(readFile(t, dir, name))}
		}
		// The risk of one planted rule cannot reach its levels; that is another mistake.
		found := slices.DeleteFunc(checked(fsys, 31), func(s string) bool {
			return strings.HasSuffix(s, "(unreachable-level)") && p.check != "unreachable-level"
		})
		if diff := cmp.Diff([]string{p.String()}, found); diff != "" {
			t.Errorf("%s: -want +got:\n%s", p.file, diff)
		}
	}
}

func readFile(t *testing.T, fsys fs.FS, name string) string {
	t.Helper()
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
