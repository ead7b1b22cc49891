package daemon

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"go.uber.org/zap"

	"yujing/ingest"
	"yujing/internal/calendar"
	"yujing/rules"
	"yujing/scorer"
)

// silenceRisk is the alarm of a feed that has fallen silent. It goes the way of
// every alert: it opens, is told, and closes when the feed speaks again.
const silenceRisk = "feed-silent"

// silenceEvery is how often the ages of the feeds are looked at.
const silenceEvery = 30 * time.Second

// silenceSettle is how long after an import they are looked at, too.
const silenceSettle = 2 * time.Second

// watchSilence keeps the ages of the feeds in /readyz and /metrics and raises
// an alarm for a silent one: no data is never "all clear".
func (d *Daemon) watchSilence(ctx context.Context) error {
	ticker := time.NewTicker(silenceEvery)
	defer ticker.Stop()
	for {
		if err := d.lookForSilence(ctx, d.o.Now()); err != nil && ctx.Err() == nil {
			d.log.Error("looking for silent feeds failed, trying again later", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-d.arrived:
			select { // one look for what comes within a moment
			case <-ctx.Done():
				return nil
			case <-time.After(silenceSettle):
			}
		}
	}
}

func (d *Daemon) lookForSilence(ctx context.Context, now time.Time) error {
	last, err := d.db.LastSignals(ctx)
	if err != nil {
		return err
	}
	at := map[string]time.Time{}
	for _, l := range last {
		at[l.Source] = l.At
	}
	workday := calendar.Embedded().Workday
	var feeds []Feed
	var changes []scorer.Change
	present := map[string]bool{}
	for _, s := range d.live.Load().sources {
		present[s.ID] = true
		if _, known := d.since[s.ID]; !known {
			d.since[s.ID] = now
		}
		from, ever := at[s.ID]
		if !ever {
			from = d.since[s.ID]
		}
		age, silent := s.Silence(from, now, workday)
		feed := Feed{Source: s.ID, SilentAfter: s.SilentAfter.Seconds(), Silent: silent}
		if ever {
			seconds := now.Sub(from).Seconds()
			feed.LastSignal, feed.AgeSeconds = &from, &seconds
			d.metrics.lastSignal.WithLabelValues(s.ID).Set(float64(from.Unix()))
		}
		d.metrics.silent.WithLabelValues(s.ID).Set(oneIf(silent))
		feeds = append(feeds, feed)
		changes = append(changes, silence(s, now, age, silent))
	}
	changes = append(changes, d.letGo(present, now)...)
	d.health.set(func(r *Readiness) { r.Feeds = feeds })
	_, err = d.alerts.Apply(ctx, now, changes)
	return err
}

// letGo ends what is told of feeds that no definition names any more: their
// gauges, and the alarms that stand, perhaps since before a restart.
func (d *Daemon) letGo(present map[string]bool, now time.Time) []scorer.Change {
	ref, stays := map[string]string{}, map[string]bool{}
	for id := range present {
		stays[silenceRow(id)] = true
	}
	for _, f := range d.health.get().Feeds {
		ref[silenceRow(f.Source)] = f.Source + ":"
		if !present[f.Source] {
			d.metrics.lastSignal.DeleteLabelValues(f.Source)
			d.metrics.silent.DeleteLabelValues(f.Source)
			delete(d.since, f.Source)
		}
	}
	var changes []scorer.Change
	for _, a := range d.alerts.Live() {
		if a.Risk == silenceRisk && !stays[a.Row] {
			changes = append(changes, spoken(a.Row, ref[a.Row], now))
		}
	}
	return changes
}

// silence is the state of a feed in the form in which alerts hear of anything.
func silence(s *ingest.Source, now time.Time, age time.Duration, silent bool) scorer.Change {
	c := spoken(silenceRow(s.ID), s.ID+":", now)
	if !silent {
		return c
	}
	hours := age.Round(time.Hour / 10).Hours()
	c.Level = rules.Orange
	c.Fired = []rules.Fired{{
		ID:      silenceRisk,
		Name:    rules.Text{ZH: "数据来源中断", EN: "feed silent"},
		Because: rules.Text{ZH: fmt.Sprintf("“%s”已 %.1f 小时没有数据,期间的信访件未被预警", s.Name.ZH, hours), EN: fmt.Sprintf("%s has sent nothing for %.1f hours; nothing of that time is being watched", s.Name.EN, hours)},
		Advise:  rules.Text{ZH: "请检查该来源的导出和接口,补传缺失的数据", EN: "check the feed's export and connection, and send what is missing"},
	}}
	return c
}

// silenceRow is the row of a feed's alarm.
func silenceRow(id string) string {
	row := fnv.New64a()
	row.Write([]byte(id))
	return scorer.RowName(row.Sum64())
}

// spoken is the state of a feed that is not silent, or not expected any more.
func spoken(row, ref string, now time.Time) scorer.Change {
	return scorer.Change{
		Assessment: rules.Assessment{Risk: silenceRisk, Row: row, Ref: ref, AsOf: now.UTC().Truncate(time.Millisecond)},
		Matter:     scorer.Matter{Ref: ref, First: now, Last: now},
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
