package simulate

import (
	"time"

	"yujing/internal/calendar"
)

// Inside a run time is whole seconds since local midnight of the first day. The
// zone is that of China, fixed since 1991.
const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour

	opens  = 9 * hour // offices
	closes = 17*hour + 30*minute
	office = float64(closes - opens) // seconds of a working day

	workdayWeight = 1.15 // arrivals of a day; their mean over a plain week is 1
	holidayWeight = 0.63
)

// Zone is the zone of the district.
func Zone() *time.Location { return time.FixedZone("Asia/Shanghai", 8*3600) }

// clock knows the working hours of a period and how busy each hour is.
type clock struct {
	base     time.Time // local midnight of day 0
	cal      *calendar.Calendar
	index    []int32   // of each day: working days up to and including it
	workday  []int32   // the n-th working day
	busy     []float64 // expected arrivals before each day, in days' worth
	hourly   [25]float64
	sinceDay int
}

// profile is how busy an hour of the day is; it is scaled to a mean of 1.
func profile() [24]float64 {
	return [24]float64{2, 1, 1, 1, 1, 2, 5, 12, 30, 42, 40, 30, 18, 24, 36, 38, 33, 26, 20, 19, 17, 13, 8, 4}
}

func newClock(base time.Time, cal *calendar.Calendar) *clock {
	c := &clock{base: base, cal: cal, sinceDay: calendar.Day(base)}
	sum := 0.0
	for h, v := range profile() {
		sum += v
		c.hourly[h+1] = sum
	}
	for h := range c.hourly {
		c.hourly[h] /= sum
	}
	c.busy = append(c.busy, 0)
	c.extend(800)
	return c
}

// extend makes the tables reach at least this day.
func (c *clock) extend(to int) {
	for d := len(c.index); d <= to; d++ {
		if c.isWorkday(d) {
			c.workday = append(c.workday, int32(d))
		}
		c.index = append(c.index, int32(len(c.workday)))
		c.busy = append(c.busy, c.busy[d]+c.dayWeight(d))
	}
}

func (c *clock) isWorkday(d int) bool {
	n := c.sinceDay + d
	return c.cal.Count(n)-c.cal.Count(n-1) == 1
}

func (c *clock) dayWeight(d int) float64 {
	if c.isWorkday(d) {
		return workdayWeight
	}
	return holidayWeight
}

// open says whether offices are open.
func (c *clock) open(t int32) bool {
	s := t % day
	return s >= opens && s < closes && c.isWorkday(int(t/day))
}

// work is the instant that lies this many working days of office hours after t.
func (c *clock) work(t int32, days float64) int32 {
	d := int(t / day)
	c.extend(d + int(days)*2 + 60)
	at := float64(c.index[d])
	if n := c.index[d]; n > 0 && int(c.workday[n-1]) == d {
		at += min(max(float64(t%day-opens)/office, 0), 1) - 1
	}
	at += days
	n := int(at)
	return c.workday[n]*day + opens + int32((at-float64(n))*office)
}

// due is the last second of the n-th day after t's.
func (c *clock) due(t int32, n int, working bool) int32 {
	d := int(t / day)
	if working {
		c.extend(d + n*2 + 60)
		return c.workday[int(c.index[d])+n-1]*day + day - 1
	}
	return int32(d+n)*day + day - 1
}

// busiest bounds rate.
func (c *clock) busiest() float64 {
	top := 0.0
	for h := range 24 {
		top = max(top, c.hourly[h+1]-c.hourly[h])
	}
	return workdayWeight * top * 24
}

// rate is how busy the instant is; its mean over a plain week is about 1.
func (c *clock) rate(t int32) float64 {
	h := t % day / hour
	return c.dayWeight(int(t/day)) * (c.hourly[h+1] - c.hourly[h]) * 24
}

// activity is the integral of rate up to t, in days. It is how the live mode
// skips the nights.
func (c *clock) activity(t int32) float64 {
	d, s := int(t/day), t%day
	c.extend(d + 1)
	h := s / hour
	part := c.hourly[h] + (c.hourly[h+1]-c.hourly[h])*float64(s%hour)/hour
	return c.busy[d] + (c.busy[d+1]-c.busy[d])*part
}

// hourOfDay draws a time of day by the profile.
func (c *clock) hourOfDay(r *rng) int32 {
	u := r.float()
	for h := range 24 {
		if u < c.hourly[h+1] {
			return int32(h)*hour + int32(r.below(hour))
		}
	}
	return day - 1
}

// time is the instant as a time of the district.
func (c *clock) time(t int32) time.Time { return c.base.Add(time.Duration(t) * time.Second) }

// since is the inverse of time, rounded down.
func (c *clock) since(t time.Time) int32 { return int32(t.Sub(c.base) / time.Second) }
