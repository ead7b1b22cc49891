package rules

import "encoding/binary"

// Holds is a set of rules by their numbers, see Set.Numbered.
type Holds []uint64

// Has says whether rule number n is in the set.
func (h Holds) Has(n int) bool { return n/64 < len(h) && h[n/64]>>(n%64)&1 == 1 }

// AppendKey appends what tells the set from others of the same kind, the key of a
// map: the same few sets come for many rows.
func (h Holds) AppendKey(to []byte) []byte {
	for _, word := range h {
		to = binary.LittleEndian.AppendUint64(to, word)
	}
	return to
}

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
