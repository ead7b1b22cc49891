package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Feed is the state of one source as /readyz tells it.
type Feed struct {
	Source      string     `json:"source"`
	LastSignal  *time.Time `json:"last_signal,omitempty"` // when the latest thing happened that we know of
	AgeSeconds  *float64   `json:"age_seconds,omitempty"`
	SilentAfter float64    `json:"silent_after_seconds,omitempty"`
	Silent      bool       `json:"silent"` // no data is never "all clear"
}

// Readiness is the body of /readyz.
type Readiness struct {
	Ready   bool   `json:"ready"`
	Why     string `json:"why,omitempty"`
	RuleSet string `json:"rule_set"`
	Feeds   []Feed `json:"feeds"`
	// Reload is the last one; nil before the first. One that was refused leaves
	// the daemon ready: it works on, with what stood before.
	Reload       *LastReload `json:"reload,omitempty"`
	NeedsRestart []string    `json:"needs_restart,omitempty"` // keys of yujing.yaml that do not hold yet
}

// LastReload says what became of the last reload. `yujing reload` tells it in full.
type LastReload struct {
	At           time.Time `json:"at"`
	Cause        Cause     `json:"cause"`
	Result       Result    `json:"result"`
	Problems     int       `json:"problems,omitempty"` // errors, by which it was refused
	FirstProblem string    `json:"first_problem,omitempty"`
	Error        string    `json:"error,omitempty"` // why it failed
}

// health is what the daemon says of itself. The zero value is not ready.
type health struct {
	mu    sync.Mutex
	state Readiness
}

func (h *health) set(change func(*Readiness)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change(&h.state)
}

func (h *health) get() Readiness {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

// at gives the state with the feeds' ages as of now, not of when they were last looked at.
func (r Readiness) at(now time.Time) Readiness {
	r.Feeds = slices.Clone(r.Feeds)
	for i := range r.Feeds {
		if last := r.Feeds[i].LastSignal; last != nil {
			age := now.Sub(*last).Seconds()
			r.Feeds[i].AgeSeconds = &age
		}
	}
	return r
}

// handler answers /healthz (the process lives), /readyz (it does its work) and /metrics.
func (h *health) handler(metrics prometheus.Gatherer, ping func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		state := h.get().at(time.Now())
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if err := ping(ctx); err != nil {
			state.Ready, state.Why = false, "the store does not answer"
		}
		w.Header().Set("Content-Type", "application/json")
		if !state.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(state)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{}))
	return mux
}
