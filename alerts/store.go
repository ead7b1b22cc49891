package alerts

import (
	"context"
	"iter"
	"time"

	"yujing/rules"
)

// Stage is how far a message has come, as stored.
type Stage string

// Stages of a message. Sent, given up and dropped are final.
const (
	Intend  Stage = "intend"   // will be sent under this key
	Failed  Stage = "failed"   // the gateway did not take it; tried again
	Sent    Stage = "sent"     // the gateway took it
	GivenUp Stage = "given_up" // refused for good, or tried for too long; said on its alerts
	Dropped Stage = "dropped"  // need not or must not be sent any more; Detail says why
)

// Final says that nothing more happens to the message.
func (s Stage) Final() bool { return s == Sent || s == GivenUp || s == Dropped }

// Delivery is one step of one message. A message of several notices is settled
// for all of them together.
type Delivery struct {
	Key      string // idempotency key: also the Message-ID, the file name, the gateway's account
	Receiver string
	Channel  string
	Stage    Stage
	At       time.Time
	Attempts int
	Level    rules.Level
	Detail   string // the gateway's answer; addresses masked
	Notices  []NoticeID
}

// Pending is a notice that no final delivery settles: a crash or a stop came
// before its end.
type Pending struct {
	Event    Event // with Detail
	Lane     string
	Key      string // of the message it was intended in; "" = not intended
	Intended time.Time
	Attempts int
}

// Store is what the engine asks of the database. Every call may be repeated.
type Store interface {
	// AppendEvents stores all events or none. One whose (Alert, Seq) is there already changes nothing.
	AppendEvents(ctx context.Context, events []Event) error
	// AppendDeliveries likewise, by (Key, Stage, Attempts).
	AppendDeliveries(ctx context.Context, deliveries []Delivery) error
	// Events gives all events without Detail, each alert's in order.
	Events(ctx context.Context) iter.Seq2[Event, error]
	// Pending gives what is not settled, oldest event first.
	Pending(ctx context.Context) ([]Pending, error)
	// Deliveries gives the steps recorded at or after since, oldest first.
	Deliveries(ctx context.Context, since time.Time) iter.Seq2[Delivery, error]
}
