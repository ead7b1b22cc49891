package simulate

import "math"

// arrive lets a matter arise of itself, and plans the next.
func (w *world) arrive() error {
	top := w.clock.busiest()
	for t := float64(w.now); ; {
		t += w.r.exp(day / (w.perDay * top))
		if w.r.float()*top < w.clock.rate(int32(t)) {
			w.schedule(int32(t)-w.now, evArrive, 0, 0, 0)
			break
		}
	}
	id, m := w.born()
	w.fate(m)
	if err := w.enter(id, m, 0); err != nil {
		return err
	}
	if c := &w.district.Categories[m.category]; c.Shared && m.r.chance(0.06) {
		g := w.groups.at(m.group)
		w.queue.push(event{at: w.now + int32(m.r.exp(20*day)) + 6*hour, kind: evJoin, id: m.group, gen: g.gen})
	}
	return nil
}

// born makes an empty matter. Its random course depends on its number alone.
func (w *world) born() (uint32, *matter) {
	id := w.matters.take()
	m := w.matters.at(id)
	gen, also := m.gen+1, m.also[:0]
	w.arrived++
	*m = matter{gen: gen, also: also, alive: true, id: w.arrived, r: newRNG(w.seed, 2, w.arrived), subject: -1}
	w.report.Matters++
	return id, m
}

// fate draws what the matter is about.
func (w *world) fate(m *matter) {
	r, d := &m.r, w.district
	switch u := r.float(); {
	case u < 0.01:
		m.purpose, m.category = accusation, uint16(one(r, d.accusation))
	case u < 0.05:
		m.purpose, m.category = thanks, uint16(one(r, d.thanks))
	case u < 0.10:
		m.purpose, m.category = suggestion, uint16(one(r, d.suggestion))
	case u < 0.19:
		m.purpose, m.category = inquiry, uint16(one(r, d.inquiry))
	default:
		m.purpose, m.category = complaint, uint16(r.pick(d.complaints))
		if r.chance(0.22) {
			m.purpose = request
		}
	}
	named := m.purpose == accusation || m.purpose == thanks || !r.chance(w.place)
	if named {
		m.subject = w.activeSubject(r, d.Categories[m.category].about)
		m.place = uint16(d.home(m.subject))
	} else {
		m.place = uint16(r.below(len(d.Villages)))
	}
	w.somebody(m)
}

// somebody gives the matter a complainant: nearly always a new person, so that
// two matters of one person hardly ever look like one.
func (w *world) somebody(m *matter) {
	anonymous := 0.04
	if m.purpose == accusation {
		anonymous = 0.3
	}
	if !m.r.chance(anonymous) {
		m.person = m.id
	}
}

// activeSubject draws one of the subjects that are much about now: they come
// and go within four months, each with half a matter on average.
func (w *world) activeSubject(r *rng, k kind) int64 {
	const life, share = 120, 0.5
	newPerDay := w.perDay / share
	oldest := (float64(w.now)/day + 1) * newPerDay
	return nearest(r, int64(oldest+r.float()*life*newPerDay), k)
}

// placeShare is the share of matters that name no subject: 15 %, less in a busy
// district, where they would all crowd into the same few villages and classes.
func placeShare(d *District, perDay float64) float64 {
	classes := map[[2]string]bool{}
	for _, c := range d.Categories {
		classes[[2]string(c.Name[:2])] = true
	}
	quiet := 0.3 / 90 * float64(len(d.Villages)*len(classes))
	return math.Min(0.15, quiet/perDay)
}

// enter is the first contact of a matter. people 0 lets it be drawn.
func (w *world) enter(id uint32, m *matter, people uint16) error {
	r := &m.r
	m.unit = uint8(w.district.unitFor(int(m.category), int(m.place)))
	m.firstAt = w.now
	w.intoGroup(id, m)
	serious := m.purpose == complaint || m.purpose == request || m.purpose == accusation
	if people == 0 {
		people = 1
		if serious && r.chance(0.04) {
			people = signers(r)
		}
	}
	rec := record{purpose: m.purpose, channel: w.channel(r), people: people, related: refKey{}}
	rec.competent = w.competent(m)
	rec.level = county
	if rec.channel == visit && rec.competent == township && r.chance(0.4) {
		rec.level = township
	}
	if serious {
		rec.marks |= marks(r, markInVain, 0.05) | marks(r, markHigher, 0.02) | marks(r, markHarm, 0.001)
		if r.chance(0.0003) {
			rec.level = rec.competent + 2
		}
	}
	switch m.purpose {
	case thanks:
		rec.marks |= markThanks
	case inquiry, suggestion:
		rec.marks |= markAsks
	}
	w.contact(id, m, rec)
	if m.person != 0 && serious && r.chance(0.035) {
		w.at(w.now+hour+int32(r.below(20*hour)), evCome, id, m, comeDouble)
	}
	return nil
}

// signers is how many sign together when it is not yet a crowd.
func signers(r *rng) uint16 { return []uint16{2, 2, 2, 3, 3, 4}[r.below(6)] }

func marks(r *rng, mark uint8, p float64) uint8 {
	if r.chance(p) {
		return mark
	}
	return 0
}

func (w *world) competent(m *matter) uint8 {
	if w.district.Categories[m.category].township {
		return township
	}
	return county
}

// channel draws how a contact comes in at this hour.
func (w *world) channel(r *rng) uint8 {
	shares := [...]float64{hotline: 0.68, online: 0.88, mailbox: 0.92, letter: 0.92, visit: 0.92}
	if w.clock.open(w.now) {
		shares = [...]float64{hotline: 0.64, online: 0.81, mailbox: 0.85, letter: 0.91, visit: 1}
	}
	return uint8(r.pick(shares[:]))
}

// source is the feed that a contact enters by.
func (w *world) source(channel, level, competent uint8) uint8 {
	switch {
	case w.only >= 0:
		return uint8(w.only)
	case level >= competent+2 || channel == letter || channel == visit:
		return fromBureau
	case channel == hotline:
		return fromHotline
	}
	return fromOnline
}

// contact writes down that a person spoke, whatever the reason, and lets the
// offices take it up.
func (w *world) contact(id uint32, m *matter, rec record) uint32 {
	rec.source = w.source(rec.channel, rec.level, rec.competent)
	if w.only == int(fromHotline) {
		rec.channel = hotline
	} else if w.only == int(fromOnline) && rec.channel != mailbox {
		rec.channel = online
	}
	w.sequence[rec.source]++
	rec.refKey = refKey{rec.source, w.sequence[rec.source], w.now}
	rec.category, rec.place, rec.subject, rec.person = m.category, m.place, m.subject, m.person
	rec.voice = m.r.next()
	rec.unit, rec.held, rec.changed = none, true, w.now
	if m.r.chance(0.15) {
		rec.marks |= markNumbers
	}
	m.contacts++
	rec.no = uint16(m.contacts)
	if m.note(&rec, w.now) {
		w.report.Escalated++
	}
	if m.contacts == 1 {
		m.first = rec.refKey
	}
	n := w.records.take()
	*w.records.at(n) = rec
	w.report.Contacts++
	w.report.Records[rec.source]++
	w.touch(n, actCount)
	w.countIn(id, m, &rec)
	if rec.marks&(markReview|markReReview) == 0 {
		w.takeUp(id, m, n)
	}
	w.nextTemptation(id, m)
	return n
}

// note keeps what later facts ask about a contact, and says whether it is the
// first of its matter that went two levels too high.
func (m *matter) note(rec *record, now int32) bool {
	m.lastContact = now
	m.people = max(m.people, rec.people)
	m.inPerson = m.inPerson || rec.channel == visit
	m.inVain = m.inVain || rec.marks&markInVain != 0
	m.higher = m.higher || rec.marks&markHigher != 0
	m.outcome.harm = m.outcome.harm || rec.marks&markHarm != 0
	if rec.level >= rec.competent+2 && m.outcome.escalated == 0 {
		m.outcome.escalated = now
		return true
	}
	return false
}

// keyOf is how feeds recognise a group: the subject, else place and second-level class.
func (w *world) keyOf(m *matter) groupKey {
	if m.subject >= 0 {
		return groupKey{subject: m.subject}
	}
	return groupKey{subject: -1, place: m.place, category: w.second[m.category]}
}

func (w *world) intoGroup(id uint32, m *matter) {
	key := w.keyOf(m)
	gid, found := w.byKey[key]
	if !found {
		gid = w.groups.take()
		g := w.groups.at(gid)
		w.grouped++
		*g = group{gen: g.gen + 1, alive: true, id: w.grouped, key: key, firstAt: w.now,
			category: m.category, place: m.place, accusation: m.purpose == accusation,
			members: g.members[:0], matters: g.matters[:0]}
		w.byKey[key] = gid
		w.nextGathering(gid, g)
	}
	g := w.groups.at(gid)
	m.group = gid
	g.matters = append(g.matters, id)
}

// countIn lets a contact count for its group and notes when five are reached.
func (w *world) countIn(_ uint32, m *matter, rec *record) {
	g := w.groups.at(m.group)
	if g.contacts == 0 {
		g.first = rec.refKey
	}
	g.contacts++
	g.last = w.now
	g.note(m.person, w.now)
	if g.collectiveAt == 0 && (rec.people >= 5 || g.within(w.now) >= 5) {
		g.collectiveAt = w.now
		w.report.Collective++
	}
}

// join lets someone else be hit by the same thing.
func (w *world) join(gid uint32, g *group) error {
	id, m := w.born()
	w.like(m, g)
	w.somebody(m)
	err := w.enter(id, m, 0)
	if m.r.chance(0.25) {
		g := w.groups.at(gid)
		w.queue.push(event{at: w.now + int32(m.r.exp(20*day)) + 6*hour, kind: evJoin, id: gid, gen: g.gen})
	}
	return err
}

// like makes m a matter of this group: subject, place and class as its first one.
func (w *world) like(m *matter, g *group) {
	m.purpose, m.category, m.place, m.subject = complaint, g.category, g.place, g.key.subject
	if g.accusation {
		m.purpose = accusation
	}
}
