package simulate

import (
	"sort"
	"time"
)

// session is one run of the live mode: from From on simulated time is told as
// wall-clock time, PerSecond contacts' worth of it each second. Nights pass in
// no time at all, because hardly anybody speaks then.
type session struct {
	From      int32   `json:"from"` // simulated, seconds since the first midnight
	Wall      int32   `json:"wall"` // when that was, on the same scale
	PerSecond float64 `json:"per_second"`
}

// stamps turns simulated instants into those that the feeds tell. Without
// sessions they are the same.
type stamps struct {
	clock    *clock
	perDay   float64 // contacts
	sessions []session
}

// of is the instant that the feeds tell, in seconds since the first midnight.
func (s *stamps) of(t int32) int32 {
	if len(s.sessions) == 0 || t <= s.sessions[0].From {
		return t
	}
	i := sort.Search(len(s.sessions), func(i int) bool { return s.sessions[i].From >= t }) - 1
	live := s.sessions[i]
	contacts := (s.clock.activity(t) - s.clock.activity(live.From)) * s.perDay
	return live.Wall + int32(contacts/live.PerSecond)
}

// until is the last instant after from that the feeds tell by then.
func (s *stamps) until(from, wall int32) int32 {
	const far = 400 * day // of simulated time in one batch
	n := sort.Search(far, func(n int) bool { return s.of(from+int32(n)+1) > wall })
	return from + int32(n)
}

// time appends the instant as 2006-01-02 15:04:05, local; nothing if it is 0.
func (s *stamps) time(dst []byte, t int32) []byte {
	if t == 0 {
		return dst
	}
	return s.plain(dst, s.of(t), ' ')
}

// rfc appends the instant as RFC 3339 with the district's zone.
func (s *stamps) rfc(dst []byte, t int32) []byte {
	return append(s.plain(dst, s.of(t), 'T'), "+08:00"...)
}

// plain appends seconds since the first midnight as date, separator, time.
func (s *stamps) plain(dst []byte, t int32, sep byte) []byte {
	d, sec := t/day, t%day
	if sec < 0 {
		d, sec = d-1, sec+day
	}
	y, m, dom := civil(int(d) + s.clock.sinceDay)
	dst = appendPadded(dst, uint64(y), 4)
	dst = appendPadded(append(dst, '-'), uint64(m), 2)
	dst = appendPadded(append(dst, '-'), uint64(dom), 2)
	dst = appendPadded(append(dst, sep), uint64(sec/hour), 2)
	dst = appendPadded(append(dst, ':'), uint64(sec%hour/minute), 2)
	return appendPadded(append(dst, ':'), uint64(sec%minute), 2)
}

// date is the instant's day as yymmdd, for references.
func (s *stamps) date(dst []byte, t int32) []byte {
	y, m, dom := civil(int(s.of(t)/day) + s.clock.sinceDay)
	dst = appendPadded(dst, uint64(y%100), 2)
	return appendPadded(appendPadded(dst, uint64(m), 2), uint64(dom), 2)
}

// due is the stated deadline of a record, counted from when the feeds say it was
// transferred. ok is false where none is stated.
func (s *stamps) due(rec *record) (t int32, ok bool) {
	if rec.dueFrom == 0 {
		return 0, false
	}
	return s.clock.dueOf(rec.source, s.of(rec.dueFrom), rec.times[extended] > 0), true
}

// at is the instant as a time.
func (s *stamps) at(t int32) time.Time { return s.clock.time(s.of(t)) }

// civil turns days since 1970-01-01 into a date of the Gregorian calendar, for
// days from 1970 on, by years counted from March.
func civil(days int) (year, month, dom int) {
	z := days + 719468 // since 0000-03-01
	era := z / 146097
	doe := z % 146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month, dom = yoe+era*400, mp+3, doy-(153*mp+2)/5+1
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, dom
}
