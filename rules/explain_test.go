package rules

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
)

// asked is a matter raised twice by the same complainant, rated badly in between.
func asked(now time.Time) *Facts {
	at := func(days float64) time.Time { return now.Add(-time.Duration(days * 24 * float64(time.Hour))) }
	return &Facts{Over: OverCase, Row: "00000000000000aa", Ref: "hotline-12345:GD2026",
		Contacts: []Signal{
			{ID: "c1", At: at(5), Person: 9, Case: "aa", Channel: "hotline", Purpose: "complaint", People: 1, Level: county, Competent: county},
			{ID: "c2", At: at(1), Person: 9, Case: "aa", Channel: "visit", Purpose: "complaint", People: 1, Level: city, Competent: county},
		},
		Actions: []Signal{{ID: "a1", At: at(4), Act: "transferred", Unit: "街道办", Case: "aa"}},
	}
}

// printed writes explanations of a row in risks of the shipped rules.
func printed(t *testing.T, f *Facts, o PrintOptions, risks ...string) string {
	t.Helper()
	set := shipped(t)
	var b strings.Builder
	for _, id := range risks {
		x := explained(t, set, id, f, defaultNow(set.Risk(id).Zone))
		x.RuleSet, x.Calendar = "RULESET", "CALENDAR"
		x.Print(&b, o)
		b.WriteString("\n")
	}
	return b.String()
}

func TestExplainPrints(t *testing.T) {
	now := defaultNow(shipped(t).Risk("repeat").Zone)
	concluded := asked(now)
	concluded.Concluded = true
	golden(t, "testdata/explain.golden", printed(t, asked(now), PrintOptions{}, "repeat", "escalated"))
	golden(t, "testdata/explain_all.golden", printed(t, asked(now), PrintOptions{All: true}, "repeat"))
	golden(t, "testdata/explain_colour.golden", printed(t, asked(now), PrintOptions{Color: true}, "repeat"))
	golden(t, "testdata/explain_concluded.golden", printed(t, concluded, PrintOptions{}, "repeat"))
}

// Points that go back, a sum beyond the ends, a lifted level, shadow rules,
// thresholds without room for their names, long Chinese names.
func TestWaterfallPrints(t *testing.T) {
	named := func(id, zh, when string, more ...string) string {
		return strings.Replace(rule(id, when, more...), "zh: 名", "zh: "+zh, 1)
	}
	var b strings.Builder
	for _, c := range []struct{ what, rules, levels string }{
		{"above 100 and back", named("a", "十个字的规则名称一二", "true", "points: 80") + named("b", "超过三十格宽的一个很长很长很长的规则名称", "true", "points: 45") +
			named("c", "减分", "true", "points: -30"), ""},
		{"below 0", named("a", "加", "true", "points: 5") + named("b", "减", "true", "points: -40") + named("l", "抬升", "true", "at_least: yellow"), ""},
		{"shadow alone", named("a", "试", "true", "points: 40", "mode: shadow") + named("b", "试减", "true", "points: -15", "mode: shadow"), ""},
		{"narrow thresholds", named("a", "一", "true", "points: 1"), "{blue: 1, yellow: 5, orange: 9, red: 100}"},
	} {
		risks := goodRisks
		if c.levels != "" {
			risks = strings.Replace(goodRisks, "{blue: 30, yellow: 50, orange: 70, red: 90}", c.levels, 1)
		}
		set, problems := Load(fstest.MapFS{"risks.yaml": {Data: []byte(risks)}, "rules.yaml": {Data: []byte("risk: repeat\nrules:\n" + c.rules)}}, Options{})
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		now := defaultNow(time.UTC)
		p := &page{x: explained(t, set, "repeat", asked(now), now)}
		p.waterfall()
		b.WriteString(c.what + p.b.String() + "\n")
	}
	golden(t, "testdata/waterfall.golden", b.String())
}

// A terminal of 80 columns shows every line whole, whatever row it is.
func TestLinesFitATerminal(t *testing.T) {
	set := shipped(t)
	rng := rand.New(rand.NewPCG(2, 7))
	now := defaultNow(set.risks[0].Zone)
	e := set.NewEvaluator()
	for range 60 {
		f := randomFacts(rng, []Over{OverCase, OverGroup}[rng.IntN(2)], now)
		for _, r := range set.Risks() {
			if r.Over != f.Over {
				continue
			}
			x, err := e.Explain(r, f, now)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range []PrintOptions{{}, {All: true}, {Color: true}} {
				var b strings.Builder
				x.Print(&b, o)
				for line := range strings.Lines(b.String()) {
					if line = strings.TrimSuffix(line, "\n"); cells(line) > pageWidth {
						t.Fatalf("%d cells: %s", cells(line), line)
					}
				}
			}
		}
	}
}

func TestWrap(t *testing.T) {
	for text, want := range map[string][]string{
		"":              nil,
		"short":         {"short"},
		"one two three": {"one two", "three"},
		"一二三四五六":        {"一二三四", "五六"},
		"一二三四，五":        {"一二三", "四，五"},
		"abcdefghijkl":  {"abcdefgh", "ijkl"},
		"一二 ab cd":      {"一二 ab", "cd"},
	} {
		if got := wrap(text, 8); !slices.Equal(got, want) {
			t.Errorf("wrap(%q) = %q, want %q", text, got, want)
		}
	}
}

// The keys of the JSON form are words of lower case, and stay as they are.
func TestDaysHaveAYearWhereItIsAnother(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	p := &page{x: &Explanation{AsOf: time.Date(2026, 3, 1, 9, 0, 0, 0, zone), zone: zone}}
	for at, want := range map[time.Time]string{
		time.Date(2026, 2, 3, 1, 0, 0, 0, zone):         "02-03",
		time.Date(2024, 3, 9, 1, 0, 0, 0, zone):         "2024-03-09",
		time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC):  "01-01",
		time.Date(2025, 12, 31, 15, 59, 0, 0, time.UTC): "2025-12-31",
	} {
		if got := p.day(at); got != want {
			t.Errorf("%v is shown as %s, want %s", at, got, want)
		}
	}
}

func TestExplainAsJSON(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.Risk("repeat").Zone)
	x := explained(t, set, "repeat", asked(now), now)
	x.RuleSet, x.Calendar = "RULESET", "CALENDAR"
	text, err := json.MarshalIndent(x, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/explain.json.golden", string(text)+"\n")
	for _, m := range regexp.MustCompile(`"([^"]*)":`).FindAllStringSubmatch(string(text), -1) {
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(m[1]) {
			t.Errorf("key %q", m[1])
		}
	}
}

// The example of docs/explain.md is what the program writes.
func TestDocumentedExplanation(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.Risk("repeat").Zone)
	f := matterOf(now, []string{"720h hotline", "48h visit"}, []string{"700h transferred", "100h supervised"})
	f.Ref = "hotline-12345:GD2026020800017"
	got := strings.TrimSpace(printed(t, f, PrintOptions{}, "repeat"))
	doc, err := os.ReadFile("../docs/explain.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "```text\n"+got+"\n```") {
		t.Errorf("docs/explain.md shows another explanation than the program writes, which is\n%s", got)
	}
}

// One set serves many evaluators at once (run by make race).
func TestSetIsSafeForConcurrentUse(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.Risk("repeat").Zone)
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			e := set.NewEvaluator()
			for range 3 {
				if _, err := e.Explain(set.Risk("repeat"), asked(now), now); err != nil {
					return err
				}
				if _, err := e.OutcomeOf(set.Risk("repeat"), asked(now)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// golden compares with a file, or writes it if YUJING_UPDATE is set.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("YUJING_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with YUJING_UPDATE=1", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); write it with YUJING_UPDATE=1\n%s", file, diff)
	}
}
