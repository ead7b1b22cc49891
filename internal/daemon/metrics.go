package daemon

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"yujing/scorer"
)

// metrics is what an operator watches; alerts registers its own.
type metrics struct {
	tickSeconds *prometheus.HistogramVec
	tickRows    *prometheus.GaugeVec
	disagree    prometheus.Counter
	changes     *prometheus.CounterVec
	imported    *prometheus.CounterVec
	rejected    *prometheus.CounterVec
	lastSignal  *prometheus.GaugeVec
	silent      *prometheus.GaugeVec

	reloads      *prometheus.CounterVec
	reloadGood   prometheus.Gauge
	reloadTime   prometheus.Gauge
	needsRestart prometheus.Gauge
	ruleSet      *prometheus.GaugeVec
	version      string // what ruleSet shows
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		tickSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "yujing_tick_seconds", Help: "Time from the first read of an instant to its last assessment written.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 16)}, []string{"trigger"}),
		disagree: prometheus.NewCounter(prometheus.CounterOpts{Name: "yujing_engines_disagree_total",
			Help: "Assessments on which the store and the evaluator said different things: a defect, to be reported."}),
		tickRows:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yujing_tick_rows", Help: "Rows scored at the latest instant."}, []string{"trigger"}),
		changes:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yujing_assessments_changed_total", Help: "Assessments that changed."}, []string{"trigger"}),
		imported:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yujing_signals_total", Help: "Signals stored, known already, or corrected."}, []string{"source", "result"}),
		rejected:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yujing_records_rejected_total", Help: "Records that could not be mapped."}, []string{"source"}),
		lastSignal: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yujing_feed_last_signal_timestamp_seconds", Help: "When the latest known thing of a feed happened."}, []string{"source"}),
		silent:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yujing_feed_silent", Help: "1 while a feed has been silent for longer than its definition allows."}, []string{"source"}),
	}
	r.MustRegister(m.tickSeconds, m.tickRows, m.disagree, m.changes, m.imported, m.rejected, m.lastSignal, m.silent)
	m.reloads = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yujing_reloads_total", Help: "Times that rules, sources and configuration were read again, by what came of it."}, []string{"result"})
	m.reloadGood = prometheus.NewGauge(prometheus.GaugeOpts{Name: "yujing_reload_success", Help: "0 while the files on disk have been refused, or could not be put in force: what stood before is."})
	m.reloadTime = prometheus.NewGauge(prometheus.GaugeOpts{Name: "yujing_reload_timestamp_seconds", Help: "When rules, sources and configuration were last read and found right."})
	m.needsRestart = prometheus.NewGauge(prometheus.GaugeOpts{Name: "yujing_reload_needs_restart", Help: "Keys of yujing.yaml whose change waits for a restart."})
	m.ruleSet = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yujing_rule_set_info", Help: "1 for the version of the rule set in force."}, []string{"version"})
	r.MustRegister(m.reloads, m.reloadGood, m.reloadTime, m.needsRestart, m.ruleSet)
	for _, result := range []Result{Accepted, Unchanged, Refused, Failed} {
		m.reloads.WithLabelValues(string(result))
	}
	return m
}

// defined says which rule set is in force, and since when all was found right.
func (m *metrics) defined(version string, at time.Time) {
	m.reloadGood.Set(1)
	m.reloadTime.Set(float64(at.UnixMilli()) / 1000)
	m.ruleSet.WithLabelValues(version).Set(1)
	if m.version != "" && m.version != version {
		m.ruleSet.DeleteLabelValues(m.version)
	}
	m.version = version
}

func (m *metrics) reloaded(r *Reload) {
	m.reloads.WithLabelValues(string(r.Result)).Inc()
	if r.Result == Refused || r.Result == Failed {
		m.reloadGood.Set(0)
		return
	}
	m.needsRestart.Set(float64(len(r.Restart)))
	m.defined(r.RuleSet, r.At)
}

func (m *metrics) tick(t scorer.Tick, took time.Duration) {
	trigger := string(t.Trigger)
	m.tickSeconds.WithLabelValues(trigger).Observe(took.Seconds())
	m.tickRows.WithLabelValues(trigger).Set(float64(t.Rows))
	m.disagree.Add(float64(t.Differ))
	m.changes.WithLabelValues(trigger).Add(float64(t.Changed))
}
