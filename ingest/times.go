package ingest

import (
	"fmt"
	"strings"
	"time"

	"yujing/internal/privacy"
)

// clock reads the times of a feed: texts in the feed's zone, or in the layouts
// it declares.
type clock struct {
	zone    *time.Location
	layouts []string // Go layouts; none = every unambiguous form that plainTime knows
}

// parse gives whole milliseconds UTC. The text is not empty. Local times that
// the end of daylight saving makes twofold, or its start skips, are taken as
// the Go library takes them.
func (c *clock) parse(s string) (time.Time, error) {
	if len(c.layouts) == 0 {
		return plainTime(s, c.zone)
	}
	for _, layout := range c.layouts {
		if layout == time.DateTime && len(s) == len(layout) {
			if t, err := plainTime(s, c.zone); err == nil {
				return t, nil
			}
			continue
		}
		if t, err := time.ParseInLocation(layout, s, c.zone); err == nil {
			return inRange(s, t)
		}
	}
	return time.Time{}, &Fault{Reason: fmt.Sprintf("%q is no time of the form %s", shown(s), strings.Join(c.layouts, " or "))}
}

// plainTime reads year, month, day, then perhaps hour, minute, second, a
// fraction and a zone: 2026-01-02 15:04:05, 2026/1/2 15:04, 2026.1.2,
// 2026年1月2日 15时4分5秒, 20260102, 20260102150405, 2026-01-02T15:04:05+08:00.
// A day without a time is its midnight in the zone.
func plainTime(s string, zone *time.Location) (time.Time, error) {
	p := timeText{rest: s}
	year, month, day := p.date()
	hour, minute, second, milli := p.timeOfDay()
	offset, fixed := p.offset()
	if p.bad || p.rest != "" || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 24 || minute > 59 || second > 59 || hour == 24 && minute+second+milli > 0 {
		return time.Time{}, notATime(s)
	}
	if fixed {
		t := time.Date(year, time.Month(month), day, hour, minute, second, milli*1e6, time.UTC)
		return inRange(s, t.Add(-offset))
	}
	return inRange(s, time.Date(year, time.Month(month), day, hour, minute, second, milli*1e6, zone))
}

func notATime(s string) error {
	return &Fault{Reason: fmt.Sprintf("%q is no time", shown(s)),
		Remedy: "correct it, or declare its form under times: in the source's definition"}
}

// inRange keeps what the store can hold and a petition can mean. 1970 begins with
// the instant that stands for none where times are numbers.
func inRange(s string, t time.Time) (time.Time, error) {
	if y := t.Year(); y < 1971 || y > 2200 {
		return time.Time{}, &Fault{Reason: fmt.Sprintf("%q is a time of the year %d", shown(s), y),
			Remedy: "correct it; if the source writes it for \"none\", list it under nulls: in the source's definition"}
	}
	return t.Truncate(time.Millisecond).UTC(), nil
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// timeText is a text of which a time is read from the left; bad once it is none.
type timeText struct {
	rest string
	bad  bool
}

// digits reads a number of least to most digits.
func (p *timeText) digits(least, most int) int {
	n, i := 0, 0
	for i < len(p.rest) && i < most && p.rest[i]-'0' < 10 {
		n = n*10 + int(p.rest[i]-'0')
		i++
	}
	p.bad = p.bad || i < least
	p.rest = p.rest[i:]
	return n
}

// skip takes one of the marks away and says which; "" if none stands there.
func (p *timeText) skip(marks ...string) string {
	for _, m := range marks {
		if strings.HasPrefix(p.rest, m) {
			p.rest = p.rest[len(m):]
			return m
		}
	}
	return ""
}

func (p *timeText) need(mark string) { p.bad = p.bad || p.skip(mark) == "" }

func (p *timeText) date() (year, month, day int) {
	year = p.digits(4, 4)
	mark := p.skip("-", "/", ".", "年")
	if mark == "" {
		return year, p.digits(2, 2), p.digits(2, 2)
	}
	month = p.digits(1, 2)
	if mark != "年" {
		p.need(mark)
		return year, month, p.digits(1, 2)
	}
	p.need("月")
	day = p.digits(1, 2)
	p.need("日")
	return year, month, day
}

func (p *timeText) timeOfDay() (hour, minute, second, milli int) {
	if p.bad || p.rest == "" {
		return 0, 0, 0, 0
	}
	if p.skip("T", " ", "\u3000") == "" && len(p.rest) == 6 { // 20260102150405
		return p.digits(2, 2), p.digits(2, 2), p.digits(2, 2), 0
	}
	for p.skip(" ") != "" {
	}
	hour = p.digits(1, 2)
	switch p.skip(":", "：", "时") {
	case "":
		p.bad = true
	case "时":
		if p.rest == "" {
			return hour, 0, 0, 0
		}
	}
	minute = p.digits(1, 2)
	switch p.skip(":", "：", "分") {
	case "":
		return hour, minute, 0, 0
	case "分":
		if p.rest == "" {
			return hour, minute, 0, 0
		}
	}
	second = p.digits(1, 2)
	p.skip("秒")
	if p.skip(".", ",") != "" {
		milli = p.fraction()
	}
	return hour, minute, second, milli
}

func startsWithDigit(s string) bool { return s != "" && s[0]-'0' < 10 }

// fraction reads the digits after the point as whole milliseconds, rounded down.
func (p *timeText) fraction() int {
	before := len(p.rest)
	milli := p.digits(1, 3)
	for i := before - len(p.rest); i < 3; i++ {
		milli *= 10
	}
	for startsWithDigit(p.rest) {
		p.rest = p.rest[1:]
	}
	return milli
}

// offset reads Z, +08:00 or +0800.
func (p *timeText) offset() (east time.Duration, given bool) {
	if p.bad || p.rest == "" {
		return 0, false
	}
	mark := p.skip("Z", "z", "+", "-", " +", " -")
	if mark == "Z" || mark == "z" || mark == "" {
		return 0, mark != ""
	}
	hours := p.digits(2, 2)
	p.skip(":")
	minutes := p.digits(2, 2)
	p.bad = p.bad || hours > 18 || minutes > 59
	east = time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if strings.HasSuffix(mark, "-") {
		east = -east
	}
	return east, true
}

// shown is a value as a message may quote it: masked first, then cut short.
func shown(s string) string {
	r := []rune(privacy.Mask(s))
	if len(r) <= 40 {
		return string(r)
	}
	return string(r[:40]) + "..."
}
