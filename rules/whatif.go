package rules

import (
	"time"

	"github.com/expr-lang/expr/ast"
)

// whatIf asks what one row would score if something else had happened, or at
// another instant. It is the Evaluator over other facts. A rule whose condition
// cannot notice the difference keeps the verdict it has: over a large group that
// is most of the work.
type whatIf struct {
	e     *Evaluator
	r     *Risk
	f     *Facts
	now   time.Time
	base  Assessment
	rules []sight // by index of the rule
	boxed []any   // the actions as they are, as elements
	tried Facts   // the facts of the latest question
	asked int     // how often the rules were evaluated, for tests
}

// sight is what a rule sees.
type sight struct {
	fires bool // as things are
	acts  bool // it may notice one more action
	time  bool // it may notice that time passes
}

// whatIf prepares questions about the row at hand, which was assessed as base.
func (e *Evaluator) whatIf(r *Risk, base *Assessment) *whatIf {
	w := &whatIf{e: e, r: r, f: e.facts, now: e.now, base: *base, boxed: e.row.Actions, rules: make([]sight, len(r.Rules))}
	for i, rule := range r.Rules {
		w.rules[i].acts, w.rules[i].time = noticed(rule.when.tree)
		w.rules[i].fires = w.base.fired(rule.ID)
	}
	return w
}

// noticed says what a condition may notice. That a contact leaves the window of a
// group is for at to tell; a new action cannot change case.unit, because it is the
// present unit's.
func noticed(tree ast.Node) (acts, passing bool) {
	eachNode(tree, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.IdentifierNode:
			switch n.Value {
			case "actions":
				acts = true
			case "now":
				passing = true
			case "due", "overdue":
				acts, passing = true, true
			}
		case *ast.MemberNode:
			if s, ok := n.Property.(*ast.StringNode); ok && s.Value == "age" {
				passing = true
			}
		}
	})
	return acts, passing
}

// with assesses the row as if these acts had been done just now.
func (w *whatIf) with(acts []Signal) (Assessment, error) {
	e := w.e
	w.tried = *w.f
	w.tried.Actions = append(w.f.Actions[:len(w.f.Actions):len(w.f.Actions)], acts...)
	e.facts = &w.tried
	e.row.Actions = append(w.boxed[:len(w.boxed):len(w.boxed)], elements(acts, millis(w.now), own(w.f), nil)...)
	e.zone = nil // the deadlines are to be computed anew
	e.in(w.r.Zone)
	return w.assess(func(s sight) bool { return s.acts })
}

// at assesses the row as of a later instant, if nothing happens until then: ages
// grow, deadlines pass, contacts leave the window of the group.
func (w *whatIf) at(now time.Time) (Assessment, error) {
	w.tried = *w.f
	left := w.tried.leave(now.AddDate(0, 0, -groupDays))
	if len(w.tried.Contacts) == 0 { // the group has no contact left: it is no row any more
		return w.empty(), nil
	}
	if err := w.e.open(&w.tried, now); err != nil {
		return Assessment{}, err
	}
	w.e.in(w.r.Zone)
	return w.assess(func(s sight) bool { return s.time || left })
}

// groupDays is how long a group sees a contact; scorer.GroupWindow is the same.
const groupDays = 90

// leave drops what a group no longer sees: contacts not after since, and the
// actions of matters of which no contact is left. It says whether anything left.
func (f *Facts) leave(since time.Time) bool {
	group, left := after(f.Group, since)
	f.Group = group
	if f.Over != OverGroup {
		return left
	}
	f.Contacts, left = after(f.Contacts, since)
	if !left {
		return false
	}
	stays := map[string]bool{}
	for i := range f.Contacts {
		stays[f.Contacts[i].Case] = true
	}
	var actions []Signal
	for i := range f.Actions {
		if stays[f.Actions[i].Case] {
			actions = append(actions, f.Actions[i])
		}
	}
	f.Actions = actions
	return true
}

// after gives the signals after an instant, which stand oldest first.
func after(list []Signal, since time.Time) (rest []Signal, left bool) {
	n := 0
	for n < len(list) && !list[n].At.After(since) {
		n++
	}
	return list[n:], n > 0
}

// assess evaluates the rules that may have changed.
func (w *whatIf) assess(changed func(sight) bool) (Assessment, error) {
	w.asked++
	a := w.empty()
	for i, rule := range w.r.Rules {
		holds := w.rules[i].fires
		if changed(w.rules[i]) {
			var err error
			if holds, err = w.e.holds(rule); err != nil {
				return a, err
			}
		}
		if holds {
			a.Fired = append(a.Fired, Fired{ID: rule.ID, Points: rule.Points, Shadow: rule.Shadow, Name: rule.Name})
		}
	}
	a.score(w.r)
	return a, nil
}

// empty is an assessment in which no rule fires.
func (w *whatIf) empty() Assessment {
	a := w.base
	a.Fired, a.Score, a.ShadowScore, a.Level = nil, 0, 0, None
	return a
}

// fired says whether a rule fired.
func (a *Assessment) fired(id string) bool {
	for i := range a.Fired {
		if a.Fired[i].ID == id {
			return true
		}
	}
	return false
}

// sum is the points before they are clamped.
func (a *Assessment) sum() int {
	n := 0
	for _, f := range a.Fired {
		if !f.Shadow {
			n += f.Points
		}
	}
	return n
}

// without lists the rules that fire here and not there. Shadow rules do not count.
func (a *Assessment) without(there *Assessment) []string {
	ids := []string{}
	for _, f := range a.Fired {
		if !f.Shadow && !there.fired(f.ID) {
			ids = append(ids, f.ID)
		}
	}
	return ids
}
