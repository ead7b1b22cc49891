package backtest

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"
)

// CaseWriter writes cases as CSV, a line each. Times are RFC 3339 in UTC.
type CaseWriter struct{ csv *csv.Writer }

// NewCaseWriter writes the header.
func NewCaseWriter(w io.Writer) (*CaseWriter, error) {
	c := &CaseWriter{csv.NewWriter(w)}
	return c, c.csv.Write([]string{"risk", "row", "ref", "first_contact", "warned_at", "score", "level", "outcome_at", "verdict", "channel", "unit", "place"})
}

// Write writes a case. Score and level of one that has no followed instant stay empty.
func (w *CaseWriter) Write(c *Case) error {
	score, level := "", ""
	if c.Followed {
		score, level = strconv.Itoa(c.Score), c.Level.String()
	}
	return w.csv.Write([]string{c.Risk, c.Row, c.Ref, stamp(c.First), stamp(c.WarnedAt), score, level, stamp(c.OutcomeAt), string(c.Verdict), c.Channel, c.Unit, c.Place})
}

// Flush writes what is buffered, and tells the first error of all writing.
func (w *CaseWriter) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// stamp is empty for a time that is not.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
