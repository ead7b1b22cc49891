package backtest

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkMeasure is a year of daily instants over a million cases of two risks,
// with about four runs each.
func BenchmarkMeasure(b *testing.B) {
	const rows = 1_000_000
	rng := rand.New(rand.NewPCG(1, 1))
	list := make([]madeRule, 50)
	for i := range list {
		list[i] = madeRule{id: fmt.Sprint("r", i), points: 10 + i%30}
	}
	set, few := madeSet(b, list...), make([]*History, 10_000)
	for i := range few {
		few[i] = yearLong(rng, uint64(i))
	}
	all := make([]*History, rows)
	for i := range all {
		all[i] = few[i%len(few)]
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Measure(b.Context(), &made{end: day(400), cases: all}, set, Options{From: day(0), To: day(365)}); err != nil {
			b.Fatal(err)
		}
	}
}

func yearLong(rng *rand.Rand, row uint64) *History {
	first := rng.Float64() * 365
	h := matter(row, first)
	h.Unit, h.Place = fmt.Sprint("unit", rng.IntN(200)), fmt.Sprint(330100+rng.IntN(100))
	if rng.IntN(8) == 0 {
		h.Outcomes[1] = day(first + rng.Float64()*20)
	}
	at := int(first) + 1
	for range 4 {
		run := Run{First: at, Last: at + rng.IntN(4), Holds: Holds{0}, Active: true}
		for range 1 + rng.IntN(4) {
			run.Holds[0] |= 1 << rng.IntN(12)
		}
		h.Runs = append(h.Runs, run)
		at = run.Last + 1
	}
	return h
}
