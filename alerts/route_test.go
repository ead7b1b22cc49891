package alerts_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"yujing/alerts"
	"yujing/rules"
	"yujing/scorer"
)

func accusation(subject string, units ...string) func(*scorer.Change) {
	return func(c *scorer.Change) {
		c.Matter.Accusation, c.Matter.Subject, c.Matter.Units = true, subject, units
	}
}

// Who hears of what: the receivers' names that were told, and what the alert
// notes if nobody was left.
func TestRouting(t *testing.T) {
	with := func(r alerts.Receiver, edit func(*alerts.Receiver)) alerts.Receiver { edit(&r); return r }
	leader := with(receiver("leader", "leader", "sms"), func(r *alerts.Receiver) { r.Level = "orange" })
	unit := with(receiver("zhujian", "unit", "email"), func(r *alerts.Receiver) { r.Unit, r.Aliases = "区住建局", []string{"区住房和城乡建设局"} })
	town := with(receiver("town", "township_secretary", "sms"), func(r *alerts.Receiver) { r.Places = []string{"330106001"} })
	police := with(receiver("police", "police_station_head", "sms"), func(r *alerts.Receiver) { r.Risks = []string{"collective"} })
	discipline := with(receiver("jijian", "discipline", "email"), func(r *alerts.Receiver) { r.Unit, r.Accusations = "区纪委监委", true })
	collective := func(c *scorer.Change) { c.Risk = "collective" }

	for _, tc := range []struct {
		name      string
		receivers []alerts.Receiver
		change    scorer.Change
		want      string
		note      string
	}{
		{"each by level", []alerts.Receiver{leader}, change(1, rules.Yellow), "duty", ""},
		{"the leader from orange on", []alerts.Receiver{leader}, change(1, rules.Orange), "duty leader", ""},
		{"a unit hears of its own matters", []alerts.Receiver{unit}, change(1, rules.Blue), "duty zhujian", ""},
		{"and of no other's", []alerts.Receiver{unit}, change(1, rules.Blue, func(c *scorer.Change) { c.Matter.Units = []string{"区住建局", "区城管局"} }), "duty", ""},
		{"by its other name", []alerts.Receiver{unit}, change(1, rules.Blue, func(c *scorer.Change) { c.Matter.Units = []string{"区住房和城乡建设局"} }), "duty zhujian", ""},
		{"by place", []alerts.Receiver{town}, change(1, rules.Blue, func(c *scorer.Change) { c.Matter.Place = "330106001203" }), "duty town", ""},
		{"another place", []alerts.Receiver{town}, change(1, rules.Blue, func(c *scorer.Change) { c.Matter.Place = "330106002" }), "duty", ""},
		{"the police by default never", []alerts.Receiver{police}, change(1, rules.Red), "duty", ""},
		{"the police where configuration says so", []alerts.Receiver{police}, change(1, rules.Red, collective), "duty police", ""},

		{"an accusation only to whom it is permitted", []alerts.Receiver{leader, unit, discipline}, change(1, rules.Red, accusation("某公司", "区城管局")), "jijian", ""},
		{"never to the accused unit", []alerts.Receiver{with(unit, allow), discipline}, change(1, rules.Red, accusation("区住建局物业科", "区城管局")), "jijian", ""},
		{"nor when it answers for the matter", []alerts.Receiver{with(unit, allow), discipline}, change(1, rules.Red, accusation("某科长", "区住建局")), "jijian", ""},
		{"nor when it once did", []alerts.Receiver{with(unit, allow), discipline}, change(1, rules.Red, accusation("某科长", "区住建局", "区城管局")), "jijian", ""},
		{"nor by its other name, in other width", []alerts.Receiver{with(unit, allow), discipline}, change(1, rules.Red, accusation("区 住房和城乡建设局")), "jijian", ""},
		{"nor under another receiver's name at the same address", []alerts.Receiver{with(unit, allow), with(discipline, func(r *alerts.Receiver) { r.Channels = unit.Channels })},
			change(1, rules.Red, accusation("区住建局")), "", "may not know"},
		{"to the discipline commission that handles it", []alerts.Receiver{discipline}, change(1, rules.Red, accusation("某科长", "区住建局", "区纪委监委")), "jijian", ""},
		{"nobody is left and the fallback may not know", []alerts.Receiver{discipline}, change(1, rules.Red, accusation("区纪委监委")), "", "nobody was told"},
		{"nobody is permitted accusations", []alerts.Receiver{leader}, change(1, rules.Red, accusation("某公司")), "", "nobody was told"},
		{"the fallback when it may know", []alerts.Receiver{with(discipline, func(r *alerts.Receiver) { r.Name, r.Risks = "fallback", []string{"escalated"} })},
			change(1, rules.Red, accusation("某公司")), "fallback", "told the fallback"},

		{"recused in a unit", []alerts.Receiver{with(leader, func(r *alerts.Receiver) { r.Recused = []string{"区住建局"} })}, change(1, rules.Red), "duty", ""},
		{"recused in a matter", []alerts.Receiver{with(leader, func(r *alerts.Receiver) { r.Recused = []string{"hotline-12345:GD00000001"} })}, change(1, rules.Red), "duty", ""},
		{"recused in another", []alerts.Receiver{with(leader, func(r *alerts.Receiver) { r.Recused = []string{"GD00000002"} })}, change(1, rules.Red), "duty leader", ""},
		{"two receivers, one address: once", []alerts.Receiver{with(receiver("chief", "leader", "file"), func(r *alerts.Receiver) { r.Channels[0]["file"] = "duty-file" })}, change(1, rules.Red), "duty", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config(tc.receivers...)
				if tc.want == "fallback" {
					cfg.Fallback = "fallback"
				}
				w := newWorld(t, cfg)
				w.start()
				done := w.apply(tc.change)
				var told []string
				for _, g := range w.gates {
					for _, m := range g.messages() {
						told = append(told, m.Receiver)
					}
				}
				slices.Sort(told)
				if got := strings.Join(told, " "); got != tc.want {
					t.Errorf("told %q, want %q", got, tc.want)
				}
				events := w.store.sorted()
				last := events[len(events)-1]
				if noted := last.Kind == alerts.Noted; noted != (tc.note != "") || !strings.Contains(last.Reason, tc.note) || noted != (done.Nobody == 1) {
					t.Errorf("noted %v: %s", noted, last.Reason)
				}
				if (tc.note != "") != (w.logs.FilterMessage("no receiver left").Len() == 1) {
					t.Error("the log does not tell it")
				}
				for _, p := range events[0].Detail.Passed {
					if p.Why == "" || strings.HasSuffix(p.Why, "address as "+p.Receiver) {
						t.Errorf("%s was passed over for no reason: %s", p.Receiver, p.Why)
					}
				}
				w.nothingPending()
			})
		})
	}
}

func allow(r *alerts.Receiver) { r.Accusations = true }

// The messages of an accusation say that it must be kept.
func TestAnAccusationSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := receiver("jijian", "discipline", "email")
		r.Unit, r.Accusations = "区纪委监委", true
		w := newWorld(t, config(r))
		w.start()
		w.apply(change(1, rules.Red, accusation("某科长张三", "区城管局")))
		m := w.gates["email"].messages()[0]
		for _, text := range []string{m.Text, m.HTML} {
			if !strings.Contains(text, "不得转交被检举控告的单位和人员") || strings.Contains(text, "张三") {
				t.Error(text)
			}
		}
	})
}

// reloadUntold takes the configuration up, after which nobody is told by SMS and nothing waits.
func reloadUntold(t *testing.T, w *world) {
	t.Helper()
	if err := w.engine.Reload(t.Context(), w.cfg, w.channels()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	if n := len(w.gates["sms"].messages()); n != 0 {
		t.Error("told all the same")
	}
	w.nothingPending()
}

// A receiver who becomes recused while its message waits is not told.
func TestRecusedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(receiver("leader", "leader", "sms"))
		cfg.Receivers[2].Quiet = "08:00-09:00"
		w := newWorld(t, cfg)
		w.start()
		w.apply(change(1, rules.Orange))
		w.cfg.Receivers[2].Quiet, w.cfg.Receivers[2].Recused = "", []string{"区住建局"}
		reloadUntold(t, w)
	})
}

// Nor is one who shares its address with a receiver who becomes recused.
func TestRecusedMeanwhileAtASharedAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := receiver("other", "leader", "sms")
		other.Level = "red"
		cfg := config(receiver("leader", "leader", "sms"), other)
		cfg.Receivers[2].Quiet, cfg.Receivers[3].Channels = "08:00-09:00", cfg.Receivers[2].Channels
		w := newWorld(t, cfg)
		w.start()
		w.apply(change(1, rules.Orange))
		w.cfg.Receivers[2].Quiet, w.cfg.Receivers[3].Recused = "", []string{"区住建局"}
		reloadUntold(t, w)
		for d := range w.store.Deliveries(t.Context(), time.Time{}) {
			if d.Receiver == "leader" && (d.Stage != alerts.Dropped || !strings.Contains(d.Detail, "same sms address as other")) {
				t.Errorf("settled as %s: %s", d.Stage, d.Detail)
			}
		}
	})
}
