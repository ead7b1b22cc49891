package rules

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// load builds a set of one risk from the body of a rules: list.
func load(t *testing.T, body string) *Set {
	t.Helper()
	set, problems := Load(fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)},
		"rules.yaml": {Data: []byte("risk: repeat\nrules:\n" + body)}}, Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// rule writes one rule.
func rule(id, when string, more ...string) string {
	b := "  - id: " + id + "\n    name: {zh: 名, en: name}\n    because: {zh: 因, en: because}\n    advise: {zh: 议, en: advise}\n    when: '" + when + "'\n"
	for _, m := range more {
		b += "    " + m + "\n"
	}
	return b
}

func TestScore(t *testing.T) {
	for name, c := range map[string]struct {
		rules         string
		score, shadow int
		level         Level
	}{
		"nothing fires":                       {rule("a", "false", "points: 50"), 0, 0, None},
		"points add up":                       {rule("a", "true", "points: 20") + rule("b", "true", "points: 15"), 35, 35, Blue},
		"at a threshold the level holds":      {rule("a", "true", "points: 50"), 50, 50, Yellow},
		"one below it does not":               {rule("a", "true", "points: 49"), 49, 49, Blue},
		"clamped to 100":                      {rule("a", "true", "points: 80") + rule("b", "true", "points: 80"), 100, 100, Red},
		"clamped to 0":                        {rule("a", "true", "points: -80") + rule("b", "true", "points: 20"), 0, 0, None},
		"minus counts before clamping":        {rule("a", "true", "points: 100") + rule("b", "true", "points: 20") + rule("c", "true", "points: -30"), 90, 90, Red},
		"at_least lifts the level only":       {rule("a", "true", "points: 10", "at_least: orange"), 10, 10, Orange},
		"at_least does not lower":             {rule("a", "true", "points: 95", "at_least: blue"), 95, 95, Red},
		"at_least of a rule that is silent":   {rule("a", "false", "points: 10", "at_least: red"), 0, 0, None},
		"shadow counts in the shadow score":   {rule("a", "true", "points: 20") + rule("b", "true", "points: 60", "mode: shadow"), 20, 80, None},
		"a shadow rule lifts nothing":         {rule("a", "true", "points: 20", "mode: shadow", "at_least: red"), 0, 20, None},
		"at_least without points is a rule":   {rule("a", "true", "at_least: yellow"), 0, 0, Yellow},
		"shadow minus lowers the shadow only": {rule("a", "true", "points: 50") + rule("b", "true", "points: -30", "mode: shadow"), 50, 20, Yellow},
	} {
		t.Run(name, func(t *testing.T) {
			set := load(t, c.rules)
			now := defaultNow(time.UTC)
			a, err := set.NewEvaluator().Evaluate(set.Risk("repeat"), asked(now), now)
			if err != nil || a.Score != c.score || a.ShadowScore != c.shadow || a.Level != c.level {
				t.Errorf("score %d, shadow %d, level %s (%v); want %d, %d, %s", a.Score, a.ShadowScore, a.Level, err, c.score, c.shadow, c.level)
			}
		})
	}
}

func TestConcludedIsNotScored(t *testing.T) {
	set := load(t, rule("a", "true", "points: 90"))
	now := defaultNow(time.UTC)
	f := asked(now)
	f.Concluded = true
	e := set.NewEvaluator()
	a, err := e.Evaluate(set.Risk("repeat"), f, now)
	if err != nil || a.Score != 0 || a.Level != None || len(a.Fired) != 0 || a.Unscored.ZH == "" {
		t.Errorf("got %+v, %v", a, err)
	}
	x, err := e.Explain(set.Risk("repeat"), f, now)
	if err != nil || x.Score != 0 || x.Unscored.ZH == "" || len(x.Rules) != 1 {
		t.Errorf("explain gives %+v, %v", x, err)
	}
}

func TestRowsThatCannotBeScored(t *testing.T) {
	set := load(t, rule("a", "true", "points: 90"))
	now := defaultNow(time.UTC)
	e := set.NewEvaluator()
	if _, err := e.Evaluate(set.Risk("repeat"), &Facts{Over: OverCase, Row: "x"}, now); err == nil || !strings.Contains(err.Error(), "contact") {
		t.Errorf("a row without contacts: %v", err)
	}
	f := asked(now)
	f.Over = OverGroup
	if _, err := e.Evaluate(set.Risk("repeat"), f, now); err == nil || !strings.Contains(err.Error(), "over case") {
		t.Errorf("a group in a risk over cases: %v", err)
	}
}

func TestReasons(t *testing.T) {
	set := load(t, `  - id: a
    name: {zh: 再次来件, en: asked again}
    when: count(contacts, .age <= 7) >= 2 and none(actions, .act == "replied") and (due("hotline_reply") ?? now) > now
    points: 30
    because: {zh: "来件 {{ count(contacts, .age <= 7) }} 次, 首次在 {{ case.age }} 天前", en: "on {{ case.at }}"}
    advise: {zh: "{{ case.unit }}联系信访人", en: call}
`)
	now := defaultNow(set.risks[0].Zone)
	e := set.NewEvaluator()
	f := asked(now)
	a, err := e.Evaluate(set.Risk("repeat"), f, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Fired) != 1 || a.Fired[0].Because.ZH != "" || a.Values != nil {
		t.Errorf("evaluate renders nothing, got %+v %v", a.Fired, a.Values)
	}
	if err := e.Reasons(set.Risk("repeat"), f, now, &a); err != nil {
		t.Fatal(err)
	}
	want := Fired{ID: "a", Points: 30, Name: Text{"再次来件", "asked again"},
		Because: Text{"来件 2 次, 首次在 5 天前", "on 2026-03-05 09:00"}, Advise: Text{"街道办联系信访人", "call"}}
	if diff := cmp.Diff(want, a.Fired[0]); diff != "" {
		t.Error(diff)
	}
	values := map[string]string{"count(contacts, .age <= 7)": "2", `none(actions, .act == "replied")`: "true", `due("hotline_reply")`: "2026-03-13 23:59"}
	if diff := cmp.Diff(values, a.Values); diff != "" {
		t.Error(diff)
	}
}

// What is stored after the instant must not be in the facts; what is in them
// must count by its own time only, whatever the machine's clock says.
func TestNowIsAnArgument(t *testing.T) {
	set := load(t, rule("a", "count(contacts, .age <= 7) == 2", "points: 30"))
	now := defaultNow(time.UTC)
	f := asked(now)
	for days, want := range map[int]int{0: 30, 1: 30, 3: 0, 30: 0} {
		a, err := set.NewEvaluator().Evaluate(set.Risk("repeat"), f, now.AddDate(0, 0, days))
		if err != nil || a.Score != want {
			t.Errorf("after %d days the score is %d (%v), want %d", days, a.Score, err, want)
		}
	}
}

// expr's own findLast leaves booleans on its stack, which an operator before it
// then takes for its operand.
func TestFindLastBehindAnOperator(t *testing.T) {
	now := defaultNow(time.UTC)
	for when, want := range map[string]bool{
		"1 + (findLast(contacts, false)?.people ?? 0) == 1":          true,
		"1 + (findLast(contacts, true)?.people ?? 0) == 2":           true,
		"case.people == (findLast(contacts, .age > 3)?.people ?? 7)": true,
		"case.people == (findLast(contacts, .age > 9)?.people ?? 7)": false,
	} {
		set := load(t, rule("a", when, "points: 30"))
		a, err := set.NewEvaluator().Evaluate(set.Risk("repeat"), asked(now), now)
		if err != nil || (len(a.Fired) == 1) != want {
			t.Errorf("%s: fired %v (%v), want %v", when, a.Fired, err, want)
		}
	}
}

func TestVersion(t *testing.T) {
	base := load(t, rule("a", "len(contacts) > 1", "points: 30"))
	same := load(t, "# a comment\n"+rule("a", "len( contacts )>1", "points: 30"))
	if base.Version() != same.Version() {
		t.Error("comments and spaces change the version")
	}
	seen := map[string]string{base.Version(): "base"}
	for name, body := range map[string]string{
		"another condition": rule("a", "len(contacts) > 2", "points: 30"),
		"other points":      rule("a", "len(contacts) > 1", "points: 31"),
		"shadow":            rule("a", "len(contacts) > 1", "points: 30", "mode: shadow"),
		"at_least":          rule("a", "len(contacts) > 1", "points: 30", "at_least: blue"),
		"another id":        rule("b", "len(contacts) > 1", "points: 30"),
		"another text":      strings.Replace(rule("a", "len(contacts) > 1", "points: 30"), "议", "议二", 1),
		"one more rule":     rule("a", "len(contacts) > 1", "points: 30") + rule("b", "true", "points: 1"),
	} {
		v := load(t, body).Version()
		if other, twice := seen[v]; twice {
			t.Errorf("%s has the version of %s", name, other)
		}
		seen[v] = name
	}
}

func TestLevelText(t *testing.T) {
	for l := None; l <= Red; l++ {
		text, _ := l.MarshalText()
		var back Level
		if err := back.UnmarshalText(text); err != nil || back != l {
			t.Errorf("%s reads back as %s (%v)", text, back, err)
		}
	}
	if _, err := ParseLevel("purple"); err == nil {
		t.Error("purple is a level")
	}
}
