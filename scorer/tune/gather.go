package tune

import (
	"context"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// part says to which part of the period a row belongs.
type part uint8

const (
	neither part = iota // of no cohort, but it may have been at risk
	earlier
	later
)

// row is what is kept of a history: whole instants, and of each run the number of
// its pattern.
type row struct {
	part    part
	decided bool
	outcome bool  // within the horizon
	tooSoon bool  // ... before anybody could have warned
	event   bool  // ... and it is what ended the following
	from    int32 // followed at the instants [from, to)
	to      int32
	risk    int32 // at risk before this instant
	runs    []run
}

// followed says whether there is an instant at which the row is followed.
func (r *row) followed() bool { return r.from < r.to }

// run is instants in a row, first to last, at which the same bits were set.
type run struct {
	first, last int32
	pattern     int32
	active      bool
}

// history is all that a risk's rules and their variants said in a period.
// Pattern 0 is that nothing held.
type history struct {
	grid     backtest.Grid
	split    int32 // the first instant of the later part
	end      int32 // the first instant behind it
	ids      []uint64
	rows     []row
	patterns []backtest.Holds
	numbers  map[string]int32 // of patterns, by their bytes
	rowsOf   [][]int32        // by pattern

	patternsOf [][]int32 // by bit
}

// window is a period and what is known of its end.
type window struct {
	from, split, to, dataEnd time.Time
	grid                     backtest.Grid
}

// gather asks the store. It asks for no more than most variants at once and
// joins what it is told.
func gather(ctx context.Context, source backtest.Source, set *rules.Set, risk *rules.Risk, variants []*rules.Rule, w window, most int) (*history, error) {
	h := &history{grid: w.grid, split: int32(w.grid.After(w.split)), end: int32(w.grid.After(w.to)), numbers: map[string]int32{}}
	h.intern(nil)
	own := len(risk.Rules)
	for at := 0; at == 0 || at < len(variants); at += most {
		some := variants[at:min(at+most, len(variants))]
		only := set.Only(risk, some...)
		i := 0
		for got, err := range source.Histories(ctx, only, risk.Over, w.grid, w.to) {
			if err != nil {
				return nil, err
			}
			if at == 0 {
				h.ids = append(h.ids, got.Row)
				h.rows = append(h.rows, h.rowOf(got, risk.Horizon, w))
				continue
			}
			for i < len(h.ids) && h.ids[i] < got.Row {
				i++
			}
			if i < len(h.ids) && h.ids[i] == got.Row {
				h.rows[i].runs = h.join(h.rows[i].runs, got.Runs, own, at)
			}
		}
	}
	h.index(own + len(variants))
	return h, nil
}

// rowOf reduces a history to whole instants, as docs/backtest.md defines them.
func (h *history) rowOf(got *backtest.History, horizon time.Duration, w window) row {
	if len(got.Apart) > 0 && got.Apart[0] {
		return row{} // neither of the cohort nor at risk
	}
	r := row{risk: int32(h.grid.Len())}
	due := got.First.Add(horizon)
	outcome := got.Outcomes[0]
	r.outcome = !outcome.IsZero() && !outcome.After(due)
	r.decided = r.outcome || !due.After(w.dataEnd)
	switch {
	case got.First.Before(w.from), !got.First.Before(w.to):
	case got.First.Before(w.split):
		r.part = earlier
	default:
		r.part = later
	}
	for _, end := range []time.Time{outcome, got.Concluded} {
		if !end.IsZero() {
			r.risk = min(r.risk, int32(h.grid.After(end)))
		}
	}
	first := h.grid.After(got.First)
	r.tooSoon = r.outcome && !outcome.After(h.grid.At(first))
	r.from, r.to = int32(first), min(r.risk, int32(h.grid.After(due.Add(1)))) // an instant at the horizon's end is the last
	r.event = r.outcome && r.followed() && h.grid.After(outcome) == int(r.to)
	for _, g := range got.Runs {
		r.runs = append(r.runs, run{int32(g.First), int32(g.Last), h.intern(g.Holds), g.Active})
	}
	return r
}

// intern gives the number of a pattern; trailing zeros do not matter.
func (h *history) intern(holds backtest.Holds) int32 {
	for len(holds) > 0 && holds[len(holds)-1] == 0 {
		holds = holds[:len(holds)-1]
	}
	key := holds.AppendKey(nil)
	n, known := h.numbers[string(key)]
	if !known {
		n = int32(len(h.patterns))
		h.numbers[string(key)] = n
		h.patterns = append(h.patterns, slices.Clone(holds))
	}
	return n
}

// join lays the variants of a later question over the runs that are there: its
// bit own+i is bit own+at+i of the whole.
func (h *history) join(old []run, more []backtest.Run, own, at int) []run {
	var cuts []int32
	for _, r := range old {
		cuts = append(cuts, r.first, r.last+1)
	}
	for _, r := range more {
		cuts = append(cuts, int32(r.First), int32(r.Last)+1)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []run
	i, j := 0, 0
	for c := 0; c+1 < len(cuts); c++ {
		from, last := cuts[c], cuts[c+1]-1
		for i < len(old) && old[i].last < from {
			i++
		}
		for j < len(more) && int32(more[j].Last) < from {
			j++
		}
		var holds backtest.Holds
		active := false
		if i < len(old) && old[i].first <= from {
			holds, active = slices.Clone(h.patterns[old[i].pattern]), old[i].active
		}
		if j < len(more) && int32(more[j].First) <= from {
			holds, active = shifted(holds, more[j].Holds, own, at), active || more[j].Active
		}
		if p := h.intern(holds); p != 0 {
			out = append(out, run{from, last, p, active})
		}
	}
	return out
}

// shifted sets the bits of more from own on, moved up by at.
func shifted(into, more backtest.Holds, own, at int) backtest.Holds {
	for n := own; n < 64*len(more); n++ {
		if !more.Has(n) {
			continue
		}
		for len(into) <= (n+at)/64 {
			into = append(into, 0)
		}
		into[(n+at)/64] |= 1 << ((n + at) % 64)
	}
	return into
}

// index notes in which rows each pattern stands, and in which patterns each bit.
func (h *history) index(bits int) {
	h.patternsOf = make([][]int32, bits)
	for p, holds := range h.patterns {
		for bit := range bits {
			if holds.Has(bit) {
				h.patternsOf[bit] = append(h.patternsOf[bit], int32(p))
			}
		}
	}
	h.rowsOf = make([][]int32, len(h.patterns))
	for i := range h.rows {
		for _, r := range h.rows[i].runs {
			of := &h.rowsOf[r.pattern]
			if n := len(*of); n == 0 || (*of)[n-1] != int32(i) {
				*of = append(*of, int32(i))
			}
		}
	}
}
