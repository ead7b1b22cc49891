package alerts_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/alerts"
	"yujing/rules"
)

// life makes a random legal life of one alert.
func life(r *rand.Rand, row int) []alerts.Event {
	id := alerts.NewID("repeat", rowName(row), 1)
	level := rules.Level(1 + r.IntN(3))
	at := t0
	var out []alerts.Event
	add := func(kind alerts.Kind, by, reason string) {
		at = at.Add(time.Minute)
		out = append(out, alerts.Event{Alert: id, Seq: uint32(len(out) + 1), At: at, Kind: kind, Risk: "repeat", Row: rowName(row),
			Ordinal: 1, Level: level, Score: int(level) * 20, By: by, Reason: reason, Until: at.Add(time.Hour)})
	}
	add(alerts.Opened, alerts.ByEngine, "")
	acted := false
	for range r.IntN(8) {
		switch r.IntN(6) {
		case 0:
			if level < rules.Red {
				level++
				add(alerts.Raised, alerts.ByEngine, "")
				acted = false
			}
		case 1:
			if level > rules.Blue {
				level--
				add(alerts.Lowered, alerts.ByEngine, "")
			}
		case 2:
			if !acted {
				add(alerts.Acknowledged, "li", "")
			}
		case 3:
			add(alerts.Acted, "li", "")
			acted = true
		case 4:
			add(alerts.Muted, "li", "")
		case 5:
			add(alerts.Noted, "li", "a remark")
		}
	}
	if r.IntN(2) == 0 {
		add(alerts.Closed, "li", alerts.Resolved)
		add(alerts.Noted, "li", "after")
	}
	return out
}

// The lives of several alerts, shuffled together but each in its order.
func lives(r *rand.Rand) []alerts.Event {
	var each [][]alerts.Event
	for row := range 5 {
		each = append(each, life(r, row))
	}
	var out []alerts.Event
	for len(each) > 0 {
		i := r.IntN(len(each))
		out = append(out, each[i][0])
		if each[i] = each[i][1:]; len(each[i]) == 0 {
			each = append(each[:i], each[i+1:]...)
		}
	}
	return out
}

func foldAll(events []alerts.Event) (map[alerts.ID]alerts.Alert, error) {
	book, out := alerts.NewBook(), map[alerts.ID]alerts.Alert{}
	for _, e := range events {
		if err := book.Add(e); err != nil {
			return nil, err
		}
		out[e.Alert], _ = book.Alert(e.Alert)
	}
	return out, nil
}

func fold(t *testing.T, events []alerts.Event) map[alerts.ID]alerts.Alert {
	t.Helper()
	got, err := foldAll(events)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFoldProperties(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		events := lives(r)
		whole := fold(t, events)
		cut := r.IntN(len(events) + 1)

		// Any prefix folds, and the rest on top of it gives the whole.
		book := alerts.NewBook()
		for _, e := range events[:cut] {
			if err := book.Add(e); err != nil {
				t.Fatalf("seed %d: prefix: %v", seed, err)
			}
		}
		// Applying the prefix again changes nothing.
		for _, e := range append(events[:cut:cut], events...) {
			if err := book.Add(e); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		for id, want := range whole {
			got, _ := book.Alert(id)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d: %s", seed, diff)
			}
		}
		// The order of alerts among each other does not matter.
		var sorted []alerts.Event
		for id := range whole {
			for _, e := range events {
				if e.Alert == id {
					sorted = append(sorted, e)
				}
			}
		}
		if diff := cmp.Diff(whole, fold(t, sorted)); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

func TestFoldRefusesWhatIsOutOfOrder(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		events := life(r, 1)
		if len(events) < 2 {
			continue
		}
		shuffled := append([]alerts.Event(nil), events...)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		_, err := foldAll(shuffled)
		if ordered := cmp.Equal(events, shuffled); ordered != (err == nil) {
			t.Fatalf("seed %d: ordered %v, error %v", seed, ordered, err)
		}
		i := r.IntN(len(events) - 1)
		if _, err := foldAll(append(events[:i:i], events[i+1:]...)); err == nil {
			t.Fatalf("seed %d: a life without its event %d folds", seed, i+1)
		}
	}
}

func TestFoldRefusesWhatALifeDoesNotAllow(t *testing.T) {
	id := alerts.NewID("repeat", "row", 1)
	event := func(seq uint32, kind alerts.Kind) alerts.Event {
		return alerts.Event{Alert: id, Seq: seq, Kind: kind, Risk: "repeat", Row: "row", Ordinal: 1, Level: rules.Blue, By: "li", At: t0}
	}
	for name, events := range map[string][]alerts.Event{
		"acknowledged before opened":   {event(1, alerts.Acknowledged)},
		"opened twice":                 {event(1, alerts.Opened), event(2, alerts.Opened)},
		"sequence number 0":            {event(0, alerts.Opened)},
		"raised after closed":          {event(1, alerts.Opened), event(2, alerts.Closed), event(3, alerts.Raised)},
		"acknowledged after acted":     {event(1, alerts.Opened), event(2, alerts.Acted), event(3, alerts.Acknowledged)},
		"a kind of a version to come":  {event(1, alerts.Opened), event(2, "escalated")},
		"muted after closed":           {event(1, alerts.Opened), event(2, alerts.Closed), event(3, alerts.Muted)},
		"closed twice":                 {event(1, alerts.Opened), event(2, alerts.Closed), event(3, alerts.Closed)},
		"acknowledged after it closed": {event(1, alerts.Opened), event(2, alerts.Closed), event(3, alerts.Acknowledged)},
	} {
		if _, err := foldAll(events); err == nil {
			t.Errorf("%s: folded", name)
		}
	}
}
