package calendar

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestDefaultsAreValid(t *testing.T) {
	kinds := map[string]bool{}
	for _, d := range Deadlines() {
		if list := d.Problems(); list != nil {
			t.Errorf("%s: %v", d.Kind, list)
		}
		if kinds[d.Kind] {
			t.Errorf("%s stands twice", d.Kind)
		}
		kinds[d.Kind] = true
	}
}

func TestDue(t *testing.T) {
	c := Embedded()
	table := map[string]Deadline{}
	for _, d := range Deadlines() {
		table[d.Kind] = d
	}
	tests := []struct {
		kind, start string
		extended    bool
		want        string
	}{
		{"accept", "2026-09-25 10:00:00", false, "2026-10-10"},
		{"objection", "2026-09-29 10:00:00", false, "2026-10-12"}, // 30; holiday to 7 October; 8, 9, Saturday 10 worked, 12
		{"hotline_reply", "2026-11-20 18:00:00", false, "2026-11-27"},
		{"reply", "2026-01-01 08:00:00", false, "2026-03-02"},
		{"reply", "2026-01-01 08:00:00", true, "2026-04-01"},
	}
	for _, tt := range tests {
		got := table[tt.kind].Due(c, at(t, tt.start), tt.extended).Format("2006-01-02")
		if got != tt.want {
			t.Errorf("%s from %s (extended %v) is due %s, want %s", tt.kind, tt.start, tt.extended, got, tt.want)
		}
	}
}

func parse(t *testing.T, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

func TestParseDeadlinesOverridesAndAdds(t *testing.T) {
	got, problems := ParseDeadlines(parse(t, `
- kind: hotline_reply
  starts: [transferred]
  length: 3
  working: true
  ends: [replied, closed]
  channel: hotline
  source: 本市热线办法第十条
- {kind: call_back, starts: [closed], length: 7, ends: [called_back], source: 内部规定}
`), "yujing.yaml")
	if problems != nil {
		t.Fatal(problems)
	}
	if len(got) != len(Deadlines())+1 {
		t.Fatalf("%d deadlines, want the defaults and one more", len(got))
	}
	for _, d := range got {
		if d.Kind == "hotline_reply" && d.Length != 3 {
			t.Errorf("hotline_reply is %d days, want 3", d.Length)
		}
	}
	if diff := cmp.Diff(Deadlines()[0], got[0]); diff != "" {
		t.Error(diff)
	}
}

func TestParseDeadlinesTellsAllProblems(t *testing.T) {
	_, problems := ParseDeadlines(parse(t, `- kind: Reply
  starts: [accepting]
  length: 0
  ends: [answered]
  channel: phone
- kind: x
  lenght: 5
- 7
- {kind: accept, starts: [assigned], length: soon, ends: [accepted], source: s}
`), "yujing.yaml")
	text := problems.Error()
	for _, want := range []string{"yujing.yaml:1:3", `kind "Reply"`, `"accepting" starts nothing`, "length is 0",
		`"answered" is not an action`, `unknown channel "phone"`, "needs a source",
		`yujing.yaml:7:3: error: unknown key "lenght"`, "yujing.yaml:8:3", `yujing.yaml:9:46: error: length: cannot read "soon"`} {
		if !strings.Contains(text, want) {
			t.Errorf("problems do not say %q:\n%s", want, text)
		}
	}
	if got, problems := ParseDeadlines(nil, ""); problems != nil || len(got) != len(Deadlines()) {
		t.Error("no configuration must give the defaults")
	}
}
