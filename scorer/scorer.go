package scorer

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"yujing/rules"
)

// chunkRows is how many rows are scored at a time: enough to keep the cores
// busy, few enough to keep the daemon small.
const chunkRows = 4096

// fewRows is how many changed rows are read by key.
const fewRows = 20_000

// mostTurned is how many rows a scheduled instant picks out; it asks all if more
// may have turned.
const mostTurned = 250_000

// Scorer evaluates a rule set over the facts of an instant and records what changed.
type Scorer struct {
	facts  Facts
	ledger Ledger
	set    *rules.Set
	eval   *rules.Evaluator // for reasons, which only the few that changed need
	log    *zap.Logger
}

// New makes a Scorer for one rule set; a reload makes a new one.
func New(facts Facts, ledger Ledger, set *rules.Set, log *zap.Logger) *Scorer {
	if log == nil {
		log = zap.NewNop()
	}
	return &Scorer{facts: facts, ledger: ledger, set: set, eval: set.NewEvaluator(), log: log}
}

// Instant is one evaluation: as of when, why, and over which rows.
type Instant struct {
	AsOf    time.Time
	Trigger Trigger
	Late    bool // made up for after downtime
	First   bool // the first evaluation of this deployment
	// Cases and Groups restrict an arrival; a scheduled instant leaves both nil.
	Cases, Groups []uint64
}

// Score evaluates an instant. Changes are recorded, and then handed to emit, in
// chunks ordered by row; the tick itself is recorded last, so that an instant
// cut short is evaluated again and comes to the same changes.
func (s *Scorer) Score(ctx context.Context, at Instant, emit func(context.Context, []Change) error) (Tick, error) {
	started := time.Now()
	tick := Tick{AsOf: at.AsOf, Trigger: at.Trigger, Late: at.Late, RuleSet: s.set.Version(), Calendar: s.set.CalendarVersion()}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		view, some := at.view(over)
		if !some || (at.Trigger != Scheduled && len(s.set.RisksOver(over)) == 0) { // what stood in a risk that is gone must fall at the schedule
			continue
		}
		view.WithoutGroup = !s.set.AsksGroup(over)
		if over == rules.OverCase {
			tick.Cases = view.Rows
		} else {
			tick.Groups = view.Rows
		}
		score := s.scoreArrived
		if at.Trigger == Scheduled {
			score = s.scoreScheduled
		}
		if err := score(ctx, at, view, &tick, emit); err != nil {
			return tick, fmt.Errorf("score %ss as of %s: %w", over, at.AsOf.Format(time.RFC3339), err)
		}
	}
	if err := s.ledger.RecordTick(ctx, tick); err != nil {
		return tick, err
	}
	s.log.Info("tick", zap.Time("as_of", at.AsOf), zap.String("trigger", string(at.Trigger)), zap.Bool("late", at.Late),
		zap.Int("rows", tick.Rows), zap.Int("changed", tick.Changed), zap.String("rule_set", tick.RuleSet), zap.Duration("took", time.Since(started)))
	return tick, nil
}

// view is what of an instant concerns cases or groups; false if nothing does.
func (at Instant) view(over rules.Over) (View, bool) {
	v := View{AsOf: at.AsOf, AsSeen: true, Over: over}
	if at.Trigger == Scheduled {
		return v, true
	}
	v.Rows = at.Cases
	if over == rules.OverGroup {
		v.Rows = at.Groups
	}
	return v, len(v.Rows) > 0
}

// scoreArrived scores the rows that an arrival concerns, which are few.
func (s *Scorer) scoreArrived(ctx context.Context, at Instant, view View, tick *Tick, emit func(context.Context, []Change) error) error {
	tick.Rows += len(view.Rows)
	stood, err := collect(s.ledger.Standing(ctx, at.AsOf, Span{view.Over, view.Rows}))
	if err != nil {
		return err
	}
	rows, err := collect(s.facts.Facts(ctx, view))
	if err != nil {
		return err
	}
	_, err = s.settle(ctx, at, view.Over, rows, stood, tick, emit)
	return err
}

// scoreScheduled scores, of the rows that may have turned since the scheduled
// instant before, those of which the store finds that something changed.
func (s *Scorer) scoreScheduled(ctx context.Context, at Instant, view View, tick *Tick, emit func(context.Context, []Change) error) error {
	var err error
	if view.Rows, err = s.turned(ctx, view); err != nil {
		return err
	}
	if err := s.count(ctx, view, tick); err != nil || (view.Rows != nil && len(view.Rows) == 0) {
		return err
	}
	concerns, err := s.concerns(ctx, view)
	if err != nil || len(concerns) == 0 {
		return err
	}
	next, stop := iter.Pull2(s.factsOf(ctx, view, concerns))
	defer stop()
	row, err, more := next()
	for chunk := range slices.Chunk(concerns, chunkRows) {
		var rows []*rules.Facts
		for ; more && err == nil && RowNumber(row.Row) <= chunk[len(chunk)-1].row; row, err, more = next() {
			if _, changed := slices.BinarySearchFunc(chunk, RowNumber(row.Row), byRow); changed {
				rows = append(rows, row)
			}
		}
		if err != nil {
			return err
		}
		if err := s.settleConcerns(ctx, at, view.Over, chunk, rows, tick, emit); err != nil {
			return err
		}
	}
	return nil
}

// turned gives the rows that may have turned since the scheduled instant before;
// nil is all of them: where that instant went by other rules or another calendar,
// where a rule is not seen through or the store cannot tell, and once a day, so that
// whatever was missed is not missed for long.
func (s *Scorer) turned(ctx context.Context, view View) ([]uint64, error) {
	last, err := s.ledger.LastTick(ctx, Scheduled)
	if err != nil {
		return nil, err
	}
	turns := s.set.Turns(view.Over)
	passes := func(m rules.Midnight) bool { return m.Passes(last.AsOf, view.AsOf) }
	if last.RuleSet != s.set.Version() || last.Calendar != s.set.CalendarVersion() || !last.AsOf.Before(view.AsOf) || turns.Always ||
		slices.ContainsFunc(turns.Midnights(), passes) || slices.ContainsFunc(s.set.Risks(), func(r *rules.Risk) bool { return passes(rules.Midnight{Zone: r.Zone}) }) {
		return nil, nil
	}
	return s.facts.Turned(ctx, turns, view, last.AsOf, mostTurned)
}

// count adds the rows that an instant looks at.
func (s *Scorer) count(ctx context.Context, view View, tick *Tick) error {
	n := len(view.Rows)
	if view.Rows == nil && view.Over == rules.OverCase {
		var err error
		if n, err = s.facts.Cases(ctx, view); err != nil {
			return err
		}
	}
	tick.Rows += n
	return nil
}

func byRow(c concern, row uint64) int { return cmp.Compare(c.row, row) }

// factsOf reads the facts of the rows that changed, ordered by row: by key while
// they are few, and all in one pass when the store would read most of it anyway,
// as at the first instant.
func (s *Scorer) factsOf(ctx context.Context, view View, concerns []concern) iter.Seq2[*rules.Facts, error] {
	view.Rows = nil
	if len(concerns) > fewRows {
		return s.facts.Facts(ctx, view)
	}
	for i := range concerns {
		view.Rows = append(view.Rows, concerns[i].row)
	}
	return s.facts.Facts(ctx, view)
}

// settleConcerns settles some rows of which the store found that something
// changed, and holds the two engines against each other.
func (s *Scorer) settleConcerns(ctx context.Context, at Instant, over rules.Over, concerns []concern, rows []*rules.Facts, tick *Tick, emit func(context.Context, []Change) error) error {
	var stood []Standing
	for _, c := range concerns {
		stood = append(stood, c.stood...)
	}
	changes, err := s.settle(ctx, at, over, rows, stood, tick, emit)
	if err == nil {
		s.compare(changes, concerns, tick)
	}
	return err
}

// settle assesses rows, records what is not as it stood and hands it on.
func (s *Scorer) settle(ctx context.Context, at Instant, over rules.Over, rows []*rules.Facts, stood []Standing, tick *Tick, emit func(context.Context, []Change) error) ([]Change, error) {
	rows = slices.DeleteFunc(rows, func(f *rules.Facts) bool { return Silent(f, at.AsOf) })
	changes, err := s.changes(ctx, at, rows, over, stood)
	if err != nil {
		return nil, err
	}
	if err := s.ledger.Record(ctx, changes); err != nil {
		return nil, err
	}
	tick.Changed += len(changes)
	if len(changes) == 0 {
		return nil, nil
	}
	return changes, emit(ctx, changes)
}

// Silent says that a case has left its window: nothing happened for so long.
func Silent(f *rules.Facts, asOf time.Time) bool {
	if f.Over != rules.OverCase {
		return false
	}
	return !f.Last().After(asOf.Add(-CaseWindow))
}

// compare holds what the store said against what the evaluator says, which
// counts: it gives the reasons. They never differ, or one of the two is wrong.
func (s *Scorer) compare(changes []Change, concerns []concern, tick *Tick) {
	type key struct{ row, risk string }
	said := make(map[key]*Change, len(changes))
	for i := range changes {
		said[key{changes[i].Row, changes[i].Risk}] = &changes[i]
	}
	for _, of := range concerns {
		for i := range of.news {
			v := &of.news[i]
			c := said[key{RowName(of.row), v.risk.ID}]
			if c != nil && v.stands(&Standing{Score: c.Score, ShadowScore: c.ShadowScore, Level: c.Level, Fired: ids(c.Fired)}) {
				continue
			}
			tick.Differ++
			s.log.Error("the two engines disagree; the evaluator's word stands, please report this", zap.String("row", RowName(of.row)),
				zap.String("risk", v.risk.ID), zap.Int("store_score", v.score), zap.Strings("store_rules", v.fired), zap.String("rule_set", s.set.Version()))
		}
	}
}

func ids(fired []rules.Fired) []string {
	out := make([]string, len(fired))
	for i, f := range fired {
		out[i] = f.ID
	}
	return out
}

// changes assesses rows and keeps what differs from what stood. A row that
// stood above zero and is no longer in the view has left its window: it is
// assessed as zero, so that its alert closes.
func (s *Scorer) changes(ctx context.Context, at Instant, rows []*rules.Facts, over rules.Over, standing []Standing) ([]Change, error) {
	type key struct {
		row  string
		risk string
	}
	stood := make(map[key]Standing, len(standing))
	for _, st := range standing {
		stood[key{RowName(st.Row), st.Risk}] = st
	}
	all, err := s.assess(ctx, rows, at.AsOf)
	if err != nil {
		return nil, err
	}
	var out []Change
	for _, row := range all {
		for i := range row.says {
			a := &row.says[i]
			k := key{a.Row, a.Risk}
			was := stood[k]
			delete(stood, k)
			if !differs(a, &was) {
				continue
			}
			if err := s.eval.Reasons(s.set.Risk(a.Risk), row.facts, at.AsOf, a); err != nil {
				return nil, err
			}
			out = append(out, Change{Assessment: *a, Was: was.Level, Matter: matterOf(row.facts),
				Concluded: row.facts.Concluded, Late: at.Late, First: at.First})
		}
	}
	for k, was := range stood {
		if was.nothing() {
			continue
		}
		out = append(out, Change{
			Assessment: rules.Assessment{Risk: k.risk, Over: was.Over, Row: k.row, Ref: was.Ref, AsOf: at.AsOf, RuleSet: s.set.Version()},
			Was:        was.Level, Matter: Matter{Ref: was.Ref}, Late: at.Late, First: at.First,
		})
	}
	slices.SortFunc(out, func(a, b Change) int {
		if a.Row != b.Row {
			return strings.Compare(a.Row, b.Row)
		}
		return strings.Compare(a.Risk, b.Risk)
	})
	return out, nil
}

// assessed is what the rules say of one row, in every risk over rows of its kind.
type assessed struct {
	facts *rules.Facts
	says  []rules.Assessment
}

// assess scores rows on all cores, keeping their order.
func (s *Scorer) assess(ctx context.Context, rows []*rules.Facts, asOf time.Time) ([]assessed, error) {
	out := make([]assessed, len(rows))
	share := max(64, (len(rows)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	group, ctx := errgroup.WithContext(ctx)
	for first := 0; first < len(rows); first += share {
		group.Go(func() error {
			eval := s.set.NewEvaluator()
			for i := first; i < min(first+share, len(rows)); i++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				says, err := eval.EvaluateAll(rows[i], asOf, nil)
				if err != nil {
					return fmt.Errorf("%s %s: %w", rows[i].Over, rows[i].Row, err)
				}
				out[i] = assessed{rows[i], says}
			}
			return nil
		})
	}
	return out, group.Wait()
}

// differs says whether an assessment is news: another score, level or set of
// rules than stood; the zero Standing is that nothing did.
func differs(a *rules.Assessment, was *Standing) bool {
	return a.Score != was.Score || a.ShadowScore != was.ShadowScore || a.Level != was.Level ||
		!slices.EqualFunc(a.Fired, was.Fired, func(f rules.Fired, id string) bool { return f.ID == id })
}

// matterOf collects what routing and messages need.
func matterOf(f *rules.Facts) Matter {
	first := f.Contacts[0]
	m := Matter{Ref: f.Ref, Place: first.Place, Category: first.Category, Subject: first.Subject, First: first.At, Contacts: len(f.Contacts)}
	unit := func(u string) {
		if u == "" {
			return
		}
		if i := slices.Index(m.Units, u); i >= 0 {
			m.Units = slices.Delete(m.Units, i, i+1)
		}
		m.Units = append(m.Units, u)
	}
	for _, c := range f.Contacts {
		unit(c.Unit)
		m.Accusation = m.Accusation || c.Purpose == "accusation"
		m.Last = c.At
		if m.Subject == "" {
			m.Subject = c.Subject
		}
	}
	for _, a := range f.Actions {
		unit(a.Unit)
	}
	return m
}

// RowName is the form of a row's number in facts, assessments and on the command line.
func RowName(n uint64) string { return fmt.Sprintf("%016x", n) }

// RowNumber is the inverse of RowName; our own names always parse.
func RowNumber(name string) uint64 {
	n, err := strconv.ParseUint(name, 16, 64)
	if err != nil {
		panic("row is not 16 hex digits: " + name)
	}
	return n
}

func collect[T any](all iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range all {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}
