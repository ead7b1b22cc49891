package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yujing/internal/calendar"
)

// sqlDeadline is what due and overdue answer for a row.
type sqlDeadline struct{ due, overdue string }

// deadline is deadlineOf in SQL, in the same words; there it is explained.
func (q *query) deadline(kind string, zone *time.Location) sqlDeadline {
	i := slices.IndexFunc(q.set.deadlines, func(d calendar.Deadline) bool { return d.Kind == kind })
	d := q.set.deadlines[i] // the checker knows the kind
	met := q.fact(fmt.Sprintf("maxIf(at, NOT contact AND act IN (%s))", quoteAll(append([]string{"returned"}, d.Ends...))))
	start, running := q.started(d, met)
	stated := q.stated(d, met, running)

	due := q.endOfDay(start, q.length(d, start, zone), d.Working, zone)
	due = fmt.Sprintf("multiIf(%[1]s != 0, %[1]s, %[2]s != 0, %[3]s, NULL)", stated.due, start, due)
	if d.Channel != "" {
		first := q.caseField("channel").sql
		due = fmt.Sprintf("if(%s = %s, %s, NULL)", first, quote(d.Channel), due)
	}
	due = q.step(stepDeadlines, due)
	return sqlDeadline{due, fmt.Sprintf("(%s AND ifNull(%s < now, false))", stated.running, due)}
}

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, w := range list {
		quoted[i] = quote(w)
	}
	return strings.Join(quoted, ", ")
}

// starting is the condition on a signal that starts the clock.
func starting(d calendar.Deadline) string {
	var any []string
	for _, name := range d.Starts {
		purpose, isPurpose := strings.CutPrefix(name, "purpose:")
		switch {
		case isPurpose:
			any = append(any, "contact AND purpose = "+quote(purpose))
		case name == "contact":
			any = append(any, "contact")
		default:
			any = append(any, "NOT contact AND act = "+quote(name))
		}
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

// started is when the clock started: first since the deadline was met, else, if
// it is met, last of all; 0 if never.
func (q *query) started(d calendar.Deadline, met string) (start, running string) {
	starts := q.fact(fmt.Sprintf("groupArrayIf(at, %s)", starting(d)))
	since := fmt.Sprintf("arrayMin(arrayFilter(at -> at > %s, %s))", met, starts)
	return q.step(stepStarts, fmt.Sprintf("if(%[1]s != 0, %[1]s, arrayMax(%[2]s))", since, starts)), since + " != 0"
}

// statedDue is the due date that the source itself states, 0 if none that counts.
type statedDue struct{ due, running string }

// stated is the last statement since the deadline was met, or if nothing runs
// since, the last of all. A due date on an action is an answer's.
func (q *query) stated(d calendar.Deadline, met, startRuns string) statedDue {
	answer := slices.Contains(d.Ends, "replied")
	contact := "contact AND due != 0"
	if !answer {
		contact += " AND " + starting(d)
	}
	at := q.fact(fmt.Sprintf("maxIf(at, %s)", contact))
	due := q.fact(fmt.Sprintf("argMaxIf(due, ord, %s)", contact))
	current := fmt.Sprintf("if(%s > %s, %s, 0)", at, met, due)
	if answer {
		actionAt, actionDue := q.fact("maxIf(at, NOT contact AND due != 0)"), q.fact("argMaxIf(due, ord, NOT contact AND due != 0)")
		current = fmt.Sprintf("if(%s > %s, %s, %s)", actionAt, met, actionDue, current)
		due = fmt.Sprintf("if(%[1]s != 0, %[1]s, %[2]s)", actionDue, due)
	}
	running := fmt.Sprintf("(%s OR %s != 0)", startRuns, current)
	return statedDue{q.step(stepStarts, fmt.Sprintf("if(%s, %s, %s)", running, current, due)), q.step(stepStarts, running)}
}

// length is how many days a deadline has that started then.
func (q *query) length(d calendar.Deadline, start string, zone *time.Location) string {
	days := strconv.Itoa(d.Length)
	if d.Extension > 0 {
		extended := q.fact("maxIf(at, NOT contact AND act = 'extended')")
		days = fmt.Sprintf("if(%s >= %s, %d, %d)", extended, start, d.Length+d.Extension, d.Length)
	}
	if d.Hearing {
		hearings := q.fact("groupArrayIf(at, NOT contact AND act = 'hearing')")
		held := fmt.Sprintf("arrayFilter(at -> at >= %s, %s)", start, hearings)
		first, last := day("arrayMin("+held+")", zone), day("arrayMax("+held+")", zone)
		days = fmt.Sprintf("(%s + if(empty(%s), 0, %s - %s + 1))", days, held, last, first)
	}
	return days
}
