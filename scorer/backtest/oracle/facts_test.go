package oracle

import (
	"time"

	"yujing/rules"
	"yujing/scorer"
)

// facts are what is known of rows, by their numbers.
type facts map[uint64]*rules.Facts

// cases are the facts of every case of which a contact is among the signals.
// What else its group says is what the group's contacts after an instant say.
func (all signals) cases(after time.Time) facts {
	found := facts{}
	groupOf := map[uint64]uint64{}
	for _, s := range all {
		f := found[s.caseID]
		if f == nil {
			f = &rules.Facts{Over: rules.OverCase, Row: scorer.RowName(s.caseID)}
			found[s.caseID] = f
		}
		if !s.contact {
			f.Actions = append(f.Actions, s.Signal)
			f.Concluded = f.Concluded || s.Act == "concluded"
			continue
		}
		if len(f.Contacts) == 0 {
			f.Ref = s.source + ":" + s.Ref
		}
		if groupOf[s.caseID] == 0 {
			groupOf[s.caseID] = s.group
		}
		f.Contacts = append(f.Contacts, s.Signal)
	}
	contacts := all.groupContacts(after)
	for number, f := range found {
		if len(f.Contacts) == 0 {
			delete(found, number)
			continue
		}
		for _, s := range contacts[groupOf[number]] {
			f.Group = append(f.Group, s.Signal)
		}
	}
	return found
}

// groupContacts are the contacts of each group that were made after an instant.
func (all signals) groupContacts(after time.Time) map[uint64]signals {
	found := map[uint64]signals{}
	for _, s := range all {
		if s.contact && s.group != 0 && s.At.After(after) {
			found[s.group] = append(found[s.group], s)
		}
	}
	return found
}

// groups are the facts of every group that has a contact after an instant: these
// contacts, and all actions of the matters they belong to.
func (all signals) groups(after time.Time) facts {
	found := facts{}
	groupsOf := map[uint64]map[uint64]bool{} // of a case
	for number, contacts := range all.groupContacts(after) {
		first := contacts[0]
		f := &rules.Facts{Over: rules.OverGroup, Row: scorer.RowName(number), Ref: first.source + ":" + first.Ref}
		for _, s := range contacts {
			f.Contacts = append(f.Contacts, s.Signal)
			if groupsOf[s.caseID] == nil {
				groupsOf[s.caseID] = map[uint64]bool{}
			}
			groupsOf[s.caseID][number] = true
		}
		f.Group = f.Contacts
		found[number] = f
	}
	for _, s := range all {
		if s.contact {
			continue
		}
		for number := range groupsOf[s.caseID] {
			found[number].Actions = append(found[number].Actions, s.Signal)
		}
	}
	return found
}

// at gives the facts of the rows of a kind as of an instant.
func (all signals) at(over rules.Over, t time.Time) facts {
	window := t.Add(-scorer.GroupWindow)
	if over == rules.OverGroup {
		return all.seen(t).groups(window)
	}
	return all.seen(t).cases(window)
}

// now gives the facts of the rows of a kind by everything known now, of whatever time.
func (all signals) now(over rules.Over) facts {
	if over == rules.OverGroup {
		return all.believed().groups(time.Time{})
	}
	return all.believed().cases(time.Time{})
}

// latest is when something happened to the row last.
func latest(f *rules.Facts) time.Time {
	last := f.Contacts[0].At
	for _, list := range [][]rules.Signal{f.Contacts, f.Actions} {
		for _, s := range list {
			if s.At.After(last) {
				last = s.At
			}
		}
	}
	return last
}
