package scorer

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"

	"yujing/rules"
)

const (
	// MaxCatchUp is how many missed instants are made up for after downtime.
	MaxCatchUp = 48
	// arrivalBatch is how long at least lies between two rounds of arrivals, from beginning to beginning.
	arrivalBatch = 250 * time.Millisecond
	// arrivalPoll finds what another process (an import on the command line) stored.
	arrivalPoll = 5 * time.Second
	// ArrivalSlack is how long an insert may take: a signal may carry a stored_at
	// that much older than the moment at which it can be read.
	ArrivalSlack = 30 * time.Second
	// WriteSlack is how long an insert may be held up, by a full disk or an engine
	// that is away, for the next instant of the schedule to see it. After longer the
	// first one of the next day does.
	WriteSlack = time.Hour
	// dueTries is how often an arrival lets the schedule go first: where instants
	// take longer than they are apart, arrivals must not wait for ever.
	dueTries = 3
	// maxArrivals is how many cases an arrival may concern: it is scored as one
	// chunk. A bulk import is left to the schedule.
	maxArrivals = chunkRows
	// mostArrivals is how many signals a look for arrivals reads, those stored last:
	// what came before them is left to the schedule.
	mostArrivals = 200_000
)

// Emit takes over what follows from the changes of an instant; it must be safe to repeat.
type Emit func(ctx context.Context, asOf time.Time, changes []Change) error

// RunnerOptions wires a Runner.
type RunnerOptions struct {
	Facts    Facts
	Ledger   Ledger
	Set      *rules.Set
	Schedule cron.Schedule // the instants at which every row is scored
	Emit     Emit
	Now      func() time.Time // nil = time.Now; a replay passes its own
	Logger   *zap.Logger
	OnTick   func(Tick, time.Duration) // for metrics; may be nil
}

// Runner scores on schedule and on arrival, one instant at a time and in order
// of time. What arrived is read from the store, not from the importer: so it
// is found no matter who imported it and what crashed in between.
type Runner struct {
	o        RunnerOptions
	nudge    chan struct{}
	replan   chan struct{} // there is another schedule
	next     handover
	mu       sync.Mutex // held for one instant
	scorer   *Scorer
	anew     bool                 // rules or schedule were swapped: every row is due
	last     time.Time            // latest evaluated instant
	lastPlan time.Time            // latest evaluated instant of the schedule
	cutShort bool                 // an arrival failed, perhaps with assessments written
	seen     time.Time            // stored_at before which every arrival is scored
	recent   map[string]time.Time // signals scored since then, and when
}

// handover is what Use gives to the next instant; nil leaves a thing as it is.
type handover struct {
	mu       sync.Mutex // never held for long: a reload does not wait for an instant
	set      *rules.Set
	schedule cron.Schedule
}

// NewRunner makes a Runner; nothing happens before Run.
func NewRunner(o RunnerOptions) *Runner {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	return &Runner{o: o, nudge: make(chan struct{}, 1), replan: make(chan struct{}, 1), recent: map[string]time.Time{}, scorer: New(o.Facts, o.Ledger, o.Set, o.Logger)}
}

// Use hands over another rule set or another schedule; nil leaves what is. An
// instant under way ends as it began; then every row is scored at once.
func (r *Runner) Use(set *rules.Set, schedule cron.Schedule) {
	r.next.mu.Lock()
	if set != nil {
		r.next.set = set
	}
	if schedule != nil {
		r.next.schedule = schedule
	}
	r.next.mu.Unlock()
	r.Nudge()
}

// takeOver takes what Use handed over. The instants of another schedule count
// from now on: the one that follows at once stands for those before.
func (r *Runner) takeOver() {
	r.next.mu.Lock()
	set, schedule := r.next.set, r.next.schedule
	r.next.set, r.next.schedule = nil, nil
	r.next.mu.Unlock()
	if set != nil {
		r.scorer, r.anew = New(r.o.Facts, r.o.Ledger, set, r.o.Logger), true
	}
	if schedule != nil {
		r.o.Schedule, r.lastPlan, r.anew = schedule, millis(r.o.Now()), true
		wake(r.replan)
	}
}

// Nudge says that something was stored.
func (r *Runner) Nudge() { wake(r.nudge) }

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // one is pending: it will see this too
	}
}

// Start makes up for missed instants; after it the past is settled. After an
// error it may be called again.
func (r *Runner) Start(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, err := r.o.Ledger.LastTick(ctx, "")
	if err != nil {
		return err
	}
	lastPlan, err := r.o.Ledger.LastTick(ctx, Scheduled)
	if err != nil {
		return err
	}
	r.last, r.lastPlan = last.AsOf, lastPlan.AsOf
	settled := r.last
	if err := r.followUp(ctx); err != nil {
		return err
	}
	if r.lastPlan.IsZero() {
		now := millis(r.o.Now())
		r.lastPlan, r.seen = now, now
		return r.score(ctx, Instant{AsOf: now, Trigger: Scheduled, First: true})
	}
	r.seen = settled.Add(-ArrivalSlack)
	if missed := r.missed(r.o.Now()); len(missed) > 0 {
		r.o.Logger.Info("catching up", zap.Int("instants", len(missed)), zap.Time("from", missed[0]))
		for _, t := range missed {
			if err := r.score(ctx, Instant{AsOf: t, Trigger: Scheduled, Late: true}); err != nil {
				return err
			}
			r.lastPlan = t
		}
	}
	return r.arrivals(ctx)
}

// followUp hands over assessments whose instant was not recorded: a crash or an
// error came between them and what follows from them.
func (r *Runner) followUp(ctx context.Context) error {
	loose, err := r.o.Ledger.RecordedSince(ctx, r.last)
	if err != nil {
		return err
	}
	if len(loose) > 0 {
		last := loose[len(loose)-1].AsOf
		if err := r.o.Emit(ctx, last, loose); err != nil {
			return err
		}
		r.last = last
	}
	r.cutShort = false
	return nil
}

// missed lists the instants of the schedule after the last one up to now, the
// latest MaxCatchUp of them.
func (r *Runner) missed(now time.Time) []time.Time {
	var out []time.Time
	for t := r.o.Schedule.Next(r.lastPlan); !t.IsZero() && !t.After(now); t = r.o.Schedule.Next(t) {
		out = append(out, millis(t))
		if len(out) > MaxCatchUp {
			out = out[1:]
		}
	}
	return out
}

// Run scores until the context ends. A failed instant is told and tried again
// with the next one: nothing is lost, since a tick is recorded last.
func (r *Runner) Run(ctx context.Context) error {
	logger := cron.PrintfLogger(zap.NewStdLog(r.o.Logger))
	schedule := cron.New(cron.WithChain(cron.SkipIfStillRunning(logger), cron.Recover(logger)))
	due := cron.FuncJob(func() { r.told(ctx, "schedule", r.Due(ctx)) })
	entry := schedule.Schedule(r.schedule(), due)
	schedule.Start()
	defer func() { <-schedule.Stop().Done() }()

	poll := time.NewTicker(arrivalPoll)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-r.nudge:
			others := time.Now().Add(arrivalBatch)
			r.told(ctx, "arrival", r.Arrivals(ctx))
			pause(ctx, time.Until(others)) // what comes meanwhile is one batch
		case <-poll.C:
			r.told(ctx, "arrival", r.Arrivals(ctx))
		case <-r.replan:
			schedule.Remove(entry)
			entry = schedule.Schedule(r.schedule(), due)
		}
	}
}

// schedule is the one that holds now.
func (r *Runner) schedule() cron.Schedule {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.o.Schedule
}

// told says what failed, unless it failed because we were told to stop.
func (r *Runner) told(ctx context.Context, trigger string, err error) {
	if err != nil && ctx.Err() == nil {
		r.o.Logger.Error("scoring failed, the next instant tries again", zap.String("trigger", trigger), zap.Error(err))
	}
}

// Due evaluates the instants of the schedule that have come.
func (r *Runner) Due(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.due(ctx)
}

func (r *Runner) due(ctx context.Context) error {
	if r.cutShort {
		if err := r.followUp(ctx); err != nil {
			return err
		}
	}
	for _, t := range r.missed(r.o.Now()) {
		if err := r.score(ctx, Instant{AsOf: t, Trigger: Scheduled}); err != nil {
			return err
		}
		r.lastPlan = t
	}
	r.takeOver()
	return r.scoreAnew(ctx)
}

// scoreAnew scores every row once rules or schedule were swapped. It counts as
// an instant of the schedule: it sees all rows, and a restart goes on from it.
// What a failure leaves is followed up, since the next try is of another instant.
func (r *Runner) scoreAnew(ctx context.Context) error {
	if !r.anew {
		return nil
	}
	if err := r.score(ctx, Instant{AsOf: r.afterLast(millis(r.o.Now())), Trigger: Scheduled}); err != nil {
		r.cutShort = true
		return err
	}
	r.anew = false
	return nil
}

// afterLast is an instant, or the first one after the latest that was evaluated.
func (r *Runner) afterLast(at time.Time) time.Time {
	if at.After(r.last) {
		return at
	}
	return r.last.Add(time.Millisecond)
}

// Arrivals scores what was stored since the last time.
func (r *Runner) Arrivals(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.arrivals(ctx)
}

func (r *Runner) arrivals(ctx context.Context) error {
	before := millis(r.o.Now())
	stored, err := r.o.Facts.StoredSince(ctx, r.seen, mostArrivals)
	if err != nil {
		return err
	}
	at := Instant{Trigger: Arrival}
	var fresh []string
	for _, s := range stored {
		if _, scored := r.recent[s.Signal]; scored {
			continue
		}
		fresh = append(fresh, s.Signal)
		at.Cases = append(at.Cases, s.Case)
		if s.Group != 0 {
			at.Groups = append(at.Groups, s.Group)
		}
	}
	at.Cases, at.Groups = distinct(at.Cases), distinct(at.Groups)
	// The instant comes after the read: what was stored while it ran is read with
	// it, and an earlier instant would not see it.
	if at.AsOf, err = r.afterDue(ctx); err != nil {
		return err
	}
	switch {
	case len(at.Cases) > maxArrivals:
		r.o.Logger.Info("bulk import left to the schedule", zap.Int("cases", len(at.Cases)))
	case len(at.Cases) > 0:
		if err := r.score(ctx, at); err != nil {
			return err
		}
	}
	for _, s := range fresh {
		r.recent[s] = at.AsOf
	}
	maps.DeleteFunc(r.recent, func(_ string, scored time.Time) bool { return at.AsOf.Sub(scored) > 2*ArrivalSlack })
	if horizon := before.Add(-ArrivalSlack); horizon.After(r.seen) {
		r.seen = horizon
	}
	return nil
}

// afterDue is now, once the instants of the schedule up to now are evaluated:
// time goes forward, and some come due while a start catches up or arrivals are
// looked for. An arrival before them would leave what they say as the last word.
func (r *Runner) afterDue(ctx context.Context) (time.Time, error) {
	for range dueTries {
		if err := r.due(ctx); err != nil {
			return time.Time{}, err
		}
		if len(r.missed(millis(r.o.Now()))) == 0 {
			break
		}
	}
	return millis(r.o.Now()), nil
}

func distinct(rows []uint64) []uint64 {
	slices.Sort(rows)
	return slices.Compact(rows)
}

// score evaluates one instant, strictly later than the one before.
func (r *Runner) score(ctx context.Context, at Instant) error {
	if at.Trigger == Arrival {
		at.AsOf = r.afterLast(at.AsOf)
	}
	started := time.Now()
	tick, err := r.scorer.Score(ctx, at, func(ctx context.Context, changes []Change) error {
		return r.o.Emit(ctx, at.AsOf, changes)
	})
	if err != nil {
		r.cutShort = r.cutShort || at.Trigger == Arrival // one of the schedule is evaluated again
		return err
	}
	r.last = at.AsOf
	if r.o.OnTick != nil {
		r.o.OnTick(tick, time.Since(started))
	}
	return nil
}

func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
