package tune

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

const step = 24 * time.Hour

var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// cause is a rule of a made world. Its condition is count >= number, and each row
// has a count of its own for it, from an instant on.
type cause struct {
	id     string
	points int
	number int     // as the rule is written
	true   int     // the count from which on the cause acts
	weight float64 // what it adds to the log of the hazard then
	chance float64 // that a row has a count at all
	copies string  // it has the count of this cause instead
}

func (c cause) yaml() string {
	return fmt.Sprintf("  - id: %s   # made\n    name: {zh: 规则, en: rule %s}\n    when: len(contacts) >= %d\n    points: %d\n    because: {zh: 因为, en: because}\n    advise: {zh: 请联系, en: call}\n",
		c.id, c.id, c.number, c.points)
}

// world is rows whose outcomes come from causes.
type world struct {
	causes []cause
	rows   []madeRow
	days   int
	asked  int // how often it was asked for histories
}

// madeRow has from an instant on a count for each cause.
type madeRow struct {
	first  int
	end    int // the outcome comes before this instant; 0 = never
	counts []int
	since  []int
}

func madeSet(t testing.TB, causes []cause) *rules.Set {
	t.Helper()
	set, problems := rules.Load(madeFS(causes), rules.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

func madeFS(causes []cause) fstest.MapFS {
	var b strings.Builder
	b.WriteString("# Made rules.\nrisk: main\nrules:\n")
	for _, c := range causes {
		b.WriteString(c.yaml())
	}
	return fstest.MapFS{
		"risks.yaml": {Data: []byte("risks:\n  - {id: main, name: {zh: 风险, en: risk}, over: case, levels: {blue: 30, yellow: 50, orange: 70, red: 90}, horizon: 30d, zone: Asia/Shanghai, outcome: it.people > 5}\n")},
		"main.yaml":  {Data: []byte(b.String())},
	}
}

// makeWorld draws rows, perDay of them each day. base is the hazard per day of a
// row for which nothing holds.
func makeWorld(seed uint64, causes []cause, days, perDay int, base float64) *world {
	rng := rand.New(rand.NewPCG(seed, 1))
	w := &world{causes: causes, days: days}
	place := map[string]int{}
	for k, c := range causes {
		place[c.id] = k
	}
	for d := range days {
		for range perDay {
			r := madeRow{first: d, counts: make([]int, len(causes)), since: make([]int, len(causes))}
			for k, c := range causes {
				if rng.Float64() < c.chance {
					r.counts[k], r.since[k] = 1+rng.IntN(6), d+rng.IntN(20)
				}
			}
			for k, c := range causes {
				if c.copies != "" {
					r.counts[k], r.since[k] = r.counts[place[c.copies]], r.since[place[c.copies]]
				}
			}
			for at := d; at < days+40 && r.end == 0; at++ {
				if rng.Float64() < base*math.Exp(r.hazard(causes, at)) {
					r.end = at + 1
				}
			}
			w.rows = append(w.rows, r)
		}
	}
	return w
}

func (r *madeRow) hazard(causes []cause, at int) float64 {
	sum := 0.0
	for k, c := range causes {
		if r.counts[k] >= c.true && at >= r.since[k] {
			sum += c.weight
		}
	}
	return sum
}

var made = regexp.MustCompile(`>= (\d+)$`)

// asks is what a rule of a set asks of a row.
type asks struct{ cause, least int }

// read finds the cause of each rule.
func (w *world) read(set *rules.Set) []asks {
	var out []asks
	for _, rule := range set.Numbered(rules.OverCase) {
		id, _, _ := strings.Cut(rule.ID, "~")
		m := made.FindStringSubmatch(rule.When)
		a := asks{cause: slices.IndexFunc(w.causes, func(c cause) bool { return c.id == id })}
		a.least, _ = strconv.Atoi(m[1])
		out = append(out, a)
	}
	return out
}

// holds gives the rules that hold.
func (r *madeRow) holds(list []asks, at int) backtest.Holds {
	var out backtest.Holds
	for n, a := range list {
		if r.counts[a.cause] >= max(a.least, 1) && at >= r.since[a.cause] {
			for len(out) <= n/64 {
				out = append(out, 0)
			}
			out[n/64] |= 1 << (n % 64)
		}
	}
	return out
}

func day(n int) time.Time { return begin.Add(time.Duration(n) * step) }

// DataEnd implements backtest.Source.
func (w *world) DataEnd(context.Context) (time.Time, error) { return day(w.days + 40), nil }

// Histories implements backtest.Source.
func (w *world) Histories(_ context.Context, set *rules.Set, _ rules.Over, grid backtest.Grid, _ time.Time) iter.Seq2[*backtest.History, error] {
	w.asked++
	list := w.read(set)
	return func(yield func(*backtest.History, error) bool) {
		for i := range w.rows {
			r := &w.rows[i]
			h := &backtest.History{Row: uint64(2*i + 1), First: day(r.first).Add(-time.Minute), Outcomes: make([]time.Time, 1), Apart: make([]bool, 1)}
			if r.end > 0 {
				h.Outcomes[0] = day(r.end).Add(-time.Hour)
			}
			for at := r.first; at < min(grid.Len(), r.first+60); at++ {
				if r.end > 0 && at >= r.end {
					break
				}
				holds := r.holds(list, at)
				if len(holds) == 0 {
					continue
				}
				if n := len(h.Runs); n > 0 && h.Runs[n-1].Last == at-1 && slices.Equal(h.Runs[n-1].Holds, holds) {
					h.Runs[n-1].Last = at
					continue
				}
				h.Runs = append(h.Runs, backtest.Run{First: at, Last: at, Holds: holds, Active: true})
			}
			if !yield(h, nil) {
				return
			}
		}
	}
}

func tuned(t *testing.T, w *world, o Options) *Report {
	t.Helper()
	set := madeSet(t, w.causes)
	o.Risk, o.Level, o.From, o.To, o.Step = set.Risk("main"), rules.Yellow, day(0), day(w.days), step
	r, err := Run(t.Context(), w, set, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// holdsOf gives one set of rules for each word.
func holdsOf(words ...uint64) []backtest.Holds {
	out := make([]backtest.Holds, len(words))
	for i, word := range words {
		out[i] = backtest.Holds{word}
	}
	return out
}

// shiftedWorld is the same world seen from a later first instant.
type shiftedWorld struct {
	*world
	by int
}

// Histories implements backtest.Source.
func (s *shiftedWorld) Histories(ctx context.Context, set *rules.Set, over rules.Over, grid backtest.Grid, to time.Time) iter.Seq2[*backtest.History, error] {
	whole := grid
	whole.From = begin
	return func(yield func(*backtest.History, error) bool) {
		for h, err := range s.world.Histories(ctx, set, over, whole, to) {
			var runs []backtest.Run
			for _, r := range h.Runs {
				if r.First, r.Last = max(r.First-s.by, 0), r.Last-s.by; r.Last >= 0 {
					runs = append(runs, r)
				}
			}
			h.Runs = runs
			if !yield(h, err) {
				return
			}
		}
	}
}

func atoi(t *testing.T, text string) int { return int(atof(t, text)) }

func atof(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
