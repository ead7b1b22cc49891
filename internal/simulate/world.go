package simulate

import (
	"fmt"

	"go.uber.org/zap"
)

// What can happen.
const (
	evArrive  uint8 = iota // a new matter
	evStep                 // the round of handling goes on; arg = round
	evAlso                 // a record that came while its matter waits is transferred too
	evTempt                // the hazard of a matter is asked
	evGather               // the hazard of a group is asked
	evCome                 // a person comes again; arg says how
	evJoin                 // someone else is hit by the same thing; id = group
	evReview               // a step of 复查 and 复核; arg says which
	evExport               // the feeds write their files
	evObserve              // the truth is noted
)

// Ways of coming again.
const (
	comeDouble uint8 = iota
	comeRepeat
	comeHigher
	comeJointly
	comeReview
	comeReReview
	comeAfter
)

// world is a district in motion.
type world struct {
	district *District
	model    *Model
	clock    *clock
	log      *zap.Logger
	seed     uint64
	perDay   float64 // matters that arise of themselves
	place    float64 // share of them that names no subject
	only     int     // the one source that everything goes through, or -1
	every    int32   // export interval
	live     bool
	r        rng
	queue    queue
	now      int32
	matters  pool[matter]
	groups   pool[group]
	records  pool[record]
	byKey    map[groupKey]uint32
	arrived  uint64
	grouped  uint64
	sequence [sourceCount]uint32
	second   []uint16 // first class with the same second level, for each class

	dirty  [sourceCount][]uint32 // records to export
	lines  []line                // of the online platform
	out    output
	report Report
}

// line is a message or an event of the online platform.
type line struct {
	act uint8 // actCount = the message itself
	rec record
}

// output takes what a world produces. Everything handed over is a copy.
type output interface {
	export(source uint8, until int32, records []record, lines []line) error
	matter(m *matter) error
	group(g *group) error
	observe(now int32) error
}

// run lets everything happen up to and including this instant.
func (w *world) run(until int32) error {
	for len(w.queue.heap) > 0 && w.queue.heap[0].at <= until {
		e := w.queue.pop()
		w.now = e.at
		if err := w.happen(e); err != nil {
			return err
		}
	}
	w.now = until
	return nil
}

func (w *world) happen(e event) error {
	switch e.kind {
	case evArrive:
		return w.arrive()
	case evExport:
		if w.live {
			return nil // the live mode exports by the wall clock
		}
		w.schedule(w.every, evExport, 0, 0, 0)
		return w.export()
	case evObserve:
		w.schedule(day, evObserve, 0, 0, 0)
		return w.out.observe(w.now)
	case evGather, evJoin:
		g := w.groups.at(e.id)
		if !g.alive || g.gen != e.gen {
			return nil
		}
		if e.kind == evJoin {
			return w.join(e.id, g)
		}
		return w.temptGroup(e.id, g)
	}
	m := w.matters.at(e.id)
	if !m.alive || m.gen != e.gen {
		return nil
	}
	switch e.kind {
	case evStep:
		if e.arg == m.round {
			w.step(e.id, m)
		}
	case evAlso:
		w.transferAlso(m)
	case evTempt:
		if e.arg == m.tempted {
			return w.tempt(e.id, m)
		}
	case evCome:
		return w.come(e.id, m, e.arg)
	case evReview:
		w.reviewStep(e.id, m, e.arg)
	default:
		return fmt.Errorf("simulate: unknown event %d", e.kind)
	}
	return nil
}

// schedule plans an event this many seconds from now.
func (w *world) schedule(after int32, kind uint8, id uint32, gen uint16, arg uint8) {
	w.queue.push(event{at: w.now + max(after, 0), kind: kind, id: id, gen: gen, arg: arg})
}

// at plans an event of a matter.
func (w *world) at(t int32, kind uint8, id uint32, m *matter, arg uint8) {
	w.queue.push(event{at: max(t, w.now), kind: kind, id: id, gen: m.gen, arg: arg})
}

// touch says that a record changed and must be exported.
func (w *world) touch(id uint32, act uint8) {
	rec := w.records.at(id)
	rec.changed = w.now
	if rec.source == fromOnline {
		w.lines = append(w.lines, line{act, *rec})
		return
	}
	if !rec.touched {
		rec.touched = true
		w.dirty[rec.source] = append(w.dirty[rec.source], id)
	}
}

// do records an act of an office.
func (w *world) do(m *matter, id uint32, act uint8) {
	w.records.at(id).times[act] = w.now
	m.lastAct = w.now
	w.report.Actions++
	w.touch(id, act)
}

// release lets go of a record whose matter will not change it any more.
func (w *world) release(id uint32) {
	rec := w.records.at(id)
	rec.held = false
	if !rec.touched {
		w.records.give(id)
	}
}

// export hands the changed records over to the feeds.
func (w *world) export() error {
	for source := range sourceCount {
		var records []record
		if n := len(w.dirty[source]); n > 0 {
			records = make([]record, 0, n)
		}
		for _, id := range w.dirty[source] {
			rec := w.records.at(id)
			records = append(records, *rec)
			rec.touched = false
			if !rec.held {
				w.records.give(id)
			}
		}
		w.dirty[source] = w.dirty[source][:0]
		var lines []line
		if source == fromOnline {
			lines, w.lines = w.lines, nil
		}
		if len(records)+len(lines) == 0 {
			continue
		}
		if err := w.out.export(source, w.now, records, lines); err != nil {
			return err
		}
	}
	return nil
}

// finish exports what is left and tells the truth about what still lives.
func (w *world) finish() error {
	if err := w.export(); err != nil {
		return err
	}
	for id := range w.matters.next {
		if m := w.matters.at(id); m.alive {
			if err := w.out.matter(m); err != nil {
				return err
			}
		}
	}
	for id := range w.groups.next {
		if g := w.groups.at(id); g.alive {
			if err := w.out.group(g); err != nil {
				return err
			}
		}
	}
	w.report.Groups = int(w.grouped)
	return nil
}
