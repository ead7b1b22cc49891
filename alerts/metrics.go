package alerts

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics are those of the alert engine. Labels are names from configuration
// and rules only, never of matters or people.
type metrics struct {
	live      *prometheus.GaugeVec
	events    *prometheus.CounterVec
	nobody    *prometheus.CounterVec
	steps     *prometheus.CounterVec
	attempt   *prometheus.HistogramVec
	delay     *prometheus.HistogramVec
	waiting   *prometheus.GaugeVec
	unsettled *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	f := promauto.With(r)
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "yujing", Subsystem: "alerts", Name: name, Help: help}
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return f.NewGaugeVec(prometheus.GaugeOpts(opts(name, help)), labels)
	}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts(opts(name, help)), labels)
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		return f.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "yujing", Subsystem: "alerts", Name: name, Help: help,
			Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 600, 3600, 86400},
		}, labels)
	}
	return &metrics{
		live:      gauge("live", "Alerts that are not closed.", "risk", "level"),
		events:    counter("events_total", "Events in the life of alerts.", "kind"),
		nobody:    counter("nobody_total", "Alerts for which no receiver was left.", "risk"),
		steps:     counter("deliveries_total", "Steps of messages: sent, failed, given_up, dropped, withheld.", "channel", "stage"),
		attempt:   histogram("attempt_seconds", "Time of one attempt to hand a message to its gateway.", "channel"),
		delay:     histogram("delay_seconds", "From the assessed instant to the gateway taking the message.", "channel"),
		waiting:   gauge("waiting", "Notices not yet intended: muted, in quiet hours, beyond the quota, behind a gateway.", "receiver", "channel"),
		unsettled: gauge("unsettled", "Messages that a gateway has not taken yet.", "receiver", "channel"),
	}
}

// count sets the gauge of live alerts from a freshly folded book.
func (m *metrics) count(b *Book) {
	for _, a := range b.alerts {
		m.shift(&a, 1)
	}
}

func (m *metrics) shift(a *Alert, by float64) {
	if a.Seq > 0 && a.Live() {
		m.live.WithLabelValues(a.Risk, a.Level.String()).Add(by)
	}
}

func (m *metrics) event(e *Event, before, after *Alert) {
	m.events.WithLabelValues(string(e.Kind)).Inc()
	m.shift(before, -1)
	m.shift(after, 1)
	if e.Detail != nil && e.Detail.Note != "" {
		m.nobody.WithLabelValues(e.Risk).Inc()
	}
}

func (m *metrics) delivery(channel string, s Stage, took, delay time.Duration) {
	m.steps.WithLabelValues(channel, string(s)).Inc()
	if s == Sent || s == Failed {
		m.attempt.WithLabelValues(channel).Observe(took.Seconds())
	}
	if s == Sent {
		m.delay.WithLabelValues(channel).Observe(delay.Seconds())
	}
}

func (m *metrics) lane(l *lane) {
	l.mu.Lock()
	waiting := len(l.waiting)
	l.mu.Unlock()
	m.waiting.WithLabelValues(l.receiver.Name, l.channel).Set(float64(waiting))
	m.unsettled.WithLabelValues(l.receiver.Name, l.channel).Set(float64(len(l.flying)))
}

// gone takes away the gauges of a lane that a reload has ended.
func (m *metrics) gone(l *lane) {
	m.waiting.DeleteLabelValues(l.receiver.Name, l.channel)
	m.unsettled.DeleteLabelValues(l.receiver.Name, l.channel)
}
