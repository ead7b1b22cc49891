package alerts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"go.uber.org/zap"

	"yujing/rules"
)

// mute sorts out what may go now. What is held waits in the lane; when the hold
// ends by itself, the lane looks again.
func (l *lane) mute(_ context.Context, t *turn) verdict {
	for _, n := range l.queued() {
		if l.shown[n.id()] {
			continue
		}
		if until := l.engine.heldUntil(l, n, t.now); !until.IsZero() {
			t.at(until)
			continue
		}
		t.ready = append(t.ready, n)
	}
	if len(t.ready)+len(l.flying) == 0 {
		return "nothing may go now"
	}
	return ""
}

// heldUntil gives when a held notice may go, zero if now. A threat of harm is
// never held. A mute is for the level that the person saw: a raise ends it.
func (e *Engine) heldUntil(l *lane, n *notice, now time.Time) time.Time {
	if n.event.Risk == SafetyRisk {
		return time.Time{}
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	var until time.Time
	if grown, ok := e.digests[n.event.Digest]; ok && grown.After(now) {
		until = grown
	}
	if a, ok := e.book.Alert(n.event.Alert); ok && a.Live() && a.MutedUntil.After(now) {
		until = latest(until, a.MutedUntil)
	}
	if n.event.Level < rules.Red {
		until = latest(until, l.quiet.until(now.In(e.zone)))
	}
	return until
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// quota picks what this turn sends: a threat of harm always; else the most
// urgent of what failed and is due again and what is new, within the hour's
// messages. When more wait than messages are left, the last one carries them all.
func (l *lane) quota(_ context.Context, t *turn) verdict {
	slices.SortStableFunc(t.ready, moreUrgent)
	flying := l.due(t)
	if len(t.ready) == 0 || len(l.flying) > 0 && !urgent(t.ready[0], l.flying) {
		t.parcel = flying
	} else {
		t.parcel = l.admit(t)
		if t.parcel == nil {
			t.parcel = flying
		}
	}
	if t.parcel == nil {
		return "nothing is due or the hour's messages are spent"
	}
	return ""
}

// moreUrgent sorts threats first, then by level, what stands alone before
// digests, then by time. The order is total and rests on stored events
// alone: a restart bundles what an undisturbed run would have.
func moreUrgent(a, b *notice) int {
	return cmp.Or(
		-cmp.Compare(rank(a), rank(b)),
		cmp.Compare(a.event.Digest, b.event.Digest),
		a.event.At.Compare(b.event.At),
		cmp.Compare(a.event.Alert, b.event.Alert),
		cmp.Compare(a.event.Seq, b.event.Seq),
	)
}

func rank(n *notice) rules.Level {
	if n.event.Risk == SafetyRisk {
		return rules.Red + 1
	}
	return n.event.Level
}

// urgent says that a notice is above everything that a gateway did not take yet.
func urgent(n *notice, flying []*parcel) bool {
	for _, p := range flying {
		if p.level >= rank(n) {
			return false
		}
	}
	return true
}

// due gives the most urgent parcel whose next attempt is due, and has the lane
// look again when the others are.
func (l *lane) due(t *turn) *parcel {
	var best *parcel
	for _, p := range l.flying {
		if p.retry.After(t.now) {
			t.at(p.retry)
		} else if best == nil || p.level > best.level {
			best = p
		}
	}
	return best
}

// admit makes a parcel of the most urgent that is ready, if the hour has room.
func (l *lane) admit(t *turn) *parcel {
	first := t.ready[0]
	if first.event.Risk == SafetyRisk {
		return l.pack("single", t.ready[:1])
	}
	free, when := l.spent.free(t.now, first.event.Level, len(l.flying))
	if free == 0 {
		t.at(when)
		return nil
	}
	if tag := first.event.Digest; tag != "" {
		return l.pack(tag, withDigest(t.ready, tag))
	}
	loose := withDigest(t.ready, "")
	if free == 1 && len(sameClass(loose)) > 1 {
		return l.pack("bundle", loose)
	}
	return l.pack("single", loose[:1])
}

// sameClass is what may use the same places as the first: a red one does not
// ride with blue ones as long as it can go alone.
func sameClass(sorted []*notice) []*notice {
	if i := slices.IndexFunc(sorted, func(n *notice) bool { return n.event.Level < rules.Red }); i > 0 {
		return sorted[:i]
	}
	return sorted
}

func withDigest(ready []*notice, tag string) []*notice {
	var out []*notice
	for _, n := range ready {
		if n.event.Digest == tag && n.event.Risk != SafetyRisk {
			out = append(out, n)
		}
	}
	return out
}

// pack makes a parcel. Its key depends on nothing but what it carries and where
// it goes.
func (l *lane) pack(kind string, notices []*notice) *parcel {
	p := &parcel{kind: kind, notices: notices}
	for _, n := range notices {
		p.level = max(p.level, rank(n))
	}
	what := notices[0].id().String()
	switch {
	case kind != "single":
		what = kind + "-" + hashOf(notices)
	case notices[0].event.Risk == SafetyRisk:
		what = "safety-" + notices[0].event.Row
	}
	p.key = what + "." + l.receiver.Name + "." + l.channel
	return p
}

// kindOfKey reads from a key what kind of message it names.
func kindOfKey(key string) string {
	for _, kind := range []string{"bundle", DigestFirst, DigestLate} {
		if strings.HasPrefix(key, kind+"-") {
			return kind
		}
	}
	return "single"
}

func hashOf(notices []*notice) string {
	ids := make([]string, len(notices))
	for i, n := range notices {
		ids[i] = n.id().String()
	}
	slices.Sort(ids)
	return fmt.Sprintf("%016x", xxhash.Sum64String(strings.Join(ids, " ")))
}

// dedupe leaves out what this lane is done with, what a person closed before it
// could be told, and from a digest what has closed again by itself.
func (l *lane) dedupe(ctx context.Context, t *turn) verdict {
	if !t.parcel.intended.IsZero() {
		return ""
	}
	moot := map[string][]*notice{}
	var kept []*notice
	for _, n := range t.parcel.notices {
		if why := l.moot(n); why != "" {
			moot[why] = append(moot[why], n)
		} else {
			kept = append(kept, n)
		}
	}
	for why, notices := range moot {
		if err := l.dismiss(ctx, t.now, notices, why); err != nil {
			t.at(t.now.Add(time.Second))
			t.parcel = nil
			return "the store is away"
		}
	}
	if len(kept) == 0 {
		return "nothing is left to say"
	}
	if len(moot) > 0 {
		t.parcel = l.pack(t.parcel.kind, kept)
	}
	return ""
}

const alreadySettled = "settled already"

func (l *lane) moot(n *notice) string {
	if _, done := l.settled[n.id()]; done {
		return alreadySettled
	}
	a, ok := l.engine.Alert(n.event.Alert)
	if !ok || a.Live() || !a.closedByPerson() && n.event.Digest == "" {
		return ""
	}
	return "closed as " + a.Reason + " by " + a.By + " before it could be told"
}

// dismiss settles notices that need not be sent.
func (l *lane) dismiss(ctx context.Context, now time.Time, notices []*notice, why string) error {
	if why != alreadySettled {
		p := l.pack("dropped", notices)
		if err := l.engine.store.AppendDeliveries(ctx, []Delivery{l.row(p, Dropped, now, why)}); err != nil {
			return err
		}
		l.settle(p, now)
		l.tell(p, Dropped, now, why, 0)
	}
	l.drop(notices)
	return nil
}

// render writes the message, from the stored events alone.
func (l *lane) render(_ context.Context, t *turn) verdict {
	if t.parcel.message != nil {
		return ""
	}
	m, err := l.engine.render(l, t.parcel)
	if err != nil { // a template that fails is a fault of the program: say what can be said
		l.log.Error("cannot render a message; sent in short", zap.String("key", t.parcel.key), zap.Error(err))
	}
	t.parcel.message = m
	return ""
}

// intend stores that the message goes out under its key. With NoSend the road
// ends here.
func (l *lane) intend(ctx context.Context, t *turn) verdict {
	p := t.parcel
	if l.engine.noSend {
		for _, id := range p.noticeIDs() {
			l.shown[id] = true
		}
		p.retry = t.now.Add(24 * time.Hour)
		l.tell(p, "withheld", t.now, p.message.Short, 0)
		return "sending is switched off"
	}
	if !p.intended.IsZero() {
		return ""
	}
	if err := l.engine.store.AppendDeliveries(ctx, []Delivery{l.row(p, Intend, t.now, "")}); err != nil {
		if ctx.Err() == nil { // else the lane ends: who has it next reads whether it was stored
			l.log.Warn("cannot store what is to be sent; tried again", zap.String("key", p.key), zap.Error(err))
		}
		t.parcel = nil
		t.at(t.now.Add(time.Second))
		return "the store is away"
	}
	p.intended = t.now
	l.flying = append(l.flying, p)
	l.drop(p.notices)
	return ""
}

// send hands the message to the gateway. When the engine stops, an attempt
// under way has a little time to end.
func (l *lane) send(ctx context.Context, t *turn) verdict {
	p := t.parcel
	p.attempts++
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.engine.retry().Timeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(stopGrace, cancel) })()
	began := time.Now()
	t.result = l.gateway.Send(attempt, p.message)
	t.took = time.Since(began)
	return ""
}

// record stores what became of the attempt. It does so even when the engine
// stops; what cannot be recorded will go out again under the same key.
func (l *lane) record(ctx context.Context, t *turn) verdict {
	p, now := t.parcel, time.Now()
	stage, detail := Sent, ""
	if t.result != nil {
		stage, detail = l.judge(p, t.result, now), masked(t.result.Error(), l.address)
	}
	if stage == Failed {
		p.retry = now.Add(l.engine.retry().wait(p.attempts))
	}
	l.tell(p, stage, now, detail, t.took)
	if !l.store(ctx, l.row(p, stage, now, detail)) || !stage.Final() {
		return ""
	}
	l.flying = slices.DeleteFunc(l.flying, func(f *parcel) bool { return f == p })
	l.settle(p, now)
	if stage == Sent {
		l.spent.count(now)
	} else {
		l.engine.note(context.WithoutCancel(ctx), p.notices, fmt.Sprintf("not delivered to %s by %s: %s", l.receiver.Name, l.channel, detail))
	}
	return ""
}

// judge says whether a failed message is tried again.
func (l *lane) judge(p *parcel, err error, now time.Time) Stage {
	if errors.Is(err, ErrRefused) || now.Sub(p.intended) >= l.engine.retry().GiveUp {
		return GivenUp
	}
	return Failed
}

// store appends a row and does not give up while the engine runs: the message
// is out, and nothing else may be sent here before that is written down.
func (l *lane) store(ctx context.Context, row Delivery) bool {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		appending, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		err := l.engine.store.AppendDeliveries(appending, []Delivery{row})
		cancel()
		if err == nil {
			return true
		}
		l.log.Warn("cannot record a delivery; tried again", zap.String("key", row.Key), zap.Error(err))
		if ctx.Err() != nil {
			return false
		}
		l.sleepThrough(ctx, wait)
	}
}

// sleepThrough waits, whatever wakes the lane.
func (l *lane) sleepThrough(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// wait is how long to wait after the n-th failure, spread by a tenth so that
// lanes do not come back all at once.
func (r Retry) wait(n int) time.Duration {
	d := r.Max
	if n < 32 && r.First<<(n-1) < r.Max && r.First<<(n-1) > 0 {
		d = r.First << (n - 1)
	}
	return d + time.Duration(float64(d)*0.1*(2*rand.Float64()-1))
}

func (l *lane) row(p *parcel, s Stage, at time.Time, detail string) Delivery {
	return Delivery{
		Key: p.key, Receiver: l.receiver.Name, Channel: l.channel, Stage: s, At: at.UTC().Truncate(time.Millisecond),
		Attempts: p.attempts, Level: min(p.level, rules.Red), Detail: detail, Notices: p.noticeIDs(),
	}
}

// tell writes the one line that the log has of each step of a delivery.
func (l *lane) tell(p *parcel, s Stage, at time.Time, detail string, took time.Duration) {
	l.engine.metrics.delivery(l.channel, s, took, at.Sub(p.notices[0].event.At))
	write := l.log.Info
	switch s {
	case Failed:
		write = l.log.Warn
	case GivenUp:
		write = l.log.Error
	}
	write("delivery", zap.String("stage", string(s)), zap.String("key", p.key), zap.String("kind", p.kind),
		zap.String("to", maskAddress(l.address)), zap.Stringer("level", min(p.level, rules.Red)),
		zap.Int("notices", len(p.notices)), zap.Int("attempts", p.attempts),
		zap.Duration("took", took), zap.String("detail", detail))
}
