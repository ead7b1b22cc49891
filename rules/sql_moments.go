package rules

import (
	"fmt"
	"strings"
	"time"
)

// moments is the layer that leads from what is aggregated once for many instants
// to those at which what looks at the clock is asked: the first one, and those
// before which something turned (see Turns). What is said there holds until the
// next. The engine computes what does not look at the clock before the ARRAY JOIN
// clause, once for all of them; with the function of that name it would not.
func (q *query) moments(asked, below string) string {
	return fmt.Sprintf(`SELECT *, of_row AS row, of_now AS now
FROM
(
    SELECT *, moment.1 AS of_now, moment.2 AS until
    FROM (SELECT *, %s AS moments FROM %s)
    ARRAY JOIN arrayMap((at, next) -> (at, next - %[3]d), moments, arrayPushBack(arrayPopFront(moments), of_until + %[3]d)) AS moment
) AS facts%[4]s`, asked, below, q.apart, q.joins())
}

// askedAt are the instants at which rows are asked, as an array: every one if rules
// are not seen through, count working days by the day, or ask for the group of a
// case, which does not know when that turns.
func (q *query) askedAt(quiet []time.Duration) (instants string, every bool) {
	turns := q.set.Turns(q.over)
	if turns.Always || len(turns.EveryDay) > 0 || q.asksGroup() {
		return fmt.Sprintf("range(of_since, of_until + 1, %d)", q.apart), true
	}
	var times []string
	for _, part := range []struct {
		where string
		marks Marks
	}{{"contact", turns.Contacts}, {"NOT contact", turns.Actions}} {
		times = append(times, q.passing("at", part.where, part.marks.Ages)...)
		times = append(times, q.passing("due", part.where+" AND due != 0", part.marks.Dues)...)
	}
	one := make([]string, 0, len(quiet)+len(turns.Deadlines))
	for _, d := range quiet {
		one = append(one, "last_at + "+milliseconds(d))
	}
	for _, m := range turns.Deadlines {
		one = append(one, q.ofDeadline(m))
	}
	times = append(times, "CAST(["+strings.Join(one, ", ")+"], 'Array(Int64)')")
	// A condition turns in the millisecond of its mark or in the one after it.
	return fmt.Sprintf("arraySort(arrayDistinct(arrayPushFront(arrayFilter(at -> at <= of_until, arrayMap(at -> of_since + intDiv(at - of_since + %d, %d) * %[2]d, "+
		"arrayFilter(at -> at > of_since, arrayFlatten(arrayMap(at -> [at, at + 1], arrayConcat(%[3]s)))))), of_since)))", q.apart-1, q.apart, strings.Join(times, ", ")), false
}

// passing are the times at which signals that meet a condition come to marks.
func (q *query) passing(column, where string, marks []time.Duration) (list []string) {
	if len(marks) == 0 {
		return nil
	}
	each := make([]string, len(marks))
	for i, d := range marks {
		each[i] = "at + " + milliseconds(d)
	}
	return []string{fmt.Sprintf("arrayFlatten(arrayMap(at -> [%s], %s))", strings.Join(each, ", "), q.fact(fmt.Sprintf("groupArrayIf(%s, %s)", column, where)))}
}

// ofDeadline is when a deadline comes to a mark; of a row without it that lies in
// 1970, before all instants.
func (q *query) ofDeadline(m DeadlineMark) string {
	due := fmt.Sprintf("ifNull(%s, 0)", q.deadline(m.Kind, m.Zone).due)
	if m.Working {
		return q.startOf(q.nthWorkday(fmt.Sprintf("(%s + %d)", q.countTo(day(due, m.Zone)), m.Workdays)), m.Zone)
	}
	return due + " + " + milliseconds(m.After)
}

// milliseconds writes a length of time, to the nearest.
func milliseconds(d time.Duration) string {
	return integer(int(d.Round(time.Millisecond).Milliseconds()))
}
