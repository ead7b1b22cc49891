package alerts_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"yujing/alerts"
	"yujing/rules"
	"yujing/scorer"
)

// Every message says why, under which rule and version, what to do and how to
// dispute it, Chinese first.
func TestAMessageSaysWhatResponsibleUseAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		w.apply(change(1, rules.Yellow))
		w.apply(change(1, rules.Orange))
		m := w.gates["file"].messages()[1]
		order := []string{"橙色", "72 分", "原为黄色", "重复信访", "区住建局", "城乡建设/物业管理/电梯", "来件：2 次",
			"七日内再次来件未答复", "+30 分", "asked-again-unanswered", "七天内来件 2 次,至今未答复", "24 小时内电话联系信访人", "rs-1234abcd", "cal-77", "异议：",
			"raised to orange", "repeat petition", "asked again within a week", "Dispute: "}
		at := 0
		for _, want := range order {
			i := strings.Index(m.Text[at:], want)
			if i < 0 {
				t.Fatalf("%q does not come after what stands before it in\n%s", want, m.Text)
			}
			at += i
		}
		if strings.Contains(m.Text+m.HTML, "in-shadow") {
			t.Error("a rule in shadow had no part in the score")
		}
		if strings.Contains(m.Text, "<no value>") || strings.Contains(m.HTML, "<no value>") {
			t.Error("a template lacks a value")
		}
		if m.Thread != w.latest(1).ID.String() {
			t.Errorf("thread %s", m.Thread)
		}
	})
}

// A text message fits one part as long as that can be, and never carries what a
// rule quotes from a citizen's words.
func TestShortMessages(t *testing.T) {
	quoting := func(c *scorer.Change) {
		c.Fired[0].Because.ZH, c.Fired[0].Advise.ZH = "来件称:我是张三,住在一幢二单元", "回复张三"
		c.Matter.Subject = "李四"
	}
	for name, tc := range map[string]struct {
		edit func(*scorer.Change)
		want string
	}{
		"plain": {quoting, "【预警】红色·重复信访95分，编号GD00000001。责任单位：区住建局。请立即联系信访人。"},
		"long unit": {func(c *scorer.Change) {
			c.Matter.Units = []string{strings.Repeat("某市某区住房和城乡建设", 5)}
		}, "【预警】红色·重复信访95分，编号GD00000001。请立即联系信访人。"},
		"long number": {func(c *scorer.Change) { c.Matter.Ref = "bureau:" + strings.Repeat("信访第2026", 12) + "号" }, "【预警】红色·重复信访95分，编号…第2026信访第2026号。请立即联系信访人。"},
		"no unit":     {func(c *scorer.Change) { c.Matter.Units = nil }, "【预警】红色·重复信访95分，编号GD00000001。请立即联系信访人。"},
		"a feed that fell silent": {func(c *scorer.Change) {
			c.Matter = scorer.Matter{Ref: "hotline-12345:"}
		}, "【预警】红色·重复信访，来源hotline-12345。请尽快检查数据来源。"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, config(receiver("leader", "leader", "sms")))
				w.start()
				w.apply(change(1, rules.Red, tc.edit))
				m := w.gates["sms"].messages()[0]
				if m.Short != tc.want || utf8.RuneCountInString(m.Short) > 70 {
					t.Errorf("%d characters: %s", utf8.RuneCountInString(m.Short), m.Short)
				}
				if strings.Contains(m.Subject, "张三") || strings.Contains(m.Subject+m.Text, "李四") {
					t.Error(m.Subject)
				}
			})
		})
	}
}

func TestShortFormOfADigestFitsOnePart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config(receiver("leader", "leader", "sms")))
		w.start()
		var all []scorer.Change
		for i := range 4000 {
			all = append(all, change(i, rules.Level(1+i%4), first, func(c *scorer.Change) { c.Matter.Ref = "bureau:信访字[2026]第000012345号" }))
		}
		w.apply(all...)
		w.engine.EndDigests()
		synctest.Wait()
		m := w.gates["sms"].messages()[0]
		if n := utf8.RuneCountInString(m.Short); n > 70 {
			t.Errorf("%d characters: %s", n, m.Short)
		}
		if !strings.Contains(m.Short, "4000件：红1000橙1000黄1000蓝1000") {
			t.Error(m.Short)
		}
		if n := len(m.HTML); n > 102_000 || !strings.Contains(m.HTML, "另有 3900 件未列出") {
			t.Errorf("the HTML has %d bytes: mail programs cut at 102 kB", n)
		}
	})
}

// What comes from outside stands in HTML as text.
func TestHTMLIsEscaped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, config())
		w.start()
		w.apply(change(1, rules.Red, func(c *scorer.Change) {
			c.Matter.Ref, c.Matter.Units = `x:<script>alert(1)</script>`, []string{`"><img src=x>`}
			c.Fired[0].Because.ZH = "<b>粗</b>"
		}))
		html := w.gates["file"].messages()[0].HTML
		for _, bad := range []string{"<script", "<img", "<b>粗"} {
			if strings.Contains(html, bad) {
				t.Errorf("%s stands unescaped", bad)
			}
		}
	})
}

func TestSendTest(t *testing.T) {
	cfg := config(receiver("leader", "leader", "email", "sms"))
	w := newWorld(t, cfg)
	w.gates["sms"].fail = func(m *alerts.Message) error { return errAway }
	w.cfg.Receivers[2].Channels[1]["sms"] = "13800138000"
	got, err := alerts.SendTest(t.Context(), &w.cfg, w.channels(), "leader")
	if err != nil || len(got) != 2 || !got[0].OK || got[1].OK || got[1].Error != "gateway away" || got[1].To != "***8000" {
		t.Errorf("got %+v, %v", got, err)
	}
	if m := w.gates["email"].messages()[0]; !strings.Contains(m.Text, "测试消息") || !strings.Contains(m.HTML, "test message") {
		t.Error(m.Text)
	}
	if _, err := alerts.SendTest(t.Context(), &w.cfg, w.channels(), "nobody"); err == nil {
		t.Error("sent to nobody")
	}
	if _, err := alerts.SendTest(t.Context(), &w.cfg, nil, "leader"); err != nil {
		t.Error(err)
	}
}

// Logs, the deliveries table and what is noted on alerts hold no phone number.
func TestAddressesAreMasked(t *testing.T) {
	for address, want := range map[string]string{
		"13800138000": "***8000", "+86 138-0013-8000": "***8000", "zhang.san@example.cn": "z***@example.cn", "duty": "duty", ".": ".", "": "",
	} {
		if got := alerts.MaskAddress(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		cfg := config(receiver("leader", "leader", "sms"))
		cfg.Receivers[2].Channels[0]["sms"] = "13800138000"
		w := newWorld(t, cfg)
		w.gates["sms"].fail = func(m *alerts.Message) error { return refusal{m.To} }
		w.start()
		w.apply(change(1, rules.Red))
		events, steps, _ := w.store.History(t.Context(), w.latest(1).ID)
		var all strings.Builder
		for _, e := range events {
			all.WriteString(e.Reason)
		}
		for _, s := range steps {
			all.WriteString(s.Detail)
		}
		for _, l := range w.logs.All() {
			for _, f := range l.Context {
				all.WriteString(f.String)
			}
		}
		if text := all.String(); strings.Contains(text, "13800138000") || !strings.Contains(text, "***8000") {
			t.Error(text)
		}
	})
}

type refusal struct{ number string }

func (r refusal) Error() string { return "550 " + r.number + " does not exist" }
func (r refusal) Unwrap() error { return alerts.ErrRefused }
