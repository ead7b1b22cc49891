package clickhouse

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/alerts"
	"yujing/rules"
	"yujing/scorer"
)

var (
	_ alerts.Store  = (*DB)(nil)
	_ alerts.Reader = (*DB)(nil)
)

// AppendEvents stores events as one block. One that is there already replaces itself.
func (db *DB) AppendEvents(ctx context.Context, events []alerts.Event) error {
	now := time.Now().UTC()
	return db.insert(ctx, "alert events", "insert_alert_events", len(events), func(batch driver.Batch) error {
		for i := range events {
			if err := appendEvent(batch, &events[i], now); err != nil {
				return err
			}
		}
		return nil
	})
}

func appendEvent(batch driver.Batch, e *alerts.Event, now time.Time) error {
	detail, ref := "", ""
	if e.Detail != nil {
		b, err := json.Marshal(e.Detail)
		if err != nil {
			return fmt.Errorf("alert %s: %w", e.Alert, err)
		}
		detail, ref = string(b), e.Detail.Matter.Ref
	}
	lanes := e.To
	if lanes == nil {
		lanes = []string{}
	}
	return batch.Append(uint64(e.Alert), e.Seq, e.At, now, string(e.Kind), e.Risk, e.Row, ref, e.Ordinal, uint8(e.Level), uint8(e.Score),
		e.By, e.Reason, orNever(e.Until), lanes, e.Digest, detail)
}

// AppendDeliveries stores steps of messages as one block.
func (db *DB) AppendDeliveries(ctx context.Context, deliveries []alerts.Delivery) error {
	return db.insert(ctx, "deliveries", "insert_deliveries", len(deliveries), func(batch driver.Batch) error {
		for i := range deliveries {
			d := &deliveries[i]
			ids, seqs := make([]uint64, len(d.Notices)), make([]uint32, len(d.Notices))
			for n, notice := range d.Notices {
				ids[n], seqs[n] = uint64(notice.Alert), notice.Seq
			}
			err := batch.Append(d.Key, string(d.Stage), uint32(d.Attempts), d.At, d.Receiver, d.Channel, uint8(d.Level), d.Detail, ids, seqs)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// errEnough ends reading before the end of an answer.
var errEnough = errors.New("enough")

// Events gives all events without their details, each alert's in order. If the
// store goes away it goes on after the last one.
func (db *DB) Events(ctx context.Context) iter.Seq2[alerts.Event, error] {
	return func(yield func(alerts.Event, error) bool) {
		rest := "true"
		err := db.retry(ctx, "read alert events", func() error {
			return db.events(ctx, rest, "''", func(e alerts.Event) error {
				if !yield(e, nil) {
					return errEnough
				}
				rest = fmt.Sprintf("(alert, seq) > (%d, %d)", uint64(e.Alert), e.Seq)
				return nil
			})
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(alerts.Event{}, err)
		}
	}
}

// events reads alert events; detail is the column, or two quotes to leave it.
func (db *DB) events(ctx context.Context, where, detail string, each func(alerts.Event) error) error {
	query := statement("alert_events", "{{where}}", where, "{{detail}}", detail)
	return db.each(ctx, "alert events", query, func(r driver.Rows) error {
		var e alerts.Event
		var id uint64
		var kind, text string
		var level, score uint8
		if err := r.Scan(&id, &e.Seq, &e.At, &kind, &e.Risk, &e.Row, &e.Ordinal, &level, &score, &e.By, &e.Reason, &e.Until, &e.To, &e.Digest, &text); err != nil {
			return err
		}
		e.Alert, e.Kind, e.Level, e.Score, e.At, e.Until = alerts.ID(id), alerts.Kind(kind), rules.Level(level), int(score), e.At.UTC(), orZero(e.Until)
		if len(e.To) == 0 {
			e.To = nil
		}
		if text != "" {
			e.Detail = new(alerts.Detail)
			if err := json.Unmarshal([]byte(text), e.Detail); err != nil {
				return fmt.Errorf("alert %s: %w", e.Alert, err)
			}
		}
		return each(e)
	})
}

// Details gives these events whole.
func (db *DB) Details(ctx context.Context, events []alerts.NoticeID) ([]alerts.Event, error) {
	out := make([]alerts.Event, 0, len(events))
	for chunk := range slices.Chunk(events, 5000) {
		var pairs strings.Builder
		for i, n := range chunk {
			if i > 0 {
				pairs.WriteByte(',')
			}
			fmt.Fprintf(&pairs, "(%d,%d)", uint64(n.Alert), n.Seq)
		}
		err := db.events(ctx, "(alert, seq) IN ("+pairs.String()+")", "detail", func(e alerts.Event) error {
			out = append(out, e)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Pending gives what somebody should hear of and no final delivery settles,
// oldest event first.
func (db *DB) Pending(ctx context.Context) ([]alerts.Pending, error) {
	var out []alerts.Pending
	query := statement("pending_notices")
	err := collect(ctx, db, "pending deliveries", query, &out, func(r driver.Rows) error {
		var p alerts.Pending
		var id uint64
		var attempts uint32
		if err := r.Scan(&id, &p.Event.Seq, &p.Lane, &p.Key, &p.Intended, &attempts); err != nil {
			return err
		}
		p.Event.Alert, p.Attempts, p.Intended = alerts.ID(id), int(attempts), orZero(p.Intended)
		out = append(out, p)
		return nil
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	whole := map[alerts.NoticeID]alerts.Event{}
	err = db.retry(ctx, "read pending events", func() error {
		return db.events(ctx, "(alert, seq) IN (SELECT alert, seq FROM ("+query+"))", "detail", func(e alerts.Event) error {
			whole[alerts.NoticeID{Alert: e.Alert, Seq: e.Seq}] = e
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	out = withEvents(out, whole)
	slices.SortStableFunc(out, func(a, b alerts.Pending) int { return a.Event.At.Compare(b.Event.At) })
	return out, nil
}

// withEvents completes what is pending. An event that is not there any more was
// forgotten since the first query: nobody is to hear of it.
func withEvents(pending []alerts.Pending, whole map[alerts.NoticeID]alerts.Event) []alerts.Pending {
	out := pending[:0]
	for _, p := range pending {
		e, ok := whole[alerts.NoticeID{Alert: p.Event.Alert, Seq: p.Event.Seq}]
		if ok {
			p.Event = e
			out = append(out, p)
		}
	}
	return out
}

// Deliveries gives the steps recorded at or after since, oldest first.
func (db *DB) Deliveries(ctx context.Context, since time.Time) iter.Seq2[alerts.Delivery, error] {
	ctx = with(ctx, clickhouse.Parameters{"since": instant(since)})
	return func(yield func(alerts.Delivery, error) bool) {
		err := db.deliveries(ctx, "at >= {since:DateTime64(3, 'UTC')}", func(d alerts.Delivery) error {
			if !yield(d, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(alerts.Delivery{}, err)
		}
	}
}

func (db *DB) deliveries(ctx context.Context, where string, each func(alerts.Delivery) error) error {
	return db.each(ctx, "deliveries", statement("deliveries", "{{where}}", where), func(r driver.Rows) error {
		var d alerts.Delivery
		var stage string
		var attempts uint32
		var level uint8
		var ids []uint64
		var seqs []uint32
		if err := r.Scan(&d.Key, &stage, &attempts, &d.At, &d.Receiver, &d.Channel, &level, &d.Detail, &ids, &seqs); err != nil {
			return err
		}
		d.Stage, d.Attempts, d.Level, d.At = alerts.Stage(stage), int(attempts), rules.Level(level), d.At.UTC()
		for i := range ids {
			d.Notices = append(d.Notices, alerts.NoticeID{Alert: alerts.ID(ids[i]), Seq: seqs[i]})
		}
		return each(d)
	})
}

// History gives one alert's events whole and the steps of the messages that
// carried them.
func (db *DB) History(ctx context.Context, alert alerts.ID) (events []alerts.Event, deliveries []alerts.Delivery, err error) {
	err = db.events(ctx, fmt.Sprintf("alert = %d", uint64(alert)), "detail", func(e alerts.Event) error {
		events = append(events, e)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	err = db.deliveries(ctx, fmt.Sprintf("has(alerts, %d)", uint64(alert)), func(d alerts.Delivery) error {
		deliveries = append(deliveries, d)
		return nil
	})
	return events, deliveries, err
}

// AlertsOf gives the alerts that name a matter: its own, those of the group that
// is called after it, and threats of harm in its contacts.
func (db *DB) AlertsOf(ctx context.Context, matter uint64) ([]alerts.ID, error) {
	names, err := db.refsOf(ctx, matter)
	if err != nil {
		return nil, err
	}
	ctx = with(ctx, clickhouse.Parameters{"row": scorer.RowName(matter)})
	var out []alerts.ID
	err = collect(ctx, db, "alerts of a matter", statement("alerts_of", "{{refs}}", names), &out, func(r driver.Rows) error {
		var id uint64
		err := r.Scan(&id)
		out = append(out, alerts.ID(id))
		return err
	})
	return out, err
}

// removeAlerts takes alerts out, and out of the messages that told of them; a
// message that told of nothing else goes too. The messages come first: were a
// crash to leave them without the events, nothing could name them.
func (db *DB) removeAlerts(ctx context.Context, gone []alerts.ID) (events, deliveries uint64, err error) {
	for _, list := range lists(gone) {
		if err := db.exec(ctx, statement("strip_deliveries", "{{alerts}}", list)); err != nil {
			return events, deliveries, fmt.Errorf("take alerts out of deliveries: %w", err)
		}
		n, err := db.remove(ctx, "deliveries", "empty(alerts)")
		if err != nil {
			return events, deliveries, err
		}
		deliveries += n
		if n, err = db.remove(ctx, "alert_events", "alert IN ("+list+")"); err != nil {
			return events, deliveries, err
		}
		events += n
	}
	return events, deliveries, nil
}

// retainAlerts removes alerts that closed more than so many days ago. It removes
// them whole: a row's time to live would cut the first events off a life.
func (db *DB) retainAlerts(ctx context.Context, days int) error {
	ctx = with(ctx, clickhouse.Parameters{"before": instant(time.Now().AddDate(0, 0, -days))})
	var old []alerts.ID
	err := collect(ctx, db, "old alerts", statement("old_alerts"), &old, func(r driver.Rows) error {
		var id uint64
		err := r.Scan(&id)
		old = append(old, alerts.ID(id))
		return err
	})
	if err != nil {
		return err
	}
	_, _, err = db.removeAlerts(ctx, old)
	return err
}

// Harm gives the threats of harm that were uttered after an instant and stored
// after another, each with its matter as far as the one signal tells.
func (db *DB) Harm(ctx context.Context, uttered, stored time.Time) ([]alerts.Harm, error) {
	var out []alerts.Harm
	ctx = with(ctx, clickhouse.Parameters{"uttered": instant(uttered), "stored": instant(stored)})
	err := db.each(ctx, "threats of harm", statement("harm"), func(r driver.Rows) error {
		h := alerts.Harm{Matter: scorer.Matter{Contacts: 1}}
		m := &h.Matter
		var id, source, ref, purpose, unit string
		if err := r.Scan(&id, &source, &ref, &m.Place, &m.Category[0], &m.Category[1], &m.Category[2], &m.Subject, &purpose, &unit, &h.Channel, &m.First); err != nil {
			return err
		}
		h.Signal, h.At, m.Ref, m.Last, m.Accusation = hex.EncodeToString([]byte(id)), m.First, source+":"+ref, m.First, purpose == "accusation"
		if unit != "" {
			m.Units = []string{unit}
		}
		out = append(out, h)
		return nil
	})
	return out, err
}
