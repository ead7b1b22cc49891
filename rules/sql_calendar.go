package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"yujing/internal/calendar"
)

// The calendar goes along as two arrays over the days on which it differs from
// plain weekends: by how much the count of working days differs up to each day
// (its last value holds for ever after), and which days are worked.
const (
	paramShift    = "workdays_shift"
	paramWorked   = "workdays_worked"
	weeksBefore0  = 10_000             // keeps days before 1970 positive in divisions
	mondayBefore0 = 3 + 7*weeksBefore0 // days from a Monday long ago to 1970-01-01
)

// params are the arrays, if the statement counts working days.
func (q *query) params() map[string]string {
	if !q.calendar {
		return nil
	}
	cal := q.set.calendar
	first, last := cal.Span()
	shift, worked := []string{"0"}, []string{}
	for day := first; day <= last; day++ {
		shift = append(shift, strconv.Itoa(cal.Count(day)-calendar.Weekdays(day)))
		if cal.Count(day) > cal.Count(day-1) {
			worked = append(worked, strconv.Itoa(day))
		}
	}
	return map[string]string{paramShift: "[" + strings.Join(shift, ",") + "]", paramWorked: "[" + strings.Join(worked, ",") + "]"}
}

// day numbers the civil day of an instant in a zone, as calendar.Day does.
func day(at string, zone *time.Location) string {
	return fmt.Sprintf("toInt64(toDate32(fromUnixTimestamp64Milli(%s, %s)))", at, quote(zone.String()))
}

// workdays counts working days after one instant's day up to another's.
func (q *query) workdays(from, to string, zone *time.Location) string {
	return fmt.Sprintf("(%s - %s)", q.countTo(day(to, zone)), q.countTo(day(from, zone)))
}

// countTo is calendar.Count but for a constant.
func (q *query) countTo(day string) string {
	q.calendar = true
	first, last := q.set.calendar.Span()
	return q.once(day, func(day string) string {
		shift := fmt.Sprintf("%s[least(greatest(%s - %d, 1), %d)]", paramShift, day, first-2, last-first+2)
		return fmt.Sprintf("(intDiv(%[1]s + %[2]d, 7) * 5 + least((%[1]s + %[2]d) %% 7 + 1, 5) + %[3]s)", day, mondayBefore0, shift)
	})
}

// endOfDay is the last millisecond of the n-th day after an instant's day, of
// the n-th working day if working, as calendar.Add has it.
func (q *query) endOfDay(from, n string, working bool, zone *time.Location) string {
	end := fmt.Sprintf("%s + %s", day(from, zone), n)
	if working {
		end = q.nthWorkday(fmt.Sprintf("(%s + %s)", q.countTo(day(from, zone)), n))
	}
	return "(" + q.startOf(end+" + 1", zone) + " - 1)"
}

// startOf is the first millisecond of a day.
func (q *query) startOf(day string, zone *time.Location) string {
	return fmt.Sprintf("toUnixTimestamp64Milli(toDateTime64(fromDaysSinceYearZero32(toUInt32(%s + %d)), 3, %s))", day, daysBefore1970, quote(zone.String()))
}

// daysBefore1970 counts from the year 0 to 1970-01-01.
const daysBefore1970 = 719528

// nthWorkday is the day up to which countTo counts so many: within the span of
// the calendar it stands in a table, outside only weekends count.
func (q *query) nthWorkday(count string) string {
	cal := q.set.calendar
	first, last := cal.Span()
	constant := calendarConstant()
	before, upTo := cal.Count(first-1)+constant, cal.Count(last)+constant
	shift := cal.Count(last) - calendar.Weekdays(last)
	weekday := func(n string) string { // Monday to Friday number n, counted like countTo
		return fmt.Sprintf("(intDiv(%[1]s - 1, 5) * 7 + (%[1]s - 1) %% 5 - %[2]d)", n, mondayBefore0)
	}
	return q.once(count, func(count string) string {
		return fmt.Sprintf("multiIf(%[1]s <= %[2]d, %[3]s, %[1]s > %[4]d, %[5]s, toInt64(%[6]s[greatest(%[1]s - %[2]d, 1)]))",
			count, before, weekday(count), upTo, weekday(fmt.Sprintf("(%s - %d)", count, shift)), paramWorked)
	})
}

// calendarConstant is what countTo gives more than calendar.Count.
func calendarConstant() int { return weeksBefore0 * 5 }
