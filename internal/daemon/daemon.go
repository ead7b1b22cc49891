// Package daemon wires the stations of a complaint's journey into one process:
// feeds, store, scorer, alerts. It holds no rule of the domain.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"yujing/alerts"
	"yujing/alerts/outbox"
	"yujing/ingest/file"
	"yujing/internal/calendar"
	"yujing/internal/clickhouse"
	"yujing/internal/config"
	"yujing/internal/privacy"
	"yujing/rules"
	"yujing/scorer"
)

// Options is everything a daemon is made of.
type Options struct {
	Config     config.Config // paths resolved
	ConfigFile string        // read again by a reload, may be missing; "" = Config stands
	DataDir    string
	Rules      string // directory of rule files
	Sources    string // directory of feed definitions
	NoSend     bool   // alerts are kept, messages are not sent
	Logger     *zap.Logger
	// Observe hears of each alert event after it is stored; may be nil.
	Observe func(alerts.Event)
	// Now is the daemon's clock; nil = time.Now. A replay passes its own.
	Now func() time.Time
}

// Daemon is the running program. New builds it, Run runs it until its context ends.
type Daemon struct {
	o       Options
	log     *zap.Logger
	metrics *metrics
	health  health
	started time.Time
	ready   chan struct{} // closed once the past is settled
	arrived chan struct{} // something was imported: the ages of the feeds have changed
	threat  chan struct{} // a threat of harm was imported
	live    atomic.Pointer[definitions]
	db      *clickhouse.DB
	feeds   *file.Watcher
	alerts  *alerts.Engine
	runner  *scorer.Runner
	web     net.Listener // nil if nobody listens
	ctl     net.Listener
	closers []func() error
	gather  prometheus.Gatherer

	since    map[string]time.Time // when each feed was first looked for; belongs to watchSilence
	requests chan request
	halted   chan struct{} // closed once no reload is done any more
	// What follows belongs to keepDefined.
	files      *files
	tried      digest // what the files held when they were read last
	configured bool   // there was a configuration file
}

// New builds a daemon in one straight line; every step that opens something
// registers its closer. An error names the step.
func New(ctx context.Context, o Options) (_ *Daemon, err error) {
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Daemon{o: o, log: o.Logger, started: time.Now(), ready: make(chan struct{}), arrived: make(chan struct{}, 1), threat: make(chan struct{}, 1),
		since: map[string]time.Time{}, requests: make(chan request), halted: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
		}
	}()
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	d.gather, d.metrics = registry, newMetrics(registry)

	if err := os.MkdirAll(o.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if d.ctl, err = listenControl(ctx, o.DataDir); err != nil { // first: it tells whether another daemon runs here
		return nil, fmt.Errorf("control socket: %w", err)
	}
	d.closers = append(d.closers, ignoreClosed(d.ctl.Close))
	if o.Config.HTTP.Listen != "" {
		if d.web, err = net.Listen("tcp", o.Config.HTTP.Listen); err != nil {
			return nil, fmt.Errorf("http.listen: %w; give another address in yujing.yaml, or \"\" for none", err)
		}
		d.closers = append(d.closers, ignoreClosed(d.web.Close))
	}
	live, err := d.defineFirst()
	if err != nil {
		return nil, err
	}
	d.warnOfHolidays()
	key, _, err := privacy.OpenKey(o.Config.Key)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	if d.db, err = clickhouse.Open(ctx, clickhouse.Options{Config: o.Config.ClickHouse, Dir: o.DataDir, Logger: o.Logger.Named("store")}); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	d.closers = append(d.closers, d.db.Close)
	if err := d.db.Migrate(ctx, o.Config.Retention); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := d.db.CheckKey(ctx, key.Name(), o.Config.Key); err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	d.keepRules(ctx, live)
	if err := d.openAlerts(ctx, registry); err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	d.runner = scorer.NewRunner(scorer.RunnerOptions{Facts: d.db, Ledger: d.db, Set: live.rules, Schedule: live.schedule, Emit: d.alert,
		Now: o.Now, Logger: o.Logger.Named("scorer"), OnTick: d.metrics.tick})
	if err := d.openFeeds(key); err != nil {
		return nil, fmt.Errorf("feeds: %w", err)
	}
	return d, nil
}

// warnOfHolidays tells if deadlines in working days rest on weekends alone.
func (d *Daemon) warnOfHolidays() {
	if gap := calendar.Embedded().Gap(d.o.Now()); gap != "" {
		d.log.Warn("holidays are missing", zap.String("why", gap))
	}
}

// defineFirst reads rules and sources, and notes what the files hold. If the
// configuration changed since it was read for us, keepDefined takes it up.
func (d *Daemon) defineFirst() (*definitions, error) {
	d.files = newFiles(d.o)
	d.tried, d.configured = d.files.look(d.started), configured(d.o.ConfigFile)
	if c, problems := d.o.configure(false); problems.Err() != nil || len(config.Changed(d.o.Config, c)) > 0 {
		d.tried = digest{}
	}
	live, problems := d.o.define(d.o.Config)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	d.live.Store(live)
	return live, nil
}

// openAlerts folds the stored alerts.
func (d *Daemon) openAlerts(ctx context.Context, registry prometheus.Registerer) error {
	live := d.live.Load()
	err := outbox.ClearParts(live.config.Outbox)
	if err != nil {
		return err
	}
	d.alerts, err = alerts.Open(ctx, alerts.Options{
		Config: live.config.Alerts, Channels: live.channels, Store: d.db, NoSend: d.o.NoSend, Observe: d.o.Observe,
		RiskName: d.riskName, Calibrations: d.db, Logger: d.log.Named("alerts"), Registerer: registry,
	})
	return err
}

// riskName is what a risk is called now.
func (d *Daemon) riskName(risk string) rules.Text {
	if r := d.live.Load().rules.Risk(risk); r != nil {
		return r.Name
	}
	if risk == silenceRisk {
		return rules.Text{ZH: "数据来源中断", EN: "feed silent"}
	}
	return rules.Text{}
}

// Close undoes New, last first.
func (d *Daemon) Close() error {
	var errs []error
	for _, c := range slices.Backward(d.closers) {
		errs = append(errs, c())
	}
	d.closers = nil
	return errors.Join(errs...)
}

// Addr is where /healthz, /readyz and /metrics answer; "" if nowhere.
func (d *Daemon) Addr() string {
	if d.web == nil {
		return ""
	}
	return d.web.Addr().String()
}

// Ready is closed once what was missed is made up for and the daemon does its work.
func (d *Daemon) Ready() <-chan struct{} { return d.ready }

// Run makes up for what was missed and then works until the context ends. It
// returns nil after a clean stop.
func (d *Daemon) Run(ctx context.Context) error {
	version := d.live.Load().rules.Version()
	d.health.set(func(r *Readiness) { r.Why, r.RuleSet = "catching up", version })
	d.metrics.defined(version, d.started)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(ctx, d.ctl, d.controlHandler()) })
	if d.web != nil {
		group.Go(func() error { return serve(ctx, d.web, d.health.handler(d.gather, d.db.Ping)) })
	}
	group.Go(func() error { return d.alerts.Run(ctx) })
	group.Go(func() error { return d.watchHarm(ctx) })
	group.Go(func() error {
		if !d.catchUp(ctx) {
			return nil
		}
		d.alerts.EndDigests()
		d.health.set(func(r *Readiness) { r.Ready, r.Why = true, "" })
		close(d.ready)
		d.log.Info("ready", zap.String("rule_set", version), zap.Int("sources", len(d.live.Load().sources)), zap.String("listen", d.Addr()))
		return d.runner.Run(ctx)
	})
	group.Go(func() error { return ignoreCanceled(ctx, d.feeds.Run(ctx)) })
	group.Go(func() error { return d.watchSilence(ctx) })
	group.Go(func() error { return d.keepDefined(ctx) })
	return group.Wait()
}

// catchUp makes up for what was missed, however often the store goes away
// meanwhile. False: we were told to stop.
func (d *Daemon) catchUp(ctx context.Context) bool {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err := d.runner.Start(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		d.log.Error("making up for what was missed failed, trying again", zap.Duration("wait", wait), zap.Error(err))
		d.health.set(func(r *Readiness) { r.Why = "catching up: " + err.Error() })
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
	}
}

// alert hands changed assessments to the alerts.
func (d *Daemon) alert(ctx context.Context, asOf time.Time, changes []scorer.Change) error {
	applied, err := d.alerts.Apply(ctx, asOf, changes)
	if err != nil {
		return err
	}
	d.log.Debug("applied", zap.Time("as_of", asOf), zap.Int("opened", applied.Opened), zap.Int("raised", applied.Raised),
		zap.Int("lowered", applied.Lowered), zap.Int("closed", applied.Closed), zap.Int("told", applied.Told))
	return nil
}

// serve answers until the context ends, then lets requests under way finish for a moment.
func serve(ctx context.Context, l net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			_ = server.Close()
		}
	})
	err := server.Serve(l)
	if stop() { // nobody told it to end
		return err
	}
	<-ended // Serve returns when Shutdown begins; what the requests use may be closed once it ended
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func ignoreClosed(c func() error) func() error {
	return func() error {
		if err := c(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}

// ignoreCanceled drops an error that only says that we were told to stop.
func ignoreCanceled(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
