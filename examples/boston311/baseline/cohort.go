package main

import (
	"cmp"
	"slices"
	"time"
)

const day = 24 * time.Hour

// spot is a type of trouble at a place.
type spot struct{ kind, location string }

// class is a type of trouble, at junctions or elsewhere.
type class struct {
	kind     string
	junction bool
}

// city is all requests that name a place, by what they are looked up by; each
// list in the order of time.
type city struct {
	spots   map[spot][]*request
	places  map[string][]*request
	classes map[class][]*request
}

func newCity(requests []*request) *city {
	c := &city{map[spot][]*request{}, map[string][]*request{}, map[class][]*request{}}
	for _, q := range requests {
		if q.location != "" {
			c.spots[q.spot()] = append(c.spots[q.spot()], q)
			c.places[q.location] = append(c.places[q.location], q)
			c.classes[q.class()] = append(c.classes[q.class()], q)
		}
	}
	return c
}

func (q *request) spot() spot   { return spot{q.kind, q.location} }
func (q *request) class() class { return class{q.kind, q.property == "Intersection"} }

// row is a first request, and what became of it.
type row struct {
	*request
	outcome bool // another by a citizen a day to 30 days later
	earlier int  // requests at the place before it, of any type
}

// cohort gives the first requests of months of 2015, from the one up to but not
// including the other, if a citizen made them.
func (c *city) cohort(from, to time.Month) []*row {
	var rows []*row
	for spot, requests := range c.spots {
		first := requests[0]
		if first.byCitizen && first.opened.Month() >= from && first.opened.Month() < to {
			again := func(q *request) bool {
				after := q.opened.Sub(first.opened)
				return q.byCitizen && after >= day && after <= 30*day
			}
			rows = append(rows, &row{first, slices.ContainsFunc(requests, again), len(until(c.places[spot.location], first.opened))})
		}
	}
	slices.SortFunc(rows, func(a, b *row) int { return cmp.Or(a.opened.Compare(b.opened), cmp.Compare(a.id, b.id)) })
	return rows
}

// until gives the requests before t.
func until(requests []*request, t time.Time) []*request {
	n, _ := slices.BinarySearchFunc(requests, t, func(q *request, t time.Time) int { return q.opened.Compare(t) })
	return requests[:n]
}

func outcomes(rows []*row) (n int) {
	for _, r := range rows {
		if r.outcome {
			n++
		}
	}
	return n
}
