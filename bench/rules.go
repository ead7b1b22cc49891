package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"yujing/rules"
)

// ruleCount is how many rules the tick evaluates: the shipped ones, and as many
// of those below as are missing.
const ruleCount = 50

// moreRules are conditions as analysts write them, by risk.
func moreRules() []struct{ risk, when string } {
	return []struct{ risk, when string }{
		{"repeat", `count(contacts, .age <= 30) >= 3`},
		{"escalated", `complainants(filter(group, .age <= 30)) >= 6`},
		{"collective", `count(contacts, .age <= 14) >= 4`},
		{"repeat", `any(actions, .act == "rated" and (.rating ?? "") == "not" and .age <= 30)`},
		{"escalated", `count(actions, .act in ["transferred", "assigned"] and .age <= 60) >= 2 and none(actions, .act == "replied")`},
		{"repeat", `any(contacts, .text matches "停水|停电|停暖|电梯") and none(actions, .act == "visited")`},
		{"escalated", `any(contacts, {let c = #; c.again and none(actions, .at > c.at and .act in ["replied", "closed"])})`},
		{"collective", `complainants(filter(contacts, .channel in ["visit", "letter"])) >= 3`},
		{"repeat", `workdays(case.at, now) > 60 and none(actions, .act == "replied")`},
		{"escalated", `(last(filter(actions, .rating != nil))?.rating ?? "") == "not" and case.age <= 120`},
		{"repeat", `count(group, .age <= 7 and not .mine) >= 3`},
		{"escalated", `case.category[0] == "城乡建设" and any(contacts, .people >= 3)`},
		{"collective", `any(contacts, .text contains "安全隐患") and none(actions, .act == "visited" and .age <= 30)`},
		{"repeat", `sum(map(contacts, .people)) >= 5`},
		{"escalated", `(case.level ?? 0) >= city and case.age <= 90`},
		{"repeat", `(latest(filter(actions, .act == "accepted")) ?? case.at) > case.at and overdue("reply")`},
		{"escalated", `count(actions, .act == "supervised") >= 2`},
		{"collective", `(max(map(contacts, .people)) ?? 1) >= 4 and count(contacts, .age <= 30) >= 2`},
		{"repeat", `any(actions, .act == "extended" and .age > 30) and none(actions, .act == "closed")`},
		{"escalated", `complainants(contacts) >= 2 and case.channel in ["visit", "letter"]`},
		{"repeat", `len(contacts) >= 4 and count(actions, .age <= 14) == 0`},
		{"escalated", `case.age > 45 and count(actions, .act == "returned") >= 1`},
	}
}

// ruleSet is the shipped rules with generated ones up to ruleCount, as an
// operator would have them: a copy of the directory with one file more for each risk.
func (b *bench) ruleSet() (*rules.Set, error) {
	dir := filepath.Join(b.dir, "rules.d")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	if err := os.CopyFS(dir, os.DirFS(b.rules)); err != nil {
		return nil, err
	}
	shipped, problems := rules.Load(os.DirFS(dir), rules.Options{})
	if err := problems.Err(); err != nil {
		return nil, err
	}
	n := 0
	for _, r := range shipped.Risks() {
		n += len(r.Rules)
	}
	more := moreRules()
	if n+len(more) < ruleCount {
		return nil, fmt.Errorf("%d rules ship and %d are generated, not %d in all: add some", n, len(more), ruleCount)
	}
	conditions := map[string][]string{}
	for _, m := range more[:max(0, ruleCount-n)] {
		conditions[m.risk] = append(conditions[m.risk], m.when)
	}
	for risk, list := range conditions {
		if err := writeRules(filepath.Join(dir, "more-"+risk+".yaml"), risk, list); err != nil {
			return nil, err
		}
	}
	set, problems := rules.Load(os.DirFS(dir), rules.Options{})
	return set, problems.Err()
}

// writeRules writes a file of rules for a risk, one for each condition. Their
// ids are risk-0, risk-1, ...
func writeRules(file, risk string, conditions []string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "risk: %s\nrules:\n", risk)
	for i, when := range conditions {
		fmt.Fprintf(&text, "  - id: %[1]s-%[2]d\n    name: {zh: 规则%[2]d, en: rule %[2]d}\n    when: |\n      %[3]s\n    points: %[4]d\n", risk, i, when, 1+i%7)
		text.WriteString("    because: {zh: '来件 {{ len(contacts) }} 次', en: '{{ len(contacts) }} contacts'}\n    advise: {zh: 请联系信访人, en: call the complainant}\n")
	}
	return os.WriteFile(file, []byte(text.String()), 0o644)
}
