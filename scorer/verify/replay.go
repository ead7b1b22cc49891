package verify

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"yujing/rules"
	"yujing/scorer"
)

// replay is one Run under way.
type replay struct {
	Options
	past      Past
	ticks     []scorer.Tick
	scheduled []int // places in ticks
	gone      []Forgotten
	report    *Report
	done, all int // rows
}

// rows replays the rows of a kind.
func (r *replay) rows(ctx context.Context, over rules.Over, rows []uint64) error {
	neighbours := r.asksGroup(over)
	for chunk := range slices.Chunk(rows, chunkRows) {
		lives, err := r.past.Lives(ctx, over, chunk, r.Period, neighbours)
		if err != nil {
			return err
		}
		if err := r.lives(ctx, over, lives); err != nil {
			return err
		}
		r.done += len(chunk)
		if r.Progress != nil {
			r.Progress(r.done, r.all)
		}
	}
	return nil
}

func (r *replay) asksGroup(over rules.Over) bool {
	asks := r.Given.AsksGroup(over)
	for _, set := range r.InUse {
		asks = asks || set.AsksGroup(over)
	}
	return asks
}

// lives replays some rows on all cores.
func (r *replay) lives(ctx context.Context, over rules.Over, lives []Life) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	share := max(16, (len(lives)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	for part := range slices.Chunk(lives, share) {
		group.Go(func() error {
			bench := newBench(r, over)
			for i := range part {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := bench.row(&part[i]); err != nil {
					return fmt.Errorf("replay %s %s: %w", over, scorer.RowName(part[i].Row), err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			r.report.take(&bench.tally)
			return nil
		})
	}
	return group.Wait()
}

// bench is where one goroutine replays one row after another.
type bench struct {
	*replay
	over  rules.Over
	evals map[string]*rules.Evaluator // by version of the set
	risks map[string][]string         // by version, see risksOf
	tally tally

	// Of the row at hand.
	life    *Life
	turns   []time.Time // still to come
	next    int         // place in Recorded of the first not yet standing
	stood   map[string]*Recorded
	seen    *rules.Facts // what the daemon saw at the instant
	known   *rules.Facts // what a backtest sees at it
	alike   bool         // the two are the same
	open    map[string]*Difference
	said    []rules.Assessment // memory
	instant *scorer.Tick
}

func newBench(r *replay, over rules.Over) *bench {
	return &bench{replay: r, over: over, evals: map[string]*rules.Evaluator{}, risks: map[string][]string{}}
}

// row replays a row at every instant at which the daemon assessed it.
func (b *bench) row(l *Life) error {
	b.life, b.turns, b.next = l, l.Story.Turns(), 0
	b.stood, b.open = map[string]*Recorded{}, map[string]*Difference{}
	b.seen, b.known, b.alike = nil, nil, true
	for _, t := range b.instants() {
		b.instant = t
		b.advance(t.AsOf)
		if err := b.compare(); err != nil {
			return err
		}
	}
	b.close()
	return nil
}

// instants are those of the schedule from the row's beginning on, and the others
// at which it was assessed.
func (b *bench) instants() []*scorer.Tick {
	l := b.life
	var begin time.Time
	if len(b.turns) > 0 {
		begin = b.turns[0]
	}
	if len(l.Recorded) > 0 && (begin.IsZero() || l.Recorded[0].AsOf.Before(begin)) {
		begin = l.Recorded[0].AsOf
	}
	from := sort.Search(len(b.scheduled), func(i int) bool { return !b.ticks[b.scheduled[i]].AsOf.Before(begin) })
	out := make([]*scorer.Tick, 0, len(b.scheduled)-from+len(l.Arrivals))
	for _, i := range b.scheduled[from:] {
		out = append(out, &b.ticks[i])
	}
	own := len(out)
	for _, t := range l.Arrivals {
		if tick := b.tick(t); tick != nil {
			out = append(out, tick)
		}
	}
	for i := range l.Recorded {
		if t := b.recordedAlone(&l.Recorded[i]); t != nil {
			out = append(out, t)
		}
	}
	if len(out) > own {
		slices.SortFunc(out, func(x, y *scorer.Tick) int { return x.AsOf.Compare(y.AsOf) })
		out = slices.CompactFunc(out, func(x, y *scorer.Tick) bool { return x.AsOf.Equal(y.AsOf) })
	}
	return out
}

// tick is the instant evaluated at a time; nil if there is none.
func (b *bench) tick(at time.Time) *scorer.Tick {
	i := sort.Search(len(b.ticks), func(i int) bool { return !b.ticks[i].AsOf.Before(at) })
	if i < len(b.ticks) && b.ticks[i].AsOf.Equal(at) {
		return &b.ticks[i]
	}
	return nil
}

// recordedAlone is the instant of an assessment, if it was one beside the
// schedule. One cut short has assessments and no tick.
func (b *bench) recordedAlone(rec *Recorded) *scorer.Tick {
	if rec.AsOf.Before(b.From) || rec.AsOf.After(b.To) {
		return nil
	}
	if tick := b.tick(rec.AsOf); tick != nil {
		return tick
	}
	return &scorer.Tick{AsOf: rec.AsOf, Trigger: scorer.Arrival, RuleSet: rec.RuleSet, Calendar: rec.Calendar, StoredAt: rec.StoredAt, Late: rec.Late}
}

// advance moves the row to an instant: what is visible, and what stands.
func (b *bench) advance(at time.Time) {
	turned := false
	for len(b.turns) > 0 && !b.turns[0].After(at) {
		b.turns, turned = b.turns[1:], true
	}
	if turned {
		b.seen, b.known = b.life.Story.Facts(at, &at), b.life.Story.Facts(at, nil)
		b.alike = reflect.DeepEqual(b.seen, b.known)
	}
	for b.next < len(b.life.Recorded) && !b.life.Recorded[b.next].AsOf.After(at) {
		rec := &b.life.Recorded[b.next]
		b.stood[rec.Risk] = rec
		b.next++
	}
}

// set is the rule set of a version; nil if its files are not at hand.
func (b *bench) set(version string) *rules.Set {
	if version == b.Given.Version() {
		return b.Given
	}
	return b.InUse[version]
}

// assess is what a set says of facts as of the instant, by risk. It is valid
// until the next call.
func (b *bench) assess(set *rules.Set, facts *rules.Facts) ([]rules.Assessment, error) {
	b.said = b.said[:0]
	if facts == nil || scorer.Silent(facts, b.instant.AsOf) {
		return b.said, nil
	}
	eval := b.evals[set.Version()]
	if eval == nil {
		eval = set.NewEvaluator()
		b.evals[set.Version()] = eval
	}
	var err error
	b.said, err = eval.EvaluateAll(facts, b.instant.AsOf, b.said)
	return b.said, err
}

// says is assess by risk, to keep.
func (b *bench) says(set *rules.Set, facts *rules.Facts) (map[string]Says, error) {
	all, err := b.assess(set, facts)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Says, len(all))
	for i := range all {
		out[all[i].Risk] = saysOf(&all[i])
	}
	return out, nil
}

func saysOf(a *rules.Assessment) Says {
	s := Says{Score: a.Score, ShadowScore: a.ShadowScore, Level: a.Level}
	for _, f := range a.Fired {
		s.Fired = append(s.Fired, f.ID)
	}
	return s
}

// asStood says whether an assessment is what stands.
func (b *bench) asStood(a *rules.Assessment) bool {
	rec := b.stood[a.Risk]
	if rec == nil {
		return a.Score == 0 && a.ShadowScore == 0 && a.Level == rules.None && len(a.Fired) == 0
	}
	return a.Score == rec.Score && a.ShadowScore == rec.ShadowScore && a.Level == rec.Level &&
		slices.EqualFunc(a.Fired, rec.Fired, func(f rules.Fired, id string) bool { return f.ID == id })
}
