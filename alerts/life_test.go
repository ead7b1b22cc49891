package alerts_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/alerts"
	"yujing/rules"
	"yujing/scorer"
)

// What assessments and people do to one row's alerts, as a story of words:
// a colour or "none" is an assessment, "concluded" one that ends the matter,
// the rest are acts of a person.
func TestLifeOfAnAlert(t *testing.T) {
	for _, tc := range []struct{ name, story, want string }{
		{"opens and rises with the level", "blue orange", "opened:blue raised:orange"},
		{"the same level again is no news", "blue blue blue", "opened:blue"},
		{"falls quietly, closes when the level is none", "red yellow none", "opened:red lowered:yellow closed:none(subsided)"},
		{"never at a level", "none", ""},
		{"closes when the matter is concluded", "red concluded", "opened:red closed:red(concluded)"},
		{"concluded and never at a level", "concluded", ""},
		{"opens a second one after it subsided", "blue none blue", "opened:blue closed:none(subsided) opened:blue"},
		{"a raise takes the acknowledgement back", "blue ack orange ack", "opened:blue acknowledged:blue raised:orange acknowledged:orange"},
		{"a raise takes an act back", "blue acted orange", "opened:blue acted:blue raised:orange"},
		{"a closed one does not open at its level again", "orange resolved orange", "opened:orange closed:orange(resolved)"},
		{"but above it", "orange resolved red", "opened:orange closed:orange(resolved) opened:red"},
		{"resolved, fell, rose: news", "orange resolved blue orange", "opened:orange closed:orange(resolved) lowered:blue opened:orange"},
		{"a false alarm stays one while it stands", "orange false_alarm blue orange", "opened:orange closed:orange(false_alarm)"},
		{"until it was gone", "orange false_alarm none orange", "opened:orange closed:orange(false_alarm) lowered:none opened:orange"},
		{"a duplicate likewise", "yellow duplicate blue yellow", "opened:yellow closed:yellow(duplicate)"},
		{"muting and remarks change nothing else", "blue mute note yellow", "opened:blue muted:blue noted:blue raised:yellow"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, config())
				w.start()
				for i, word := range strings.Fields(tc.story) {
					w.tell(word, t0.Add(time.Duration(i)*time.Minute))
				}
				if got := w.written(); got != tc.want {
					t.Errorf("%s\n got %s\nwant %s", tc.story, got, tc.want)
				}
				w.foldsTheSame()
			})
		})
	}
}

func (w *world) tell(word string, at time.Time) {
	w.t.Helper()
	asOf := func(c *scorer.Change) { c.AsOf = at }
	if level, err := rules.ParseLevel(word); err == nil && level > rules.None {
		w.apply(change(1, level, asOf))
		w.apply(change(1, level, asOf)) // told twice: nothing more
		return
	}
	switch word {
	case "none":
		w.apply(change(1, rules.None, asOf))
		return
	case "concluded":
		w.apply(change(1, rules.Red, asOf, func(c *scorer.Change) { c.Concluded = true }))
		return
	}
	act := alerts.Act{Alert: w.latest(1).ID, By: "王科长", At: at, Reason: word, Kind: alerts.Closed}
	switch word {
	case "ack":
		act.Kind, act.Reason = alerts.Acknowledged, ""
	case "acted":
		act.Kind, act.Reason = alerts.Acted, ""
	case "mute":
		act.Kind, act.Reason, act.Until = alerts.Muted, "", at.Add(24*time.Hour)
	case "note":
		act.Kind = alerts.Noted
	}
	if _, err := w.engine.Act(w.t.Context(), act); err != nil {
		w.t.Fatalf("%s: %v", word, err)
	}
	synctest.Wait()
}

// written is what the store has of row 1, in words.
func (w *world) written() string {
	var words []string
	for ordinal := uint32(1); ordinal < 9; ordinal++ {
		events, _, _ := w.store.History(w.t.Context(), alerts.NewID("repeat", rowName(1), ordinal))
		for _, e := range events {
			word := string(e.Kind) + ":" + e.Level.String()
			if e.Kind == alerts.Closed {
				word += "(" + e.Reason + ")"
			}
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// foldsTheSame: a new engine on the store stands where the old one does.
func (w *world) foldsTheSame() {
	w.t.Helper()
	again, err := alerts.Open(w.t.Context(), alerts.Options{Config: w.cfg, Channels: w.channels(), Store: w.store})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range w.store.sorted() {
		was, _ := w.engine.Alert(e.Alert)
		is, _ := again.Alert(e.Alert)
		if diff := cmp.Diff(was, is); diff != "" {
			w.t.Errorf("folded anew: %s", diff)
		}
	}
}

func TestActs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		w.apply(change(1, rules.Blue))
		id := w.latest(1).ID
		now := time.Now()
		for name, tc := range map[string]struct {
			act  alerts.Act
			want string
		}{
			"nobody":         {alerts.Act{Alert: id, Kind: alerts.Acknowledged, At: now}, "needs the name"},
			"the engine":     {alerts.Act{Alert: id, Kind: alerts.Acknowledged, At: now, By: alerts.ByEngine}, "needs the name"},
			"no such alert":  {alerts.Act{Alert: 7, Kind: alerts.Acknowledged, At: now, By: "li"}, "there is no alert"},
			"no reason":      {alerts.Act{Alert: id, Kind: alerts.Closed, At: now, By: "li"}, "no reason to close"},
			"engine's":       {alerts.Act{Alert: id, Kind: alerts.Closed, At: now, By: "li", Reason: alerts.Subsided}, "no reason to close"},
			"muted to past":  {alerts.Act{Alert: id, Kind: alerts.Muted, At: now, By: "li", Until: now.Add(-time.Hour)}, "until a time to come"},
			"people raising": {alerts.Act{Alert: id, Kind: alerts.Raised, At: now, By: "li"}, "people cannot"},
			"empty remark":   {alerts.Act{Alert: id, Kind: alerts.Noted, At: now, By: "li"}, "empty remark"},
		} {
			if _, err := w.engine.Act(t.Context(), tc.act); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: got %v, want %q", name, err, tc.want)
			}
		}
		ack := alerts.Act{Alert: id, Kind: alerts.Acknowledged, At: now, By: "li"}
		for range 2 { // twice is once
			a, err := w.engine.Act(t.Context(), ack)
			if err != nil || a.State != alerts.StateAcknowledged || a.Seq != 2 {
				t.Fatalf("got %+v, %v", a, err)
			}
		}
	})
}

// An answer that was lost leaves the engine unsure whether its events are
// stored; they are stored before all else, so numbers stay free of conflict.
func TestStoreInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		var broken error
		lose := func(string) error { return broken }
		for name, hook := range map[string]*func(string) error{"not stored": &w.store.fail, "stored, answer lost": &w.store.doubt} {
			row := len(name)
			*hook = lose
			broken = errAway
			if _, err := w.engine.Apply(t.Context(), t0, []scorer.Change{change(row, rules.Blue)}); err == nil {
				t.Fatal("no error")
			}
			broken = nil
			w.apply(change(row, rules.Orange))
			a := w.latest(row)
			if a.Level != rules.Orange || a.Seq != 2 {
				t.Errorf("%s: got %+v", name, a)
			}
			*hook = nil
		}
		if got := len(w.gates["file"].messages()); got != 4 {
			t.Errorf("%d messages, want 4", got)
		}
		w.foldsTheSame()
	})
}
