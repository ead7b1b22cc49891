package alerts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Act is what a person does to an alert.
type Act struct {
	Alert  ID
	Kind   Kind // Acknowledged, Acted, Closed, Muted or Noted
	By     string
	At     time.Time
	Reason string    // Closed: resolved, false_alarm or duplicate; else a remark
	Until  time.Time // Muted
}

// Act carries out what a person does, if the alert's state allows. Doing again
// what the same person did already changes nothing.
func (e *Engine) Act(ctx context.Context, act Act) (Alert, error) {
	if err := act.check(); err != nil {
		return Alert{}, err
	}
	e.write.Lock()
	defer e.write.Unlock()
	if err := e.settle(ctx); err != nil {
		return Alert{}, err
	}
	a, ok := e.Alert(act.Alert)
	if !ok {
		return a, fmt.Errorf("there is no alert %s: `yujing alerts` lists them", act.Alert)
	}
	if act.done(&a) {
		return a, nil
	}
	event := remark(&a, act.By, act.Reason)
	event.Kind, event.At, event.Until = act.Kind, act.At.UTC().Truncate(time.Millisecond), act.Until.UTC().Truncate(time.Millisecond)
	d := e.draft()
	if err := d.put(event); err != nil {
		return a, err
	}
	if _, err := e.commit(ctx, d.events); err != nil {
		return a, err
	}
	a, _ = e.Alert(act.Alert)
	return a, nil
}

// CloseReasons are the reasons for which a person can close an alert.
func CloseReasons() []string { return []string{Resolved, FalseAlarm, Duplicate} }

func (act *Act) check() error {
	switch {
	case act.By == "" || act.By == ByEngine:
		return fmt.Errorf("an act needs the name of the person: give --by")
	case act.At.IsZero():
		return fmt.Errorf("an act needs its time")
	case act.Kind == Closed && !slices.Contains(CloseReasons(), act.Reason):
		return fmt.Errorf("%q is no reason to close an alert: use %s", act.Reason, strings.Join(CloseReasons(), ", "))
	case act.Kind == Muted && !act.Until.After(act.At):
		return fmt.Errorf("an alert is muted until a time to come, not until %s", act.Until.Format(time.RFC3339))
	case act.Kind == Noted && act.Reason == "":
		return fmt.Errorf("an empty remark")
	}
	if !slices.Contains([]Kind{Acknowledged, Acted, Closed, Muted, Noted}, act.Kind) {
		return fmt.Errorf("people cannot make an alert %s", act.Kind)
	}
	return nil
}

// done says that the alert is as the act would make it.
func (act *Act) done(a *Alert) bool {
	switch act.Kind {
	case Acknowledged:
		return a.State == StateAcknowledged && a.By == act.By
	case Acted:
		return a.State == StateActed && a.By == act.By
	case Closed:
		return a.State == StateClosed && a.By == act.By && a.Reason == act.Reason
	case Muted:
		return a.Live() && a.MutedUntil.Equal(act.Until)
	}
	return false
}

// remark is the next event of an alert, a note that changes nothing.
func remark(a *Alert, by, text string) Event {
	return Event{
		Alert: a.ID, Seq: a.Seq + 1, At: time.Now().UTC().Truncate(time.Millisecond), Kind: Noted, Risk: a.Risk, Row: a.Row,
		Ordinal: a.Ordinal, Level: a.Level, Score: a.Score, By: by, Reason: text,
	}
}

// Forget lets go of alerts whose events are removed from the store on request:
// nothing of them is told any more.
func (e *Engine) Forget(alerts []ID) {
	e.write.Lock()
	defer e.write.Unlock()
	gone := make(map[ID]bool, len(alerts))
	for _, id := range alerts {
		gone[id] = true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for id := range gone {
		a, ok := e.book.Alert(id)
		if !ok {
			continue
		}
		e.metrics.shift(&a, -1)
		e.book.forget(a)
	}
	for _, l := range e.lanes {
		l.forget(gone)
	}
}
