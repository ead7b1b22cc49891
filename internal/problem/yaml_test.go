package problem

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

type sample struct {
	Source string                `yaml:"source"`
	Delay  time.Duration         `yaml:"delay"`
	Lines  int                   `yaml:"lines"`
	Tags   []string              `yaml:"tags"`
	Maps   map[string]string     `yaml:"maps"`
	When   *yaml.Node            `yaml:"when"`
	Rest   map[string]*yaml.Node `yaml:",rest"`
}

type strict struct {
	Source string `yaml:"source"`
	Zone   string `yaml:"zone"`
}

func TestDecode(t *testing.T) {
	d := Decoder{File: "a.yaml"}
	n := d.Parse([]byte("source: 热线\ndelay: 1d12h\nlines: 3\ntags: one\nmaps: {村: village}\nwhen: 'a > 1'\nfile: {x: 1}\n"))
	var s sample
	d.Decode(n, &s)
	if len(d.Problems) > 0 {
		t.Fatal(d.Problems)
	}
	if s.Source != "热线" || s.Delay != 36*time.Hour || s.Lines != 3 || len(s.Tags) != 1 || s.Maps["村"] != "village" || s.When.Value != "a > 1" || s.Rest["file"] == nil {
		t.Errorf("decoded %+v", s)
	}
}

func TestDecodeTellsAllProblemsAtOnce(t *testing.T) {
	const text = "sorce: a\nzone: [x]\nzone: y\nother: 1\n"
	d := Decoder{File: "a.yaml"}
	var s strict
	d.Decode(d.Parse([]byte(text)), &s)
	want := []string{
		`a.yaml:1:1: error: unknown key "sorce"; did you mean "source"? (unknown-key)`,
		`a.yaml:2:7: error: is a list, want a text (type)`,
		`a.yaml:3:1: error: key "zone" stands here twice; keep one of them (repeated-key)`,
		`a.yaml:4:1: error: unknown key "other"; known: source, zone (unknown-key)`,
	}
	if got := d.Problems.Error(); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestParseProblems(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":      {"# nothing\n", "a.yaml: error: holds nothing (empty)"},
		"not utf-8":  {"a: \xc8\xc8\n", "a.yaml:1: error: is not UTF-8; save the file as UTF-8 (encoding)"},
		"two":        {"a: 1\n---\nb: 1\n", "a.yaml:2:1: error: a second document in one file; give it a file of its own (syntax)"},
		"bad indent": {"a: 1\n b: 2\n", "a.yaml:2: error: mapping values are not allowed in this context; check the indentation and quotes there (syntax)"},
	} {
		t.Run(name, func(t *testing.T) {
			d := Decoder{File: "a.yaml"}
			d.Parse([]byte(c.text))
			if got := d.Problems.Error(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// The caret stands under the named rune whatever stands before it.
// TestSyntaxIsToldWhereItBreaks: not where the parser was when it noticed, nor where
// the mapping around it began.
func TestSyntaxIsToldWhereItBreaks(t *testing.T) {
	const whole = "a:\n  - b: {c: 1,\n      d: 2}\n    e: 'x\n\n      y'\n    f: |\n      {{ text\n    g: 3\nh: 4\n"
	if d := (&Decoder{}); d.Parse([]byte(whole)) == nil {
		t.Fatalf("what is damaged below is damaged already: %v", d.Problems)
	}
	for line, c := range map[int]struct{ from, to string }{
		2:  {"d: 2}", "d: 2"},       // never closed: where it begins
		4:  {"y'", "y"},             // the quote
		7:  {"f: |", "f: [1] x"},    // something behind a list
		9:  {"    g: 3", "   g: 3"}, // indented by one blank less
		10: {"h: 4", "h: *x"},       // nothing bears that name
	} {
		d := &Decoder{}
		d.Parse([]byte(strings.Replace(whole, c.from, c.to, 1)))
		if len(d.Problems) != 1 || d.Problems[0].Line != line || d.Problems[0].Check != "syntax" {
			t.Errorf("%s for %s: %v, want line %d", c.to, c.from, d.Problems, line)
		}
	}
}

func TestFailInside(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		offset int
		want   string
	}{
		"plain":  {"名称: 来源 == x\n", 6, "1:11"},
		"quoted": {"名称: '来源 == x'\n", 6, "1:12"},
		"block":  {"名称: |\n    来源 ==\n    x\n", 6, "3:5"},
	} {
		t.Run(name, func(t *testing.T) {
			d := Decoder{File: "a.yaml"}
			n := d.Parse([]byte(c.text))
			d.FailInside(n.Content[1], c.offset, 1, "c", "m", "")
			if got := d.Problems[0].String(); !strings.HasPrefix(got, "a.yaml:"+c.want+":") {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestPrintCaretUnderChinese(t *testing.T) {
	var out bytes.Buffer
	Print(&out, List{{File: "a", Line: 1, Column: 4, Width: 2, Severity: Error, Message: "m", Check: "c"}}, func(string) []byte { return []byte("名: 来源\n") })
	if want := "a:1:4: error: m (c)\n  名: 来源\n      ^^^^\n"; out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}

func TestNearest(t *testing.T) {
	known := []string{"来电时间", "转派时间", "source", "zone", "at"}
	for given, want := range map[string]string{"来电时问": "来电时间", "soruce": "source", "zon": "zone", "满意度": "", "ta": "at", "x": ""} {
		if got := Nearest(given, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", given, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("source: a\ndelay: 1d\nmaps: {a: b}\n"))
	f.Add([]byte("a: &x [*x]\n"))
	f.Add([]byte("tags: |\n  x\n  y\nwhen: *a\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d := Decoder{File: "f"}
		var s sample
		if n := d.Parse(text); n != nil {
			d.Decode(n, &s)
			if s.When != nil {
				d.FailInside(s.When, 1, 1, "c", "m", "")
			}
		}
		Print(&bytes.Buffer{}, d.Problems, func(string) []byte { return text })
	})
}
