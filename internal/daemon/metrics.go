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
	changes     *prometheus.CounterVec
	imported    *prometheus.CounterVec
	rejected    *prometheus.CounterVec
	lastSignal  *prometheus.GaugeVec
	silent      *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		tickSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "yujing_tick_seconds", Help: "Time from the first read of an instant to its last assessment written.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 16)}, []string{"trigger"}),
		tickRows:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yujing_tick_rows", Help: "Rows scored at the latest instant."}, []string{"trigger"}),
		changes:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yujing_assessments_changed_total", Help: "Assessments that changed."}, []string{"trigger"}),
		imported:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yujing_signals_total", Help: "Signals stored, known already, or corrected."}, []string{"source", "result"}),
		rejected:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yujing_records_rejected_total", Help: "Records that could not be mapped."}, []string{"source"}),
		lastSignal: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yujing_feed_last_signal_timestamp_seconds", Help: "When the latest known thing of a feed happened."}, []string{"source"}),
		silent:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yujing_feed_silent", Help: "1 while a feed has been silent for longer than its definition allows."}, []string{"source"}),
	}
	r.MustRegister(m.tickSeconds, m.tickRows, m.changes, m.imported, m.rejected, m.lastSignal, m.silent)
	return m
}

func (m *metrics) tick(t scorer.Tick, took time.Duration) {
	trigger := string(t.Trigger)
	m.tickSeconds.WithLabelValues(trigger).Observe(took.Seconds())
	m.tickRows.WithLabelValues(trigger).Set(float64(t.Rows))
	m.changes.WithLabelValues(trigger).Add(float64(t.Changed))
}
