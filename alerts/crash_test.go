package alerts_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"yujing/alerts"
	"yujing/rules"
	"yujing/scorer"
)

func zapField(key, value string) zap.Field { return zap.String(key, value) }

// The process dies after a stage; a new one on the same store loses nothing and
// says nothing under a second key. Twice the same key only where it died between
// intend and record.
func TestCrashBetweenAnyTwoStages(t *testing.T) {
	for _, stage := range alerts.StageNames() {
		for _, kind := range []string{"single", "bundle", "digest"} {
			t.Run(stage+"/"+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { crashAfter(t, stage, kind) })
			})
		}
	}
}

func crashAfter(t *testing.T, stage, kind string) {
	cfg := config(receiver("leader", "leader", "sms"))
	changes := []scorer.Change{change(1, rules.Red)}
	switch kind {
	case "bundle":
		cfg.Quota = alerts.Quota{Messages: 2, Reserved: 1}
		changes = append(changes, change(2, rules.Red), change(3, rules.Yellow), change(4, rules.Red))
	case "digest":
		for row := range 20 {
			changes = append(changes, change(row+10, rules.Yellow, first))
		}
	}
	quiet := newWorld(t, cfg)
	quiet.start()
	quiet.run(changes)

	w := newWorld(t, cfg)
	var mu sync.Mutex
	died := map[string]bool{}
	w.cut = func(s, lane string) bool {
		mu.Lock()
		defer mu.Unlock()
		died[lane] = died[lane] || s == stage
		return died[lane]
	}
	w.start()
	if stage == "route" { // dies when the events are stored and nothing else
		w.stop()
		if _, err := w.engine.Apply(t.Context(), t0, changes); err != nil {
			t.Fatal(err)
		}
	} else {
		w.apply(changes...)
		w.engine.EndDigests()
		synctest.Wait()
	}
	w.stop()
	w.cut = nil
	w.start()
	w.run(changes) // the daemon applies the latest assessments again at start
	w.nothingPending()

	for name, g := range quiet.gates {
		want, got := g.keys(), w.gates[name].keys()
		once := slices.Compact(slices.Sorted(slices.Values(got)))
		if sorted := slices.Sorted(slices.Values(want)); !slices.Equal(once, sorted) {
			t.Errorf("%s: keys %v, want %v", name, once, sorted)
		}
		again := len(got) - len(once)
		if allowed := map[bool]int{true: 2, false: 0}[stage == "send"]; again > allowed {
			t.Errorf("%s: %d messages went out twice after a crash behind %s", name, again, stage)
		}
	}
	intended := map[string]int{}
	for d := range w.store.Deliveries(t.Context(), time.Time{}) {
		if d.Stage == alerts.Intend {
			if intended[d.Key]++; intended[d.Key] > 1 {
				t.Errorf("%s was intended twice", d.Key)
			}
		}
	}
	w.foldsTheSame()
}

// run applies changes and gives the hour time to allow everything.
func (w *world) run(changes []scorer.Change) {
	w.t.Helper()
	w.apply(changes...)
	w.engine.EndDigests()
	time.Sleep(3 * time.Hour)
	synctest.Wait()
}

// A crash between "assessments written" and "events written" is made good by
// applying the latest assessments.
func TestReconcile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		w.apply(change(1, rules.Blue), change(2, rules.Red), change(3, rules.Orange))
		w.stop()
		w.start()
		done := w.apply(change(1, rules.Orange), change(2, rules.None), change(3, rules.Orange), change(4, rules.Yellow), change(5, rules.None))
		if want := (alerts.Applied{Opened: 1, Raised: 1, Closed: 1, Told: 2}); done != want {
			t.Errorf("got %+v, want %+v", done, want)
		}
	})
}

// The store is away at each kind of write for a while: nothing is lost, nothing
// goes out under two keys.
func TestStoreAway(t *testing.T) {
	for _, what := range []string{"intend", "sent", "failed"} {
		for _, doubt := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s doubt=%v", what, doubt), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, config())
					back := time.Now().Add(5 * time.Minute)
					away := func(w string) error {
						if w == what && time.Now().Before(back) {
							return errAway
						}
						return nil
					}
					if w.store.fail = away; doubt {
						w.store.fail, w.store.doubt = nil, away
					}
					if what == "failed" {
						w.gates["file"].fail = func(*alerts.Message) error {
							if time.Now().Before(back) {
								return errAway
							}
							return nil
						}
					}
					w.start()
					w.apply(change(1, rules.Red), change(2, rules.Red))
					time.Sleep(time.Hour)
					synctest.Wait()
					keys := w.gates["file"].keys()
					if len(keys) != 2 || keys[0] == keys[1] {
						t.Errorf("took %v", keys)
					}
					w.nothingPending()
				})
			})
		}
	}
}
