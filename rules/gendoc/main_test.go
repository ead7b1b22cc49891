package main

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReferenceIsUpToDate(t *testing.T) {
	source, err := os.ReadFile("../vocabulary.go")
	if err != nil {
		t.Fatal(err)
	}
	want, err := generate(source)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/rules.md is out of date; run go generate ./rules\n%s", diff)
	}
	for _, line := range strings.Split(string(want), "\n") {
		if cells := strings.Split(line, "|"); strings.HasPrefix(line, "| `") && strings.TrimSpace(cells[len(cells)-2]) == "" {
			t.Errorf("a word without a meaning: %s", line)
		}
	}
}

func TestTableIsUpToDate(t *testing.T) {
	source, err := os.ReadFile("../vocabulary.go")
	if err != nil {
		t.Fatal(err)
	}
	want, err := generateTable(source)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../vocabulary_doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("rules/vocabulary_doc.go is out of date; run go generate ./rules\n%s", diff)
	}
}

func TestLanguageIsUpToDate(t *testing.T) {
	want, err := language()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/language.md is out of date; run go generate ./rules\n%s", diff)
	}
}

func TestGenerateTellsABrokenSource(t *testing.T) {
	if _, err := generate([]byte("package rules\ntype Case struct {")); err == nil {
		t.Error("a broken source gives no error")
	}
}
