package problem

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// awkward are problems with everything that a format must escape.
func awkward() List {
	return List{
		{File: "rules.d/a,b:c.yaml", Line: 2, Column: 9, Width: 2, Severity: Error, Message: "“来源” is 100% <wrong> & \"quoted\"", Help: "write\nit: again", Check: "wrong-value"},
		{File: "rules.d/a,b:c.yaml", Line: 3, Severity: Warning, Message: "a\tline as a whole\x01", Check: "untested"},
		{File: "rules.d/预警.yaml", Severity: Error, Message: "holds nothing", Check: "empty"},
	}
}

func awkwardSource(file string) []byte {
	return map[string][]byte{"rules.d/a,b:c.yaml": []byte("risk: 重访\r\n\twhen: 来源 == 1\r\nrules:\r\n")}[file]
}

// TestReporters compares each format with its golden file; YUJING_UPDATE=1 writes them.
func TestReporters(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			report, err := Report(format)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := report(&got, awkward(), awkwardSource); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", format+".golden")
			if os.Getenv("YUJING_UPDATE") != "" {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if _, err := Report("sarif"); err == nil || !strings.Contains(err.Error(), "checkstyle") {
		t.Errorf("an unknown format gives %v", err)
	}
}

func TestJSONReadsBack(t *testing.T) {
	var out bytes.Buffer
	if err := reportJSON(&out, awkward(), nil); err != nil {
		t.Fatal(err)
	}
	var got List
	for d := json.NewDecoder(&out); d.More(); {
		var p Problem
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		got = append(got, p)
	}
	if diff := cmp.Diff(awkward(), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestGitHubReadsBack undoes the escapes the way the runner does.
func TestGitHubReadsBack(t *testing.T) {
	var out bytes.Buffer
	if err := reportGitHub(&out, awkward(), nil); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != len(awkward()) {
		t.Fatalf("%d lines for %d problems:\n%s", len(lines), len(awkward()), out.String())
	}
	unescape := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%")
	for i, line := range lines {
		head, message, ok := strings.Cut(strings.TrimPrefix(line, "::"), "::")
		_, properties, named := strings.Cut(head, " ")
		if !ok || !named {
			t.Fatalf("%q is no command", line)
		}
		file := strings.TrimPrefix(strings.Split(properties, ",")[0], "file=")
		if got := unescape.Replace(file); got != awkward()[i].File {
			t.Errorf("file %q", got)
		}
		if got := unescape.Replace(message); got != awkward()[i].full() {
			t.Errorf("message %q, want %q", got, awkward()[i].full())
		}
	}
}

func TestCheckstyleReadsBack(t *testing.T) {
	var out bytes.Buffer
	if err := reportCheckstyle(&out, awkward(), nil); err != nil {
		t.Fatal(err)
	}
	var got checkstyleReport
	if err := xml.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	if len(got.Files) != 2 || got.Files[0].Name != awkward()[0].File || len(got.Files[0].Errors) != 2 {
		t.Fatalf("got %+v", got)
	}
	if e := got.Files[0].Errors[0]; e.Message != awkward()[0].full() || e.Line != 2 || e.Column != 9 || e.Severity != "error" || e.Source != "yujing.wrong-value" {
		t.Errorf("got %+v", e)
	}
	out.Reset()
	if err := reportCheckstyle(&out, nil, nil); err != nil || xml.Unmarshal(out.Bytes(), &got) != nil {
		t.Errorf("an empty report is %q, %v", out.String(), err)
	}
}

// fullDisk is one without room.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestReportersTellThatTheyCannotWrite(t *testing.T) {
	for _, format := range []string{"json", "github", "checkstyle"} {
		report, err := Report(format)
		if err != nil {
			t.Fatal(err)
		}
		if err := report(fullDisk{}, awkward(), nil); err == nil {
			t.Errorf("%s: a full disk goes unnoticed", format)
		}
	}
}
