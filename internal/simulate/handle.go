package simulate

import "math"

// takeUp hands a new record to the offices: it starts a round of handling, or
// joins the round that its matter still waits for.
func (w *world) takeUp(id uint32, m *matter, n uint32) {
	if m.waiting {
		m.also = append(m.also, n)
		w.at(w.now+hour+int32(m.r.exp(4*hour)), evAlso, id, m, 0)
		return
	}
	if m.stage != stageNone || m.contacts > 1 {
		w.endRound(m)
	}
	m.current, m.waiting = n, true
	m.round++
	m.transferredAt, m.acceptedAt, m.due, m.answeredAt = 0, 0, 0, 0
	m.called, m.stuck = false, false
	m.stage = stageTransfer
	w.at(w.transferTime(&m.r, w.records.at(n).source), evStep, id, m, m.round)
}

// transferTime is when the register sends a new record to a unit.
func (w *world) transferTime(r *rng, source uint8) int32 {
	switch source {
	case fromHotline: // the hotline works around the clock
		return w.now + 10*minute + int32(r.exp(2*hour))
	case fromOnline:
		return w.clock.work(w.now, 0.1+r.exp(0.4))
	}
	if r.chance(0.02) {
		return w.clock.work(w.now, 11+r.exp(4)) // lies about
	}
	return w.clock.work(w.now, 0.3+r.exp(1.5))
}

// transferAlso sends on the records that came while the matter waits. The stated
// deadline stays that of the first.
func (w *world) transferAlso(m *matter) {
	if !m.waiting || m.transferredAt == 0 {
		return
	}
	for _, n := range m.also {
		if rec := w.records.at(n); rec.times[transferred] == 0 {
			rec.unit, rec.dueFrom = m.unit, m.transferredAt
			rec.times[transferred] = w.now
			w.report.Actions++
			w.touch(n, transferred)
		}
	}
}

// slow is by how much a unit's time is multiplied now: its quality, its load of
// the week, the class. None of these is in a feed.
func (w *world) slow(m *matter) float64 {
	bad := 1 - w.district.Units[m.unit].quality
	week := newRNG(w.seed, 3, uint64(m.unit), uint64(w.now/(7*day)))
	s := math.Exp(0.9*(bad-0.45)) * week.lognormal(1, 0.3)
	if w.district.Categories[m.category].Hard {
		s *= 1.35
	}
	return s
}

// pace is how many working days a good unit takes, by source.
type pace struct {
	accept, reply float64
	limit         int // days of the stated deadline
	working       bool
	extension     int // days
}

func paceOf(source uint8) pace {
	switch source {
	case fromHotline:
		return pace{accept: 0.5, reply: 1.9, limit: 5, working: true, extension: 5}
	case fromOnline:
		return pace{accept: 1, reply: 3.6, limit: 10, working: true, extension: 5}
	}
	return pace{accept: 4, reply: 17, limit: 60, extension: 30}
}

// dueOf is the deadline that the record states; 0 = none.
func (c *clock) dueOf(source uint8, from int32, longer bool) int32 {
	p := paceOf(source)
	due := c.due(from, p.limit, p.working)
	if longer {
		due = c.due(due, p.extension, p.working)
	}
	return due
}

// step takes a round one stage further.
func (w *world) step(id uint32, m *matter) {
	switch m.stage {
	case stageTransfer:
		w.transfer(id, m)
	case stageDecide:
		w.decide(id, m)
	case stageExtend:
		w.do(m, m.current, extended)
		rec := w.records.at(m.current)
		m.due = w.clock.dueOf(rec.source, m.transferredAt, true)
		m.stage = stageReply
	case stageReply:
		w.reply(id, m)
	case stageClose:
		w.close(id, m)
	case stageCall:
		w.callBack(id, m)
	case stageRate:
		w.rate(m)
		m.stage = stageNone
	}
}

// next plans the next stage this many working days from now.
func (w *world) next(id uint32, m *matter, stage uint8, days float64) {
	m.stage = stage
	w.at(w.clock.work(w.now, days), evStep, id, m, m.round)
}

func (w *world) transfer(id uint32, m *matter) {
	rec := w.records.at(m.current)
	rec.unit, rec.dueFrom = m.unit, w.now
	m.transferredAt = w.now
	m.due = w.clock.dueOf(rec.source, w.now, false)
	if rec.source == fromBureau && rec.level >= county && m.r.chance(0.3) {
		w.do(m, m.current, assigned)
	} else {
		w.do(m, m.current, transferred)
	}
	w.transferAlso(m)
	p := paceOf(rec.source)
	w.next(id, m, stageDecide, m.r.lognormal(p.accept, 0.6)*w.slow(m))
}

// decide is when a unit sends a matter back, refuses it, or accepts it.
func (w *world) decide(id uint32, m *matter) {
	r := &m.r
	bad := 1 - w.district.Units[m.unit].quality
	serious := m.purpose == complaint || m.purpose == request
	switch u := r.float(); {
	case serious && m.returned < 3 && u < 0.02+0.10*bad:
		w.do(m, m.current, returned)
		m.returned++
		m.unit = uint8(w.district.otherUnit(int(m.category), int(m.place), int(m.unit)))
		w.next(id, m, stageTransfer, 0.2+r.exp(0.5))
		return
	case serious && u > 0.992-0.02*bad:
		w.do(m, m.current, notAccepted)
		m.refusedAt, m.answeredAt, m.waiting = w.now, w.now, false
		w.next(id, m, stageClose, 0.5+r.exp(1))
		return
	case u > 0.40 && u < 0.40+0.10*bad*bad+0.01: // works without a word
	default:
		w.do(m, m.current, accepted)
		m.acceptedAt = w.now
	}
	w.planReply(id, m, bad)
}

// planReply draws when the answer will come and what happens on the way there.
func (w *world) planReply(id uint32, m *matter, bad float64) {
	r := &m.r
	p := paceOf(w.records.at(m.current).source)
	slow := w.slow(m)
	m.outcome.slowness = float32(slow)
	days := r.lognormal(p.reply, 0.5) * slow
	if r.chance(0.015 + 0.07*bad*bad) {
		m.stuck = true
		days = days*2.5 + 8
	}
	at := w.clock.work(w.now, days)
	if at > m.due {
		if r.chance(0.15 + 0.35*(1-bad)) {
			w.at(m.due+1-day+opens+int32(r.below(8*hour)), evStep, id, m, m.round)
			m.stage = stageExtend
			w.at(at, evStep, id, m, m.round)
			return
		}
		if at > m.due+10*day && r.chance(0.4) {
			w.at(m.due+8*day, evReview, id, m, reviewSupervise)
		}
	}
	m.stage = stageReply
	w.at(at, evStep, id, m, m.round)
}

func (w *world) reply(id uint32, m *matter) {
	r := &m.r
	c := &w.district.Categories[m.category]
	quality := w.district.Units[m.unit].quality
	w.do(m, m.current, replied)
	m.answeredAt, m.waiting = w.now, false
	w.missed(m)
	hard := 0.0
	if c.Hard {
		hard = 1
	}
	m.solved = r.chance(0.35 + 0.50*quality - 0.22*hard)
	if m.purpose == inquiry || m.purpose == suggestion || m.purpose == thanks {
		m.solved = r.chance(0.95)
	}
	if !m.solved && m.person != 0 && m.outcome.review == 0 && !m.over && r.chance(0.035) {
		w.at(w.clock.work(w.now+int32(4+r.below(22))*day, 0.3), evCome, id, m, comeReview)
	}
	w.next(id, m, stageClose, 0.1+r.exp(0.5))
}

// missed notes for the truth which deadlines the round missed.
func (w *world) missed(m *matter) {
	o := &m.outcome
	o.missedReply = o.missedReply || w.now > m.due
	limit := w.clock.due(m.transferredAt, 15, false)
	o.missedAccept = o.missedAccept || m.acceptedAt == 0 && w.now > limit || m.acceptedAt > limit
}

func (w *world) close(id uint32, m *matter) {
	w.do(m, m.current, closed)
	for _, n := range m.also {
		w.records.at(n).times[closed] = w.now
		w.report.Actions++
		w.touch(n, closed)
		w.release(n)
	}
	m.also = m.also[:0]
	if m.r.chance(0.25 + 0.55*w.district.Units[m.unit].quality) {
		w.next(id, m, stageCall, 0.5+m.r.exp(2))
		return
	}
	m.stage = stageNone
	if m.r.chance(0.10) {
		w.next(id, m, stageRate, 0.5+m.r.exp(4))
	}
}

func (w *world) callBack(id uint32, m *matter) {
	w.do(m, m.current, calledBack)
	m.called = true
	if m.solved && w.records.at(m.current).source == fromBureau && m.r.chance(0.2) {
		w.do(m, m.current, visited)
	}
	m.stage = stageNone
	if m.r.chance(0.85) {
		w.next(id, m, stageRate, m.r.exp(0.3))
	}
}

func (w *world) rate(m *matter) {
	u := m.r.float()
	good, fair := 0.68, 0.94
	if !m.solved {
		good, fair = 0.06, 0.38
	}
	switch {
	case u < good:
		m.rating = satisfied
	case u < fair:
		m.rating = basically
	default:
		m.rating = dissatisfied
	}
	w.records.at(m.current).rating = m.rating
	w.do(m, m.current, rated)
}

// endRound lets go of the records of the round before.
func (w *world) endRound(m *matter) {
	w.release(m.current)
	for _, n := range m.also {
		w.release(n)
	}
	m.also = m.also[:0]
	m.stage = stageNone
}
