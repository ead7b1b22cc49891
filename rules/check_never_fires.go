package rules

import "fmt"

// neverFires finds a condition that contradicts itself, and the parts of it that do.
func (r *lintRule) neverFires() {
	if !r.never {
		return
	}
	r.contradiction(r.written, "when", fmt.Sprintf("rule %s can never fire", r.ID))
}

// contradiction tells which parts of a condition never hold, alone or together.
func (x *reading) contradiction(at *written, key, what string) {
	help := "mend the condition, or take it out"
	list := x.logic.reader(x.program).conjuncts(x.program.tree, place{})
	for _, p := range list {
		if x.logic.impossible(p.formula) {
			at.warnInside(at.keys[key], p.node, "never-fires", help, fmt.Sprintf("%s: %s never holds", what, show(p.node)))
			return
		}
	}
	for i, q := range list {
		for _, p := range list[:i] {
			if x.logic.impossible(p.formula, q.formula) {
				at.warnInside(at.keys[key], q.node, "never-fires", help, fmt.Sprintf("%s: %s and %s never hold together", what, show(p.node), show(q.node)))
				return
			}
		}
	}
	at.warn(at.keys[key], "never-fires", help, "%s: its condition contradicts itself", what)
}

// outcomeIsOdd finds an outcome that no row has, or every row.
func (s *subject) outcomeIsOdd() {
	if !s.written.whole || s.risk.outcome == nil {
		return
	}
	x := s.logic.readAll(s.risk.outcome)
	switch {
	case x.never:
		x.contradiction(s.written, "outcome", fmt.Sprintf("the outcome of risk %s can never happen", s.risk.ID))
	case x.always:
		s.warn(s.keys["outcome"], "always-fires", "say which signal it is that should not have come", "the outcome of risk %s is the first signal of every row", s.risk.ID)
	}
}

// cohortIsOdd finds a cohort that no row is in. It is asked of first contacts alone.
func (s *subject) cohortIsOdd(outcomes *scope) {
	if !s.written.whole || s.risk.cohort == nil {
		return
	}
	nobody := fmt.Sprintf("no row is in the cohort of risk %s", s.risk.ID)
	if x := s.logic.readAll(s.risk.cohort); x.never {
		x.contradiction(s.written, "cohort", nobody)
		return
	}
	first, mistakes := compile("("+s.risk.Cohort+`) and it.act == "" and len(before) == 0`, outcomes)
	if len(mistakes) == 0 && s.logic.readAll(first).never {
		s.warn(s.keys["cohort"], "never-fires", "it is asked of the first contact of a row, which has no act and nothing before it", "%s", nobody)
	}
}
