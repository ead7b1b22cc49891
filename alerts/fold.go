package alerts

import (
	"fmt"
	"math"
	"time"

	"yujing/rules"
)

// State is where an alert is in its life.
type State string

// The life of an alert.
const (
	StateOpen         State = "open"
	StateAcknowledged State = "acknowledged"
	StateActed        State = "acted"
	StateClosed       State = "closed"
)

// Alert is the fold of its events: what is kept in memory for each, so it is
// small; what messages and lists show more stands in the events' details.
type Alert struct {
	ID         ID          `json:"id"`
	Risk       string      `json:"risk"`
	Row        string      `json:"row"`
	Ordinal    uint32      `json:"ordinal"`
	State      State       `json:"state"`
	Level      rules.Level `json:"level"` // of a closed alert: what a new assessment must exceed to open another
	Top        rules.Level `json:"top"`   // the highest it ever had
	Score      int         `json:"score"`
	Seq        uint32      `json:"seq"`  // of its last event
	Told       uint32      `json:"told"` // seq of the last event that somebody should hear of
	OpenedAt   time.Time   `json:"opened"`
	ChangedAt  time.Time   `json:"changed"`
	By         string      `json:"by,omitempty"`     // who brought it into this state
	Reason     string      `json:"reason,omitempty"` // why it is closed
	MutedUntil time.Time   `json:"muted_until,omitzero"`
}

// Live says that the alert is not closed.
func (a *Alert) Live() bool { return a.State != StateClosed }

// closedByPerson says that somebody judged the alert, rather than the level fell.
func (a *Alert) closedByPerson() bool { return a.State == StateClosed && a.By != ByEngine }

// step applies the next event. It refuses an event that is not next or that the
// alert's state does not allow, and leaves the alert as it was.
func (a Alert) step(e Event) (Alert, error) {
	switch {
	case e.Seq != a.Seq+1:
		return a, fmt.Errorf("alert %s: event %d cannot follow event %d", e.Alert, e.Seq, a.Seq)
	case (e.Kind == Opened) != (e.Seq == 1):
		return a, fmt.Errorf("alert %s: event %d is %s: an alert is opened by its first event, and only by it", e.Alert, e.Seq, e.Kind)
	case a.State == StateActed && e.Kind == Acknowledged:
		return a, fmt.Errorf("alert %s has been acted on by %s already: it cannot be acknowledged", e.Alert, a.By)
	case a.State == StateClosed && e.Kind != Lowered && e.Kind != Noted:
		return a, fmt.Errorf("alert %s is closed (%s by %s): it cannot be %s", e.Alert, a.Reason, a.By, e.Kind)
	}
	a.Seq, a.ChangedAt = e.Seq, e.At
	if e.Kind.tells() {
		a.Told = e.Seq
	}
	switch e.Kind {
	case Opened:
		a.ID, a.Risk, a.Row, a.Ordinal, a.OpenedAt = e.Alert, e.Risk, e.Row, e.Ordinal, e.At
		a.State, a.By = StateOpen, e.By
		a.Level, a.Score = e.Level, e.Score
	case Raised:
		a.State, a.By, a.MutedUntil = StateOpen, e.By, time.Time{}
		a.Level, a.Score = e.Level, e.Score
	case Lowered:
		a.Level, a.Score = e.Level, e.Score
	case Acknowledged:
		a.State, a.By = StateAcknowledged, e.By
	case Acted:
		a.State, a.By = StateActed, e.By
	case Muted:
		a.MutedUntil = e.Until
	case Closed:
		a.State, a.By, a.Reason = StateClosed, e.By, e.Reason
		if e.By == ByEngine {
			a.Level, a.Score = e.Level, e.Score
		}
	case Noted:
	default:
		return a, fmt.Errorf("alert %s: event %d is of unknown kind %q: it was written by a newer version of yujing", e.Alert, e.Seq, e.Kind)
	}
	a.Top = max(a.Top, a.Level)
	return a, nil
}

// rowKey is what can have one live alert at a time.
type rowKey struct{ risk, row string }

// Book is the state of all alerts: the fold of the events added to it. A draft
// sees its parent's alerts and keeps its own changes apart until merged.
type Book struct {
	parent *Book
	alerts map[ID]Alert
	latest map[rowKey]ID
}

// NewBook is empty.
func NewBook() *Book { return &Book{alerts: map[ID]Alert{}, latest: map[rowKey]ID{}} }

// Add folds one event in: each alert's come in order, alerts in any order. An
// event that is there already changes nothing; a missing one is an error.
func (b *Book) Add(e Event) error {
	a, _ := b.Alert(e.Alert)
	if e.Seq != 0 && e.Seq <= a.Seq {
		return nil
	}
	next, err := a.step(e)
	if err != nil {
		return err
	}
	b.alerts[e.Alert] = next
	key := rowKey{next.Risk, next.Row}
	if last, ok := b.Latest(key.risk, key.row); !ok || last.Ordinal <= next.Ordinal {
		b.latest[key] = next.ID
	}
	return nil
}

// bury stands in for an alert whose stored events do not make a life: its first
// were forgotten on request, say. It is closed and takes no more events; its row
// can open the next.
func (b *Book) bury(e Event) {
	a := Alert{ID: e.Alert, Risk: e.Risk, Row: e.Row, Ordinal: e.Ordinal, State: StateClosed, By: ByEngine, Reason: Unreadable,
		Seq: math.MaxUint32, OpenedAt: e.At, ChangedAt: e.At}
	b.alerts[a.ID] = a
	if last, ok := b.Latest(a.Risk, a.Row); !ok || last.Ordinal <= a.Ordinal {
		b.latest[rowKey{a.Risk, a.Row}] = a.ID
	}
}

// Alert gives one alert.
func (b *Book) Alert(id ID) (Alert, bool) {
	if a, ok := b.alerts[id]; ok || b.parent == nil {
		return a, ok
	}
	return b.parent.Alert(id)
}

// Latest gives the last opened alert of a row in a risk, closed or not.
func (b *Book) Latest(risk, row string) (Alert, bool) {
	id, ok := b.latest[rowKey{risk, row}]
	if ok {
		return b.Alert(id)
	}
	if b.parent == nil {
		return Alert{}, false
	}
	return b.parent.Latest(risk, row)
}

// forget takes an alert out.
func (b *Book) forget(a Alert) {
	delete(b.alerts, a.ID)
	if key := (rowKey{a.Risk, a.Row}); b.latest[key] == a.ID {
		delete(b.latest, key)
	}
}

// draft is a book in which events can be tried out before they are stored.
func (b *Book) draft() *Book {
	d := NewBook()
	d.parent = b
	return d
}
