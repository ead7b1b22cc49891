package scorer

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"yujing/rules"
)

// verdict is what the rules say of a row in a risk, without the reasons.
type verdict struct {
	risk          *rules.Risk
	score, shadow int
	level         rules.Level
	fired         []string // ids, in the order of the files
}

// stands says that a verdict is what stood; the zero Standing is that nothing did.
func (v *verdict) stands(was *Standing) bool {
	return v.score == was.Score && v.shadow == was.ShadowScore && v.level == was.Level && slices.Equal(v.fired, was.Fired)
}

// concern is a row of which something is not as it stood.
type concern struct {
	row   uint64
	news  []verdict  // in the risks in which it is not
	stood []Standing // in all risks
}

// concerns compares what holds of the rows of a view with what stood before its
// instant. Both come ordered by row, so nothing is kept but what differs.
func (s *Scorer) concerns(ctx context.Context, view View) ([]concern, error) {
	nextHolding, stop := iter.Pull2(s.facts.Holding(ctx, s.set, view))
	defer stop()
	nextStanding, stopStanding := iter.Pull2(s.ledger.Standing(ctx, view.AsOf, Span{view.Over, view.Rows}))
	defer stopStanding()
	words := newReader(s.set, view.Over)
	held, err, holding := nextHolding()
	was, wasErr, standing := nextStanding()
	var out []concern
	var stood []Standing
	for (holding || standing) && err == nil && wasErr == nil {
		row := was.Row
		if holding && (!standing || held.Row < row) {
			row = held.Row
		}
		var says []verdict
		if holding && held.Row == row {
			says = words.read(held.Holds)
			held, err, holding = nextHolding()
		}
		stood = stood[:0]
		for ; standing && wasErr == nil && was.Row == row; was, wasErr, standing = nextStanding() {
			stood = append(stood, was)
		}
		if news := words.news(says, stood); len(news) > 0 {
			out = append(out, concern{row, news, slices.Clone(stood)})
		}
	}
	if err == nil {
		err = wasErr
	}
	if err != nil {
		return nil, fmt.Errorf("compare with what stood: %w", err)
	}
	return out, nil
}

// reader turns sets of rules into verdicts; the same set comes many times.
type reader struct {
	set   *rules.Set
	risks []*rules.Risk // over rows of the kind
	known map[string][]verdict
	key   []byte
}

func newReader(set *rules.Set, over rules.Over) *reader {
	return &reader{set: set, risks: set.RisksOver(over), known: map[string][]verdict{}}
}

// read gives a verdict for each risk.
func (r *reader) read(h rules.Holds) []verdict {
	r.key = h.AppendKey(r.key[:0])
	if says, known := r.known[string(r.key)]; known {
		return says
	}
	says := make([]verdict, len(r.risks))
	for i, risk := range r.risks {
		v := verdict{risk: risk}
		for rule := range h.Of(risk, r.set.FirstNumber(risk)) {
			v.fired = append(v.fired, rule.ID)
		}
		v.score, v.shadow, v.level = risk.Weigh(h.Of(risk, r.set.FirstNumber(risk)))
		says[i] = v
	}
	r.known[string(r.key)] = says
	return says
}

// news gives the verdicts that are not what stood; without says nothing holds. A
// risk that is gone must fall.
func (r *reader) news(says []verdict, stood []Standing) []verdict {
	var out []verdict
	for i, risk := range r.risks {
		v := verdict{risk: risk}
		if says != nil {
			v = says[i]
		}
		var was Standing
		if j := slices.IndexFunc(stood, func(s Standing) bool { return s.Risk == risk.ID }); j >= 0 {
			was = stood[j]
		}
		if !v.stands(&was) {
			out = append(out, v)
		}
	}
	for i := range stood {
		if s := &stood[i]; !slices.ContainsFunc(r.risks, func(risk *rules.Risk) bool { return risk.ID == s.Risk }) && !s.nothing() {
			out = append(out, verdict{risk: &rules.Risk{ID: s.Risk, Over: s.Over}})
		}
	}
	return out
}
