package sms_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"yujing/alerts"
	"yujing/alerts/sms"
	"yujing/internal/gateways"
)

func config(s *gateways.SMS) sms.Config {
	return sms.Config{URL: s.URL, Username: s.Username, Password: s.Password, From: s.From}
}

const short = "【预警】橙色·重复信访72分,编号GD20260101000123。责任单位:区住建局。请24小时内联系信访人。"

func TestKannelReceivesChineseIntact(t *testing.T) {
	gate := gateways.StartSMS(t)
	ch := sms.New(config(gate))
	long := strings.Repeat("请二十四小时内联系信访人,告知办理进度。", 8) // 160 characters: three parts
	for i, text := range []string{short, long} {
		m := &alerts.Message{Key: "0123456789abcdef-1.duty.sms", To: "13800138000", Short: text}
		if err := ch.Send(t.Context(), m); err != nil {
			t.Fatal(i, err)
		}
	}
	parts := gate.Received(4)
	if p := parts[0]; p.Text != short || p.Coding != "ucs-2" || p.To != "13800138000" || p.From != gate.From {
		t.Errorf("got %+v", p)
	}
	var whole string
	for i, p := range parts[1:] {
		if n := utf8.RuneCountInString(p.Text); n > 67 || len(p.Header) != 6 || p.Header[4] != 3 || int(p.Header[5]) != i+1 {
			t.Errorf("part %d: %d characters, header %v", i+1, n, p.Header)
		}
		whole += p.Text
	}
	if whole != long {
		t.Errorf("got %s", whole)
	}
	if len(parts) != 1+sms.Parts(long) {
		t.Errorf("%d parts arrived, %d were counted", len(parts)-1, sms.Parts(long))
	}
}

func TestKannelRefuses(t *testing.T) {
	gate := gateways.StartSMS(t)
	m := &alerts.Message{Key: "k-1.duty.sms", To: "13800138000", Short: short}
	wrong := config(gate)
	wrong.Password = "falsch"
	err := sms.New(wrong).Send(t.Context(), m)
	if err == nil || errors.Is(err, alerts.ErrRefused) {
		t.Errorf("a wrong password can be mended: %v", err)
	}
	if strings.Contains(err.Error(), "falsch") || strings.Contains(err.Error(), m.To) {
		t.Errorf("the error tells password or number: %v", err)
	}
	m.To = "99999"
	if err := sms.New(config(gate)).Send(t.Context(), m); !errors.Is(err, alerts.ErrRefused) {
		t.Errorf("a number that is not allowed is refused for good: %v", err)
	}
	gate.Stop()
	m.To = "13800138000"
	if err := sms.New(config(gate)).Send(t.Context(), m); err == nil || errors.Is(err, alerts.ErrRefused) {
		t.Errorf("a gateway that is down: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	<-ctx.Done()
	if err := sms.New(config(gate)).Send(ctx, m); err == nil {
		t.Error("sent after the deadline")
	}
}

func TestPasswordFile(t *testing.T) {
	gate := gateways.StartSMS(t)
	cfg := config(gate)
	cfg.Password, cfg.PasswordFile = "", filepath.Join(t.TempDir(), "password")
	m := &alerts.Message{Key: "k", To: "13800138000", Short: short}
	if err := sms.New(cfg).Send(t.Context(), m); err == nil || errors.Is(err, alerts.ErrRefused) {
		t.Errorf("a missing password file can be mended: %v", err)
	}
	if err := os.WriteFile(cfg.PasswordFile, []byte(gate.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sms.New(cfg).Send(t.Context(), m); err != nil {
		t.Error(err)
	}
	if log := gate.AccessLog(); strings.Contains(log, gate.Password) {
		t.Error("the gateway's log has the password")
	}
}

func TestParts(t *testing.T) {
	for _, tc := range []struct {
		text  string
		parts int
	}{
		{"", 1}, {strings.Repeat("信", 70), 1}, {strings.Repeat("信", 71), 2}, {strings.Repeat("信", 134), 2},
		{strings.Repeat("信", 135), 3}, {strings.Repeat("𠮷", 35), 1}, {strings.Repeat("𠮷", 36), 2},
	} {
		if got := sms.Parts(tc.text); got != tc.parts {
			t.Errorf("%d characters: %d parts, want %d", utf8.RuneCountInString(tc.text), got, tc.parts)
		}
		for most := 1; most < 4; most++ {
			cut := sms.Fit(tc.text, most)
			if sms.Parts(cut) > most || tc.parts <= most && cut != tc.text {
				t.Errorf("fit %d characters to %d parts: %s", utf8.RuneCountInString(tc.text), most, cut)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	good := sms.Config{URL: "http://127.0.0.1:13013/cgi-bin/sendsms", Username: "u", PasswordFile: "f"}
	if p := good.Validate("yujing.yaml"); p != nil {
		t.Error(p)
	}
	if p := new(sms.Config).Validate("yujing.yaml"); p != nil {
		t.Error("off is valid", p)
	}
	bad := sms.Config{URL: "gateway", Password: "a", PasswordFile: "b", MaxParts: 99}
	if got := bad.Validate("yujing.yaml").Error(); strings.Count(got, "\n") != 3 {
		t.Errorf("want four problems at once, got\n%s", got)
	}
	for address, ok := range map[string]bool{"13800138000": true, "+8613800138000": true, "138 0013 8000": false, "": false, "duty@example.cn": false} {
		if err := sms.CheckAddress(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
