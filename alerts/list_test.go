package alerts_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mattn/go-runewidth"

	"yujing/alerts"
	"yujing/rules"
)

func TestList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		w.apply(change(1, rules.Blue), change(2, rules.Red), change(3, rules.Orange), change(4, rules.Yellow))
		w.apply(change(3, rules.None))
		w.tell("ack", time.Now())
		w.tell("mute", time.Now())
		list := func(f alerts.Filter) string {
			t.Helper()
			got, err := alerts.List(t.Context(), w.store, f)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, a := range got {
				out = append(out, strings.TrimLeft(a.Row, "0")+":"+a.Level.String()+":"+string(a.State))
			}
			return strings.Join(out, " ")
		}
		for _, tc := range []struct {
			f    alerts.Filter
			want string
		}{
			{alerts.Filter{}, "2:red:open 4:yellow:open 1:blue:acknowledged"},
			{alerts.Filter{Closed: true}, "2:red:open 4:yellow:open 1:blue:acknowledged 3:none:closed"},
			{alerts.Filter{Level: rules.Yellow}, "2:red:open 4:yellow:open"},
			{alerts.Filter{Limit: 1}, "2:red:open"},
			{alerts.Filter{Ref: "GD00000004"}, "4:yellow:open"},
			{alerts.Filter{Ref: "GD00000004", Limit: 1}, "4:yellow:open"},
			{alerts.Filter{Risk: "collective"}, ""},
		} {
			if got := list(tc.f); got != tc.want {
				t.Errorf("%+v: got %s, want %s", tc.f, got, tc.want)
			}
		}

		all, _ := alerts.List(t.Context(), w.store, alerts.Filter{Closed: true})
		var table, lines bytes.Buffer
		if err := alerts.PrintTable(&table, all, time.UTC); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"红色 red", "重复信访", "hotline-12345:GD00000002", "区住建局", "已知悉 acknowledged，静音", "已关闭 closed（已解除）"} {
			if !strings.Contains(table.String(), want) {
				t.Errorf("%q is not in\n%s", want, table.String())
			}
		}
		wide := 0
		for line := range strings.Lines(table.String()) {
			n := runewidth.StringWidth(strings.TrimSpace(line))
			if wide == 0 {
				wide = n
			}
			if n != wide {
				t.Errorf("columns do not align under double-width characters:\n%s", table.String())
				break
			}
		}
		if err := alerts.PrintJSON(&lines, all); err != nil {
			t.Fatal(err)
		}
		var one map[string]any
		if err := json.Unmarshal(bytes.SplitN(lines.Bytes(), []byte("\n"), 2)[0], &one); err != nil {
			t.Fatal(err)
		}
		if one["level"] != "red" || one["state"] != "open" || one["id"] != w.latest(2).ID.String() || one["rule_set"] != "rs-1234abcd" {
			t.Errorf("%v", one)
		}
	})
}

func TestParseID(t *testing.T) {
	id := alerts.NewID("repeat", "row", 1)
	if got, err := alerts.ParseID(id.String()); err != nil || got != id {
		t.Error(got, err)
	}
	for _, bad := range []string{"", "12", "zzzzzzzzzzzzzzzz", "00112233445566778"} {
		if _, err := alerts.ParseID(bad); err == nil {
			t.Errorf("%q is read as an alert", bad)
		}
	}
	if alerts.NewID("a", "bc", 1) == alerts.NewID("ab", "c", 1) || alerts.NewID("a", "b", 1) == alerts.NewID("a", "b", 2) {
		t.Error("different alerts have one id")
	}
}

// What is left of an alert whose first events are gone is set aside, loudly;
// everything else goes on.
func TestWhatIsLeftOfAForgottenAlert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		w.apply(change(1, rules.Blue), change(2, rules.Blue))
		w.tell("ack", time.Now())
		w.stop()
		delete(w.store.events, alerts.NoticeID{Alert: alerts.NewID("repeat", rowName(1), 1), Seq: 1})
		w.start()
		if w.logs.FilterMessage("an alert is set aside").Len() != 1 {
			t.Error("the log does not tell")
		}
		w.apply(change(1, rules.Blue), change(2, rules.Orange))
		if a := w.latest(1); a.Ordinal != 2 || a.State != alerts.StateOpen {
			t.Errorf("%+v", a)
		}
		if a := w.latest(2); a.Level != rules.Orange {
			t.Errorf("%+v", a)
		}
		w.engine.Forget([]alerts.ID{w.latest(2).ID})
		if _, ok := w.engine.Alert(alerts.NewID("repeat", rowName(2), 1)); ok {
			t.Error("still there")
		}
	})
}
