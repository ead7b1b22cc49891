package rules

import (
	"math/rand/v2"
	"time"
)

// RandomFacts and RandomRule are for the tests of both engines.
func RandomFacts(rng *rand.Rand, over Over, now time.Time) *Facts {
	f := randomFacts(rng, over, now)
	for i := range f.Actions {
		f.Actions[i].Case = "m1"
	}
	return f
}

func RandomRule(rng *rand.Rand, depth int) string { return (&randomExpr{rng: rng}).truth(depth) }
