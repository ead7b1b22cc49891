package alerts_test

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"yujing/alerts"
)

// memory is a store in memory with the promises of alerts.Store, for tests in
// which time is simulated; the same tests of crashes run on the real engine too.
type memory struct {
	mu         sync.Mutex
	events     map[alerts.NoticeID]alerts.Event
	deliveries []alerts.Delivery
	fail       func(what string) error // before storing
	doubt      func(what string) error // after storing: stored, but answered with an error
	lag        int                     // deliveries stored last that reading does not see yet
}

func newMemory() *memory { return &memory{events: map[alerts.NoticeID]alerts.Event{}} }

func (m *memory) try(f func(string) error, what string) error {
	if f == nil {
		return nil
	}
	return f(what)
}

func (m *memory) AppendEvents(ctx context.Context, events []alerts.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(ctx.Err(), m.try(m.fail, "events")); err != nil {
		return err
	}
	for _, e := range events {
		id := alerts.NoticeID{Alert: e.Alert, Seq: e.Seq}
		if _, ok := m.events[id]; !ok {
			m.events[id] = e
		}
	}
	return m.try(m.doubt, "events")
}

func (m *memory) AppendDeliveries(ctx context.Context, ds []alerts.Delivery) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(ctx.Err(), m.try(m.fail, string(ds[0].Stage))); err != nil {
		return err
	}
	m.deliveries = append(m.deliveries, ds...)
	return m.try(m.doubt, string(ds[0].Stage))
}

func (m *memory) sorted() []alerts.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.events), func(a, b alerts.Event) int {
		return cmp.Or(cmp.Compare(a.Alert, b.Alert), cmp.Compare(a.Seq, b.Seq))
	})
}

func (m *memory) Events(context.Context) iter.Seq2[alerts.Event, error] {
	return func(yield func(alerts.Event, error) bool) {
		for _, e := range m.sorted() {
			e.Detail = nil
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (m *memory) Pending(context.Context) ([]alerts.Pending, error) {
	type place struct {
		id   alerts.NoticeID
		lane string
	}
	last := map[place]alerts.Delivery{}
	settled := map[place]bool{}
	for d := range m.Deliveries(context.Background(), time.Time{}) {
		for _, id := range d.Notices {
			p := place{id, d.Receiver + "/" + d.Channel}
			settled[p] = settled[p] || d.Stage.Final()
			if d.Stage == alerts.Intend || d.Attempts >= last[p].Attempts {
				if at := last[p].At; !at.IsZero() {
					d.At = at
				}
				last[p] = d
			}
		}
	}
	var out []alerts.Pending
	for _, e := range m.sorted() {
		for _, lane := range e.To {
			p := place{alerts.NoticeID{Alert: e.Alert, Seq: e.Seq}, lane}
			if !settled[p] {
				d := last[p]
				out = append(out, alerts.Pending{Event: e, Lane: lane, Key: d.Key, Intended: d.At, Attempts: d.Attempts})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b alerts.Pending) int { return a.Event.At.Compare(b.Event.At) })
	return out, nil
}

func (m *memory) Deliveries(_ context.Context, since time.Time) iter.Seq2[alerts.Delivery, error] {
	m.mu.Lock()
	all := slices.Clone(m.deliveries[:max(0, len(m.deliveries)-m.lag)])
	m.mu.Unlock()
	return func(yield func(alerts.Delivery, error) bool) {
		for _, d := range all {
			if !d.At.Before(since) && !yield(d, nil) {
				return
			}
		}
	}
}

func (m *memory) Details(_ context.Context, ids []alerts.NoticeID) (out []alerts.Event, err error) {
	for _, e := range m.sorted() {
		if slices.Contains(ids, alerts.NoticeID{Alert: e.Alert, Seq: e.Seq}) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memory) History(_ context.Context, id alerts.ID) (events []alerts.Event, ds []alerts.Delivery, err error) {
	for _, e := range m.sorted() {
		if e.Alert == id {
			events = append(events, e)
		}
	}
	for d := range m.Deliveries(context.Background(), time.Time{}) {
		if slices.ContainsFunc(d.Notices, func(n alerts.NoticeID) bool { return n.Alert == id }) {
			ds = append(ds, d)
		}
	}
	return events, ds, nil
}
