package daemon_test

import (
	"sync"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"yujing/alerts"
	"yujing/internal/daemon"
	"yujing/rules"
)

// The safety receivers hear of a threat of harm while an instant is under way
// that does not end, the very first one.
func TestAThreatOfHarmWaitsForNoInstant(t *testing.T) {
	underWay, told := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w := begin(t, zap.Hooks(func(e zapcore.Entry) error {
		if e.Message == "tick" {
			once.Do(func() {
				close(underWay)
				<-told
			})
		}
		return nil
	}))
	defer close(told)
	<-underWay
	w.say("hotline", 1, "停车位长期被占,再不解决就跳楼")
	w.complain("hotline", 2)
	w.await("the threat told", func() bool { return w.count(alerts.SafetyRisk, alerts.Opened, rules.Red) == 1 })
	if n := w.count("waiting", alerts.Opened, rules.Yellow); n != 0 {
		t.Errorf("%d matters were scored: no instant is under way", n)
	}
}

// While a matter is forgotten, its threat is in the store for a moment after its
// alert has gone: it is not told again.
func TestAThreatOfHarmIsNotToldAgainWhileItIsForgotten(t *testing.T) {
	w := live(t)
	threaten := func(n int) {
		t.Helper()
		w.say("hotline", n, "停车位长期被占,再不解决就跳楼")
		w.await("the threat told", func() bool { return len(w.opened(alerts.SafetyRisk)) == n })
	}
	threaten(1)
	var first []string
	for id := range w.opened(alerts.SafetyRisk) {
		first = append(first, id.String())
	}
	if _, err := daemon.Send(t.Context(), w.path("data"), "/forget", daemon.Order{Forget: first}); err != nil {
		t.Fatal(err)
	}
	threaten(2)
	threaten(3) // what was told again, was told by now
	for id, times := range w.opened(alerts.SafetyRisk) {
		if times != 1 {
			t.Errorf("%s was told %d times", id, times)
		}
	}
}
