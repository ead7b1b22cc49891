package ingest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"
)

// step is one batch of an import: which matter each signal belongs to, what of
// it is new, known or a correction, and what is appended to the store.
type step struct {
	*run
	now time.Time

	cases   map[Key]caseList
	matters map[CaseID]*matter
	known   map[ID]*Known // in the store
	rowOf   map[ID]int    // the latest row of a signal in the batch
	last    map[ID]int    // the last draft of a stored signal, once asked for
	waits   map[Key][]*draft
	batch   Batch
	closing []closing
}

// caseList is all cases a key ever stood for, latest last. Nearly always there is one.
type caseList struct {
	first CaseID // 0 = none
	more  []CaseID
}

func (l caseList) all(yield func(CaseID) bool) {
	if l.first == 0 || !yield(l.first) {
		return
	}
	for _, id := range l.more {
		if !yield(id) {
			return
		}
	}
}

func (l caseList) has(id CaseID) bool { return id == l.first || slices.Contains(l.more, id) }

func (l caseList) latest() CaseID {
	if n := len(l.more); n > 0 {
		return l.more[n-1]
	}
	return l.first
}

// believed is the latest row of a signal, in the store or in this batch.
type believed struct {
	Known
	row int // in the batch; -1 = in the store
}

// believes gives what is believed, or was last, of a signal.
func (st *step) believes(id ID) (b believed, ok bool) {
	if i, ok := st.rowOf[id]; ok {
		r := &st.batch.Rows[i]
		return believed{row: i, Known: Known{Case: r.Case, ID: r.ID, Version: r.Version, At: r.At, KnownAt: r.KnownAt, Until: r.KnownUntil,
			Updated: r.Updated, Kind: r.Kind, Act: r.Act, Person: r.Person, Who: r.Who}}, true
	}
	if k, ok := st.known[id]; ok {
		return believed{row: -1, Known: *k}, true
	}
	return believed{}, false
}

// closing is a stored row that is no longer believed from an instant on.
type closing struct {
	Known
	until time.Time
}

// take stores what can be stored of some mapped records, in order. It gives
// back the records of which an action waits for its matter. done are the files
// that end here.
func (r *run) take(ctx context.Context, records []mapped, done []*FileReport) (waiting []mapped, err error) {
	leave, err := r.Store.Turn(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	st := &step{run: r, now: r.Now().UTC().Truncate(time.Millisecond), cases: map[Key]caseList{}, matters: map[CaseID]*matter{}, rowOf: map[ID]int{}, waits: map[Key][]*draft{}}
	for i := range records {
		if records[i].fault != nil {
			if err := st.refuse(&records[i], records[i].fault, false); err != nil {
				return nil, err
			}
		}
	}
	good := slices.DeleteFunc(records, func(m mapped) bool { return m.fault != nil })
	for _, file := range done {
		st.fileReject(file)
	}
	began := time.Now()
	if err := st.lookUp(ctx, good); err != nil {
		return nil, err
	}
	looked := time.Now()
	st.place(good)
	st.batch.Rows = make([]Row, 0, max(0, drafts(good)-len(st.known)))
	waiting = st.rows(good)
	if err := st.close(ctx); err != nil {
		return nil, err
	}
	decided := time.Now()
	err = st.append(ctx)
	st.Logger.Debug("import step", zap.Int("signals", drafts(good)), zap.Int("known", len(st.known)), zap.Int("rows", len(st.batch.Rows)),
		zap.Int("links", len(st.batch.Links)), zap.Duration("look_up", looked.Sub(began)), zap.Duration("decide", decided.Sub(looked)),
		zap.Duration("store", time.Since(decided)), zap.Error(err))
	return waiting, err
}

// drafts counts the signals of some records.
func drafts(records []mapped) (n int) {
	for i := range records {
		n += len(records[i].drafts)
	}
	return n
}

// refuse adds a reject for a record. One that is rejected again for the same
// reason stays as it is.
func (st *step) refuse(m *mapped, fault *Fault, waits bool) error {
	reject, err := rejectOf(st.Key, st.source, m, fault, waits, st.now)
	if err != nil {
		return err
	}
	if m.was == nil || m.was.Reason != reject.Reason || m.was.Waits != waits {
		st.batch.Rejects = append(st.batch.Rejects, reject)
	}
	st.report.add(m, reject)
	return nil
}

// lookUp fetches what is stored of the keys and cases of these records.
func (st *step) lookUp(ctx context.Context, records []mapped) error {
	var keys []Key
	for i := range records {
		m := &records[i]
		if m.key != 0 {
			keys = append(keys, m.key)
		}
		for j := range m.drafts {
			d := &m.drafts[j]
			st.fill(d)
			keys = append(keys, d.ref)
			if d.Link != 0 {
				keys = append(keys, d.Link)
			}
			keys = append(keys, d.Keys...)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	if len(keys) == 0 {
		return nil
	}
	links, err := st.Store.Links(ctx, keys)
	if err != nil {
		return fmt.Errorf("look up matters: %w", err)
	}
	cases := make([]CaseID, len(links))
	for i, l := range links {
		st.stands(l.Key, l.Case)
		cases[i] = l.Case
	}
	slices.Sort(cases)
	cases = slices.Compact(cases)
	if len(cases) == 0 {
		return nil
	}
	known, err := st.Store.Known(ctx, cases)
	if err != nil {
		return fmt.Errorf("look up stored signals: %w", err)
	}
	st.remember(known)
	return nil
}

// fill gives a signal without a time of its own the time at which it is stored.
func (st *step) fill(d *draft) {
	if d.At.IsZero() {
		d.At = st.now
	}
	if d.KnownAt.IsZero() {
		d.KnownAt = latest(st.now, d.At)
	}
}

// stands notes that a key stands for a case.
func (st *step) stands(key Key, id CaseID) {
	switch l := st.cases[key]; {
	case l.first == 0:
		st.cases[key] = caseList{first: id}
	case !l.has(id):
		l.more = append(l.more, id)
		st.cases[key] = l
	}
}

// remember takes up what the store knows of the cases.
func (st *step) remember(known []Known) {
	slices.SortFunc(known, func(a, b Known) int {
		return cmp.Or(a.At.Compare(b.At), slices.Compare(a.ID[:], b.ID[:]))
	})
	st.known = make(map[ID]*Known, len(known))
	for i := range known {
		k := &known[i]
		st.known[k.ID] = k
		if !k.Until.IsZero() {
			continue // taken back: it no longer speaks for the matter
		}
		m := st.matter(k.Case)
		m.touch(k.Kind, k.Act, k.At)
		if k.Person != 0 {
			m.meet(k.Who, k.At, k.Person)
		}
	}
}

func (st *step) matter(id CaseID) *matter {
	m, ok := st.matters[id]
	if !ok {
		m = newMatter(id)
		st.matters[id] = m
	}
	return m
}

// append stores the step.
func (st *step) append(ctx context.Context) error {
	b := &st.batch
	if len(b.Links)+len(b.Rows)+len(b.Rejects)+len(b.Settled) == 0 {
		return nil
	}
	if err := st.Store.Append(ctx, b); err != nil {
		return fmt.Errorf("store %d signals: %w", len(b.Rows), err)
	}
	st.linked += len(b.Links)
	return nil
}

// close adds the closed copies of the stored rows that corrections replace.
func (st *step) close(ctx context.Context) error {
	if len(st.closing) == 0 {
		return nil
	}
	until := make(map[ID]closing, len(st.closing))
	known := make([]Known, len(st.closing))
	for i, c := range st.closing {
		until[c.ID], known[i] = c, c.Known
	}
	rows, err := st.Store.Rows(ctx, known)
	if err != nil {
		return fmt.Errorf("look up corrected signals: %w", err)
	}
	for _, row := range rows {
		c, ok := until[row.ID]
		if !ok || !row.KnownAt.Equal(c.KnownAt) {
			continue // closed by another import meanwhile
		}
		row.KnownUntil, row.ClosedAt = c.until, st.now
		st.batch.Rows = append(st.batch.Rows, row)
	}
	return nil
}
