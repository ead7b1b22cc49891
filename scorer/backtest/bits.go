package backtest

import "math/bits"

// places is a set of rules of one risk, by their places in Risk.Rules.
type places []uint64

func newPlaces(rules int) places { return make(places, (rules+63)/64) }

func (p places) has(i int) bool { return p[i/64]>>(i%64)&1 == 1 }

func (p places) set(i int) { p[i/64] |= 1 << (i % 64) }

func (p places) clear() { clear(p) }

func (p places) add(q places) {
	for w := range p {
		p[w] |= q[w]
	}
}

// within says that all of p are in q.
func (p places) within(q places) bool {
	for w := range p {
		if p[w]&^q[w] != 0 {
			return false
		}
	}
	return true
}

// each calls do with the place of every rule of the set, in order.
func (p places) each(do func(i int)) {
	for w, word := range p {
		for ; word != 0; word &= word - 1 {
			do(64*w + bits.TrailingZeros64(word))
		}
	}
}

func (p places) count() int {
	n := 0
	for _, word := range p {
		n += bits.OnesCount64(word)
	}
	return n
}

// read takes the rules numbered first, first+1, ... of all that hold, as far as
// the risk has rules.
func (p places) read(h Holds, first, rules int) {
	for w := range p {
		low := first + 64*w
		p[w] = word(h, low/64)>>(low%64) | word(h, low/64+1)<<(64-low%64)
		if left := rules - 64*w; left < 64 {
			p[w] &= 1<<left - 1
		}
	}
}

func word(h Holds, i int) uint64 {
	if i < len(h) {
		return h[i]
	}
	return 0
}
