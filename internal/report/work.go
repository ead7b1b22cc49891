package report

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/backtest"
)

const (
	// groupHindsight is how long after the outcome a group is looked at again: it
	// sees its contacts of the last 90 days, so not as of today.
	groupHindsight = 30 * 24 * time.Hour
	// mostNotes is how many signals of a kind are told of one case.
	mostNotes = 6
)

// Facts reads facts of rows as of an instant; the store does.
type Facts interface {
	Facts(ctx context.Context, v scorer.View) iter.Seq2[*rules.Facts, error]
}

// Worked is a case with what was known of it at the instant that counts, and
// what came of it.
type Worked struct {
	Case     backtest.Case
	At       time.Time // the warning; of a miss the last instant before the outcome
	Score    int       // then
	Level    rules.Level
	Fired    []rules.Fired // then, with their texts
	Unscored rules.Text    // why it was not scored then; zero if it was
	Contacts int           // known then; 0 = nothing was known
	Actions  int           // known then
	Known    Notes         // the latest of these
	Unknown  Notes         // had happened by then, but was not known
	After    Notes         // from then to the outcome, with it
}

// Notes are signals in order of time, without what a citizen said.
type Notes struct {
	List  []rules.SignalNote
	Left  int // how many are left out: before those listed if Known, else after
	Total int
}

// Work works out cases: it reads the facts that were visible at their instants
// and evaluates the rules over them, as the daemon would have.
func (in *Input) Work(ctx context.Context, facts Facts, cases []backtest.Case) error {
	step, err := in.step()
	if err != nil {
		return err
	}
	grid := backtest.Grid{From: in.Report.From, Step: step}
	eval := in.Set.NewEvaluator()
	for _, c := range cases {
		risk := in.Set.Risk(c.Risk)
		if risk == nil {
			return fmt.Errorf("work out %s: the rule set has no risk %q", c.Ref, c.Risk)
		}
		d := desk{facts: facts, eval: eval, risk: risk, now: in.Made}
		w, err := d.work(ctx, c, instantOf(c, grid))
		if err != nil {
			return fmt.Errorf("work out %s in %s: %w", c.Ref, c.Risk, err)
		}
		in.Worked = append(in.Worked, w)
	}
	return nil
}

// instantOf is the instant that a case is told at.
func instantOf(c backtest.Case, grid backtest.Grid) time.Time {
	if !c.WarnedAt.IsZero() {
		return c.WarnedAt
	}
	return grid.At(grid.After(c.OutcomeAt) - 1)
}

// desk works out the cases of one risk.
type desk struct {
	facts Facts
	eval  *rules.Evaluator
	risk  *rules.Risk
	now   time.Time // everything that the store knows is known
}

func (d *desk) work(ctx context.Context, c backtest.Case, at time.Time) (Worked, error) {
	w := Worked{Case: c, At: at}
	then, err := d.read(ctx, c.Row, at)
	if err != nil {
		return w, err
	}
	if then != nil {
		if err := d.judge(&w, then); err != nil {
			return w, err
		}
	}
	later, err := d.read(ctx, c.Row, d.hindsight(c))
	if err != nil {
		return w, err
	}
	w.notes(then, later)
	return w, nil
}

// hindsight is when all that became of a case is known.
func (d *desk) hindsight(c backtest.Case) time.Time {
	if late := c.OutcomeAt.Add(groupHindsight); d.risk.Over == rules.OverGroup && late.Before(d.now) {
		return late
	}
	return d.now
}

// read gives the facts of one row, nil if nothing of it is visible.
func (d *desk) read(ctx context.Context, row string, asOf time.Time) (*rules.Facts, error) {
	number, err := strconv.ParseUint(row, 16, 64)
	if err != nil {
		return nil, fmt.Errorf("row %q is not 16 hex digits", row)
	}
	var found *rules.Facts
	for f, err := range d.facts.Facts(ctx, scorer.View{AsOf: asOf, Over: d.risk.Over, Rows: []uint64{number}}) {
		if err != nil {
			return nil, err
		}
		found = f
	}
	return found, nil
}

// judge fills in what the rules said then.
func (d *desk) judge(w *Worked, then *rules.Facts) error {
	a, err := d.eval.Evaluate(d.risk, then, w.At)
	if err != nil {
		return err
	}
	if err := d.eval.Reasons(d.risk, then, w.At, &a); err != nil {
		return err
	}
	w.Score, w.Level, w.Fired, w.Unscored = a.Score, a.Level, a.Fired, a.Unscored
	w.Contacts, w.Actions = len(then.Contacts), len(then.Actions)
	return nil
}

// notes sorts the signals by what was known of them at the instant.
func (w *Worked) notes(then, later *rules.Facts) {
	known := signals(then)
	seen := map[string]bool{}
	for _, s := range known {
		seen[s.ID] = true
	}
	var unknown, after []rules.SignalNote
	for _, s := range signals(later) {
		switch {
		case seen[s.ID] || s.At.After(w.Case.OutcomeAt):
		case s.At.After(w.At):
			after = append(after, s)
		default:
			unknown = append(unknown, s)
		}
	}
	w.Known, w.Unknown, w.After = latest(known), latest(unknown), untilOutcome(after)
}

// signals gives what a row's signals are, oldest first.
func signals(f *rules.Facts) []rules.SignalNote {
	if f == nil {
		return nil
	}
	var all []rules.SignalNote
	for _, list := range [][]rules.Signal{f.Contacts, f.Actions} {
		for i := range list {
			s := &list[i]
			all = append(all, rules.SignalNote{ID: s.ID, At: s.At, Act: s.Act, Channel: s.Channel, Unit: s.Unit})
		}
	}
	slices.SortStableFunc(all, func(a, b rules.SignalNote) int { return a.At.Compare(b.At) })
	return all
}

// latest leaves out the oldest of too many.
func latest(all []rules.SignalNote) Notes {
	left := max(len(all)-mostNotes, 0)
	return Notes{List: all[left:], Left: left, Total: len(all)}
}

// untilOutcome leaves out of too many those before the outcome, which is last:
// what came first after a warning is the office's answer to it.
func untilOutcome(all []rules.SignalNote) Notes {
	left := max(len(all)-mostNotes, 0)
	if left == 0 {
		return Notes{List: all, Total: len(all)}
	}
	return Notes{List: slices.Concat(all[:mostNotes-1], all[len(all)-1:]), Left: left, Total: len(all)}
}
