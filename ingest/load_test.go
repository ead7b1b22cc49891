package ingest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/ingest"
	"yujing/ingest/file"
	"yujing/internal/problem"
)

func kinds() ingest.LoadOptions {
	return ingest.LoadOptions{Kinds: map[string]ingest.FeedKind{file.Kind: file.New}}
}

// Each bad definition is told with all its mistakes, at their places and with
// what to do. YUJING_UPDATE=1 writes what is said now.
func TestBadDefinitions(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures")
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			base := filepath.Base(name)
			sources, problems := ingest.LoadSources(fstest.MapFS{base: {Data: text}}, kinds())
			if len(sources) > 0 || problems.Err() == nil {
				t.Errorf("loads, with %v", problems)
			}
			var out bytes.Buffer
			problem.Print(&out, problems, func(string) []byte { return text })
			golden := strings.TrimSuffix(name, ".yaml") + ".txt"
			if os.Getenv("YUJING_UPDATE") != "" {
				if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestShippedDefinitionsLoad(t *testing.T) {
	for dir, want := range map[string]int{"../sources.d": 3, "../examples/boston311": 1, "../examples/liuyan": 1} {
		sources, problems := ingest.LoadSources(os.DirFS(dir), kinds())
		if len(problems) > 0 || len(sources) != want {
			t.Errorf("%s: %d sources, problems: %v", dir, len(sources), problems)
		}
	}
}

func TestSourceDefinedTwice(t *testing.T) {
	text := []byte("source: a\nkind: file\nzone: UTC\nrecord: n\nsignals: [{name: x, kind: contact, at: t}]\n")
	sources, problems := ingest.LoadSources(fstest.MapFS{"a.yaml": {Data: text}, "b.yaml": {Data: text}}, kinds())
	if len(sources) != 1 || len(problems) != 1 || !strings.Contains(problems[0].String(), "defined in a.yaml too") {
		t.Errorf("%d sources, %v", len(sources), problems)
	}
}

func TestNoDefinitions(t *testing.T) {
	if _, problems := ingest.LoadSources(fstest.MapFS{}, kinds()); problems.Err() == nil {
		t.Error("an empty directory is no problem")
	}
}

func TestSilence(t *testing.T) {
	load := func(more string) *ingest.Source {
		text := "source: a\nkind: file\nzone: Asia/Shanghai\nrecord: n\nsilent_after: 24h\n" + more + "signals: [{name: x, kind: contact, at: t}]\n"
		sources, problems := ingest.LoadSources(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, kinds())
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		return sources[0]
	}
	zone, _ := time.LoadLocation("Asia/Shanghai")
	friday := time.Date(2026, 3, 6, 18, 0, 0, 0, zone)
	workday := func(day time.Time) bool { return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday }
	for _, c := range []struct {
		name   string
		source *ingest.Source
		now    time.Time
		silent time.Duration
		alarm  bool
	}{
		{"a day", load(""), friday.Add(24 * time.Hour), 24 * time.Hour, false},
		{"more than a day", load(""), friday.Add(25 * time.Hour), 25 * time.Hour, true},
		{"a weekend does not count", load("rests: true\n"), friday.Add(72 * time.Hour), 24 * time.Hour, false},
		{"tuesday comes", load("rests: true\n"), friday.Add(84 * time.Hour), 36 * time.Hour, true},
		{"a clock that went back", load(""), friday.Add(-time.Hour), 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if silent, alarm := c.source.Silence(friday, c.now, workday); silent != c.silent || alarm != c.alarm {
				t.Errorf("silent %v, alarm %v; want %v, %v", silent, alarm, c.silent, c.alarm)
			}
		})
	}
}

func FuzzLoadSources(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "../sources.d/*.yaml", "../examples/*/*.yaml"} {
		files, _ := filepath.Glob(pattern)
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sources, problems := ingest.LoadSources(fstest.MapFS{"f.yaml": {Data: text}}, kinds())
		if (len(sources) == 0) != (problems.Err() != nil) {
			t.Errorf("%d sources with %v", len(sources), problems)
		}
		problem.Print(&bytes.Buffer{}, problems, func(string) []byte { return text })
	})
}
