package ingest

import (
	"fmt"
	"slices"
	"time"
)

// rows turns placed drafts into rows to append: new signals, corrections, and
// what a newer version of a record takes back. Versions of one record go from
// old to new. It gives back the records with an action that waits.
func (st *step) rows(records []mapped) (waiting []mapped) {
	order := byFreshness(records)
	seq := 0
	for _, m := range order {
		known := st.anyKnown(m)
		var wait []draft
		for j := range m.drafts {
			d := &m.drafts[j]
			if d.matter == 0 {
				wait = append(wait, *d)
				continue
			}
			st.believe(d, seq, order)
			seq++
		}
		if known {
			st.takeBack(m)
		}
		if wait != nil {
			left := *m
			left.drafts = wait
			waiting = append(waiting, left)
			continue
		}
		st.settle(m)
	}
	return waiting
}

// byFreshness orders records by what the source says of their last change.
func byFreshness(records []mapped) []*mapped {
	order := make([]*mapped, len(records))
	for i := range records {
		order[i] = &records[i]
	}
	slices.SortStableFunc(order, func(a, b *mapped) int { return a.updated.Compare(b.updated) })
	return order
}

// findLast notes the last draft of each stored signal: where nothing tells
// which of several versions is newer, only the last of a batch counts.
func (st *step) findLast(order []*mapped) {
	st.last = map[ID]int{}
	seq := 0
	for _, m := range order {
		for j := range m.drafts {
			d := &m.drafts[j]
			if d.matter == 0 {
				continue
			}
			if _, stored := st.known[d.ID]; stored {
				st.last[d.ID] = seq
			}
			seq++
		}
	}
}

func (st *step) anyKnown(m *mapped) bool {
	for i := range m.drafts {
		if _, ok := st.believes(m.drafts[i].ID); ok {
			return true
		}
	}
	return false
}

// believe compares a draft with what is believed of its signal.
func (st *step) believe(d *draft, seq int, order []*mapped) {
	b, ok := st.believes(d.ID)
	switch {
	case !ok:
		st.add(d, d.KnownAt)
		st.report.Stored++
		st.report.flags(&d.Signal)
	case st.noNews(&b, d, seq, order):
		st.report.Known++
	default:
		st.correct(&b, d)
		st.report.Corrected++
	}
}

// noNews says that a draft is no news: the same content, an older version, or
// one of several of which a later one counts.
func (st *step) noNews(b *believed, d *draft, seq int, order []*mapped) bool {
	tells := !d.Updated.IsZero() && !b.Updated.IsZero()
	if !b.Until.IsZero() { // taken back: only a newer version brings it back
		return tells && !d.Updated.After(b.Updated) || !tells && b.Version == d.Version
	}
	if b.Version == d.Version || tells && d.Updated.Before(b.Updated) {
		return true
	}
	if tells || b.row >= 0 {
		return false
	}
	if st.last == nil {
		st.findLast(order)
	}
	return st.last[d.ID] != seq
}

// add makes a row of a draft; from then on it is what is believed.
func (st *step) add(d *draft, knownAt time.Time) {
	if m := st.matter(d.matter); d.Kind == Action && m.spoke() && d.At.UnixMilli() < m.opened && !slices.Contains(d.Flags, FlagTimes) {
		d.Flags = append(d.Flags, FlagTimes)
	}
	row := Row{Signal: d.Signal, Case: d.matter, Person: d.person}
	row.KnownAt, row.StoredAt = knownAt, st.now
	st.rowOf[d.ID] = len(st.batch.Rows)
	st.batch.Rows = append(st.batch.Rows, row)
}

// correct replaces what is believed of a signal from the moment on at which
// that could be known: the answer for every earlier instant stays as it was.
func (st *step) correct(b *believed, d *draft) {
	from := st.knownFrom(b, d)
	if b.Until.IsZero() {
		st.end(b, from)
	}
	d.matter = b.Case
	if d.person == 0 {
		d.person = b.Person
	}
	st.add(d, from)
}

// knownFrom is when a correction is known: when the source says it knew, if it
// says so; between versions of one batch, when the source changed the record;
// else now. Always after the version before it.
func (st *step) knownFrom(b *believed, d *draft) time.Time {
	floor := latest(latest(b.KnownAt.Add(time.Millisecond), b.Until), d.At)
	switch {
	case d.knownGiven && d.KnownAt.After(b.KnownAt):
		return latest(d.KnownAt, floor)
	case b.row >= 0 && !d.Updated.IsZero() && d.Updated.After(b.Updated):
		return latest(d.Updated, floor)
	default:
		return latest(st.now, floor)
	}
}

// end closes a row that is believed no longer.
func (st *step) end(b *believed, until time.Time) {
	if b.row >= 0 {
		st.batch.Rows[b.row].KnownUntil, st.batch.Rows[b.row].ClosedAt = until, st.now
		return
	}
	st.known[b.ID].Until = until
	st.closing = append(st.closing, closing{Known: b.Known, until: until})
}

// takeBack closes the signals that a newer version of a record no longer makes,
// such as a closing whose time was emptied when the matter was taken up again.
func (st *step) takeBack(m *mapped) {
	if m.updated.IsZero() {
		return
	}
	for i := range st.source.mapping.signals {
		name := st.source.mapping.signals[i].name
		if slices.ContainsFunc(m.drafts, func(d draft) bool { return d.Name == name }) {
			continue
		}
		b, ok := st.believes(signalID(st.source.ID, m.id, name))
		if !ok || !b.Until.IsZero() || b.Updated.IsZero() || !b.Updated.Before(m.updated) {
			continue
		}
		until := latest(st.now, b.KnownAt.Add(time.Millisecond))
		if b.row >= 0 {
			until = latest(m.updated, b.KnownAt.Add(time.Millisecond))
		}
		st.end(&b, until)
		st.report.Corrected++
	}
}

// settle erases the reject that a record was, now that it is stored.
func (st *step) settle(m *mapped) {
	switch {
	case m.was != nil:
		st.batch.Settled = append(st.batch.Settled, m.was.ID)
		st.settled = append(st.settled, m.was.ID)
	case len(st.rejects) > 0:
		if id := recordRejectID(st.Key, st.source.ID, m.record); st.rejects[id] {
			st.batch.Settled = append(st.batch.Settled, id)
			delete(st.rejects, id)
		}
	}
}

// noMatter is why a record waits.
func noMatter(d *draft) *Fault {
	return &Fault{Reason: fmt.Sprintf("no such matter yet: %s", d.Ref), Remedy: "nothing to do: it is stored once a contact with this ref is imported"}
}
