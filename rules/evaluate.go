package rules

import (
	"fmt"
	"iter"
	"time"

	"github.com/expr-lang/expr/vm"
)

// Evaluator runs the rules of a Set. It reuses its memory: one for each
// goroutine, not safe for concurrent use.
type Evaluator struct {
	set      *Set
	vm       *vm.VM
	contacts *persons
	group    *persons

	facts *Facts // of the row at hand
	now   time.Time
	row   rowEnv[[]any]
	env   any            // row, boxed
	zone  *time.Location // the due dates in row are of this zone
	clock clock
}

// NewEvaluator makes an evaluator of this set.
func (s *Set) NewEvaluator() *Evaluator {
	return &Evaluator{set: s, vm: newVM(), contacts: newPersons(), group: newPersons()}
}

// Evaluate scores one row in one risk as of now. Fired carries id, name, points
// and mode; Reasons adds what they say. No rule can fail at run time: an error
// is a row without contacts, a risk over other rows, or a defect.
func (e *Evaluator) Evaluate(r *Risk, f *Facts, now time.Time) (Assessment, error) {
	if err := e.open(f, now); err != nil {
		return Assessment{}, err
	}
	return e.assess(r)
}

// EvaluateAll scores one row in every risk over rows of its kind; the facts are
// converted once. It appends to into and returns it.
func (e *Evaluator) EvaluateAll(f *Facts, now time.Time, into []Assessment) ([]Assessment, error) {
	if err := e.open(f, now); err != nil {
		return into, err
	}
	for _, r := range e.set.RisksOver(f.Over) {
		a, err := e.assess(r)
		if err != nil {
			return into, err
		}
		into = append(into, a)
	}
	return into, nil
}

// open converts the facts of a row into what rules see.
func (e *Evaluator) open(f *Facts, now time.Time) error {
	if len(f.Contacts) == 0 {
		return fmt.Errorf("row %s has no contact; a row is scored from its first contact on", f.Row)
	}
	e.facts, e.now, e.zone, e.env = f, now, nil, nil
	if f.Concluded {
		return nil // it is not scored; Explain opens what it shows
	}
	e.convert()
	return nil
}

func (e *Evaluator) convert() {
	f, at := e.facts, millis(e.now)
	own := own(f)
	e.contacts.reset()
	e.group.reset()
	e.row.Case = matter(f, at)
	e.row.Now = at
	e.row.Contacts = elements(f.Contacts, at, own, e.contacts)
	e.row.Actions = elements(f.Actions, at, own, nil)
	e.row.Group = nil
	if e.set.group[f.Over] {
		e.row.Group = elements(f.Group, at, own, e.group)
	}
}

// own is the case whose signals are .mine; "" marks all, as in a group.
func own(f *Facts) string {
	if f.Over == OverCase {
		return f.Contacts[0].Case
	}
	return ""
}

// in puts the row into the time zone of a risk: due dates are days of a zone.
func (e *Evaluator) in(zone *time.Location) {
	if e.zone == zone {
		return
	}
	e.zone = zone
	e.clock = clock{e.set.calendar, zone}
	e.row.Clock = &e.clock
	if e.row.Dues == nil {
		e.row.Dues = make([]any, len(e.set.deadlines))
		e.row.Overdues = make([]any, len(e.set.deadlines))
	}
	for kind := range e.set.due[e.facts.Over] {
		state := deadlineOf(e.set.deadlines[kind], e.facts, e.now, e.set.calendar, zone)
		e.row.Dues[kind], e.row.Overdues[kind] = nil, state.overdue
		if !state.due.IsZero() {
			e.row.Dues[kind] = millis(state.due)
		}
	}
	e.env = e.row
}

// concluded is why a concluded matter has no score.
func concluded() Text {
	return Text{ZH: "信访事项已终结，不再评分", EN: "the matter is concluded and no longer scored"}
}

// assess runs the rules of a risk over the open row.
func (e *Evaluator) assess(r *Risk) (Assessment, error) {
	a := Assessment{Risk: r.ID, Over: r.Over, Row: e.facts.Row, Ref: e.facts.Ref, AsOf: e.now,
		RuleSet: e.set.version, Calendar: e.set.calendar.Version()}
	if r.Over != e.facts.Over {
		return a, fmt.Errorf("risk %s is over %s, row %s is a %s", r.ID, r.Over, e.facts.Row, e.facts.Over)
	}
	if e.facts.Concluded {
		a.Unscored = concluded()
		return a, nil
	}
	e.in(r.Zone)
	for _, rule := range r.Rules {
		holds, err := e.holds(rule)
		if err != nil {
			return a, err
		}
		if holds {
			a.Fired = append(a.Fired, Fired{ID: rule.ID, Points: rule.Points, Shadow: rule.Shadow, Name: rule.Name})
		}
	}
	a.score(r)
	return a, nil
}

// holds runs the condition of one rule over the open row.
func (e *Evaluator) holds(rule *Rule) (bool, error) {
	value, err := e.vm.Run(rule.when.code, e.env)
	if err != nil {
		return false, fmt.Errorf("rule %s over row %s: %w", rule.ID, e.facts.Row, err)
	}
	return value.(bool), nil
}

// score adds up what fired.
func (a *Assessment) score(r *Risk) {
	a.Score, a.ShadowScore, a.Level = r.Weigh(func(yield func(*Rule) bool) {
		for _, f := range a.Fired {
			if !yield(r.rule(f.ID)) {
				return
			}
		}
	})
}

// Weigh gives what a row comes to for which some of the risk's rules hold: points
// clamped to 0..100, then the level lifted. The shadow score is what the score
// would be if shadow rules counted.
func (r *Risk) Weigh(fired iter.Seq[*Rule]) (score, shadow int, level Level) {
	lifted := None
	for rule := range fired {
		shadow += rule.Points
		if rule.Shadow {
			continue
		}
		score += rule.Points
		lifted = max(lifted, rule.AtLeast)
	}
	score, shadow = clamp(score), clamp(shadow)
	return score, shadow, max(r.Levels.Level(score), lifted)
}

func clamp(score int) int { return min(max(score, 0), 100) }

// rule finds a rule by id, nil if there is none.
func (r *Risk) rule(id string) *Rule {
	for _, rule := range r.Rules {
		if rule.ID == id {
			return rule
		}
	}
	return nil
}

// Reasons fills in what the fired rules say, in both languages, and the values
// of their collection calls, from the same facts and instant as Evaluate.
func (e *Evaluator) Reasons(r *Risk, f *Facts, now time.Time, a *Assessment) error {
	if len(a.Fired) == 0 {
		return nil
	}
	if err := e.open(f, now); err != nil {
		return err
	}
	if f.Concluded {
		return fmt.Errorf("row %s is concluded; it has no reasons", f.Row)
	}
	e.in(r.Zone)
	a.Values = map[string]string{}
	for i := range a.Fired {
		rule := r.rule(a.Fired[i].ID)
		if rule == nil {
			return fmt.Errorf("risk %s has no rule %s; the assessment is of another rule set", r.ID, a.Fired[i].ID)
		}
		if err := e.reason(rule, &a.Fired[i]); err != nil {
			return err
		}
		if err := e.values(rule, a.Values); err != nil {
			return err
		}
	}
	return nil
}

// reason renders the texts of one rule.
func (e *Evaluator) reason(rule *Rule, f *Fired) error {
	for _, side := range []struct {
		t  *template
		to *string
	}{{rule.because.zh, &f.Because.ZH}, {rule.because.en, &f.Because.EN}, {rule.advise.zh, &f.Advise.ZH}, {rule.advise.en, &f.Advise.EN}} {
		text, err := side.t.render(e.vm, e.env, e.zone)
		if err != nil {
			return fmt.Errorf("text of rule %s over row %s: %w", rule.ID, e.facts.Row, err)
		}
		*side.to = text
	}
	return nil
}

// values adds the value of each collection call of a condition.
func (e *Evaluator) values(rule *Rule, into map[string]string) error {
	for _, c := range rule.when.calls {
		if _, known := into[c.text]; known {
			continue
		}
		value, err := e.vm.Run(c.code, e.env)
		if err != nil {
			return fmt.Errorf("%s in rule %s: %w", c.text, rule.ID, err)
		}
		into[c.text] = format(value, c.typ, e.zone, 4)
	}
	return nil
}

// Verdict is the assessment of a row of which another engine says which rules
// hold: what Evaluate would give.
func (s *Set) Verdict(r *Risk, f *Facts, now time.Time, holds Holds) Assessment {
	a := Assessment{Risk: r.ID, Over: r.Over, Row: f.Row, Ref: f.Ref, AsOf: now, RuleSet: s.version, Calendar: s.calendar.Version()}
	if f.Concluded {
		a.Unscored = concluded()
		return a
	}
	for rule := range holds.Of(r, s.FirstNumber(r)) {
		a.Fired = append(a.Fired, Fired{ID: rule.ID, Points: rule.Points, Shadow: rule.Shadow, Name: rule.Name})
	}
	a.score(r)
	return a
}
