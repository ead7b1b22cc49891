package alerts

import (
	"context"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"yujing/rules"
)

// stopGrace is how long an attempt under way may go on when the engine stops.
const stopGrace = 5 * time.Second

// notice is an event that one receiver's channel is to be told.
type notice struct{ event *Event }

func (n *notice) id() NoticeID { return NoticeID{n.event.Alert, n.event.Seq} }

// parcel is one message with the notices it carries.
type parcel struct {
	key      string
	kind     string // single, bundle, or a digest's tag
	notices  []*notice
	level    rules.Level
	message  *Message
	intended time.Time // zero until stored
	attempts int
	retry    time.Time // when the next attempt is due
}

func (p *parcel) noticeIDs() []NoticeID {
	ids := make([]NoticeID, len(p.notices))
	for i, n := range p.notices {
		ids[i] = n.id()
	}
	return ids
}

// lane takes messages to one address: a receiver on one channel. It has a
// goroutine of its own and sends one message at a time, so order is kept within
// and a gateway that is down or slow holds up no other lane.
type lane struct {
	engine   *Engine
	receiver *Receiver
	name     string // receiver/channel
	channel  string
	address  string
	quiet    quiet
	gateway  Channel
	log      *zap.Logger

	woken  chan struct{}
	cancel context.CancelFunc
	ended  sync.WaitGroup

	mu      sync.Mutex // taken last, see queued
	waiting []*notice  // not yet intended

	// What follows belongs to the lane's goroutine.
	flying  []*parcel // intended, not yet settled: while a gateway is down, one a level at most
	spent   hourly
	settled map[NoticeID]time.Time // for a day, against telling twice
	shown   map[NoticeID]bool      // with NoSend: told the log
}

// turn is one round of a lane: what it may send and what came of it.
type turn struct {
	now    time.Time
	ready  []*notice
	parcel *parcel
	result error // of sending
	took   time.Duration
	again  time.Time // when to look again; zero = when woken
}

// at asks for another look at t.
func (t *turn) at(when time.Time) {
	if !when.IsZero() && (t.again.IsZero() || when.Before(t.again)) {
		t.again = when
	}
}

func (l *lane) enqueue(notices []*notice) {
	l.mu.Lock()
	l.waiting = append(l.waiting, notices...)
	l.mu.Unlock()
}

// queued copies what waits. Locks are taken in the order write, engine's mu,
// lane's mu: nothing of the engine may be asked with the lane's mu held.
func (l *lane) queued() []*notice {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.waiting)
}

func (l *lane) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

func (l *lane) start(ctx context.Context) {
	ctx, l.cancel = context.WithCancel(ctx)
	l.ended.Go(func() { l.run(ctx) })
}

func (l *lane) stop() {
	if l.cancel != nil {
		l.cancel()
	}
}

func (l *lane) wait() { l.ended.Wait() }

// run takes turns until ctx ends.
func (l *lane) run(ctx context.Context) {
	for ctx.Err() == nil {
		t := l.take(ctx)
		if t == nil {
			return
		}
		l.engine.metrics.lane(l)
		if t.parcel != nil {
			continue // there may be more to do
		}
		l.sleep(ctx, t.again)
	}
}

func (l *lane) sleep(ctx context.Context, until time.Time) {
	var due <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(max(time.Until(until), time.Millisecond))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
	case <-l.woken:
	case <-due:
	}
}

// take runs the stages of one turn in their order. nil means that a test cut it off.
func (l *lane) take(ctx context.Context) *turn {
	t := &turn{now: time.Now()}
	for _, s := range l.engine.road {
		if s.deliver == nil {
			continue
		}
		why := s.deliver(l, ctx, t)
		if l.engine.cut != nil && l.engine.cut(s.name, l.name) {
			return nil
		}
		if why != "" {
			l.log.Debug("turn ends", zap.String("stage", s.name), zap.String("why", string(why)))
			break
		}
	}
	return t
}

// drop removes notices from those waiting.
func (l *lane) drop(gone []*notice) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[*notice]bool, len(gone))
	for _, n := range gone {
		out[n] = true
	}
	kept := l.waiting[:0]
	for _, n := range l.waiting {
		if !out[n] {
			kept = append(kept, n)
		}
	}
	clear(l.waiting[len(kept):])
	l.waiting = kept
}

// forget drops what waits of these alerts. What is intended already is under way.
func (l *lane) forget(gone map[ID]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = slices.DeleteFunc(l.waiting, func(n *notice) bool { return gone[n.event.Alert] })
}

// settle remembers for a day that these notices are done with.
func (l *lane) settle(p *parcel, now time.Time) {
	for id, at := range l.settled {
		if now.Sub(at) > 24*time.Hour {
			delete(l.settled, id)
		}
	}
	for _, id := range p.noticeIDs() {
		l.settled[id] = now
	}
}
