package alerts

import (
	"slices"
	"time"

	"yujing/rules"
)

// hourly counts the messages of one lane over the last hour, sliding. A message
// holds its place from when it is intended until an hour after it was sent, so
// that what a mended gateway takes all at once is within the quota too.
type hourly struct {
	messages int // an hour
	reserved int // of these for red
	sent     []time.Time
}

// share is the part of a receiver's quota that one of its channels has.
func (q Quota) share(channels int) hourly {
	n := max(1, q.Messages/max(1, channels))
	return hourly{messages: n, reserved: min(n-1, (q.Reserved+channels-1)/max(1, channels))}
}

// free says how many messages of this level may go now, with flying ones not
// yet sent, and if none, when to look again (zero: when one of the flying is sent).
func (h *hourly) free(now time.Time, level rules.Level, flying int) (int, time.Time) {
	h.sent = slices.DeleteFunc(h.sent, func(at time.Time) bool { return !at.After(now.Add(-time.Hour)) })
	limit := h.messages
	if level < rules.Red {
		limit -= h.reserved
	}
	used := len(h.sent) + flying
	if used < limit {
		return limit - used, time.Time{}
	}
	// The place that must become free is the one that brings used below limit.
	if i := used - limit; i < len(h.sent) {
		return 0, h.sent[i].Add(time.Hour)
	}
	return 0, time.Time{}
}

func (h *hourly) count(at time.Time) { h.sent = append(h.sent, at) }
