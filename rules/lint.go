package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"go.yaml.in/yaml/v3"
)

// lint tells what is odd about a set of rules. Each lint has its own file,
// check_*.go, and its page in docs/checks; what has an error already is left out.
func (l *loader) lint(opts Options) {
	tested := l.tested()
	for _, risk := range l.set.risks {
		s := l.subject(risk)
		s.outcomeIsOdd()
		s.cohortIsOdd(l.outcomes)
		s.nameTooLongForSMS(opts.SMSRoom)
		for _, r := range s.rules {
			r.neverFires()
			r.alwaysFires()
			r.deadParts()
			r.untested(tested)
		}
		s.impliedRules()
		s.idleEffects()
		s.unreachableLevel()
	}
}

// subject is a risk as lints see it.
type subject struct {
	*written
	risk  *Risk
	rules []*lintRule // those without an error
	whole bool        // no rule of the risk was left out
	logic *logic
}

// lintRule is a rule, how it is written, and what is proven of its condition.
type lintRule struct {
	*Rule
	*written
	*reading
	outlines []string // see rungAbove
}

// reading is a condition as the prover has read it.
type reading struct {
	logic   *logic
	program *program
	formula *formula // nil: it was too large
	parts   []readPart
	never   bool // it can never hold
	always  bool
}

func (l *loader) subject(risk *Risk) *subject {
	s := &subject{written: l.risksAt[risk], risk: risk, whole: true, logic: newLogic()}
	for _, r := range risk.Rules {
		at := l.rulesAt[r]
		if !at.whole || r.when == nil {
			s.whole = false
			continue
		}
		s.rules = append(s.rules, &lintRule{Rule: r, written: at, reading: s.logic.readAll(r.when)})
	}
	return s
}

// readAll reads a condition and its parts.
func (l *logic) readAll(p *program) *reading {
	x := &reading{logic: l, program: p}
	r := l.reader(p)
	f := r.formula(p.tree, place{})
	if r.fuel < 0 {
		return x
	}
	x.formula, x.parts = f, r.parts
	x.never = l.impossible(f)
	x.always = !x.never && l.impossible(negated(f))
	return x
}

// warn tells a warning at a value of the rule or risk.
func (w *written) warn(n *yaml.Node, check, help, format string, args ...any) {
	w.y.at(n, check, help, format, args...)
	w.y.warn()
}

// warnInside tells a warning at a part of an expression.
func (w *written) warnInside(n *yaml.Node, part ast.Node, check, help, message string) {
	from, to := span(part)
	w.y.inside(n, 0, []mistake{{from: from, width: to - from, check: check, message: message, help: help, warning: true}})
}

// span is where a part of an expression begins and ends, in runes. The brackets
// that close it are not known.
func span(n ast.Node) (from, to int) {
	loc := n.Location()
	from, to = loc.From, loc.To
	for _, part := range parts(n) {
		if part == nil {
			continue
		}
		if a, b := span(part); b > 0 {
			from, to = min(from, a), max(to, b)
		}
	}
	return from, to
}

// inOrder is the rules in the order of their files and lines: what a person reads first.
func (s *subject) inOrder() []*lintRule {
	list := slices.Clone(s.rules)
	slices.SortStableFunc(list, func(a, b *lintRule) int { return compareOrigin(a.Rule, b.Rule) })
	return list
}

func compareOrigin(a, b *Rule) int {
	if a.File != b.File {
		return map[bool]int{true: -1, false: 1}[a.File < b.File]
	}
	return a.Line - b.Line
}
