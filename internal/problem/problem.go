// Package problem is how yujing tells a person that a file is wrong: a problem
// is a value with a place, a severity and a remedy; printers come later.
// Parsers return all problems of a file at once, never the first alone.
package problem

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says what a problem does to the exit code.
type Severity string

const (
	// Error makes the file unusable: the command exits 1, the daemon keeps the set it had.
	Error Severity = "error"
	// Warning is worth a look; the file is used.
	Warning Severity = "warning"
)

// Problem is one mistake at one place.
type Problem struct {
	File     string   `json:"file"`
	Line     int      `json:"line"`            // from 1; 0 = the file as a whole
	Column   int      `json:"column"`          // in runes from 1; 0 = the line as a whole
	Width    int      `json:"width,omitempty"` // in runes; 0 = one
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Help     string   `json:"help,omitempty"` // what to do next
	Check    string   `json:"check"`          // kebab-case name of the check that found it
}

// Error makes a single Problem usable as an error.
func (p Problem) Error() string { return p.String() }

// String is file:line:col: severity: message (check), without the parts that are not known.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
		if p.Column > 0 {
			fmt.Fprintf(&b, ":%d", p.Column)
		}
	}
	fmt.Fprintf(&b, ": %s: %s", p.Severity, p.Message)
	if p.Help != "" {
		fmt.Fprintf(&b, "; %s", p.Help)
	}
	fmt.Fprintf(&b, " (%s)", p.Check)
	return b.String()
}

// List is every problem found in one pass. As an error it prints one line each.
type List []Problem

// Error joins the problems, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, p := range l {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err is nil unless a problem of severity Error is among them.
func (l List) Err() error {
	if l.Count(Error) == 0 {
		return nil
	}
	return l
}

// Count says how many problems have this severity.
func (l List) Count(s Severity) int {
	n := 0
	for _, p := range l {
		if p.Severity == s {
			n++
		}
	}
	return n
}

// Sort orders by file, line, column, so that output does not depend on map order.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}
