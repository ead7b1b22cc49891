package rules

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

const amendedRules = `# How it was handled.
risk: repeat
rules:
  - id: asked-twice   # a comment
    name: {zh: 两次来件, en: asked twice}
    when: |
      count(contacts, .age <= 7 and .who != 0) >= 2
        and none(actions, .age < 30.5)
    points:   30      # tried: 25
    because: {zh: "七日内来件", en: within 7 days}
    advise: {zh: 联系信访人, en: call}
  - {id: in-flow, name: {zh: 流, en: flow}, when: '(contacts[0]?.age ?? 0.0) > 15 and (case.above ?? 0) == 1', points: 10, because: {zh: 一}, advise: {zh: 二}}
`

func amendedFS(text string) fstest.MapFS {
	return fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)}, "repeat.yaml": {Data: []byte(text)}}
}

func TestNumbersAreThoseThatSomethingIsComparedWith(t *testing.T) {
	set, problems := Load(amendedFS(amendedRules), Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"asked-twice": "7 2 30.5", "in-flow": "15 1"} {
		var got []string
		for _, n := range set.Risk("repeat").rule(id).Numbers() {
			got = append(got, n.Text)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s has the numbers %q, want %q", id, s, want)
		}
	}
}

func TestAmendChangesNothingElse(t *testing.T) {
	for _, eol := range []string{"\n", "\r\n"} {
		fsys := amendedFS(strings.ReplaceAll(amendedRules, "\n", eol))
		set, _ := Load(fsys, Options{})
		asked, flow := set.Risk("repeat").rule("asked-twice"), set.Risk("repeat").rule("in-flow")
		points, negative := 25, -100
		files, err := Amend(fsys, Options{}, []Amendment{
			{Rule: "asked-twice", Points: &points, Numbers: []NewNumber{{asked.Numbers()[0], "14"}, {asked.Numbers()[2], "45"}}},
			{Rule: "in-flow", Points: &negative, Numbers: []NewNumber{{flow.Numbers()[0], "8"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer(".age <= 7", ".age <= 14", "30.5", "45", "  30  ", "  25  ", "> 15", "> 8", "points: 10", "points: -100").
			Replace(string(fsys["repeat.yaml"].Data))
		if len(files) != 1 || files[0].Name != "repeat.yaml" || string(files[0].After) != want {
			t.Errorf("%q: %d files, first:\n%s\nwant:\n%s", eol, len(files), files[0].After, want)
		}
	}
}

// The shipped rules are as people write them; every number of theirs can be amended.
func TestEveryNumberOfTheShippedRulesCanBeAmended(t *testing.T) {
	fsys := os.DirFS("../rules.d")
	set, problems := Load(fsys, Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	numbers := 0
	for _, risk := range set.Risks() {
		var all []Amendment
		for _, rule := range risk.Rules {
			points := rule.Points + 1
			a := Amendment{Rule: rule.ID, Points: &points}
			for _, n := range rule.Numbers() {
				a.Numbers = append(a.Numbers, NewNumber{n, "12"})
				numbers++
			}
			all = append(all, a)
		}
		files, err := Amend(fsys, Options{}, all)
		if err != nil || len(files) != 1 {
			t.Errorf("%s: %d files, %v", risk.ID, len(files), err)
		}
	}
	if numbers < 25 {
		t.Errorf("%d numbers in the shipped rules", numbers)
	}
}

func TestAmendmentThatBreaksARuleIsRefused(t *testing.T) {
	fsys := amendedFS(amendedRules)
	set, _ := Load(fsys, Options{})
	n := set.Risk("repeat").rule("asked-twice").Numbers()[0]
	if _, err := Amend(fsys, Options{}, []Amendment{{Rule: "asked-twice", Numbers: []NewNumber{{n, "7 7"}}}}); err == nil {
		t.Error("7 7 is no number, and was written")
	}
	points := 101
	if _, err := Amend(fsys, Options{}, []Amendment{{Rule: "asked-twice", Points: &points}}); err == nil {
		t.Error("101 points were written")
	}
}

func TestOnlyKeepsNumbersOfRulesAndPutsVariantsBehind(t *testing.T) {
	set, _ := Load(amendedFS(amendedRules), Options{})
	risk := set.Risk("repeat")
	rule := risk.rule("asked-twice")
	v, err := rule.Variant("asked-twice~1", rule.With(rule.Numbers()[1], "3"))
	if err != nil {
		t.Fatal(err)
	}
	only := set.Only(risk, v)
	all := only.Numbered(OverCase)
	if len(only.Risks()) != 1 || len(all) != len(risk.Rules)+1 || all[0] != risk.Rules[0] || all[len(all)-1] != v {
		t.Errorf("%d risks, %d rules", len(only.Risks()), len(all))
	}
	if !strings.Contains(v.When, ">= 3") || v.Points != 0 || !v.Shadow || only.Version() == set.Version() {
		t.Errorf("variant %+v", v)
	}
	if _, err := rule.Variant("x", "count(contacts, .age <= 1"); err == nil {
		t.Error("a broken condition was compiled")
	}
}
