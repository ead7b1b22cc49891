package main

import (
	"fmt"
	"math"
	"time"
)

// columns are what a regression sees of a row, by name.
type columns map[string]float64

// record is what the request itself says, and how many came before it at its place.
func (c *city) record(r *row) columns {
	x := columns{"earlier": math.Log1p(float64(r.earlier))}
	for name, value := range map[string]string{"type": r.kind, "source": r.source, "neighborhood": r.neighborhood,
		"department": r.department, "property": r.property, "weekday": r.opened.Weekday().String(), "hours": fmt.Sprint(r.opened.Hour() / 4)} {
		x[name+" "+value] = 1
	}
	return x
}

// facts are what the rules of asked-again look at, at the first midnight after
// the request: the first instant of a daily backtest.
func (c *city) facts(r *row) columns {
	y, m, d := r.opened.Date()
	now := time.Date(y, m, d+1, 0, 0, 0, 0, r.opened.Location())
	x := columns{"share": math.Log(c.share(r.class(), now))}
	citizens, closed := 0, 0
	for _, q := range until(c.spots[r.spot()], now) {
		if q.byCitizen {
			citizens++
			x.set("hours apart", q.opened.Sub(r.opened) >= 6*time.Hour)
		} else {
			x.set("crews", true)
		}
		x.set("duplicate", q.closedBy(now) && q.duplicate())
		if q.closedBy(now) {
			closed++
		}
		x.set("late", !q.due.IsZero() && q.due.Before(now))
	}
	x.set("twice", citizens >= 2)
	if closed > 0 {
		delete(x, "late")
	}
	return x
}

// share is at how many of the places where this was asked for within 90 days a
// citizen asked again, one more among 15 more.
func (c *city) share(k class, now time.Time) float64 {
	requests := until(c.classes[k], now)
	requests = requests[len(until(requests, now.Add(-90*day))):]
	places, again := map[string]bool{}, map[string]bool{}
	for _, q := range requests {
		if places[q.location] && q.byCitizen {
			again[q.location] = true
		}
		places[q.location] = true
	}
	return float64(len(again)+1) / float64(len(places)+15)
}

func (x columns) set(name string, holds bool) {
	if holds {
		x[name] = 1
	}
}
