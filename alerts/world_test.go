package alerts_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"yujing/alerts"
	"yujing/rules"
	"yujing/scorer"
)

// gate is a gateway that writes down what it took.
type gate struct {
	mu    sync.Mutex
	took  []alerts.Message
	tries int
	fail  func(m *alerts.Message) error
	slow  time.Duration
}

func (g *gate) Send(ctx context.Context, m *alerts.Message) error {
	if g.slow > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(g.slow):
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tries++
	if g.fail != nil {
		if err := g.fail(m); err != nil {
			return err
		}
	}
	g.took = append(g.took, *m)
	return nil
}

// behave sets what the gateway does with what comes from now on.
func (g *gate) behave(fail func(m *alerts.Message) error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fail = fail
}

func (g *gate) messages() []alerts.Message {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]alerts.Message(nil), g.took...)
}

func (g *gate) keys() (keys []string) {
	for _, m := range g.messages() {
		keys = append(keys, m.Key)
	}
	return keys
}

// world is an engine with its store and gateways, that can be killed and started.
type world struct {
	t      *testing.T
	cfg    alerts.Config
	store  *memory
	gates  map[string]*gate
	engine *alerts.Engine
	logs   *observer.ObservedLogs
	noSend bool
	risk   string // Chinese name of every risk
	kept   alerts.Calibrations
	cut    func(stage, lane string) bool
	stop   func()
}

func newWorld(t *testing.T, cfg alerts.Config) *world {
	t.Helper()
	w := &world{t: t, cfg: cfg, risk: "重复信访", store: newMemory(), gates: map[string]*gate{"file": {}, "email": {}, "sms": {}}}
	w.check()
	return w
}

func (w *world) check() {
	w.t.Helper()
	any := func(string) error { return nil }
	if err := w.cfg.Validate("yujing.yaml", nil, alerts.AddressChecks{"file": any, "email": any, "sms": any}).Err(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) channels() map[string]alerts.Channel {
	out := map[string]alerts.Channel{}
	for name, g := range w.gates {
		out[name] = g
	}
	return out
}

// start opens the engine on the store as it is, and runs it.
func (w *world) start() {
	w.t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	w.logs = logs
	engine, err := alerts.Open(w.t.Context(), alerts.Options{
		Config: w.cfg, Channels: w.channels(), Store: w.store, Logger: zap.New(core), NoSend: w.noSend, Calibrations: w.kept,
		RiskName: func(risk string) rules.Text { return rules.Text{ZH: w.risk, EN: "repeat petition"} },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	engine.Cut(w.cut)
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := engine.Run(ctx); err != nil {
			w.t.Error(err)
		}
	}()
	w.engine = engine
	w.stop = func() { cancel(); <-ended }
	w.t.Cleanup(w.stop)
}

// apply applies changes and lets the lanes come to rest.
func (w *world) apply(changes ...scorer.Change) alerts.Applied {
	w.t.Helper()
	done, err := w.engine.Apply(w.t.Context(), t0, changes)
	if err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	return done
}

func (w *world) latest(row int) alerts.Alert {
	w.t.Helper()
	for ordinal := uint32(9); ordinal > 0; ordinal-- {
		if a, ok := w.engine.Alert(alerts.NewID("repeat", rowName(row), ordinal)); ok {
			return a
		}
	}
	w.t.Fatalf("row %d has no alert", row)
	return alerts.Alert{}
}

// stages gives the stored stages of the messages of one key, in order.
func (w *world) stages(key string) (out []alerts.Stage) {
	for d := range w.store.Deliveries(w.t.Context(), time.Time{}) {
		if d.Key == key {
			out = append(out, d.Stage)
		}
	}
	return out
}

// t0 is within the first hours that synctest's clock shows.
var t0 = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func rowName(n int) string { return fmt.Sprintf("%016x", n) }

// change is a row at a level, as the scorer reports it.
func change(row int, level rules.Level, edit ...func(*scorer.Change)) scorer.Change {
	scores := []int{0, 20, 45, 72, 95}
	c := scorer.Change{
		Assessment: rules.Assessment{
			Risk: "repeat", Over: rules.OverCase, Row: rowName(row), Ref: fmt.Sprintf("hotline-12345:GD%08d", row), AsOf: t0,
			Score: scores[level], Level: level, RuleSet: "rs-1234abcd", Calendar: "cal-77",
			Fired: []rules.Fired{
				{ID: "asked-again-unanswered", Points: 30, Name: rules.Text{ZH: "七日内再次来件未答复", EN: "asked again within a week, unanswered"},
					Because: rules.Text{ZH: "七天内来件 2 次,至今未答复"}, Advise: rules.Text{ZH: "24 小时内电话联系信访人,告知办理进度"}},
				{ID: "in-shadow", Points: 5, Shadow: true},
			},
		},
		Matter: scorer.Matter{
			Ref: fmt.Sprintf("hotline-12345:GD%08d", row), Place: "330106001", Category: [3]string{"城乡建设", "物业管理", "电梯"},
			Units: []string{"区信访局", "区住建局"}, First: t0.Add(-48 * time.Hour), Last: t0, Contacts: 2,
		},
	}
	if level == rules.None {
		c.Fired = nil
	}
	for _, f := range edit {
		f(&c)
	}
	return c
}

// receivers for tests; names are also the address.
func receiver(name, role string, channels ...string) alerts.Receiver {
	r := alerts.Receiver{Name: name, Role: role}
	for _, ch := range channels {
		r.Channels = append(r.Channels, map[string]string{ch: name + "-" + ch})
	}
	return r
}

// config has a duty desk and a safety line on files, and what is added.
func config(more ...alerts.Receiver) alerts.Config {
	return alerts.Config{Receivers: append([]alerts.Receiver{receiver("duty", "duty", "file"), receiver("safety", "safety", "file")}, more...)}
}
