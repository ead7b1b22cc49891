package alerts

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// install builds the lanes of a configuration and fills them with what is not
// settled. The caller holds the write lock, or is Open; no lane runs.
func (e *Engine) install(ctx context.Context, cfg Config, channels map[string]Channel) error {
	zone, err := time.LoadLocation(cfg.Zone)
	if err != nil {
		return fmt.Errorf("alerts: zone: %w", err)
	}
	lanes := map[string]*lane{}
	for i := range cfg.Receivers {
		if err := e.buildLanes(lanes, &cfg, i, channels); err != nil {
			return err
		}
	}
	pending, err := e.store.Pending(ctx)
	if err != nil {
		return fmt.Errorf("read what is still to be delivered: %w", err)
	}
	if err := e.countSpent(ctx, lanes); err != nil {
		return err
	}
	settled := e.resume(&cfg, lanes, pending)
	if len(settled) > 0 {
		if err := e.store.AppendDeliveries(ctx, settled); err != nil {
			return fmt.Errorf("settle what can no longer be delivered: %w", err)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, l := range e.lanes {
		if lanes[name] == nil {
			e.metrics.gone(l)
		}
	}
	e.cfg, e.zone, e.lanes = cfg, zone, lanes
	for i := range pending {
		if pending[i].Key == "" {
			e.growDigest(pending[i].Event.Digest)
		}
	}
	return nil
}

func (e *Engine) buildLanes(lanes map[string]*lane, cfg *Config, i int, channels map[string]Channel) error {
	r := &cfg.Receivers[i]
	var q quiet
	if r.Quiet != "" {
		var err error
		if q, err = parseQuiet(r.Quiet); err != nil {
			return fmt.Errorf("receiver %s: %w", r.Name, err)
		}
	}
	for _, ch := range r.channels() {
		gateway := channels[ch.name]
		if gateway == nil {
			return fmt.Errorf("receiver %s: there is no channel %q: configure it, or take it from the receiver", r.Name, ch.name)
		}
		name := laneName(r.Name, ch.name)
		lanes[name] = &lane{
			engine: e, receiver: r, name: name, channel: ch.name, address: ch.address, quiet: q, gateway: gateway,
			log:   e.log.With(zap.String("receiver", r.Name), zap.String("channel", ch.name)),
			woken: make(chan struct{}, 1), spent: cfg.Quota.share(len(r.Channels)),
			settled: map[NoticeID]time.Time{}, shown: map[NoticeID]bool{},
		}
		if before := e.lanes[name]; before != nil { // a reload; its replica of the store may lag
			lanes[name].settled, lanes[name].shown = before.settled, before.shown
		}
	}
	return nil
}

// countSpent charges each lane with what it sent within the last hour.
func (e *Engine) countSpent(ctx context.Context, lanes map[string]*lane) error {
	for d, err := range e.store.Deliveries(ctx, time.Now().Add(-time.Hour)) {
		if err != nil {
			return fmt.Errorf("read the last hour's deliveries: %w", err)
		}
		if l := lanes[laneName(d.Receiver, d.Channel)]; l != nil && d.Stage == Sent {
			l.spent.count(d.At)
		}
	}
	return nil
}

// resume hands what is pending to its lanes: what was intended flies again under
// its key, the rest waits. It gives what is to be settled instead: what has no
// lane any more, or may no longer be known by its receiver.
func (e *Engine) resume(cfg *Config, lanes map[string]*lane, pending []Pending) []Delivery {
	flying := map[string]*parcel{}
	var settled []Delivery
	for i := range pending {
		p := &pending[i]
		l := lanes[p.Lane]
		if l == nil {
			settled = append(settled, e.orphan(p, GivenUp, "no receiver has this channel any more"))
			continue
		}
		s := subject{Risk: p.Event.Risk, Level: p.Event.Level, Matter: &p.Event.Detail.Matter}
		if why := cfg.withheld(l, s); why != "" {
			settled = append(settled, e.orphan(p, Dropped, why))
			continue
		}
		n := &notice{event: &p.Event}
		if p.Key == "" {
			l.waiting = append(l.waiting, n)
			continue
		}
		f := flying[p.Key]
		if f == nil {
			f = &parcel{key: p.Key, kind: kindOfKey(p.Key), intended: p.Intended, attempts: p.Attempts}
			flying[p.Key] = f
			l.flying = append(l.flying, f)
		}
		f.notices = append(f.notices, n)
		f.level = max(f.level, rank(n))
	}
	return settled
}

// orphan settles one notice apart from the message it may have been part of.
func (e *Engine) orphan(p *Pending, s Stage, why string) Delivery {
	receiver, channel := splitLane(p.Lane)
	id := NoticeID{p.Event.Alert, p.Event.Seq}
	e.log.Error("delivery", zap.String("stage", string(s)), zap.String("key", p.Key), zap.String("alert", p.Event.Alert.String()),
		zap.String("receiver", receiver), zap.String("channel", channel), zap.String("detail", why))
	return Delivery{
		Key: "dropped-" + id.String() + "." + receiver + "." + channel, Receiver: receiver, Channel: channel, Stage: s,
		At: time.Now().UTC().Truncate(time.Millisecond), Attempts: p.Attempts, Level: p.Event.Level, Detail: why, Notices: []NoticeID{id},
	}
}

// growDigest has a digest wait for more of its kind. mu is held.
func (e *Engine) growDigest(tag string) {
	if tag != "" {
		e.digests[tag] = time.Now().Add(e.cfg.DigestWait)
	}
}

// retry gives the present configuration's.
func (e *Engine) retry() Retry {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.cfg.Retry
}
