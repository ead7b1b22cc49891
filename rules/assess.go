package rules

import (
	"context"
	"time"
)

// Assessor says what the rules say of rows whose facts are given: ids of fired
// rules, points, scores and levels, but no texts; for each row in the order
// given, and for each risk over rows of its kind in the order of the set.
type Assessor interface {
	Assess(ctx context.Context, set *Set, facts []*Facts, now time.Time) ([]Assessment, error)
}
