package rules

import (
	"fmt"
	"slices"
)

// OutcomeOf finds the first signal of the row for which the risk's outcome
// holds, nil if there is none. The facts must reach as far as the outcome is
// looked for; the time of the outcome is that signal's.
func (e *Evaluator) OutcomeOf(r *Risk, f *Facts) (*Signal, error) {
	if r.Over != f.Over {
		return nil, fmt.Errorf("risk %s is over %s, row %s is a %s", r.ID, r.Over, f.Row, f.Over)
	}
	signals := inOrder(f)
	e.contacts.reset()
	boxed := make([]any, len(signals))
	e.clock = clock{e.set.calendar, r.Zone}
	env := outcomeEnv[[]any]{Clock: &e.clock}
	for i, s := range signals {
		it := element(s)
		if s.Act == "" {
			it.Who, it.Again = e.contacts.next(s)
		}
		boxed[i] = it
		env.It, env.Before = it, boxed[:i:i]
		value, err := e.vm.Run(r.outcome.code, env)
		if err != nil {
			return nil, fmt.Errorf("outcome of risk %s over row %s: %w", r.ID, f.Row, err)
		}
		if value.(bool) {
			return s, nil
		}
	}
	return nil, nil
}

// InCohort says whether a backtest of the risk is about the row: its cohort holds
// for the first contact, with nothing before it, or the risk has none.
func (e *Evaluator) InCohort(r *Risk, f *Facts) (bool, error) {
	if r.cohort == nil {
		return true, nil
	}
	e.contacts.reset()
	e.clock = clock{e.set.calendar, r.Zone}
	it := element(&f.Contacts[0])
	it.Who, it.Again = e.contacts.next(&f.Contacts[0])
	value, err := e.vm.Run(r.cohort.code, outcomeEnv[[]any]{Clock: &e.clock, Outcome: Outcome[[]any]{It: it}})
	if err != nil {
		return false, fmt.Errorf("cohort of risk %s over row %s: %w", r.ID, f.Row, err)
	}
	return value.(bool), nil
}

// inOrder merges contacts and actions, oldest first; at the same instant the
// contact comes first, since it is what the action answers.
func inOrder(f *Facts) []*Signal {
	list := make([]*Signal, 0, len(f.Contacts)+len(f.Actions))
	for i := range f.Contacts {
		list = append(list, &f.Contacts[i])
	}
	for i := range f.Actions {
		list = append(list, &f.Actions[i])
	}
	slices.SortStableFunc(list, func(a, b *Signal) int { return a.At.Compare(b.At) })
	return list
}
