package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestUnreachableLevel(t *testing.T) {
	set := func(rules ...lintRuleText) fstest.MapFS {
		fsys := lintSet(rules...)
		text := strings.Replace(string(fsys["x.yaml"].Data), "points: 100", "points: -5", 1)
		fsys["x.yaml"] = &fstest.MapFile{Data: []byte(text)}
		return fsys
	}
	late := func(points, extra string) lintRuleText {
		return lintRuleText{"late", `overdue("reply")`, points, extra}
	}
	more := lintRuleText{"more", `overdue("accept")`, "35", ""}
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
		want string // in the message; "" = nothing is told
	}{
		{"too few", set(late("30", ""), more), "orange (70), red (90): all its points add up to 65"},
		{"enough", set(late("55", ""), more), ""},
		{"lifted", set(late("30", "at_least: red"), more), ""},
		{"lifted to orange", set(late("30", "at_least: orange"), more), "reach red (90)"},
		{"shadow does not count", set(late("55", "mode: shadow"), more), "yellow (50), orange (70), red (90): all its points add up to 35"},
		{"all in shadow", set(late("55", "mode: shadow")), ""},
		{"what never fires does not count", set(lintRuleText{"late", `overdue("reply") and not overdue("reply")`, "55", ""}, more), "add up to 35"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for _, p := range Check(c.fsys, Options{}) {
				if p.Check == "unreachable-level" {
					got += p.Message
				}
			}
			if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
