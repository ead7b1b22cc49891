package tune

import (
	"slices"

	"yujing/rules"
)

// tally counts what a trial does. Rates follow from it.
type tally struct {
	True, False int // of the earlier part
	Warnings    int // that rose in the earlier part, over all rows at risk
}

// move is the difference between two trials, row by row.
type move struct {
	TrueGained, TrueLost   int
	FalseGained, FalseLost int
	Warnings               int // more or fewer
	RedLost                int // cases that came true and stood red as the rules are written, and are not warned of now
}

// verdict is what a trial makes of one row.
type verdict struct {
	warned, red bool
	rises       [2]int32 // times that it came to stand at the level, in the earlier part and in the later
}

// bench weighs trials against a history. It keeps the verdicts of one trial, so
// that another is weighed by the patterns and rows that differ.
type bench struct {
	h     *history
	risk  *rules.Risk
	level rules.Level

	now     trial
	levels  []rules.Level // of each pattern in the present trial
	says    []verdict     // of each row in the present trial
	wasRed  []bool        // each row that came true and stood red as the rules are written
	tally   tally
	redLost int

	seen  []int32 // the last question that a row was asked in
	asked int32
}

func newBench(h *history, risk *rules.Risk, level rules.Level) *bench {
	b := &bench{h: h, risk: risk, level: level, now: written(risk), levels: make([]rules.Level, len(h.patterns)),
		says: make([]verdict, len(h.rows)), wasRed: make([]bool, len(h.rows)), seen: make([]int32, len(h.rows))}
	for p := range b.levels {
		b.levels[p] = b.weigh(b.now, int32(p))
	}
	for i := range h.rows {
		b.says[i] = b.judge(&h.rows[i])
		b.wasRed[i] = b.says[i].red && h.rows[i].outcome
		b.tally.add(&h.rows[i], b.says[i], 1)
	}
	return b
}

// weigh gives the level of a pattern.
func (b *bench) weigh(t trial, pattern int32) rules.Level {
	holds := b.h.patterns[pattern]
	score, lifted := 0, rules.None
	for i, r := range b.risk.Rules {
		if !r.Shadow && holds.Has(t[i].bit) {
			score += t[i].points
			lifted = max(lifted, r.AtLeast)
		}
	}
	return max(b.risk.Levels.Level(min(max(score, 0), 100)), lifted)
}

// releveled is a pattern that another trial puts at another level.
type releveled struct {
	pattern int32
	level   rules.Level
}

// relevel lists the patterns that a trial puts elsewhere: none but those in which
// a rule that stands otherwise holds. Levels that warn are as good as each other,
// and so are those that do not.
func (b *bench) relevel(t trial) []releveled {
	var out []releveled
	for i := range t {
		if t[i] == b.now[i] {
			continue
		}
		for _, bit := range []int{b.now[i].bit, t[i].bit} {
			for _, p := range b.h.patternsOf[bit] {
				level := b.weigh(t, p)
				if was := b.levels[p]; (level < b.level) != (was < b.level) {
					out = append(out, releveled{p, level})
				}
			}
			if t[i].bit == b.now[i].bit {
				break
			}
		}
	}
	slices.SortFunc(out, func(a, b releveled) int { return int(a.pattern - b.pattern) })
	return slices.Compact(out)
}

// swap puts patterns at their new levels; once more, and they are back.
func (b *bench) swap(list []releveled) {
	for i := range list {
		p := &list[i]
		b.levels[p.pattern], p.level = p.level, b.levels[p.pattern]
	}
}

// judge follows one row.
func (b *bench) judge(r *row) verdict {
	var v verdict
	before := int32(-2) // the last instant of the run before, if it stood at the level
	for _, run := range r.runs {
		level := b.levels[run.pattern]
		if level < b.level {
			continue
		}
		if r.part != neither && run.first < r.to && run.last >= r.from {
			v.warned = true
			v.red = v.red || level >= rules.Red
		}
		if last := min(run.last, r.risk-1); run.active && run.first <= last {
			if run.first != before+1 {
				b.h.rise(&v, run.first)
			}
			before = last
		}
	}
	return v
}

// rise counts a warning in the part of the period that it falls in. What stands
// at the first instant of the whole has nothing before it and is none; nor is it
// at the first of the later part, as in a backtest of that part alone.
func (h *history) rise(v *verdict, at int32) {
	switch {
	case 0 < at && at < h.split:
		v.rises[0]++
	case h.split < at && at < h.end:
		v.rises[1]++
	}
}

func (t *tally) add(r *row, v verdict, sign int) {
	t.Warnings += sign * int(v.rises[0])
	switch {
	case r.part != earlier || !r.decided || !v.warned:
	case r.outcome:
		t.True += sign
	default:
		t.False += sign
	}
}

// touching calls f once for each row in which one of the patterns stands.
func (b *bench) touching(list []releveled, f func(i int32)) {
	b.asked++
	for _, p := range list {
		for _, i := range b.h.rowsOf[p.pattern] {
			if b.seen[i] != b.asked {
				b.seen[i] = b.asked
				f(i)
			}
		}
	}
}

// try tells what a trial would change of the present one.
func (b *bench) try(t trial) move {
	list := b.relevel(t)
	b.swap(list)
	defer b.swap(list)
	return b.moved(list)
}

// moved compares what is said of rows with what the levels say now.
func (b *bench) moved(list []releveled) move {
	m := move{RedLost: b.redLost}
	b.touching(list, func(i int32) {
		r := &b.h.rows[i]
		now, next := b.says[i], b.judge(r)
		m.add(r, now, next)
		switch {
		case !b.wasRed[i] || now.warned == next.warned:
		case now.warned:
			m.RedLost++
		default:
			m.RedLost--
		}
	})
	return m
}

func (m *move) add(r *row, now, next verdict) {
	m.Warnings += int(next.rises[0] - now.rises[0])
	if r.part != earlier || !r.decided || now.warned == next.warned {
		return
	}
	switch {
	case r.outcome && next.warned:
		m.TrueGained++
	case r.outcome:
		m.TrueLost++
	case next.warned:
		m.FalseGained++
	default:
		m.FalseLost++
	}
}

// take makes a trial the present one.
func (b *bench) take(t trial) {
	list := b.relevel(t)
	b.swap(list)
	b.redLost = b.moved(list).RedLost
	b.touching(list, func(i int32) {
		r := &b.h.rows[i]
		b.tally.add(r, b.says[i], -1)
		b.says[i] = b.judge(r)
		b.tally.add(r, b.says[i], 1)
	})
	b.now = t
}

// at judges every row anew by a trial, levels exact.
func (b *bench) at(t trial) {
	b.now = t
	for p := range b.levels {
		b.levels[p] = b.weigh(t, int32(p))
	}
	for i := range b.says {
		b.says[i] = b.judge(&b.h.rows[i])
	}
}

// after is the tally of the present trial and a move.
func (b *bench) after(m move) tally {
	t := b.tally
	t.True += m.TrueGained - m.TrueLost
	t.False += m.FalseGained - m.FalseLost
	t.Warnings += m.Warnings
	return t
}

// outcomes counts those of a part, decided rows alone.
func (h *history) outcomes(of part) int {
	n := 0
	for i := range h.rows {
		if r := &h.rows[i]; r.part == of && r.outcome {
			n++
		}
	}
	return n
}
