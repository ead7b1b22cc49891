package rulestest

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing/fstest"

	"yujing/rules"
)

// Risk is the id of the one risk of a set that Load gives.
const Risk = "random"

// Load makes a set of one risk over rows of a kind, in Asia/Shanghai, with a
// rule of one point for each condition: r0, r1, ... in their order. Rules may cost what they
// like: what check refuses for its cost alone, the engines must still agree on.
func Load(over rules.Over, conditions []string) (*rules.Set, error) {
	var b strings.Builder
	b.WriteString("risk: " + Risk + "\nrules:\n")
	for i, when := range conditions {
		quoted, err := json.Marshal(when) // JSON is YAML, whatever the text holds
		if err != nil {
			return nil, fmt.Errorf("write condition %d: %w", i, err)
		}
		fmt.Fprintf(&b, "  - {id: r%d, points: 1, name: {zh: 名, en: name}, because: {zh: 因, en: because}, advise: {zh: 议, en: advise}, when: %s}\n", i, quoted)
	}
	risk := "risks:\n  - {id: " + Risk + ", name: {zh: 名, en: name}, over: " + string(over) +
		", levels: {blue: 30, yellow: 50, orange: 70, red: 90}, horizon: 90d, zone: Asia/Shanghai, outcome: it.again}\n"
	set, problems := rules.Load(fstest.MapFS{"risks.yaml": {Data: []byte(risk)}, "rules.yaml": {Data: []byte(b.String())}}, rules.Options{MaxCost: math.MaxInt})
	if len(problems) > 0 {
		p := problems[0]
		return nil, fmt.Errorf("%d problems, the first in line %d: %s (%s)", len(problems), p.Line, p.Message, p.Help)
	}
	return set, nil
}
