package simulate

// facts is what anyone can see of a matter now, without its group.
func (w *world) facts(m *matter, now int32) Facts {
	c := &w.district.Categories[m.category]
	last := max(m.lastAct, m.lastContact)
	return Facts(0).
		With(Hard, c.Hard).
		With(Shared, c.Shared).
		With(Light, m.purpose == inquiry || m.purpose == suggestion || m.purpose == thanks).
		With(LateAccept, m.waiting && m.transferredAt > 0 && m.acceptedAt == 0 && now > w.clock.due(m.transferredAt, 15, false)).
		With(LateReply, m.waiting && m.due > 0 && now > m.due).
		With(VeryLate, m.waiting && m.due > 0 && now > m.due+10*day).
		With(Returned, m.returned > 0).
		With(Refused, m.refusedAt > 0).
		With(Silent, m.waiting && now-last > 10*day).
		With(Unsatisfied, m.rating == dissatisfied).
		With(Satisfied, m.rating == satisfied || m.rating == basically).
		With(Uncalled, !m.waiting && m.answeredAt > 0 && !m.called && now-m.answeredAt >= 7*day).
		With(Doubled, m.doubled).
		With(Again, m.repeats > 0).
		With(AgainTwice, m.repeats > 1).
		With(InVain, m.inVain).
		With(Higher, m.higher).
		With(InPerson, m.inPerson).
		With(Signed, m.people > 1 && m.people < 5)
}

// answered is how many days ago the last thing happened to an answered matter; -1 while it waits.
func (m *matter) answered(now int32) float64 {
	if m.waiting {
		return -1
	}
	return float64(now-max(m.answeredAt, m.lastAct, m.lastContact)) / day
}

// hazard is the true hazard per day of repeat and escalated.
func (w *world) hazard(m *matter, now int32) (repeat, escalated float64) {
	if m.person == 0 || m.over || now-m.lastContact < day {
		return 0, 0 // an anonymous matter cannot be seen to come back
	}
	f := w.facts(m, now)
	n := w.groups.at(m.group).within(now)
	f = f.With(Two, n > 1).With(Three, n > 2)
	rest := m.answered(now)
	return w.model.Hazard(Repeat, f, rest), w.model.Hazard(Escalated, f, rest)
}

// gather is the true hazard per day that a group becomes collective.
func (w *world) gather(g *group, now int32) float64 {
	if g.collectiveAt > 0 {
		return 0
	}
	const good = Facts(1<<Light | 1<<Satisfied) // hold for the group only if for all its matters
	f, all, rest, living := Facts(0), good, 1e9, false
	for _, id := range g.matters {
		m := w.matters.at(id)
		if m.over {
			continue
		}
		living = true
		one := w.facts(m, now)
		f, all = f|one, all&one
		rest = min(rest, m.answered(now))
	}
	if !living {
		return 0
	}
	n := g.within(now)
	f = f&^good | all
	return w.model.Hazard(Collective, f.With(Two, n > 1).With(Three, n > 2), rest)
}

// truths tells the true hazard of everything that lives.
func (w *world) truths(tell func(Truth)) {
	at := w.clock.time(w.now)
	for id := range w.matters.next {
		if m := w.matters.at(id); m.alive {
			repeat, escalated := w.hazard(m, w.now)
			tell(Truth{at, Repeat, m.id, repeat})
			tell(Truth{at, Escalated, m.id, escalated})
		}
	}
	for id := range w.groups.next {
		if g := w.groups.at(id); g.alive {
			tell(Truth{at, Collective, g.id, w.gather(g, w.now)})
		}
	}
}
