package alerts

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"yujing/rules"
	"yujing/scorer"
)

// Options are what an Engine is made of. Store is required, and Channels must
// have every channel that Config names.
type Options struct {
	Config   Config // validated
	Channels map[string]Channel
	Store    Store
	// RiskName gives a risk's name as of now; nil or an empty name shows its id.
	RiskName func(risk string) rules.Text
	// Calibrations says what became of what scored alike; nil = alerts do not say it.
	Calibrations Calibrations
	// NoSend stops every message before "intend" and tells the log; nothing of
	// it is recorded, so a later run without NoSend delivers what is still due.
	NoSend bool
	// Observe is called with each event after it is stored. It must not block.
	Observe    func(Event)
	Logger     *zap.Logger
	Registerer prometheus.Registerer
}

// Engine keeps the alerts and sees to it that people hear of them. One engine
// alone may write to a store; its methods may be called from several goroutines.
type Engine struct {
	store    Store
	riskName func(string) rules.Text

	calibrations Calibrations

	noSend  bool
	observe func(Event)
	log     *zap.Logger
	metrics *metrics
	pages   *pages
	road    []stage
	cut     func(stage, lane string) bool // tests: die after this stage

	write  sync.Mutex // one writer of events at a time; taken before mu
	unsure []Event    // proposed, but the store's answer was an error: stored before all else

	mu      sync.RWMutex // guards what follows
	book    *Book
	cfg     Config
	zone    *time.Location
	lanes   map[string]*lane
	digests map[string]time.Time // tag -> when it stops growing at the latest

	reloading sync.Mutex
	running   context.Context // of Run; nil before
}

// Open folds what is stored and takes up what a crash or stop left undone. The
// lanes stand still until Run.
func Open(ctx context.Context, opts Options) (*Engine, error) {
	e := &Engine{
		store: opts.Store, riskName: opts.RiskName, calibrations: opts.Calibrations, noSend: opts.NoSend, observe: opts.Observe,
		log: opts.Logger, road: stages(), book: NewBook(), digests: map[string]time.Time{},
	}
	if e.log == nil {
		e.log = zap.NewNop()
	}
	if e.observe == nil {
		e.observe = func(Event) {}
	}
	e.metrics = newMetrics(opts.Registerer)
	var err error
	if e.pages, err = loadPages(); err != nil {
		return nil, err
	}
	for event, err := range e.store.Events(ctx) {
		if err != nil {
			return nil, fmt.Errorf("fold the stored alert events: %w", err)
		}
		if err := e.book.Add(event); err != nil {
			e.log.Error("an alert is set aside", zap.String("alert", event.Alert.String()), zap.Error(err))
			e.book.bury(event)
		}
	}
	e.metrics.count(e.book)
	if err := e.install(ctx, opts.Config, opts.Channels); err != nil {
		return nil, err
	}
	return e, nil
}

// Run delivers until ctx ends, and returns when every lane has come to rest:
// an attempt under way has five seconds to end.
func (e *Engine) Run(ctx context.Context) error {
	e.mu.Lock()
	if e.running != nil {
		e.mu.Unlock()
		return fmt.Errorf("the alert engine runs already")
	}
	e.running = ctx
	for _, l := range e.lanes {
		l.start(ctx)
	}
	e.mu.Unlock()
	<-ctx.Done()
	e.reloading.Lock() // a reload under way has started lanes of its own by then
	defer e.reloading.Unlock()
	e.rest()
	return nil
}

// Reload takes a validated configuration in place of the present one. Messages
// under way go on; what waits for a receiver that is gone is given up, loudly.
func (e *Engine) Reload(ctx context.Context, cfg Config, channels map[string]Channel) error {
	e.reloading.Lock()
	defer e.reloading.Unlock()
	e.rest()
	e.write.Lock()
	defer e.write.Unlock()
	err := e.install(ctx, cfg, channels)
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.running != nil {
		for _, l := range e.lanes {
			l.start(e.running)
		}
	}
	return err
}

// rest stops all lanes and waits for them.
func (e *Engine) rest() {
	e.mu.RLock()
	lanes := e.lanes
	e.mu.RUnlock()
	for _, l := range lanes {
		l.stop()
	}
	for _, l := range lanes {
		l.wait()
	}
}

// Applied counts what a set of assessments brought about.
type Applied struct {
	Opened, Raised, Lowered, Closed int
	Told                            int // notices handed to lanes
	Nobody                          int // alerts for which no receiver was left
}

func (a *Applied) add(e *Event) {
	switch e.Kind {
	case Opened:
		a.Opened++
	case Raised:
		a.Raised++
	case Lowered:
		a.Lowered++
	case Closed:
		a.Closed++
	}
	a.Told += len(e.To)
	if e.Detail != nil && e.Detail.Note != "" {
		a.Nobody++
	}
}

// Apply opens, raises, lowers and closes alerts as the changed assessments of a
// tick or batch ask, stores that as one block, and hands the notices to the
// lanes. It never waits for a gateway. After an error call it again with the
// same changes, or go on: what was proposed is stored first.
//
// The same changes applied again do nothing, and Apply over the latest
// assessments of all rows that stand at a level or have a live alert makes good
// what a crash between "assessments written" and "events written" left undone:
// the daemon does that at start, before its first tick.
func (e *Engine) Apply(ctx context.Context, asOf time.Time, changes []scorer.Change) (Applied, error) {
	e.write.Lock()
	defer e.write.Unlock()
	if err := e.settle(ctx); err != nil {
		return Applied{}, err
	}
	d, calibrated := e.draft(), e.calibrated()
	for i := range changes {
		event, ok := propose(d.book, &changes[i])
		if !ok {
			continue
		}
		event.Detail.Name = e.nameOf(event.Risk)
		calibrated.put(ctx, &event)
		if err := d.add(event); err != nil {
			return Applied{}, fmt.Errorf("assessment of %s in %s as of %s: %w", changes[i].Row, changes[i].Risk, asOf.UTC().Format(time.RFC3339), err)
		}
	}
	return e.commit(ctx, d.events)
}

// Harm is a signal whose text threatens harm to self or others (ingest.FlagHarm).
type Harm struct {
	Signal  string // id of the signal, hex
	At      time.Time
	Channel string // by which it came: hotline, visit, ...
	Matter  scorer.Matter
}

// Safety tells the safety receivers of threats at once. A threat told before
// changes nothing, so the daemon passes at start all it may have missed.
func (e *Engine) Safety(ctx context.Context, threats []Harm) (Applied, error) {
	e.write.Lock()
	defer e.write.Unlock()
	if err := e.settle(ctx); err != nil {
		return Applied{}, err
	}
	d := e.draft()
	for _, h := range threats {
		if _, known := d.book.Latest(SafetyRisk, h.Signal); known {
			continue
		}
		err := d.add(Event{
			Alert: NewID(SafetyRisk, h.Signal, 1), Seq: 1, At: h.At.UTC().Truncate(time.Millisecond), Kind: Opened,
			Risk: SafetyRisk, Row: h.Signal, Ordinal: 1, Level: rules.Red, By: ByEngine,
			Detail: &Detail{Name: safetyName(), Matter: h.Matter, Channel: h.Channel},
		})
		if err != nil {
			return Applied{}, err
		}
	}
	return e.commit(ctx, d.events)
}

// EndDigests says that all of a digest has been applied: the first start is
// done, or catching up is. Without it a digest goes out DigestWait after its
// last part.
func (e *Engine) EndDigests() {
	e.mu.Lock()
	clear(e.digests)
	e.mu.Unlock()
	e.wake()
}

// Alert gives an alert's present state.
func (e *Engine) Alert(id ID) (Alert, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.book.Alert(id)
}

// Live gives all alerts that are not closed, in no order.
func (e *Engine) Live() []Alert {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var out []Alert
	for _, a := range e.book.alerts {
		if a.Live() {
			out = append(out, a)
		}
	}
	return out
}

func (e *Engine) nameOf(risk string) rules.Text {
	var name rules.Text
	if e.riskName != nil {
		name = e.riskName(risk)
	}
	setDefault(&name.ZH, risk)
	setDefault(&name.EN, risk)
	return name
}

func safetyName() rules.Text { return rules.Text{ZH: "安全风险", EN: "threat of harm"} }
