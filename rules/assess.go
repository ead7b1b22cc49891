package rules

import (
	"context"
	"time"
)

// Assessor says what the rules say of rows whose facts are given: ids of fired
// rules, points, score, shadow score, level; no texts. There is one for each
// engine that runs rules, and all must say the same.
type Assessor interface {
	// Assess gives, for each row in the order given, one assessment for each risk
	// over rows of its kind, in the order of the set.
	Assess(ctx context.Context, set *Set, facts []*Facts, now time.Time) ([]Assessment, error)
}

// VM is the Assessor that runs the compiled programs: an Evaluator over one row
// after the other. Its zero value is ready, and safe for concurrent use.
type VM struct{}

// Assess implements Assessor. An error is a row without contacts, a defect, or
// that ctx is over.
func (VM) Assess(ctx context.Context, set *Set, facts []*Facts, now time.Time) ([]Assessment, error) {
	e := set.NewEvaluator()
	all := make([]Assessment, 0, len(facts)*len(set.risks))
	for _, f := range facts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if all, err = e.EvaluateAll(f, now, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// NamedAssessor is an engine and the name that differences are told under.
type NamedAssessor struct {
	Name string // sql
	Assessor
}
