package rules

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/expr-lang/expr/ast"
)

// Explanation is why a row scores what it scores: every rule of the risk, fired
// or not, with the values of its parts; what would bring it below its level; and
// what time alone will do. It comes from the programs that score.
type Explanation struct {
	Risk        string            `json:"risk"`
	Name        Text              `json:"name"`
	Over        Over              `json:"over"`
	Row         string            `json:"row"`
	Ref         string            `json:"ref"`
	Unit        string            `json:"unit,omitempty"` // that has the row now
	AsOf        time.Time         `json:"as_of"`
	Score       int               `json:"score"`
	ShadowScore int               `json:"shadow_score"`
	Level       Level             `json:"level"`
	Unscored    Text              `json:"unscored,omitzero"` // why there is no score at all
	Levels      Thresholds        `json:"levels"`
	RuleSet     string            `json:"rule_set"`
	Calendar    string            `json:"calendar"`
	Rules       []RuleExplanation `json:"rules"`   // in the order of the files
	Signals     []SignalNote      `json:"signals"` // those that the rules rest on, oldest first
	// nil where there is no level to come down from
	WhatWouldHelp   *Help    `json:"what_would_help,omitempty"`
	IfNothingIsDone []Change `json:"if_nothing_is_done"` // in order of time; within OutlookDays

	zone *time.Location
}

// SignalNote says what a signal is, without what the citizen said.
type SignalNote struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Act     string    `json:"act,omitempty"` // "" = a contact
	Channel string    `json:"channel,omitempty"`
	Unit    string    `json:"unit,omitempty"`
}

// RuleExplanation is one rule over one row.
type RuleExplanation struct {
	ID      string   `json:"id"`
	Name    Text     `json:"name"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	When    string   `json:"when"`
	Fired   bool     `json:"fired"`
	Points  int      `json:"points"`
	AtLeast Level    `json:"at_least,omitempty"`
	Shadow  bool     `json:"shadow,omitempty"`
	Because Text     `json:"because,omitzero"` // of a rule that fired
	Advise  Text     `json:"advise,omitzero"`
	Tree    *Term    `json:"tree"`
	Signals []string `json:"signals"` // ids of the signals it rests on
}

// Term is a part of a condition that has a value of its own.
type Term struct {
	Expr    string   `json:"expr"`
	Value   string   `json:"value"`             // "unknown" where there is none; texts stand in quotes
	Decides bool     `json:"decides,omitempty"` // it makes the part above what it is; see decide
	Signals []string `json:"signals,omitempty"` // of a collection call: the signals it picked
	Terms   []*Term  `json:"terms,omitempty"`

	node ast.Node
}

// Explain tells why, from the same facts and instant as Evaluate, and what would
// change it: see Help and Change.
func (e *Evaluator) Explain(r *Risk, f *Facts, now time.Time) (*Explanation, error) {
	a, err := e.Evaluate(r, f, now)
	if err != nil {
		return nil, err
	}
	if f.Concluded { // show what the rules would see, though none counts
		e.convert()
		e.in(r.Zone)
	}
	x := &Explanation{Risk: r.ID, Name: r.Name, Over: r.Over, Row: f.Row, Ref: f.Ref, Unit: e.row.Case.Unit, AsOf: now,
		Score: a.Score, ShadowScore: a.ShadowScore, Level: a.Level, Unscored: a.Unscored, Levels: r.Levels, RuleSet: a.RuleSet,
		Calendar: a.Calendar, IfNothingIsDone: []Change{}, zone: r.Zone}
	for _, rule := range r.Rules {
		one, err := e.explain(rule)
		if err != nil {
			return nil, err
		}
		x.Rules = append(x.Rules, *one)
	}
	x.note(f)
	if f.Concluded {
		return x, nil
	}
	w := e.whatIf(r, &a)
	if x.WhatWouldHelp, err = w.help(); err != nil {
		return nil, err
	}
	if x.IfNothingIsDone, err = w.outlook(); err != nil {
		return nil, err
	}
	return x, nil
}

// note lists the signals that the rules rest on.
func (x *Explanation) note(f *Facts) {
	rests := map[string]bool{}
	for i := range x.Rules {
		for _, id := range x.Rules[i].Signals {
			rests[id] = true
		}
	}
	x.Signals = []SignalNote{}
	for _, s := range inOrder(f) {
		if rests[s.ID] {
			x.Signals = append(x.Signals, SignalNote{s.ID, s.At, s.Act, s.Channel, s.Unit})
		}
	}
}

func (e *Evaluator) explain(rule *Rule) (*RuleExplanation, error) {
	holds, err := e.holds(rule)
	if err != nil {
		return nil, err
	}
	x := &RuleExplanation{ID: rule.ID, Name: rule.Name, File: rule.File, Line: rule.Line, When: rule.When, Fired: holds,
		Points: rule.Points, AtLeast: rule.AtLeast, Shadow: rule.Shadow, Signals: []string{}}
	t := &tracer{e: e, p: rule.when, picked: map[string]bool{}}
	x.Tree, err = t.term(rule.when.tree, nil)
	if err != nil {
		return nil, fmt.Errorf("explain rule %s: %w", rule.ID, err)
	}
	if holds {
		var f Fired
		if err := e.reason(rule, &f); err != nil {
			return nil, err
		}
		x.Because, x.Advise = f.Because, f.Advise
	}
	for id := range t.picked {
		x.Signals = append(x.Signals, id)
	}
	slices.Sort(x.Signals)
	return x, nil
}

// tracer runs the closed parts of one condition. Parts under a let are run with
// the declarations around them.
type tracer struct {
	e      *Evaluator
	p      *program
	picked map[string]bool // ids of signals
}

// run gives the value of a part, with the lets around it.
func (t *tracer) run(n ast.Node, lets []*ast.VariableDeclaratorNode) (any, error) {
	for _, let := range slices.Backward(lets) {
		n = &ast.VariableDeclaratorNode{Name: let.Name, Value: let.Value, Expr: n}
	}
	code, err := t.p.compile(n)
	if err != nil {
		return nil, err
	}
	return t.e.vm.Run(code, t.e.env)
}

// term explains a part and the parts below it; nil for a literal.
func (t *tracer) term(n ast.Node, lets []*ast.VariableDeclaratorNode) (*Term, error) {
	if let, ok := n.(*ast.VariableDeclaratorNode); ok {
		return t.let(let, lets)
	}
	value, err := t.run(n, lets)
	if err != nil {
		return nil, err
	}
	term := &Term{Expr: show(n), Value: t.show(value, t.p.types[n]), node: n}
	ids, err := t.picks(n, lets)
	if err != nil {
		return nil, err
	}
	term.Signals = ids
	for _, part := range children(n) {
		if leaf(part) {
			continue
		}
		below, err := t.term(part, lets)
		if err != nil {
			return nil, err
		}
		term.Terms = append(term.Terms, below)
	}
	decide(term)
	return term, nil
}

// show writes a value; texts in quotes, so that an empty one is seen.
func (t *tracer) show(value any, of typ) string {
	if s, ok := value.(string); ok {
		return strconv.Quote(s)
	}
	return format(value, of, t.e.zone, 4)
}

// let shows the declared value and then the expression.
func (t *tracer) let(n *ast.VariableDeclaratorNode, lets []*ast.VariableDeclaratorNode) (*Term, error) {
	value, err := t.term(n.Value, lets)
	if err != nil {
		return nil, err
	}
	body, err := t.term(n.Expr, append(slices.Clone(lets), n))
	if err != nil {
		return nil, err
	}
	named := &Term{Expr: "let " + n.Name + " = " + value.Expr, Value: value.Value, Signals: value.Signals, Terms: value.Terms, node: value.node}
	named.Decides, body.Decides = body.rests(n.Name), true
	return &Term{Expr: show(n), Value: body.Value, Terms: []*Term{named, body}, node: n}, nil
}

// leaf says that a part explains itself: literals, collections, the case.
func leaf(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.NilNode, *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.ArrayNode:
		return true
	case *ast.IdentifierNode:
		switch n.Value {
		case "contacts", "actions", "group", "case":
			return true
		}
		return levels()[n.Value] != 0
	}
	return false
}

// picks finds the signals that a part of its own picks: those for which the
// predicate of a collection call holds (of none and all: those against it too,
// which is what makes them fail), the elements of what it aggregates, the case's
// first contact, the signal that a deadline counts from.
func (t *tracer) picks(n ast.Node, lets []*ast.VariableDeclaratorNode) ([]string, error) {
	var ids []string
	add := func(value any) {
		switch v := value.(type) {
		case Element:
			ids = append(ids, v.id)
		case []any:
			for _, item := range v {
				if e, ok := item.(Element); ok {
					ids = append(ids, e.id)
				}
			}
		}
	}
	switch n := n.(type) {
	case *ast.BuiltinNode:
		value, err := t.asFilter(n, lets)
		if err != nil {
			return nil, err
		}
		add(value)
	case *ast.CallNode:
		if kind, ok := n.Arguments[0].(*ast.StringNode); ok {
			ids = t.deadlineStart(kind.Value, ids)
			break
		}
		if t.p.types[n.Arguments[0]].kind == kindList {
			value, err := t.run(n.Arguments[0], lets)
			if err != nil {
				return nil, err
			}
			add(value)
		}
	case *ast.MemberNode, *ast.SliceNode:
		if t.p.types[n].kind == kindRecord || t.p.types[n].kind == kindList {
			value, err := t.run(n, lets)
			if err != nil {
				return nil, err
			}
			add(value)
		}
		if m, ok := n.(*ast.MemberNode); ok {
			ids = t.caseSignal(m, ids)
		}
	}
	for _, id := range ids {
		t.picked[id] = true
	}
	return ids, nil
}

// asFilter runs the collection call as a filter.
func (t *tracer) asFilter(n *ast.BuiltinNode, lets []*ast.VariableDeclaratorNode) (any, error) {
	list := n.Arguments[0]
	if t.p.types[list].kind != kindList || !t.p.types[list].signals() {
		return nil, nil
	}
	if len(n.Arguments) == 1 {
		if n.Name == "first" || n.Name == "last" {
			return t.run(n, lets)
		}
		return t.run(list, lets)
	}
	body, ok := n.Arguments[1].(*ast.PredicateNode)
	if !ok {
		return nil, nil
	}
	switch n.Name {
	case "find", "findLast":
		return t.run(n, lets)
	case "map", "sum":
		return t.run(list, lets)
	case "all":
		body = &ast.PredicateNode{Node: &ast.UnaryNode{Operator: "not", Node: body.Node}}
		against, err := t.run(&ast.BuiltinNode{Name: "filter", Arguments: []ast.Node{list, body}}, lets)
		if found, ok := against.([]any); err != nil || (ok && len(found) > 0) {
			return against, err
		}
		return t.run(list, lets)
	}
	return t.run(&ast.BuiltinNode{Name: "filter", Arguments: []ast.Node{list, body}}, lets)
}

func (t *tracer) deadlineStart(kind string, ids []string) []string {
	for i, d := range t.e.set.deadlines {
		if d.Kind != kind {
			continue
		}
		if state := deadlineOf(t.e.set.deadlines[i], t.e.facts, t.e.now, t.e.set.calendar, t.e.zone); state.start != "" {
			return append(ids, state.start)
		}
	}
	return ids
}

// caseSignal is the signal that a field of the case comes from.
func (t *tracer) caseSignal(n *ast.MemberNode, ids []string) []string {
	base, ok := n.Node.(*ast.IdentifierNode)
	field, named := n.Property.(*ast.StringNode)
	if !ok || !named || base.Value != "case" {
		return ids
	}
	if field.Value != "unit" {
		return append(ids, t.e.facts.Contacts[0].ID)
	}
	for _, a := range slices.Backward(t.e.facts.Actions) {
		if a.Unit != "" {
			return append(ids, a.ID)
		}
	}
	return ids
}
