package backtest

import (
	"iter"
	"slices"

	"yujing/rules"
)

// weighed is what a set of rules that hold comes to in a risk.
type weighed struct {
	holds   places
	score   int
	level   rules.Level
	without places // rules without which a row would still stand at the level asked for
}

// scale weighs sets of rules. A million rows know few different sets, so that
// each is weighed once.
type scale struct {
	risk  *rules.Risk
	first int         // number of its first rule
	level rules.Level // asked for
	known map[string]*weighed
	holds places // of the set at hand
	key   []byte
}

func newScale(risk *rules.Risk, first int, level rules.Level) scale {
	return scale{risk: risk, first: first, level: level, known: map[string]*weighed{}, holds: newPlaces(len(risk.Rules))}
}

// weigh gives what a run's rules come to.
func (s *scale) weigh(h Holds) *weighed {
	s.holds.read(h, s.first, len(s.risk.Rules))
	s.key = Holds(s.holds).AppendKey(s.key[:0])
	if w := s.known[string(s.key)]; w != nil {
		return w
	}
	w := s.new(slices.Clone(s.holds))
	s.known[string(s.key)] = w
	return w
}

func (s *scale) new(holds places) *weighed {
	w := &weighed{holds: holds, without: newPlaces(len(s.risk.Rules))}
	w.score, _, w.level = s.risk.Weigh(s.held(holds, -1))
	for i := range s.risk.Rules {
		level := w.level
		if holds.has(i) {
			_, _, level = s.risk.Weigh(s.held(holds, i))
		}
		if level >= s.level {
			w.without.set(i)
		}
	}
	return w
}

// held gives the rules of a set but one.
func (s *scale) held(holds places, but int) iter.Seq[*rules.Rule] {
	return func(yield func(*rules.Rule) bool) {
		for i, rule := range s.risk.Rules {
			if i != but && holds.has(i) && !yield(rule) {
				return
			}
		}
	}
}
