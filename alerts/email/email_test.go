package email_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yujing/alerts"
	"yujing/alerts/email"
	"yujing/internal/gateways"
	"yujing/rules"
)

func config(s *gateways.SMTP) email.Config {
	return email.Config{Server: s.Addr, CAFile: s.CAFile, From: "预警系统 <yujing@example.cn>", Username: s.Username, Password: s.Password}
}

func message() *alerts.Message {
	return &alerts.Message{
		Key: "0123456789abcdef-2.leader.email", Thread: "0123456789abcdef", To: "leader@example.cn", Level: rules.Red,
		Subject: "【红色预警·升级】重复信访 95分 编号 GD20260101000123(物业、电梯、停水)再次来件",
		Text:    "级别:红色(95 分)\n七天内来件 2 次,至今未答复\n=3D . 一行很长的中文" + strings.Repeat("至今未答复", 60) + "\n.\n末行\n",
		HTML:    "<!DOCTYPE html><html lang=\"zh-CN\"><body><p>级别:红色 &amp; 95 分</p>" + strings.Repeat("<p>至今未答复</p>", 60) + "</body></html>",
	}
}

func send(t *testing.T, cfg email.Config, m *alerts.Message) error {
	t.Helper()
	if err := cfg.Validate("yujing.yaml").Err(); err != nil {
		t.Fatal(err)
	}
	ch, err := email.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return ch.Send(t.Context(), m)
}

func TestEximReceivesChineseIntact(t *testing.T) {
	gate := gateways.StartSMTP(t)
	want := message()
	if err := send(t, config(gate), want); err != nil {
		t.Fatal(err)
	}
	got := gate.Messages(1)[0]
	if got.Subject != want.Subject {
		t.Errorf("subject %s", got.Subject)
	}
	if strings.TrimRight(got.Text, "\n") != strings.TrimRight(want.Text, "\n") {
		t.Errorf("text\n%s", got.Text)
	}
	if strings.TrimRight(got.HTML, "\n") != want.HTML {
		t.Errorf("html\n%s", got.HTML)
	}
	for header, value := range map[string]string{
		"Message-Id": "<0123456789abcdef-2.leader.email@example.cn>", "X-Yujing-Key": want.Key, "References": "<0123456789abcdef@example.cn>",
		"Auto-Submitted": "auto-generated", "Importance": "high",
	} {
		if h := got.Header.Get(header); h != value {
			t.Errorf("%s: %s, want %s", header, h, value)
		}
	}
	if from, err := got.Header.AddressList("From"); err != nil || from[0].Name != "预警系统" || from[0].Address != "yujing@example.cn" {
		t.Errorf("from %v, %v", from, err)
	}
	// TLS and a login, as the server saw them.
	if received := got.Header.Get("Received"); !strings.Contains(received, "esmtpsa") {
		t.Errorf("not over TLS with a login: %s", received)
	}
}

func TestEximRefuses(t *testing.T) {
	gate := gateways.StartSMTP(t)
	cfg := config(gate)
	for name, tc := range map[string]struct {
		edit    func(*email.Config, *alerts.Message)
		refused bool
	}{
		"no such mailbox":                     {func(_ *email.Config, m *alerts.Message) { m.To = "nobody@example.cn" }, true},
		"mailbox busy":                        {func(_ *email.Config, m *alerts.Message) { m.To = "later@example.cn" }, false},
		"wrong password":                      {func(c *email.Config, _ *alerts.Message) { c.Password = "falsch" }, false},
		"a certificate that nobody vouches":   {func(c *email.Config, _ *alerts.Message) { c.CAFile = "" }, false},
		"a server that wants a login":         {func(c *email.Config, _ *alerts.Message) { c.Username, c.Password = "", "" }, false},
		"a password file that does not exist": {func(c *email.Config, _ *alerts.Message) { c.Password, c.PasswordFile = "", "/no/such/file" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			c, m := cfg, message()
			tc.edit(&c, m)
			err := send(t, c, m)
			if err == nil || errors.Is(err, alerts.ErrRefused) != tc.refused {
				t.Errorf("refused %v: %v", errors.Is(err, alerts.ErrRefused), err)
			}
			if err != nil && strings.Contains(err.Error(), "falsch") {
				t.Errorf("the error tells the password: %v", err)
			}
		})
	}
	gate.Stop()
	if err := send(t, cfg, message()); err == nil || errors.Is(err, alerts.ErrRefused) {
		t.Errorf("a server that is down: %v", err)
	}
	gate.Start()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(gate.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Password, cfg.PasswordFile = "", file
	if err := send(t, cfg, message()); err != nil {
		t.Errorf("once it is up again: %v", err)
	}
	gate.Messages(1)
}

func TestValidate(t *testing.T) {
	good := email.Config{Server: "smtp.example.cn", From: "a@example.cn"}
	for name, tc := range map[string]struct {
		edit func(*email.Config)
		want string
	}{
		"open to the world":      {func(c *email.Config) { c.TLS = "none" }, "is for a server on this machine"},
		"password in the open":   {func(c *email.Config) { c.Server, c.TLS, c.Username, c.Password = "127.0.0.1:25", "none", "u", "p" }, "open connection"},
		"unknown tls":            {func(c *email.Config) { c.TLS = "ssl" }, `tls: "ssl"`},
		"no sender":              {func(c *email.Config) { c.From = "" }, "no e-mail address"},
		"two passwords":          {func(c *email.Config) { c.Username, c.Password, c.PasswordFile = "u", "p", "f" }, "both set"},
		"password for nobody":    {func(c *email.Config) { c.Password = "p" }, "go together"},
		"port that is none":      {func(c *email.Config) { c.Server = "smtp.example.cn:smtp" }, "no host:port"},
		"certificates not there": {func(c *email.Config) { c.CAFile = "/no/such/file" }, "ca_file"},
	} {
		c := good
		tc.edit(&c)
		if got := c.Validate("yujing.yaml"); len(got) != 1 || !strings.Contains(got.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", name, got, tc.want)
		}
	}
	if got := good.Validate("f"); got != nil {
		t.Error(got)
	}
	if got := new(email.Config).Validate("f"); got != nil {
		t.Error("off is valid", got)
	}
	for address, ok := range map[string]bool{"duty@example.cn": true, "值班 <duty@example.cn>": false, "duty": false, "": false} {
		if err := email.CheckAddress(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
