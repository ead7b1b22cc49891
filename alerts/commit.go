package alerts

import (
	"context"
	"fmt"

	"go.uber.org/zap"
)

// draft is a set of events being put together: each is tried on the book first.
type draft struct {
	engine *Engine
	book   *Book
	events []Event
}

// draft begins one; the write lock is held until it is committed.
func (e *Engine) draft() *draft { return &draft{engine: e, book: e.book.draft()} }

// add decides who hears of an event and takes it in. That nobody may is an
// event of its own on the alert.
func (d *draft) add(event Event) error {
	if event.Kind.tells() {
		for _, s := range d.engine.road {
			if s.decide != nil {
				s.decide(&d.engine.cfg, &event)
			}
		}
	}
	if err := d.put(event); err != nil {
		return err
	}
	if event.Detail == nil || event.Detail.Note == "" {
		return nil
	}
	return d.put(Event{
		Alert: event.Alert, Seq: event.Seq + 1, At: event.At, Kind: Noted, Risk: event.Risk, Row: event.Row,
		Ordinal: event.Ordinal, Level: event.Level, Score: event.Score, By: ByEngine, Reason: event.Detail.Note,
	})
}

func (d *draft) put(event Event) error {
	if err := d.book.Add(event); err != nil {
		return err
	}
	d.events = append(d.events, event)
	return nil
}

// commit stores events, then folds them in and hands out their notices. Events
// whose storing failed are kept: they may be stored after all, so nothing else
// may take their numbers.
func (e *Engine) commit(ctx context.Context, events []Event) (Applied, error) {
	var done Applied
	if len(events) == 0 {
		return done, nil
	}
	if err := e.store.AppendEvents(ctx, events); err != nil {
		e.unsure = events
		return done, fmt.Errorf("store %d alert events (kept, stored before the next): %w", len(events), err)
	}
	if err := e.takeIn(events); err != nil {
		return done, err
	}
	for i := range events {
		done.add(&events[i])
		e.observe(events[i])
	}
	e.wake()
	return done, nil
}

// settle stores what an earlier commit could not.
func (e *Engine) settle(ctx context.Context) error {
	events := e.unsure
	e.unsure = nil
	_, err := e.commit(ctx, events)
	return err
}

// takeIn folds stored events into the book and queues their notices.
func (e *Engine) takeIn(events []Event) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	queued := map[string][]*notice{} // by lane, which sees all of them or none
	for i := range events {
		event := &events[i]
		before, _ := e.book.Alert(event.Alert)
		if err := e.book.Add(*event); err != nil {
			return fmt.Errorf("fold a stored event: %w", err)
		}
		after, _ := e.book.Alert(event.Alert)
		e.metrics.event(event, &before, &after)
		if event.Detail != nil && event.Detail.Note != "" {
			e.log.Error("no receiver left", zap.String("alert", event.Alert.String()), zap.String("risk", event.Risk), zap.String("note", event.Detail.Note))
		}
		e.growDigest(event.Digest)
		for _, name := range event.To {
			queued[name] = append(queued[name], &notice{event: event})
		}
	}
	for name, notices := range queued {
		if l := e.lanes[name]; l != nil {
			l.enqueue(notices)
		} // else a reload took it away; the next start finds the notices pending
	}
	return nil
}

// note puts a remark on alerts. What cannot be noted is only logged: the
// delivery's own row tells it too.
func (e *Engine) note(ctx context.Context, about []*notice, text string) {
	e.write.Lock()
	defer e.write.Unlock()
	if err := e.settle(ctx); err != nil {
		e.log.Error("cannot note on alerts", zap.String("note", text), zap.Error(err))
		return
	}
	d := e.draft()
	for _, n := range about {
		a, ok := d.book.Alert(n.event.Alert)
		if !ok {
			continue
		}
		event := remark(&a, ByEngine, text)
		if err := d.put(event); err != nil {
			e.log.Error("cannot note on alert", zap.String("alert", a.ID.String()), zap.Error(err))
		}
	}
	if _, err := e.commit(ctx, d.events); err != nil {
		e.log.Error("cannot note on alerts", zap.String("note", text), zap.Error(err))
	}
}

// wake has every lane look at what it holds.
func (e *Engine) wake() {
	e.mu.RLock()
	defer e.mu.RUnlock()
	for _, l := range e.lanes {
		l.wake()
	}
}
