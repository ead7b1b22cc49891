package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"yujing/internal/problem"
)

const goodRisks = `risks:
  - id: repeat
    name: {zh: 重信重访, en: repeat}
    over: case
    levels: {blue: 30, yellow: 50, orange: 70, red: 90}
    horizon: 90d
    zone: Asia/Shanghai
    outcome: it.again
`

// TestBadInput loads each file of testdata/bad, named by its mistake, and
// compares what is printed, carets and all, with the golden text beside it.
func TestBadInput(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := "rules.yaml"
			fsys := fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)}}
			if strings.HasPrefix(name, "risks-") {
				in = "risks.yaml"
			}
			fsys[in] = &fstest.MapFile{Data: data}
			set, problems := Load(fsys, Options{})
			if len(problems) == 0 {
				t.Fatal("no problem is told")
			}
			if (set == nil) != (problems.Err() != nil) {
				t.Errorf("a set is given although there are errors, or none without")
			}
			if len(problems) > 1 && !strings.HasPrefix(name, "many-") && name != "block-scalar" {
				t.Errorf("one mistake gives %d problems", len(problems))
			}
			var b strings.Builder
			problem.Print(&b, problems, func(string) []byte { return data })
			golden(t, strings.TrimSuffix(file, ".yaml")+".golden", b.String())
		})
	}
}

// TestEditorsFilesAreNotRead: beside a file that is being edited there may lie a
// link that leads nowhere, or half of it.
func TestEditorsFilesAreNotRead(t *testing.T) {
	fsys := lintSet()
	for _, name := range []string{".#repeat.yaml", ".repeat.yaml", ".repeat_test.yaml", ".repeat.yml"} {
		fsys[name] = &fstest.MapFile{Data: []byte("risk: [")}
	}
	if problems := Check(fsys, Options{}); len(problems) > 0 {
		t.Error(problems)
	}
	if texts, err := Files(fsys); err != nil || len(texts) != 2 {
		t.Errorf("%d files, %v", len(texts), err)
	}
	delete(fsys, "x_test.yaml")
	if report := runAll(t, fsys, enginesSet(t), TestOptions{}); len(report.Problems) > 0 {
		t.Error(report.Problems)
	}
}

func TestNoRiskFile(t *testing.T) {
	_, problems := Load(fstest.MapFS{"rules.yml": {Data: []byte("risk: x")}}, Options{Dir: "rules.d"})
	if len(problems) != 1 || problems[0].File != "rules.d/risks.yaml" || problems[0].Help == "" {
		t.Errorf("got %v", problems)
	}
	_, problems = Load(fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)}, "rules.yml": {Data: []byte("risk: x")}}, Options{})
	if len(problems) != 1 || !strings.Contains(problems[0].Help, "rules.yaml") {
		t.Errorf("got %v", problems)
	}
}
