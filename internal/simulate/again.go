package simulate

// Steps of 复查 and 复核, and what superiors do.
const (
	reviewTransfer uint8 = iota
	reviewAnswer
	reReviewTransfer
	reReviewHearing
	reReviewAnswer
	reReviewConclude
	reviewSupervise
)

// nextTemptation plans when the hazard of a matter is asked next. Thinning: the
// instants come at a rate that bounds the hazard, and count with probability
// hazard/rate, which is exact however the hazard moves between them. While a
// matter rests little can happen to raise its hazard, so that a lower rate
// bounds it for a month; whatever wakes it (see contact) plans anew.
func (w *world) nextTemptation(id uint32, m *matter) {
	const month = 30 * day
	rate := w.model.Cap[Repeat] + w.model.Cap[Escalated]
	rests := m.stage == stageNone && !m.waiting && !m.coming && !m.reviewing && w.now-m.lastContact >= day
	if rests {
		repeat, escalated := w.hazard(m, w.now)
		rate = min(rate, 3*(repeat+escalated)+1e-9) // uncalled, two and three together add less than log 3
	}
	m.bound, m.tempted = rate, m.tempted+1
	after := 1 + m.r.exp(day/rate)
	m.asked = !rests || after < month
	w.at(w.now+int32(min(after, month)), evTempt, id, m, m.tempted)
}

// tempt asks whether the person comes again, or higher.
func (w *world) tempt(id uint32, m *matter) error {
	if w.settled(m) {
		return w.retire(id, m)
	}
	rate, asked := m.bound, m.asked
	w.nextTemptation(id, m)
	if m.coming || !asked {
		return nil
	}
	repeat, escalated := w.hazard(m, w.now)
	u := m.r.float() * rate
	switch {
	case u < escalated:
		m.coming = true
		w.at(w.sometime(m, true), evCome, id, m, comeHigher)
	case u < escalated+repeat && m.repeats < 8:
		m.coming = true
		w.at(w.sometime(m, false), evCome, id, m, comeRepeat)
	}
	return nil
}

// sometime is an hour within a day at which people come, never within a day of
// the last contact.
func (w *world) sometime(m *matter, office bool) int32 {
	t := w.now - w.now%day + w.clock.hourOfDay(&m.r)
	for t < w.now || t < m.lastContact+day+minute {
		t += day
	}
	if office && !w.clock.open(t) {
		t = w.clock.work(t, 0.05+0.9*m.r.float())
	}
	return t
}

// settled says that nothing more is to be expected of a matter.
func (w *world) settled(m *matter) bool {
	if m.stage != stageNone || m.coming || m.reviewing || m.waiting {
		return false
	}
	quiet := w.now - max(m.lastContact, m.lastAct)
	return quiet > 75*day || m.over && quiet > 30*day
}

// retire writes the truth about a matter and forgets it.
func (w *world) retire(id uint32, m *matter) error {
	w.endRound(m)
	g := w.groups.at(m.group)
	for i, other := range g.matters {
		if other == id {
			g.matters = append(g.matters[:i], g.matters[i+1:]...)
			break
		}
	}
	err := w.out.matter(m)
	m.alive = false
	m.gen++
	w.matters.give(id)
	return err
}

// come is a person's next contact on a matter.
func (w *world) come(id uint32, m *matter, how uint8) error {
	if how == comeRepeat || how == comeHigher {
		m.coming = false
	}
	if m.over && how != comeAfter {
		return nil
	}
	if how == comeAfter {
		return w.comeAfter(id, m)
	}
	r := &m.r
	rec := record{purpose: m.purpose, people: 1, level: county, competent: w.competent(m), channel: w.channel(r)}
	again := w.now-m.lastContact >= day
	switch how {
	case comeReview, comeReReview:
		if again {
			w.askReview(id, m, how)
		}
		return nil
	case comeHigher:
		w.higherUp(r, &rec)
	case comeJointly:
		rec.people, rec.channel = uint16(5+r.below(10)), visit
	}
	if how != comeDouble && !again { // a contact in between made it one of the same day
		w.at(w.sometime(m, false), evCome, id, m, how)
		m.coming = how != comeJointly
		return nil
	}
	if how == comeDouble && again {
		return nil
	}
	w.relate(m, &rec)
	w.again(m, &rec, how)
	w.contact(id, m, rec)
	return nil
}

// again counts a coming before its contact is written down.
func (w *world) again(m *matter, rec *record, how uint8) {
	r, f := &m.r, w.facts(m, w.now)
	if how == comeDouble {
		m.doubled = m.contacts == 1 || m.doubled
		if m.outcome.double == 0 {
			m.outcome.double = w.now
			w.report.Doubles++
		}
		return
	}
	missed := f.Has(LateReply) || f.Has(LateAccept) || m.outcome.missedReply || m.outcome.missedAccept
	rec.marks |= marks(r, markInVain, 0.45) | marks(r, markHigher, 0.10) | marks(r, markHarm, 0.004)
	if rec.people == 1 && r.chance(0.04) {
		rec.people = signers(r)
	}
	m.repeats++
	if m.outcome.repeat == 0 {
		m.outcome.repeat, m.outcome.afterMissed = w.now, missed
		w.report.Repeat++
		if missed {
			w.report.AfterMissed++
		}
	}
}

// higherUp makes a contact one that goes two levels or more above the competent organ.
func (w *world) higherUp(r *rng, rec *record) {
	rec.level = rec.competent + 2
	if r.chance(0.15) && rec.level < nation {
		rec.level++
	}
	rec.channel = []uint8{visit, visit, visit, letter, online}[r.below(5)]
}

// relate states the number of an earlier record, as clerks do when the system
// or the person knows it.
func (w *world) relate(m *matter, rec *record) {
	prior := w.records.at(m.current).refKey
	if m.r.chance(0.55) && prior.source == w.source(rec.channel, rec.level, rec.competent) {
		rec.related = prior
	}
}

// nextGathering plans when the hazard of a group is asked next.
func (w *world) nextGathering(gid uint32, g *group) {
	after := 1 + int32(w.groupRNG(g).exp(day/w.model.Cap[Collective]))
	w.queue.push(event{at: w.now + after, kind: evGather, id: gid, gen: g.gen})
}

// groupRNG is a generator for what a group does at this instant.
func (w *world) groupRNG(g *group) *rng {
	r := newRNG(w.seed, 4, g.id, uint64(w.now))
	return &r
}

// temptGroup asks whether a group becomes collective, and forgets groups long silent.
func (w *world) temptGroup(gid uint32, g *group) error {
	if len(g.matters) == 0 && w.now-g.last > 90*day {
		delete(w.byKey, g.key)
		err := w.out.group(g)
		g.alive = false
		g.gen++
		w.groups.give(gid)
		return err
	}
	w.nextGathering(gid, g)
	r := w.groupRNG(g)
	r.next()
	if len(g.matters) == 0 || r.float()*w.model.Cap[Collective] >= w.gather(g, w.now) {
		return nil
	}
	return w.gatherNow(gid, g, r)
}

// gatherNow makes a group collective: its chat group agrees to call, or one
// signs for many, or they come together.
func (w *world) gatherNow(gid uint32, g *group, r *rng) error {
	first := w.matters.at(g.matters[0])
	switch u := r.float(); {
	case u < 0.4: // five or more call within hours
		for range 4 + r.below(4) {
			w.queue.push(event{at: w.now + int32(r.below(20*hour)), kind: evJoin, id: gid, gen: g.gen})
		}
		return w.join(gid, g)
	case u < 0.5 && first.person != 0 && !first.over && w.now-first.lastContact >= day:
		w.at(w.clock.work(w.now, r.float()), evCome, g.matters[0], first, comeJointly)
		return nil
	}
	id, m := w.born()
	w.like(m, g)
	m.person = m.id
	return w.enter(id, m, uint16(5+r.below(15)))
}

// askReview is the request for 复查 or 复核: a right, never a bad repeat.
func (w *world) askReview(id uint32, m *matter, how uint8) {
	rec := record{purpose: reviewRequest, people: 1, level: county, competent: county, channel: letter, marks: markReview}
	if how == comeReReview {
		rec.purpose, rec.level, rec.competent, rec.marks = reReviewRequest, city, city, markReReview
		m.outcome.reReview = w.now
	} else {
		m.outcome.review = w.now
		w.report.Reviews++
	}
	if w.clock.open(w.now) && m.r.chance(0.6) {
		rec.channel = visit
	}
	before := m.inPerson
	n := w.contact(id, m, rec)
	m.inPerson = before
	m.reviewing = true
	m.reviewRecord = n
	step := reviewTransfer
	if how == comeReReview {
		step = reReviewTransfer
	}
	w.at(w.clock.work(w.now, 0.5+m.r.exp(2)), evReview, id, m, step)
}

// reviewStep takes 复查 and 复核 further, and lets superiors press an overdue matter.
func (w *world) reviewStep(id uint32, m *matter, step uint8) {
	r, n := &m.r, m.reviewRecord
	switch step {
	case reviewSupervise:
		if m.waiting && w.now > m.due {
			w.do(m, m.current, supervised)
		}
	case reviewTransfer, reReviewTransfer:
		w.records.at(n).unit = uint8(justice) // the district's review office sits there
		w.do(m, n, transferred)
		answer := w.now + int32(12+r.below(21))*day
		if step == reReviewTransfer {
			if r.chance(0.4) {
				w.at(w.clock.work(w.now+8*day, 0.3), evReview, id, m, reReviewHearing)
			}
			w.at(w.clock.work(answer, 0.5), evReview, id, m, reReviewAnswer)
			return
		}
		w.at(w.clock.work(answer, 0.5), evReview, id, m, reviewAnswer)
	case reviewAnswer:
		w.do(m, n, reviewed)
		m.reviewing = false
		w.release(n)
		if r.chance(0.5) {
			w.at(w.clock.work(w.now+int32(3+r.below(23))*day, 0.3), evCome, id, m, comeReReview)
		}
	case reReviewHearing:
		w.do(m, n, hearing)
	case reReviewAnswer:
		w.do(m, n, reReviewed)
		w.at(w.clock.work(w.now, 1), evReview, id, m, reReviewConclude)
	case reReviewConclude:
		w.do(m, n, concluded)
		w.release(n)
		m.reviewing, m.over, m.outcome.concluded = false, true, w.now
		w.report.Concluded++
		if r.chance(0.45) {
			w.at(w.now+5*day+int32(r.exp(20*day)), evCome, id, m, comeAfter)
		}
	}
}

// comeAfter is the person's contact after conclusion: a new matter.
func (w *world) comeAfter(_ uint32, old *matter) error {
	id, m := w.born()
	old.outcome.after = w.now
	w.report.AfterConclusion++
	m.previous, m.person = old.id, old.person
	m.purpose, m.category, m.place, m.subject = old.purpose, old.category, old.place, old.subject
	return w.enter(id, m, 1)
}
