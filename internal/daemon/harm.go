package daemon

import (
	"context"
	"time"

	"go.uber.org/zap"

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
	var since time.Time // stored before which all are told; at first, none
	for {
		now := d.o.Now()
		switch err := d.tellHarm(ctx, now, since); {
		case err == nil:
			since = now.Add(-scorer.WriteSlack)
		case ctx.Err() == nil:
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

// tellHarm tells of what was stored since. A threat told before changes nothing.
func (d *Daemon) tellHarm(ctx context.Context, now, since time.Time) error {
	threats, err := d.db.Harm(ctx, now.Add(-harmWindow), since)
	if err != nil || len(threats) == 0 {
		return err
	}
	_, err = d.alerts.Safety(ctx, threats)
	return err
}
