package ingest

import (
	"cmp"
	"slices"
)

// place gives every draft its matter. Contacts go by the time at which they
// happened, not by the order of rows; each takes along the actions of its ref,
// so that a conclusion is known before the next contact is judged.
func (st *step) place(records []mapped) {
	var contacts []placing
	for i := range records {
		m := &records[i]
		for j := range m.drafts {
			d := &m.drafts[j]
			if d.Kind == Contact {
				contacts = append(contacts, placing{m, d})
			} else {
				st.placeAction(m, d)
			}
		}
	}
	slices.SortFunc(contacts, func(a, b placing) int {
		return cmp.Or(a.At.Compare(b.At), slices.Compare(a.ID[:], b.ID[:]))
	})
	for _, c := range contacts {
		st.placeContact(c)
	}
}

// placing is a draft with the record it comes from.
type placing struct {
	record *mapped
	*draft
}

// stored gives the case in which a signal already is: what is stored stays in
// its case whatever is corrected.
func (st *step) stored(m *mapped, d *draft) CaseID {
	if k, ok := st.known[d.ID]; ok {
		return k.Case
	}
	if id := st.cases[d.ref].latest(); id != 0 || m.key == 0 {
		return id
	}
	return st.cases[m.key].latest()
}

// placeAction puts an action into the case of its ref, now or when the ref's contact comes.
func (st *step) placeAction(m *mapped, d *draft) {
	if d.matter = st.stored(m, d); d.matter != 0 {
		st.enter(d)
		return
	}
	st.waits[d.ref] = append(st.waits[d.ref], d)
}

// enter makes a signal part of its matter.
func (st *step) enter(d *draft) {
	if _, known := st.known[d.ID]; !known {
		st.matter(d.matter).touch(d.Kind, d.Act, d.At)
	}
}

func (st *step) placeContact(c placing) {
	d := c.draft
	if d.matter = st.stored(c.record, d); d.matter == 0 {
		d.matter = st.join(d)
	}
	st.link(c)
	st.enter(d)
	if k, ok := st.known[d.ID]; ok && k.Person != 0 {
		d.person = k.Person
	} else {
		d.person = st.matter(d.matter).complainant(d.Who, d.At)
	}
	st.bring(d.ref)
	st.bring(d.Link)
}

// bring puts the actions that wait for a ref into its matter: the ref of a
// contact, or one that a contact is linked to and that may never come itself.
func (st *step) bring(ref Key) {
	for _, action := range st.waits[ref] {
		action.matter = st.cases[ref].latest()
		st.enter(action)
	}
	delete(st.waits, ref)
}

// keys are what may join a contact to others: the upstream link if it leads to
// a matter we know, else identity, category and place (or what the source
// defines), with the link in case its matter comes later.
func (st *step) keys(d *draft) []Key {
	if d.Link == 0 {
		return d.Keys
	}
	if st.cases[d.Link].first != 0 {
		return []Key{d.Link}
	}
	return append(slices.Clip(d.Keys), d.Link)
}

// join finds the matter of a new contact, or opens one. Its name is a hash of
// the key that opened it: the same whatever contact comes first.
func (st *step) join(d *draft) CaseID {
	keys := st.keys(d)
	var joined *matter
	for _, key := range keys {
		for id := range st.cases[key].all {
			m := st.matter(id)
			if m.live(d.At) && (joined == nil || m.before(joined)) {
				joined = m
			}
		}
	}
	switch {
	case joined != nil:
		return joined.id
	case len(keys) == 0:
		return caseOf(d.ref, 0)
	case st.cases[keys[0]].first == 0:
		return caseOf(keys[0], d.areaOf(keys[0]))
	default:
		return reopenedCase(keys[0], d.ref, d.areaOf(keys[0]))
	}
}

// areaOf is the area of whatever has a key: of one made of an identity, the category
// and the place. What has a ref in common, or a link, or what a source defines, may
// be of anywhere, and must have one name whatever comes first.
func (d *draft) areaOf(key Key) uint64 {
	if d.keyed || !slices.Contains(d.Keys, key) {
		return 0
	}
	return areaOf(&d.Signal)
}

// link appends what now stands for the contact's matter: its ref, and those of
// its keys that stand for no live matter.
func (st *step) link(c placing) {
	d := c.draft
	st.linkKey(d, d.ref, "ref")
	if c.record.key != 0 {
		st.linkKey(d, c.record.key, "record")
	}
	if d.Link != 0 {
		st.linkOpen(d, d.Link, "link")
	}
	by := "identity"
	if d.keyed {
		by = "key"
	}
	for _, key := range d.Keys {
		st.linkOpen(d, key, by)
	}
}

func (st *step) linkOpen(d *draft, key Key, by string) {
	cases := st.cases[key]
	for id := range cases.all {
		if id != d.matter && st.matter(id).live(d.At) {
			return
		}
	}
	if cases.first != 0 {
		by = "reopened"
	}
	st.linkKey(d, key, by)
}

func (st *step) linkKey(d *draft, key Key, by string) {
	if st.cases[key].has(d.matter) {
		return
	}
	st.stands(key, d.matter)
	st.batch.Links = append(st.batch.Links, Link{Key: key, Case: d.matter, KnownAt: d.KnownAt, StoredAt: st.now, By: by})
}
