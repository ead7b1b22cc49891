package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yujing/internal/config"
	"yujing/rules"
)

// copyRules puts the shipped rules into a directory, line ends as given.
func copyRules(t *testing.T, dir, eol string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../rules.d/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f)), []byte(strings.ReplaceAll(string(data), "\n", eol)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// turned changes the points of every rule of a set, and a number where there is one.
func turned(set *rules.Set) []rules.Amendment {
	var all []rules.Amendment
	for _, risk := range set.Risks() {
		for _, rule := range risk.Rules {
			points := rule.Points/2 + 1
			a := rules.Amendment{Rule: rule.ID, Points: &points}
			if numbers := rule.Numbers(); len(numbers) > 0 {
				a.Numbers = []rules.NewNumber{{Number: numbers[0], New: "9"}}
			}
			all = append(all, a)
		}
	}
	return all
}

// The patch is what git apply takes, from within a repository and without, and
// what comes of it is what --write would have written.
func TestPatchIsTakenByGit(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, eol := range []string{"\n", "\r\n"} {
		root := t.TempDir()
		copyRules(t, filepath.Join(root, "etc", "rules.d"), eol)
		t.Chdir(root)
		a := &app{rulesDir: filepath.Join("etc", "rules.d")}
		set, err := a.ruleSet(config.Config{})
		if err != nil {
			t.Fatal(err)
		}
		files, err := a.amended(config.Config{}, turned(set))
		if err != nil || len(files) != 3 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		patch := a.patchOf(files)
		if !strings.HasPrefix(patch, "--- a/etc/rules.d/collective.yaml\n+++ b/etc/rules.d/collective.yaml\n@@ ") {
			t.Errorf("the patch begins:\n%.200s", patch)
		}
		cmd := exec.Command("git", "apply", "-")
		cmd.Stdin = strings.NewReader(patch)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git apply: %v\n%s", err, out)
		}
		for _, f := range files {
			got, err := os.ReadFile(filepath.Join("etc", "rules.d", f.Name))
			if err != nil || string(got) != string(f.After) {
				t.Errorf("%s is not what was meant: %v", f.Name, err)
			}
		}
		t.Chdir(here)
	}
}

// Rules that lie elsewhere are named from the root of the file system.
func TestPatchOfRulesThatLieElsewhere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rules")
	copyRules(t, dir, "\n")
	a := &app{rulesDir: dir}
	set, err := a.ruleSet(config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := a.amended(config.Config{}, turned(set)[:1])
	if err != nil {
		t.Fatal(err)
	}
	if patch, want := a.patchOf(files), "--- a"+filepath.ToSlash(dir)+"/repeat.yaml\n"; !strings.HasPrefix(patch, want) {
		t.Errorf("the patch begins:\n%.200s\nwant %s", patch, want)
	}
}
