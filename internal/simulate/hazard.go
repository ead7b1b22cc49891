package simulate

import "math"

// Risk is one way in which a matter handled badly comes back.
type Risk uint8

// The three ways. Repeat and Escalated happen to a matter, Collective to a group
// of matters on one subject (or, without a subject, one place and content class).
const (
	Repeat Risk = iota
	Collective
	Escalated
	riskCount
)

// String is the risk's name in the truth files.
func (r Risk) String() string { return [...]string{"repeat", "collective", "escalated"}[r] }

// Fact is one thing about a matter that anyone can see in the feeds. What a
// person is (age, name, trade) is not among them; how the office works inside
// (a unit's quality, its load) is not either: that acts through these facts only.
type Fact uint8

// The facts. Times are counted to the instant at which the hazard is asked for.
const (
	Hard        Fact = iota // content class of the hard kind: land, demolition, wages, unfinished homes, old disputes
	Shared                  // content class whose harm many share: one employer, one estate, one building site
	Light                   // inquiry, suggestion or thanks: nothing to put right
	LateAccept              // 15 days after the transfer nobody has said whether it is accepted
	LateReply               // the stated due date has passed without a reply
	VeryLate                // ... by more than 10 days
	Returned                // a unit has sent it back as not its own
	Refused                 // acceptance was refused
	Silent                  // unanswered, and nothing has been done for 10 days
	Unsatisfied             // the latest rating is "not satisfied"
	Satisfied               // the latest rating is "satisfied" or "basically satisfied"
	Uncalled                // answered 7 days ago or more, and nobody has called back
	Doubled                 // the first contact was sent twice within a day
	Again                   // the same person has come again once
	AgainTwice              // ... twice or more (Again holds too)
	InVain                  // the text says that asking before was in vain
	Higher                  // the text says that the next step is a higher office
	InPerson                // came in person
	Signed                  // two to four people signed
	Two                     // the group has two complainants within 90 days
	Three                   // ... three or more (Two holds too)
	factCount
)

// Facts is a set of facts.
type Facts uint32

// Has says whether the fact is in the set.
func (f Facts) Has(x Fact) bool { return f&(1<<x) != 0 }

// With is the set with x in it if ok holds.
func (f Facts) With(x Fact, ok bool) Facts {
	if ok {
		return f | 1<<x
	}
	return f
}

// Weight is what a fact adds to the logarithm of each hazard: 0.7 doubles it.
type Weight struct {
	Fact Fact
	Name string // as in docs/simulator.md
	By   [riskCount]float64
}

// Model is the cause of everything that comes back in the simulated district:
//
//	hazard per day = min(Cap, Base * exp(sum of the weights of the facts that hold) * rest)
//
// where rest is 1 while a matter waits for an answer; after it, rest halves with
// every HalfLife days in which nothing happens, never below Floor. No matter comes back within a day of
// its last contact: that is a double submission, which has a probability of its own.
type Model struct {
	Base     [riskCount]float64 // per day, of a matter about which no fact holds
	Cap      [riskCount]float64 // per day
	Weights  []Weight           // in the order of the facts
	HalfLife float64            // days
	Floor    float64
}

// DefaultModel is the model of docs/simulator.md, calibrated to bureaus' rates:
// of 100 matters about 6 come back, of 100 groups 1 becomes collective, of 200
// matters 1 goes two levels too high; ranking by the hazard gives a lift of 3.5
// to 6 at a recall of 0.4, which is what good warnings reach in real life.
func DefaultModel() *Model {
	return &Model{
		Base: [riskCount]float64{Repeat: 0.00048, Collective: 0.00008, Escalated: 0.00007},
		Cap:  [riskCount]float64{Repeat: 0.10, Collective: 0.03, Escalated: 0.02},
		Weights: []Weight{
			//                                repeat collective escalated
			{Hard, "hard", [riskCount]float64{0.7, 0.4, 0.7}},
			{Shared, "shared", [riskCount]float64{0.1, 0.9, 0.1}},
			{Light, "light", [riskCount]float64{-2.0, -1.1, -1.2}},
			{LateAccept, "late accept", [riskCount]float64{0.6, 0.2, 0.3}},
			{LateReply, "late reply", [riskCount]float64{1.7, 0.5, 1.0}},
			{VeryLate, "very late", [riskCount]float64{0.5, 0.2, 0.4}},
			{Returned, "returned", [riskCount]float64{1.1, 0.2, 0.6}},
			{Refused, "refused", [riskCount]float64{1.5, 0.3, 0.9}},
			{Silent, "silent", [riskCount]float64{0.9, 0.3, 0.2}},
			{Unsatisfied, "unsatisfied", [riskCount]float64{2.2, 0.5, 1.0}},
			{Satisfied, "satisfied", [riskCount]float64{-1.8, -0.7, -1.0}},
			{Uncalled, "uncalled", [riskCount]float64{0.5, 0.1, 0.2}},
			{Doubled, "doubled", [riskCount]float64{1.1, 0.2, 0.3}},
			{Again, "again", [riskCount]float64{0.6, 0.4, 0.4}},
			{AgainTwice, "again twice", [riskCount]float64{0.4, 0.2, 0.1}},
			{InVain, "in vain", [riskCount]float64{1.1, 0.2, 0.3}},
			{Higher, "higher", [riskCount]float64{0.5, 0.3, 1.0}},
			{InPerson, "in person", [riskCount]float64{0.3, 0.3, 0.4}},
			{Signed, "signed", [riskCount]float64{0.3, 0.5, 0.3}},
			{Two, "two", [riskCount]float64{0.3, 0.4, 0.1}},
			{Three, "three", [riskCount]float64{0.1, 0.2, 0.1}},
		},
		HalfLife: 14,
		Floor:    0.1,
	}
}

// Hazard is the true hazard per day. answered is how many days ago the last thing
// happened to an answered matter, negative while it waits for an answer.
func (m *Model) Hazard(r Risk, f Facts, answered float64) float64 {
	sum := 0.0
	for i := range m.Weights {
		if w := &m.Weights[i]; f.Has(w.Fact) {
			sum += w.By[r]
		}
	}
	h := m.Base[r] * math.Exp(sum)
	if answered > 0 {
		h *= max(m.Floor, math.Exp2(-answered/m.HalfLife))
	}
	return min(h, m.Cap[r])
}
