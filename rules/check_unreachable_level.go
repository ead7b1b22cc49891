package rules

import (
	"fmt"
	"strings"
)

// unreachableLevel finds levels that a risk names and no row can reach: all
// points together are too few, and no rule lifts so high.
func (s *subject) unreachableLevel() {
	if !s.whole || !s.written.whole {
		return
	}
	points, lifted := 0, None
	var first *lintRule
	for _, r := range s.inOrder() {
		if first == nil {
			first = r
		}
		if r.Shadow || r.never {
			continue
		}
		points, lifted = points+max(0, r.Points), max(lifted, r.AtLeast)
	}
	if points == 0 && lifted == None {
		return // all on trial, or nothing but rules that take away
	}
	var out []string
	for level := Blue; level <= Red; level++ {
		if s.risk.Levels.least(level) > points && lifted < level {
			out = append(out, fmt.Sprintf("%s (%d)", level, s.risk.Levels.least(level)))
		}
	}
	if len(out) > 0 {
		first.warn(first.written.risk, "unreachable-level", "give more points, or lower the thresholds in "+risksFile,
			"no row of risk %s can reach %s: all its points add up to %d", s.risk.ID, strings.Join(out, ", "), points)
	}
}

// least is the score from which a row has a level.
func (t Thresholds) least(l Level) int {
	switch l {
	case Blue:
		return t.Blue
	case Yellow:
		return t.Yellow
	case Orange:
		return t.Orange
	}
	return t.Red
}
