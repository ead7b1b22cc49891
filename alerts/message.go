package alerts

import (
	"context"
	"errors"

	"yujing/rules"
)

// Message is what a channel hands to its gateway. A channel takes of it what it
// can carry; no channel adds anything.
type Message struct {
	Key      string // the same for every attempt, also after a crash; [a-z0-9._-]
	Thread   string // the same for all messages of one alert, "" for digests
	Receiver string
	To       string // address, as configured for the channel
	Level    rules.Level
	Subject  string
	Text     string // Chinese, then English
	HTML     string
	Short    string // for a text message: Chinese, no more than fits one part if that is possible
}

// Channel hands messages to one kind of gateway.
type Channel interface {
	// Send returns nil when the gateway has taken the message. An error that
	// wraps ErrRefused is final; after any other the message is sent again.
	Send(ctx context.Context, m *Message) error
}

// ErrRefused means that this message will never be taken: its address does not
// exist, say. What a mended gateway or password would cure is not refused.
var ErrRefused = errors.New("refused")
