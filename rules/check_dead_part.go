package rules

import "fmt"

// deadParts finds operands of "and" and "or" that decide nothing: they never
// hold, or always do, whatever the row. Of parts within parts the outermost is told.
func (r *lintRule) deadParts() {
	if r.never || r.always {
		return
	}
	toldTo := -1
	for _, p := range r.parts { // outermost first, see reader.part
		from, to := span(p.node)
		if from < toldTo {
			continue
		}
		verdict := ""
		switch {
		case r.logic.impossible(p.formula):
			verdict = "never holds"
		case r.logic.impossible(negated(p.formula)):
			verdict = "always holds"
		default:
			continue
		}
		toldTo = to
		r.warnInside(r.keys["when"], p.node, "dead-part", "mend it, or leave it out",
			fmt.Sprintf("a part of rule %s decides nothing: %s %s", r.ID, show(p.node), verdict))
	}
}
