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
	d := desk{set: in.Set, now: in.Made, looks: map[look]map[string]*rules.Facts{}}
	worked := make([]Worked, len(cases))
	for i, c := range cases {
		worked[i] = Worked{Case: c, At: instantOf(c, grid)}
		if err := d.want(&worked[i]); err != nil {
			return err
		}
	}
	if err := d.read(ctx, facts); err != nil {
		return fmt.Errorf("work out %d cases: %w", len(cases), err)
	}
	eval := in.Set.NewEvaluator()
	for i := range worked {
		if err := d.work(eval, &worked[i]); err != nil {
			return fmt.Errorf("work out %s in %s: %w", worked[i].Case.Ref, worked[i].Case.Risk, err)
		}
	}
	in.Worked = append(in.Worked, worked...)
	return nil
}

// instantOf is the instant that a case is told at.
func instantOf(c backtest.Case, grid backtest.Grid) time.Time {
	if !c.WarnedAt.IsZero() {
		return c.WarnedAt
	}
	return grid.At(grid.After(c.OutcomeAt) - 1)
}

// desk gathers what has to be read, so that each instant is asked for once.
type desk struct {
	set   *rules.Set
	now   time.Time // everything that the store knows is known
	looks map[look]map[string]*rules.Facts
}

// look is an instant at which rows of a kind are looked at.
type look struct {
	over rules.Over
	at   int64 // nanoseconds: equal times may differ as values
}

// want notes down the two looks that a case takes.
func (d *desk) want(w *Worked) error {
	risk := d.set.Risk(w.Case.Risk)
	if risk == nil {
		return fmt.Errorf("work out %s: the rule set has no risk %q", w.Case.Ref, w.Case.Risk)
	}
	for _, l := range []look{{risk.Over, w.At.UnixNano()}, {risk.Over, d.hindsight(risk, w)}} {
		if d.looks[l] == nil {
			d.looks[l] = map[string]*rules.Facts{}
		}
		d.looks[l][w.Case.Row] = nil
	}
	return nil
}

// hindsight is when all that became of a case is known.
func (d *desk) hindsight(risk *rules.Risk, w *Worked) int64 {
	if late := w.Case.OutcomeAt.Add(groupHindsight); risk.Over == rules.OverGroup && late.Before(d.now) {
		return late.UnixNano()
	}
	return d.now.UnixNano()
}

// read fills in the facts; a row of which nothing is visible keeps none.
func (d *desk) read(ctx context.Context, facts Facts) error {
	for l, rows := range d.looks {
		view := scorer.View{AsOf: time.Unix(0, l.at).UTC(), Over: l.over}
		for row := range rows {
			number, err := strconv.ParseUint(row, 16, 64)
			if err != nil {
				return fmt.Errorf("row %q is not 16 hex digits", row)
			}
			view.Rows = append(view.Rows, number)
		}
		for f, err := range facts.Facts(ctx, view) {
			if err != nil {
				return err
			}
			rows[f.Row] = f
		}
	}
	return nil
}

// work says what was known of a case, what the rules said, and what followed.
func (d *desk) work(eval *rules.Evaluator, w *Worked) error {
	risk := d.set.Risk(w.Case.Risk)
	then := d.looks[look{risk.Over, w.At.UnixNano()}][w.Case.Row]
	if then != nil {
		if err := w.judge(eval, risk, then); err != nil {
			return err
		}
	}
	w.notes(then, d.looks[look{risk.Over, d.hindsight(risk, w)}][w.Case.Row])
	return nil
}

// judge fills in what the rules said then.
func (w *Worked) judge(eval *rules.Evaluator, risk *rules.Risk, then *rules.Facts) error {
	a, err := eval.Evaluate(risk, then, w.At)
	if err != nil {
		return err
	}
	if err := eval.Reasons(risk, then, w.At, &a); err != nil {
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
