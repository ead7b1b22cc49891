package rules

// Holds is a set of rules by their numbers, see Set.Numbered.
type Holds []uint64

// Has says whether rule number n is in the set.
func (h Holds) Has(n int) bool { return n/64 < len(h) && h[n/64]>>(n%64)&1 == 1 }

// Of gives the rules of a risk that hold, in the order of the files. First is the
// number of the risk's first rule.
func (h Holds) Of(r *Risk, first int) func(yield func(*Rule) bool) {
	return func(yield func(*Rule) bool) {
		for i, rule := range r.Rules {
			if h.Has(first+i) && !yield(rule) {
				return
			}
		}
	}
}
