package clickhouse_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/alerts"
	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/scorer"
)

// told is an opened alert of a row that some lanes hear of.
func told(row string, at time.Time, lanes ...string) alerts.Event {
	return alerts.Event{
		Alert: alerts.NewID("repeat", row, 1), Seq: 1, At: at, Kind: alerts.Opened, Risk: "repeat", Row: row, Ordinal: 1,
		Level: rules.Orange, Score: 72, By: alerts.ByEngine, To: lanes, Digest: alerts.DigestLate,
		Detail: &alerts.Detail{
			Name: rules.Text{ZH: "重复信访", EN: "repeat petition"}, Was: rules.Blue, RuleSet: "rs-1", Calendar: "cal-1",
			Rules:  []rules.Fired{{ID: "asked-again", Points: 30, Because: rules.Text{ZH: "七天内来件 2 次\n\n至今未答复"}}},
			Matter: scorer.Matter{Ref: "hotline:R" + row, Units: []string{"区住建局"}, First: at.Add(-time.Hour), Last: at, Contacts: 2},
			Passed: []alerts.Passed{{Receiver: "leader", Why: "wants red or above"}},
		},
	}
}

func step(stage alerts.Stage, key, receiver, channel string, attempts int, of ...alerts.Event) alerts.Delivery {
	d := alerts.Delivery{Key: key, Receiver: receiver, Channel: channel, Stage: stage, Attempts: attempts, Level: rules.Orange,
		At: day0.Add(time.Duration(attempts) * time.Second), Detail: "网关:稍后再试"}
	for _, e := range of {
		d.Notices = append(d.Notices, alerts.NoticeID{Alert: e.Alert, Seq: e.Seq})
	}
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func pending(t *testing.T, db *clickhouse.DB) []string {
	t.Helper()
	all, err := db.Pending(t.Context())
	must(t, err)
	var out []string
	for _, p := range all {
		if p.Event.Detail == nil {
			t.Errorf("%s comes without its detail", p.Event.Alert)
		}
		out = append(out, fmt.Sprintf("%s %s %q %d", p.Event.Row, p.Lane, p.Key, p.Attempts))
	}
	slices.Sort(out)
	return out
}

func TestAlertEventsComeBackAsTheyWere(t *testing.T) {
	db := clickhousetest.Open(t)
	want := []alerts.Event{told("000000000000000a", day0, "duty/file", "leader/sms")}
	mute := alerts.Event{Alert: want[0].Alert, Seq: 2, At: day0.Add(time.Minute), Kind: alerts.Muted, Risk: "repeat", Row: want[0].Row, Ordinal: 1,
		Level: rules.Orange, Score: 72, By: "王科长", Reason: "已约谈", Until: day0.Add(time.Hour)}
	want = append(want, mute)
	for range 3 { // storing again changes nothing
		must(t, db.AppendEvents(t.Context(), want))
	}
	events, _, err := db.History(t.Context(), want[0].Alert)
	must(t, err)
	if diff := cmp.Diff(want, events); diff != "" {
		t.Error(diff)
	}
	want[0].Detail = nil
	var slim []alerts.Event
	for e, err := range db.Events(t.Context()) {
		must(t, err)
		slim = append(slim, e)
	}
	if diff := cmp.Diff(want, slim); diff != "" {
		t.Error(diff)
	}
	for range db.Events(t.Context()) { // reading may end early
		break
	}
}

func TestPendingIsWhatNoFinalStepSettles(t *testing.T) {
	db := clickhousetest.Open(t)
	a, b, c := told("a", day0, "duty/file", "leader/sms"), told("b", day0, "duty/file"), told("c", day0.Add(time.Minute), "duty/file")
	must(t, db.AppendEvents(t.Context(), []alerts.Event{a, b, c}))
	check := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, pending(t, db)); diff != "" {
			t.Error(diff)
		}
	}
	check(`a duty/file "" 0`, `a leader/sms "" 0`, `b duty/file "" 0`, `c duty/file "" 0`)
	deliver := func(d alerts.Delivery) {
		t.Helper()
		for range 2 {
			must(t, db.AppendDeliveries(t.Context(), []alerts.Delivery{d}))
		}
	}
	deliver(step(alerts.Intend, "k1", "duty", "file", 0, a))
	deliver(step(alerts.Failed, "k1", "duty", "file", 1, a))
	deliver(step(alerts.Intend, "bundle-1", "duty", "file", 0, b, c))
	check(`a duty/file "k1" 1`, `a leader/sms "" 0`, `b duty/file "bundle-1" 0`, `c duty/file "bundle-1" 0`)
	deliver(step(alerts.Sent, "k1", "duty", "file", 2, a))
	deliver(step(alerts.GivenUp, "k2", "leader", "sms", 1, a))
	check(`b duty/file "bundle-1" 0`, `c duty/file "bundle-1" 0`)
	deliver(step(alerts.Sent, "bundle-1", "duty", "file", 1, b, c))
	check()

	n := 0
	for d, err := range db.Deliveries(t.Context(), day0.Add(time.Second)) {
		must(t, err)
		if n++; d.At.Before(day0.Add(time.Second)) {
			t.Errorf("%s is from before", d.Key)
		}
	}
	if n != 4 {
		t.Errorf("%d steps since, want 4", n)
	}
	_, steps, err := db.History(t.Context(), a.Alert)
	must(t, err)
	if len(steps) != 4 || steps[0].Stage != alerts.Intend || steps[0].Detail != "网关:稍后再试" {
		t.Errorf("history %+v", steps)
	}
}

// One that is forgotten between the two queries is pending no more.
func TestPendingWithoutItsEventIsLeftOut(t *testing.T) {
	a, b := told("a", day0, "duty/file"), told("b", day0, "duty/file")
	slim := func(e alerts.Event) alerts.Pending {
		return alerts.Pending{Event: alerts.Event{Alert: e.Alert, Seq: e.Seq}, Lane: "duty/file", Key: "k", Attempts: 1}
	}
	got := clickhouse.WithEvents([]alerts.Pending{slim(a), slim(b)}, map[alerts.NoticeID]alerts.Event{{Alert: b.Alert, Seq: b.Seq}: b})
	if diff := cmp.Diff([]alerts.Pending{{Event: b, Lane: "duty/file", Key: "k", Attempts: 1}}, got); diff != "" {
		t.Error(diff)
	}
}

// A matter that is forgotten leaves no trace in alerts; a message that told of
// other matters too still settles those.
func TestForgettingAMatterKeepsTheOthersSettled(t *testing.T) {
	db := clickhousetest.Open(t)
	gone, kept := contact(1, day0), contact(2, day0)
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{gone, kept}})
	a, b := told(scorer.RowName(uint64(gone.Case)), day0, "duty/file"), told(scorer.RowName(uint64(kept.Case)), day0, "duty/file")
	harm := alerts.Event{Alert: alerts.NewID(alerts.SafetyRisk, "f00", 1), Seq: 1, At: day0, Kind: alerts.Opened, Risk: alerts.SafetyRisk, Row: "f00", Ordinal: 1,
		By: alerts.ByEngine, To: []string{"safety/file"}, Detail: &alerts.Detail{Matter: scorer.Matter{Ref: gone.Source + ":" + gone.Ref}}}
	must(t, db.AppendEvents(t.Context(), []alerts.Event{a, b, harm}))
	must(t, db.AppendDeliveries(t.Context(), []alerts.Delivery{
		step(alerts.Sent, "late-1", "duty", "file", 1, a, b), step(alerts.Sent, "single", "duty", "file", 1, a), step(alerts.Sent, "safety", "safety", "file", 1, harm),
	}))
	if _, err := db.Forget(t.Context(), uint64(gone.Case), "li", "on request"); err != nil {
		t.Fatal(err)
	}
	if p := pending(t, db); len(p) != 0 {
		t.Errorf("would be told again: %v", p)
	}
	for _, id := range []alerts.ID{a.Alert, harm.Alert} {
		events, steps, err := db.History(t.Context(), id)
		must(t, err)
		if len(events)+len(steps) != 0 {
			t.Errorf("left: %v %v", events, steps)
		}
	}
	events, steps, err := db.History(t.Context(), b.Alert)
	must(t, err)
	if len(events) != 1 || len(steps) != 1 || len(steps[0].Notices) != 1 {
		t.Errorf("the other matter has %v %v", events, steps)
	}

	ack := alerts.Event{Alert: b.Alert, Seq: 2, At: day0, Kind: alerts.Acknowledged, By: "li"} // such an event names no matter
	must(t, db.AppendEvents(t.Context(), []alerts.Event{ack}))
	if removed, err := db.Forget(t.Context(), uint64(gone.Case), "li", "again"); err != nil || removed["alert_events"] != 0 {
		t.Errorf("a matter that is gone already took %v with it, %v", removed, err)
	}
}

// Alerts end whole: what closed long ago goes with all its events, what is
// still open stays however old.
func TestOldAlertsEndWhole(t *testing.T) {
	db := clickhousetest.Open(t)
	old := time.Now().UTC().AddDate(0, 0, -400).Truncate(time.Millisecond)
	a, b := told("a", old, "duty/file"), told("b", old)
	closed := a
	closed.Seq, closed.Kind, closed.At, closed.To, closed.Detail = 2, alerts.Closed, old.Add(time.Hour), nil, nil
	must(t, db.AppendEvents(t.Context(), []alerts.Event{a, closed, b}))
	must(t, db.AppendDeliveries(t.Context(), []alerts.Delivery{step(alerts.Sent, "k", "duty", "file", 1, a)}))
	keep := clickhouse.DefaultRetention()
	keep.Alerts = 365
	must(t, db.Migrate(t.Context(), keep))
	var rows []string
	for e, err := range db.Events(t.Context()) {
		must(t, err)
		rows = append(rows, e.Row)
	}
	if !slices.Equal(rows, []string{"b"}) {
		t.Errorf("left: %v", rows)
	}
}
