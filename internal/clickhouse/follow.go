package clickhouse

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/backtest"
)

// follow finds the rows that are in the cohort or at risk, what became of them,
// and at which instants they are looked at; the store keeps the instants.
func (h *histories) follow(ctx context.Context) error {
	once, err := h.superseded(ctx)
	if err != nil {
		return err
	}
	eval := h.set.NewEvaluator()
	var block []followed
	flush := func() error {
		err := h.store(ctx, block)
		block = block[:0]
		return err
	}
	for f, err := range h.whole(ctx) {
		if err != nil {
			return err
		}
		row, err := h.history(eval, f)
		if err != nil {
			return err
		}
		first, end := h.instants(row, once[row.Row].with(row.First, f.Last()))
		if first >= end && !h.inCohort(row) {
			continue
		}
		h.rows = append(h.rows, row)
		if first >= end {
			continue
		}
		block = append(block, followed{row.Row, uint16(first), uint16(end - 1)})
		if len(block) == followBlock {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// whole gives the rows with everything known now, ordered by row.
func (h *histories) whole(ctx context.Context) iter.Seq2[*rules.Facts, error] {
	v := scorer.View{AsOf: forever.Add(-time.Hour), Over: h.over, WithoutGroup: true, Whole: true}
	return h.db.Facts(ctx, v)
}

// history is a row without its runs.
func (h *histories) history(eval *rules.Evaluator, f *rules.Facts) (*backtest.History, error) {
	first := &f.Contacts[0]
	row := &backtest.History{Row: scorer.RowNumber(f.Row), Ref: f.Ref, First: first.At, Channel: first.Channel, Place: first.Place}
	for i := range f.Actions {
		a := &f.Actions[i]
		if a.Unit != "" {
			row.Unit = a.Unit
		}
		if a.Act == "concluded" && row.Concluded.IsZero() && h.over == rules.OverCase {
			row.Concluded = a.At
		}
	}
	for _, r := range h.set.RisksOver(h.over) {
		outcome, err := eval.OutcomeOf(r, f)
		if err != nil {
			return nil, err
		}
		in, err := eval.InCohort(r, f)
		if err != nil {
			return nil, err
		}
		at := time.Time{}
		if outcome != nil {
			at = outcome.At
		}
		row.Outcomes, row.Apart = append(row.Outcomes, at), append(row.Apart, !in)
	}
	return row, nil
}

func (h *histories) inCohort(row *backtest.History) bool {
	return !row.First.Before(h.grid.From) && row.First.Before(h.to) && slices.Contains(row.Apart, false)
}

// span is when the first and the last signal of a row happened.
type span struct{ first, last time.Time }

func (s span) with(first, last time.Time) span {
	if s.first.IsZero() || first.Before(s.first) {
		s.first = first
	}
	return span{s.first, later(s.last, last)}
}

// superseded gives when rows happened by what was believed of them once.
func (h *histories) superseded(ctx context.Context) (map[uint64]span, error) {
	out := map[uint64]span{}
	column, _ := numbering(h.over)
	err := h.db.each(ctx, "superseded signals", statement("superseded", "{{row}}", column), func(r driver.Rows) error {
		var row uint64
		var s span
		err := r.Scan(&row, &s.first, &s.last)
		out[row] = s
		return err
	})
	return out, err
}

// instants are those at which a row is looked at, from the first up to but not
// including end: while it is followed in some risk, or at risk within the period.
func (h *histories) instants(row *backtest.History, happened span) (first, end int) {
	first = h.grid.After(happened.first)
	for k, r := range h.set.RisksOver(h.over) {
		if row.Apart[k] {
			continue
		}
		until := h.atRiskUntil(happened.last)
		if h.inCohort(row) {
			until = later(until, row.First.Add(r.Horizon+time.Millisecond))
		}
		for _, limit := range []time.Time{row.Outcomes[k], row.Concluded} {
			if !limit.IsZero() && limit.Before(until) {
				until = limit
			}
		}
		end = max(end, h.grid.After(until))
	}
	return first, min(end, h.grid.Len())
}

// atRiskUntil is when a row ceases to be at risk within the period, if nothing
// happens to it before.
func (h *histories) atRiskUntil(last time.Time) time.Time {
	if until := last.Add(backtest.ActiveWindow); until.Before(h.to) {
		return until
	}
	return h.to
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// followed is a row, and from which instant to which it is looked at.
type followed struct {
	row         uint64
	first, last uint16
}

// store writes which rows are looked at, and when.
func (h *histories) store(ctx context.Context, rows []followed) error {
	return h.db.insert(ctx, "followed rows", "insert_followed", len(rows), func(batch driver.Batch) error {
		for _, f := range rows {
			if err := batch.Append(f.row, f.first, f.last); err != nil {
				return err
			}
		}
		return nil
	}, "{{prefix}}", h.prefix)
}
