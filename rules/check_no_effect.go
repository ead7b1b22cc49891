package rules

// idleEffects finds what a rule promises and never does: no points and no level,
// or a level that its own points reach already, where no rule takes points away.
func (s *subject) idleEffects() {
	taken := !s.whole // what a rule with an error takes away is not known
	for _, r := range s.rules {
		taken = taken || (r.Points < 0 && !r.Shadow)
	}
	for _, r := range s.rules {
		switch {
		case r.Points == 0 && r.AtLeast == None:
			r.warn(r.keys["points"], "no-effect", "give it points or at_least, or take it out", "rule %s adds nothing to the score", r.ID)
		case r.AtLeast != None && !taken && s.written.whole && s.risk.Levels.Level(r.Points) >= r.AtLeast:
			r.warn(r.keys["at_least"], "no-effect", "leave at_least out, or lift higher", "rule %s reaches %s by its %d points alone", r.ID, r.AtLeast, r.Points)
		}
	}
}
