package daemon

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"yujing/alerts"
	"yujing/scorer"
)

const (
	// harmEvery finds threats of harm that another process (an import on the command line) stored.
	harmEvery = 5 * time.Second
	// harmWindow is how far back a threat may have been uttered that is told of.
	harmWindow = 72 * time.Hour
)

// watchHarm tells the safety receivers of threats of harm. They are no part of
// any score, and go past it: an instant of a whole province takes a minute, and
// catching up many of them, and a threat waits for neither.
func (d *Daemon) watchHarm(ctx context.Context) error {
	ticker := time.NewTicker(harmEvery)
	defer ticker.Stop()
	var told toldHarm
	for {
		if err := d.tellHarm(ctx, d.o.Now(), &told); err != nil && ctx.Err() == nil {
			d.log.Error("telling of threats of harm failed, trying again", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-d.threat:
		}
	}
}

// toldHarm is what was told of: all that was stored up to a time, and some of
// what came later. While a matter is forgotten its threat is still in the store
// and its alert no more, so what was told is not left to the alerts to know.
type toldHarm struct {
	since   time.Time
	signals map[string]bool
}

// tellHarm tells of what was stored since it did last.
func (d *Daemon) tellHarm(ctx context.Context, now time.Time, told *toldHarm) error {
	threats, err := d.db.Harm(ctx, now.Add(-harmWindow), told.since)
	if err != nil {
		return err
	}
	signals := make(map[string]bool, len(threats))
	for _, h := range threats {
		signals[h.Signal] = true
	}
	threats = slices.DeleteFunc(threats, func(h alerts.Harm) bool { return told.signals[h.Signal] })
	if len(threats) > 0 {
		if _, err := d.alerts.Safety(ctx, threats); err != nil {
			return err
		}
	}
	*told = toldHarm{now.Add(-scorer.WriteSlack), signals}
	return nil
}
