package alerts

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"yujing/rules"
)

// TestResult is what became of a test message on one channel.
type TestResult struct {
	Receiver string `json:"receiver"`
	Channel  string `json:"channel"`
	To       string `json:"to"` // masked
	Key      string `json:"key"`
	OK       bool   `json:"ok"`
	Error    string `json:"error,omitempty"`
}

// SendTest sends a test message to a receiver on each of its channels, now,
// past quota and quiet hours, and records nothing. It needs no engine.
func SendTest(ctx context.Context, cfg *Config, channels map[string]Channel, receiver string) ([]TestResult, error) {
	pages, err := loadPages()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for i := range cfg.Receivers {
		r := &cfg.Receivers[i]
		if r.Name != receiver {
			continue
		}
		var out []TestResult
		for _, ch := range r.channels() {
			m, err := testMessage(pages, cfg, r, ch, now)
			if err != nil {
				return nil, err
			}
			out = append(out, sendOne(ctx, cfg, channels[ch.name], ch, m))
		}
		return out, nil
	}
	return nil, fmt.Errorf("there is no receiver %q in the configuration", receiver)
}

func testMessage(pages *pages, cfg *Config, r *Receiver, ch channelTo, now time.Time) (*Message, error) {
	zone, err := time.LoadLocation(cfg.Zone)
	if err != nil {
		return nil, fmt.Errorf("alerts: zone: %w", err)
	}
	v := &view{Kind: "test", Receiver: r.Names, Dispute: cfg.Dispute, Zone: zone.String(), Colour: hexColour(rules.Blue),
		Title: rules.Text{ZH: "【预警】测试消息", EN: "yujing test message"}}
	m := &Message{
		Key: "test-" + strconv.FormatInt(now.UnixMilli(), 10) + "." + r.Name + "." + ch.name, Receiver: r.Name, To: ch.address,
		Level: rules.Blue, Subject: v.Title.ZH, Short: "【" + cfg.Sign + "】测试消息，收到即表示渠道畅通。",
	}
	return m, pages.fill(m, v)
}

func sendOne(ctx context.Context, cfg *Config, gateway Channel, ch channelTo, m *Message) TestResult {
	res := TestResult{Receiver: m.Receiver, Channel: ch.name, To: maskAddress(ch.address), Key: m.Key}
	if gateway == nil {
		res.Error = "this channel is not configured"
		return res
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Retry.Timeout)
	defer cancel()
	if err := gateway.Send(ctx, m); err != nil {
		res.Error = masked(err.Error(), ch.address)
		return res
	}
	res.OK = true
	return res
}
