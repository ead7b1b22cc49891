package alerts_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap/zapcore"

	"yujing/alerts"
	"yujing/rules"
	"yujing/scorer"
)

var errAway = errors.New("gateway away")

func first(c *scorer.Change) { c.First = true }
func late(c *scorer.Change)  { c.Late = true }

func TestOneAlertReachesEveryChannelOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config(receiver("leader", "leader", "email", "sms")))
		w.start()
		w.apply(change(1, rules.Orange))
		id := w.latest(1).ID.String()
		for ch, want := range map[string]string{"file": id + "-1.duty.file", "email": id + "-1.leader.email", "sms": id + "-1.leader.sms"} {
			if got := w.gates[ch].keys(); !slices.Equal(got, []string{want}) {
				t.Errorf("%s took %v, want %s", ch, got, want)
			}
			if got := w.stages(want); !slices.Equal(got, []alerts.Stage{alerts.Intend, alerts.Sent}) {
				t.Errorf("%s: stages %v", want, got)
			}
		}
	})
}

func TestGatewayDownIsRetriedAndBlocksNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config(receiver("leader", "leader", "email", "sms")))
		up := time.Now().Add(10 * time.Minute)
		w.gates["sms"].fail = func(*alerts.Message) error {
			if time.Now().Before(up) {
				return errAway
			}
			return nil
		}
		w.start()
		for row := range 3 {
			w.apply(change(row, rules.Yellow, func(c *scorer.Change) { c.AsOf = t0.Add(time.Duration(row) * time.Second) }))
		}
		if n := len(w.gates["email"].messages()); n != 3 {
			t.Errorf("e-mail took %d messages while the SMS gateway was down, want 3", n)
		}
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		if n := len(w.gates["sms"].messages()); n != 3 {
			t.Errorf("SMS took %d messages, want 3", n)
		}
		keys := w.gates["sms"].keys()
		for row := range 3 {
			if !strings.HasPrefix(keys[row], alerts.NewID("repeat", rowName(row), 1).String()) {
				t.Errorf("order not kept: %v", keys)
			}
		}
		st := w.stages(keys[0])
		if tries := len(st) - 2; tries < 5 || tries > 20 || st[0] != alerts.Intend || st[len(st)-1] != alerts.Sent {
			t.Errorf("stages %v", st)
		}
	})
}

func TestSlowGatewayDoesNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config(receiver("leader", "leader", "sms"), receiver("second", "leader", "email")))
		w.gates["sms"].slow = 20 * time.Second
		w.start()
		began := time.Now()
		w.apply(change(1, rules.Red))
		if took := time.Since(began); took != 0 || len(w.gates["email"].messages()) != 1 || len(w.gates["file"].messages()) != 1 {
			t.Errorf("waited %v for the slow gateway", took)
		}
		time.Sleep(21 * time.Second)
		if len(w.gates["sms"].messages()) != 1 {
			t.Error("the slow gateway got nothing")
		}
	})
}

func TestARedPassesWhatAGatewayDoesNotTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		var down atomic.Bool
		down.Store(true)
		w.gates["file"].fail = func(m *alerts.Message) error {
			if down.Load() || m.Level == rules.Blue { // blue ones stay refused for a while
				return errAway
			}
			return nil
		}
		w.start()
		w.apply(change(1, rules.Blue), change(2, rules.Blue))
		time.Sleep(30 * time.Minute)
		down.Store(false)
		w.apply(change(3, rules.Red))
		if got := w.gates["file"].messages(); len(got) != 1 || got[0].Level != rules.Red {
			t.Errorf("the red one waited behind the blue: %v", w.gates["file"].keys())
		}
	})
}

func TestRefusedIsGivenUpLoudly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config(receiver("leader", "leader", "sms")))
		w.gates["sms"].fail = func(m *alerts.Message) error { return fmt.Errorf("no such number: %w", alerts.ErrRefused) }
		w.start()
		w.apply(change(1, rules.Red))
		a := w.latest(1)
		key := a.ID.String() + "-1.leader.sms"
		if got := w.stages(key); !slices.Equal(got, []alerts.Stage{alerts.Intend, alerts.GivenUp}) {
			t.Errorf("stages %v", got)
		}
		events, _, _ := w.store.History(t.Context(), a.ID)
		if last := events[len(events)-1]; last.Kind != alerts.Noted || !strings.Contains(last.Reason, "not delivered to leader by sms") {
			t.Errorf("the alert does not say so: %+v", last)
		}
		if w.logs.FilterLevelExact(zapcore.ErrorLevel).FilterMessage("delivery").Len() != 1 {
			t.Error("the log does not say so")
		}
	})
}

func TestGivesUpAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.gates["file"].fail = func(m *alerts.Message) error { return errAway }
		w.start()
		w.apply(change(1, rules.Red))
		time.Sleep(73 * time.Hour)
		synctest.Wait()
		st := w.stages(w.latest(1).ID.String() + "-1.duty.file")
		if st[len(st)-1] != alerts.GivenUp {
			t.Errorf("after three days: %v", st[len(st)-1])
		}
	})
}

func TestQuotaAtTwiceTheQuota(t *testing.T) {
	for _, tc := range []struct {
		name    string
		spaced  time.Duration // between alerts
		level   func(i int) rules.Level
		within  int // messages in the first hour
		in2h    int
		singles int
	}{
		{"all at once", 0, func(int) rules.Level { return rules.Blue }, 15, 15, 14},
		{"one a minute", time.Minute, func(int) rules.Level { return rules.Blue }, 15, 16, 15},
		{"red comes last", time.Minute, func(i int) rules.Level {
			if i >= 35 {
				return rules.Red
			}
			return rules.Blue
		}, 20, 21, 20},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, config())
				w.start()
				began := time.Now()
				if tc.spaced == 0 {
					var all []scorer.Change
					for i := range 40 {
						all = append(all, change(i, tc.level(i)))
					}
					w.apply(all...)
				} else {
					for i := range 40 {
						w.apply(change(i, tc.level(i)))
						if tc.level(i) == rules.Red && !w.gotLast(i) {
							t.Errorf("red alert %d waits behind blue", i)
						}
						time.Sleep(tc.spaced)
					}
				}
				time.Sleep(time.Until(began.Add(time.Hour - time.Millisecond)))
				synctest.Wait()
				if n := len(w.gates["file"].messages()); n != tc.within {
					t.Errorf("%d messages in the first hour, want %d", n, tc.within)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				got := w.gates["file"].messages()
				if len(got) != tc.in2h {
					t.Errorf("%d messages in two hours, want %d", len(got), tc.in2h)
				}
				singles := 0
				for _, m := range got {
					if m.Thread != "" {
						singles++
					}
				}
				if singles != tc.singles {
					t.Errorf("%d alone, want %d", singles, tc.singles)
				}
				w.nothingPending()
				for i := range 40 { // nothing is lost: each alert stands in some message
					id := alerts.NewID("repeat", rowName(i), 1).String()
					if !slices.ContainsFunc(got, func(m alerts.Message) bool { return strings.Contains(m.Text, id) }) {
						t.Errorf("alert %d is in no message", i)
					}
				}
			})
		})
	}
}

func (w *world) gotLast(row int) bool {
	m := w.gates["file"].messages()
	return len(m) > 0 && strings.HasPrefix(m[len(m)-1].Key, alerts.NewID("repeat", rowName(row), 1).String())
}

func (w *world) nothingPending() {
	w.t.Helper()
	if pending, _ := w.store.Pending(w.t.Context()); len(pending) > 0 {
		w.t.Errorf("%d notices are not settled, the first: %+v", len(pending), pending[0])
	}
}

// A receiver's channels share its quota, and the sliding hour holds over a restart.
func TestQuotaOverChannelsAndRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config(receiver("leader", "leader", "email", "sms")))
		w.start()
		for i := range 60 {
			w.apply(change(i, rules.Red))
			if i%7 == 3 {
				w.stop()
				w.start()
			}
			time.Sleep(30 * time.Second)
		}
		if n := len(w.gates["email"].messages()) + len(w.gates["sms"].messages()); n != 20 {
			t.Errorf("the leader got %d messages in an hour, want 20", n)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		w.nothingPending()
	})
}

// What a mended gateway takes all at once is within the hour's messages too.
func TestQuotaAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		var down atomic.Bool
		down.Store(true)
		w.gates["file"].fail = func(m *alerts.Message) error {
			if down.Load() {
				return errAway
			}
			return nil
		}
		w.start()
		for i := range 100 {
			w.apply(change(i, rules.Yellow))
			time.Sleep(2 * time.Minute)
		}
		down.Store(false)
		time.Sleep(30 * time.Minute)
		synctest.Wait()
		if n := len(w.gates["file"].messages()); n > 20 || n < 2 {
			t.Errorf("%d messages after the outage, want 2 to 20", n)
		}
		w.nothingPending()
	})
}

// What a gateway has not taken yet counts: a mended one takes it all at once.
func TestQuotaCountsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Quota = alerts.Quota{Messages: 3, Reserved: 1}
		w := newWorld(t, cfg)
		w.start()
		w.apply(change(1, rules.Red))
		w.gates["file"].behave(func(m *alerts.Message) error { return errAway })
		w.apply(change(2, rules.Yellow))
		w.apply(change(3, rules.Orange))
		w.apply(change(4, rules.Red))
		w.gates["file"].behave(nil)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := len(w.gates["file"].messages()); n != 3 {
			t.Errorf("%d messages in the hour, want 3", n)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		w.nothingPending()
	})
}

// After a reload a lagging replica still shows as pending what was sent.
func TestAReplicaThatLags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		w.apply(change(1, rules.Red))
		w.store.lag = 2 // neither intended nor sent, it says
		if err := w.engine.Reload(t.Context(), w.cfg, w.channels()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := len(w.gates["file"].messages()); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestMute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.gates["file"].fail = func(m *alerts.Message) error { return errAway }
		w.start()
		w.apply(change(9, rules.Blue)) // keeps the lane busy
		w.apply(change(1, rules.Blue))
		mute := alerts.Act{Alert: w.latest(1).ID, Kind: alerts.Muted, By: "li", At: time.Now(), Until: time.Now().Add(3 * time.Hour)}
		if _, err := w.engine.Act(t.Context(), mute); err != nil {
			t.Fatal(err)
		}
		w.gates["file"].behave(nil)
		time.Sleep(2 * time.Hour)
		if n := len(w.gates["file"].messages()); n != 1 {
			t.Errorf("%d messages while muted, want 1", n)
		}
		time.Sleep(2 * time.Hour)
		if n := len(w.gates["file"].messages()); n != 2 {
			t.Errorf("%d messages after the mute, want 2", n)
		}
		mute.Until = time.Now().Add(100 * time.Hour)
		if _, err := w.engine.Act(t.Context(), mute); err != nil {
			t.Fatal(err)
		}
		w.apply(change(1, rules.Red))
		if n := len(w.gates["file"].messages()); n != 3 {
			t.Errorf("a raise does not end the mute: %d messages, want 3", n)
		}
	})
}

func TestQuietHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Receivers[0].Quiet = "22:00-07:00" // synctest begins at 08:00 in Shanghai
		w := newWorld(t, cfg)
		w.start()
		time.Sleep(15 * time.Hour) // 23:00
		w.apply(change(1, rules.Orange), change(2, rules.Red))
		if got := w.gates["file"].messages(); len(got) != 1 || got[0].Level != rules.Red {
			t.Errorf("at night: %v", w.gates["file"].keys())
		}
		time.Sleep(7*time.Hour + 59*time.Minute)
		if n := len(w.gates["file"].messages()); n != 1 {
			t.Error("not quiet before seven")
		}
		time.Sleep(2 * time.Minute)
		if n := len(w.gates["file"].messages()); n != 2 {
			t.Error("still quiet after seven")
		}
	})
}

func TestClosedBeforeItCouldBeTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Receivers[0].Quiet = "08:00-09:00"
		w := newWorld(t, cfg)
		w.start()
		w.apply(change(1, rules.Orange), change(2, rules.Orange))
		w.tell("false_alarm", time.Now())
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		got := w.gates["file"].keys()
		if len(got) != 1 || !strings.HasPrefix(got[0], alerts.NewID("repeat", rowName(2), 1).String()) {
			t.Errorf("told %v", got)
		}
		w.nothingPending()
	})
}

func TestDigests(t *testing.T) {
	for _, tc := range []struct {
		tag  string
		edit func(*scorer.Change)
		zh   string
	}{{"first", first, "首次启动前"}, {"late", late, "停机期间"}} {
		t.Run(tc.tag, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, config(receiver("leader", "leader", "email", "sms")))
				w.start()
				for instant := range 5 { // catching up goes through several instants
					var all []scorer.Change
					for row := range 300 {
						all = append(all, change(row, rules.Level(1+(row+instant)%2), tc.edit))
					}
					w.apply(all...)
				}
				w.apply(change(7, rules.None, tc.edit)) // closed again before the digest
				if n := len(w.gates["file"].messages()); n != 0 {
					t.Fatalf("%d messages before the digest is whole", n)
				}
				w.apply(change(1000, rules.Red)) // a live one does not wait
				if n := len(w.gates["file"].messages()); n != 1 {
					t.Fatalf("the live alert waits for the digest")
				}
				w.engine.EndDigests()
				synctest.Wait()
				for ch, g := range w.gates {
					got := g.messages()
					if len(got) != 2 || !strings.Contains(got[1].Subject, tc.zh) || !strings.Contains(got[1].Subject, "299 件") {
						t.Errorf("%s: %d messages, subject %q", ch, len(got), got[len(got)-1].Subject)
					}
					if !strings.HasPrefix(got[1].Key, tc.tag+"-") {
						t.Errorf("key %s", got[1].Key)
					}
				}
				w.nothingPending()
			})
		})
	}
}

func TestADigestThatNobodyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		w.apply(change(1, rules.Blue, late), change(2, rules.Blue, late))
		time.Sleep(59 * time.Second)
		if n := len(w.gates["file"].messages()); n != 0 {
			t.Error("went out early")
		}
		time.Sleep(2 * time.Second)
		if n := len(w.gates["file"].messages()); n != 1 {
			t.Errorf("%d messages, want 1", n)
		}
	})
}

func TestSafetyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Receivers[1].Quiet = "00:00-23:59"
		w := newWorld(t, cfg)
		w.start()
		matter := change(1, rules.Red).Matter
		matter.Accusation = true
		var threats []alerts.Harm
		for i := range 40 { // twice the quota: a threat never waits
			threats = append(threats, alerts.Harm{Signal: fmt.Sprintf("%032x", i), At: t0, Channel: "hotline", Matter: matter})
		}
		for range 2 { // told before: nothing more
			if _, err := w.engine.Safety(t.Context(), threats); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		got := w.gates["file"].messages()
		if len(got) != 40 {
			t.Fatalf("%d messages, want 40", len(got))
		}
		i := slices.IndexFunc(got, func(m alerts.Message) bool { return strings.Contains(m.Key, threats[0].Signal) })
		m := got[i]
		if m.Key != "safety-"+threats[0].Signal+".safety.file" || m.Receiver != "safety" {
			t.Errorf("key %s to %s", m.Key, m.Receiver)
		}
		if strings.Contains(m.Text, " 分") || !strings.Contains(m.Short, "请立即派人查看并给予帮助") {
			t.Errorf("text %s\nshort %s", m.Text, m.Short)
		}
		if a, ok := w.engine.Alert(alerts.NewID(alerts.SafetyRisk, threats[0].Signal, 1)); !ok || a.Score != 0 {
			t.Errorf("a threat has a score: %+v", a)
		}
	})
}

// Nothing that people do to alerts holds a threat back.
func TestAThreatCannotBeMuted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.gates["file"].behave(func(*alerts.Message) error { return errAway })
		w.start()
		w.apply(change(1, rules.Red))
		threats := []alerts.Harm{{Signal: "aa", At: t0, Matter: change(1, rules.Red).Matter}, {Signal: "bb", At: t0, Matter: change(2, rules.Red).Matter}}
		if _, err := w.engine.Safety(t.Context(), threats); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // one is under way, the other waits behind it
		for _, h := range threats {
			id := alerts.NewID(alerts.SafetyRisk, h.Signal, 1)
			if _, err := w.engine.Act(t.Context(), alerts.Act{Alert: id, Kind: alerts.Muted, By: "li", At: time.Now(), Until: time.Now().Add(99 * time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}
		w.gates["file"].behave(nil)
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := len(w.gates["file"].messages()); n != 3 {
			t.Errorf("%d messages, want 3", n)
		}
	})
}

func TestNoSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.noSend = true
		w.start()
		w.apply(change(1, rules.Red), change(2, rules.Blue))
		time.Sleep(time.Hour)
		if w.gates["file"].tries != 0 || len(w.store.deliveries) != 0 {
			t.Error("something was sent or intended")
		}
		withheld := w.logs.FilterMessage("delivery").FilterField(zapField("stage", "withheld"))
		if withheld.Len() != 2 {
			t.Errorf("the log tells of %d messages, want 2", withheld.Len())
		}
		w.stop()
		w.noSend = false
		w.start()
		synctest.Wait()
		if n := len(w.gates["file"].messages()); n != 2 {
			t.Errorf("%d messages once sending is on again, want 2", n)
		}
	})
}

func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config(receiver("leader", "leader", "sms"), receiver("gone", "leader", "email")))
		var down atomic.Bool
		down.Store(true)
		away := func(*alerts.Message) error {
			if down.Load() {
				return errAway
			}
			return nil
		}
		w.gates["sms"].fail, w.gates["email"].fail = away, away
		w.start()
		w.apply(change(1, rules.Red))
		w.cfg = config(receiver("leader", "leader", "sms"), receiver("new", "leader", "email"))
		w.check()
		if err := w.engine.Reload(t.Context(), w.cfg, w.channels()); err != nil {
			t.Fatal(err)
		}
		down.Store(false)
		w.apply(change(2, rules.Red))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		id := func(row int) string { return alerts.NewID("repeat", rowName(row), 1).String() }
		if got, want := w.gates["sms"].keys(), []string{id(1) + "-1.leader.sms", id(2) + "-1.leader.sms"}; !slices.Equal(got, want) {
			t.Errorf("sms took %v, want %v", got, want)
		}
		if got, want := w.gates["email"].keys(), []string{id(2) + "-1.new.email"}; !slices.Equal(got, want) {
			t.Errorf("e-mail took %v, want %v", got, want)
		}
		if w.logs.FilterLevelExact(zapcore.ErrorLevel).FilterField(zapField("receiver", "gone")).Len() != 1 {
			t.Error("the log does not say that the message to a receiver that is gone was given up")
		}
		w.nothingPending()
	})
}
