package alerts_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zaptest"

	"yujing/alerts"
	"yujing/alerts/email"
	"yujing/alerts/outbox"
	"yujing/alerts/sms"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/internal/gateways"
	"yujing/rules"
	"yujing/scorer"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// live runs an engine on real time until stop is called or the test ends.
func live(t *testing.T, cfg alerts.Config, db *clickhouse.DB, channels map[string]alerts.Channel, cut func(stage, lane string) bool) (e *alerts.Engine, stop func()) {
	t.Helper()
	if err := cfg.Validate("yujing.yaml", nil, checks()).Err(); err != nil {
		t.Fatal(err)
	}
	e, err := alerts.Open(t.Context(), alerts.Options{Config: cfg, Channels: channels, Store: db, Logger: zaptest.NewLogger(t),
		RiskName: func(string) rules.Text { return rules.Text{ZH: "重复信访", EN: "repeat petition"} }})
	if err != nil {
		t.Fatal(err)
	}
	e.Cut(cut)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = e.Run(ctx)
	}()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(stop)
	return e, stop
}

func applyTo(t *testing.T, e *alerts.Engine, changes ...scorer.Change) {
	t.Helper()
	if _, err := e.Apply(t.Context(), t0, changes); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

func outboxFiles(dir string) (names []string) {
	found, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
	for _, f := range found {
		names = append(names, filepath.Base(f))
	}
	return names
}

// An alert with Chinese text goes through the real store to a real SMTP server,
// a real Kannel and the outbox, and arrives as it was written.
func TestFromAssessmentToGateways(t *testing.T) {
	smtp, kannel, dir := gateways.StartSMTP(t), gateways.StartSMS(t), t.TempDir()
	mail, err := email.New(email.Config{Server: smtp.Addr, CAFile: smtp.CAFile, From: "预警系统 <yujing@example.cn>", Username: smtp.Username, Password: smtp.Password})
	if err != nil {
		t.Fatal(err)
	}
	files, err := outbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	text := sms.New(sms.Config{URL: kannel.URL, Username: kannel.Username, Password: kannel.Password, From: kannel.From})
	cfg := alerts.Config{
		Retry: alerts.Retry{First: 50 * time.Millisecond, Max: 200 * time.Millisecond},
		Receivers: []alerts.Receiver{
			{Name: "duty", Names: rules.Text{ZH: "信访局值班室", EN: "duty desk"}, Role: "duty", Channels: []map[string]string{{"file": "."}}},
			{Name: "leader", Names: rules.Text{ZH: "分管领导", EN: "leader"}, Role: "leader", Channels: []map[string]string{{"email": "leader@example.cn"}, {"sms": "13800138000"}}},
			{Name: "safety", Role: "safety", Channels: []map[string]string{{"file": "."}}},
		},
	}
	db := clickhousetest.Open(t)
	e, _ := live(t, cfg, db, map[string]alerts.Channel{"email": mail, "sms": text, "file": files}, nil)

	applyTo(t, e, change(1, rules.Orange))
	id := alerts.NewID("repeat", rowName(1), 1).String()
	got := smtp.Messages(1)[0]
	if want := "【橙色预警】重复信访 72分 编号 GD00000001"; got.Subject != want {
		t.Errorf("subject %s", got.Subject)
	}
	for _, want := range []string{"七日内再次来件未答复", "七天内来件 2 次,至今未答复", "24 小时内电话联系信访人,告知办理进度", "asked-again-unanswered", "rs-1234abcd", "区住建局", "误报", "asked again within a week"} {
		if !strings.Contains(got.Text, want) || !strings.Contains(got.HTML, want) {
			t.Errorf("%q is not in both parts", want)
		}
	}
	if h := got.Header.Get("Message-Id"); h != "<"+id+"-1.leader.email@example.cn>" {
		t.Errorf("Message-ID %s", h)
	}
	part := kannel.Received(1)[0]
	if want := "【预警】橙色·重复信访72分，编号GD00000001。责任单位：区住建局。请24小时内联系信访人。"; part.Text != want || utf8.RuneCountInString(want) > 70 {
		t.Errorf("SMS %s", part.Text)
	}
	eventually(t, "the key in Kannel's access log", func() bool {
		return strings.Contains(kannel.AccessLog(), "[ACT:"+id+"-1.leader.sms]")
	})
	file, err := os.ReadFile(filepath.Join(dir, id+"-1.duty.file.txt"))
	if err != nil || !strings.HasPrefix(string(file), "【橙色预警】重复信访 72分 编号 GD00000001\n") {
		t.Errorf("%s, %v", file, err)
	}

	// Both gateways go down; the outbox goes on; they come back; each message once.
	smtp.Stop()
	kannel.Stop()
	applyTo(t, e, change(1, rules.Red), change(2, rules.Red))
	eventually(t, "outbox while the gateways are down", func() bool { return len(outboxFiles(dir)) == 3 })
	time.Sleep(500 * time.Millisecond)
	smtp.Start()
	kannel.Start()
	mails := smtp.Messages(3)
	if parts := kannel.Received(3); !strings.Contains(parts[1].Text+parts[2].Text, "升至红色·重复信访95分") {
		t.Errorf("SMS %+v", parts[1:])
	}
	if n := kannel.Quiet(500 * time.Millisecond); n != 3 {
		t.Errorf("%d text messages, want 3", n)
	}
	var ids []string
	for _, m := range mails {
		ids = append(ids, m.Header.Get("Message-Id"))
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 3 {
		t.Errorf("a mail came twice: %v", ids)
	}
	eventually(t, "everything is settled", func() bool {
		p, err := db.Pending(t.Context())
		return err == nil && len(p) == 0
	})
}

// A gateway that takes connections and never answers holds up nobody else.
func TestAGatewayThatNeverAnswers(t *testing.T) {
	hole, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hole.Close() }()
	smtp, dir := gateways.StartSMTP(t), t.TempDir()
	mail, err := email.New(email.Config{Server: smtp.Addr, CAFile: smtp.CAFile, From: "yujing@example.cn", Username: smtp.Username, Password: smtp.Password})
	if err != nil {
		t.Fatal(err)
	}
	files, err := outbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	cfg := alerts.Config{
		Retry: alerts.Retry{Timeout: time.Hour}, // nothing below waits for so long
		Receivers: []alerts.Receiver{
			{Name: "stuck", Role: "leader", Channels: []map[string]string{{"sms": "13800138000"}, {"email": "stuck@example.cn"}}},
			{Name: "duty", Role: "duty", Channels: []map[string]string{{"file": "."}}}, {Name: "safety", Role: "safety", Channels: []map[string]string{{"file": "."}}},
		},
	}
	text := sms.New(sms.Config{URL: "http://" + hole.Addr().String() + "/cgi-bin/sendsms", Username: "u", Password: "p"})
	e, stop := live(t, cfg, clickhousetest.Open(t), map[string]alerts.Channel{"email": mail, "sms": text, "file": files}, nil)
	for row := range 3 {
		applyTo(t, e, change(row, rules.Red))
	}
	smtp.Messages(3)
	eventually(t, "outbox", func() bool { return len(outboxFiles(dir)) == 3 })
	stop()
}

// The process dies behind each stage, on the real store: the next one loses
// nothing, and the outbox never has a message twice.
func TestCrashesOnTheRealStore(t *testing.T) {
	db, dir := clickhousetest.Open(t), t.TempDir()
	files, err := outbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	channels := map[string]alerts.Channel{"file": files}
	var want []string
	for n, stage := range alerts.StageNames() {
		var mu sync.Mutex
		dead := false
		e, stop := live(t, alerts.Config{}, db, channels, func(s, lane string) bool {
			mu.Lock()
			defer mu.Unlock()
			dead = dead || s == stage && lane == "duty/file"
			return dead
		})
		applyTo(t, e, change(n, rules.Red))
		want = append(want, alerts.NewID("repeat", rowName(n), 1).String()+"-1.duty.file.txt")
		if stage != "route" { // nothing of a lane runs before
			eventually(t, "death behind "+stage, func() bool { mu.Lock(); defer mu.Unlock(); return dead })
		}
		stop()
	}
	_, stop := live(t, alerts.Config{}, db, channels, nil)
	eventually(t, "everything is settled", func() bool {
		p, err := db.Pending(t.Context())
		return err == nil && len(p) == 0
	})
	stop()
	slices.Sort(want)
	if diff := cmp.Diff(want, outboxFiles(dir)); diff != "" {
		t.Error(diff)
	}
	if listed, err := alerts.List(t.Context(), db, alerts.Filter{}); err != nil || len(listed) != len(want) {
		t.Errorf("%d alerts listed, %v", len(listed), err)
	}
}

// How fast a grown store is taken up again; not a timed test, a figure to read.
func BenchmarkOpen(b *testing.B) {
	db := clickhousetest.Open(b)
	e, err := alerts.Open(b.Context(), alerts.Options{Config: validDefault(b), Channels: map[string]alerts.Channel{"file": &gate{}}, Store: db})
	if err != nil {
		b.Fatal(err)
	}
	for from := 0; from < 100_000; from += 20_000 {
		var changes []scorer.Change
		for row := range 20_000 {
			changes = append(changes, change(from+row, rules.Blue, first))
		}
		if _, err := e.Apply(b.Context(), t0, changes); err != nil {
			b.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	e.EndDigests()
	for pending, err := db.Pending(ctx); err != nil || len(pending) > 0; pending, err = db.Pending(ctx) {
		time.Sleep(100 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := alerts.Open(b.Context(), alerts.Options{Config: validDefault(b), Channels: map[string]alerts.Channel{"file": &gate{}}, Store: db}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100_000, "alerts")
}

// From an assessment to the gateway: two writes to the real store between.
func BenchmarkHandOver(b *testing.B) {
	db := clickhousetest.Open(b)
	cfg := alerts.Default()
	cfg.Quota.Messages = 1 << 30
	if err := cfg.Validate("", nil, checks()).Err(); err != nil {
		b.Fatal(err)
	}
	took := make(chan struct{}, 1)
	e, err := alerts.Open(b.Context(), alerts.Options{Config: cfg, Store: db, Channels: map[string]alerts.Channel{"file": &gate{fail: func(*alerts.Message) error {
		took <- struct{}{}
		return nil
	}}}})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	var each []time.Duration
	for row := 0; b.Loop(); row++ {
		began := time.Now()
		if _, err := e.Apply(ctx, t0, []scorer.Change{change(row, rules.Blue)}); err != nil {
			b.Fatal(err)
		}
		<-took
		each = append(each, time.Since(began))
	}
	slices.Sort(each)
	b.ReportMetric(float64(each[len(each)*99/100].Microseconds())/1000, "p99-ms")
	cancel()
	<-ended
}

func validDefault(b *testing.B) alerts.Config {
	cfg := alerts.Default()
	if err := cfg.Validate("", nil, checks()).Err(); err != nil {
		b.Fatal(err)
	}
	return cfg
}
