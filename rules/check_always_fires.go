package rules

// alwaysFires finds a condition that holds on every row: its points tell nothing.
func (r *lintRule) alwaysFires() {
	if r.always {
		r.warn(r.keys["when"], "always-fires", "ask for what only some matters have, or take the rule out", "rule %s fires on every row", r.ID)
	}
}
