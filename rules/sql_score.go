package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sqlRisk is a risk with its rules' conditions in SQL.
type sqlRisk struct {
	risk  *Risk
	rules []*Rule
	holds []string
}

// array is which of the rules hold, one number for each, 0 or 1.
func (r *sqlRisk) array() string {
	bits := make([]string, len(r.rules))
	for i, rule := range r.rules {
		bits[i] = fmt.Sprintf("%s /* %s */", r.holds[i], rule.ID) // an id is letters, digits, - and _: it ends no comment
	}
	return "CAST([\n        " + strings.Join(bits, ",\n        ") + "], 'Array(Int64)')"
}

// says is the tuple of the risk's id, score, shadow score, level and the rules
// that fired. It mirrors Assessment.score: points clamped to 0..100, then levels
// lifted.
func (r *sqlRisk) says(holds string) string {
	score := r.weighed(holds, func(rule *Rule) int {
		if rule.Shadow {
			return 0
		}
		return rule.Points
	})
	shadow := r.weighed(holds, func(rule *Rule) int { return rule.Points })
	lifts := make([]int, len(r.rules))
	ids := make([]string, len(r.rules))
	for i, rule := range r.rules {
		if ids[i] = quote(rule.ID); !rule.Shadow {
			lifts[i] = int(rule.AtLeast)
		}
	}
	t := r.risk.Levels
	level := fmt.Sprintf("multiIf(%[1]s >= %[2]d, 4, %[1]s >= %[3]d, 3, %[1]s >= %[4]d, 2, %[1]s >= %[5]d, 1, 0)", score, t.Red, t.Orange, t.Yellow, t.Blue)
	if slices.Max(append(lifts, 0)) > 0 {
		level = fmt.Sprintf("greatest(%s, arrayMax((holds, level) -> holds * level, %s, %s))", level, holds, literal(lifts))
	}
	return fmt.Sprintf("(%s, %s, %s, %s, arrayFilter((id, holds) -> holds = 1, CAST([%s], 'Array(String)'), %s))",
		quote(r.risk.ID), score, shadow, level, strings.Join(ids, ", "), holds)
}

// weighed is the sum of what the rules that hold weigh, within 0..100.
func (r *sqlRisk) weighed(holds string, weight func(*Rule) int) string {
	weights := make([]int, len(r.rules))
	for i, rule := range r.rules {
		weights[i] = weight(rule)
	}
	return fmt.Sprintf("least(greatest(arraySum((holds, points) -> holds * points, %s, %s), 0), 100)", holds, literal(weights))
}

// literal writes numbers as an array.
func literal(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = strconv.Itoa(n)
	}
	return "CAST([" + strings.Join(words, ", ") + "], 'Array(Int64)')"
}
