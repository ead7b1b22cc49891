// Package sms is the text-message channel: Kannel's sendsms over HTTP. Modems
// and SMPP are Kannel's affair. A text message carries fixed words, numbers and
// names of offices, never the words of a citizen.
package sms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"

	"yujing/alerts"
	"yujing/internal/problem"
)

// Config is the part `sms:` of yujing.yaml.
type Config struct {
	// URL of sendsms, e.g. http://127.0.0.1:13013/cgi-bin/sendsms.
	URL string `yaml:"url"`
	// Username and password of Kannel's sendsms-user: one of Password and
	// PasswordFile.
	Username     string `yaml:"username"`
	Password     string `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
	// From is the sender's number; Kannel may have one of its own.
	From string `yaml:"from"`
	// MaxParts is how many parts a message may have; what exceeds them is cut
	// and marked. Kannel's max-messages must be at least as high. Default 3.
	MaxParts int `yaml:"max_parts"`
}

// Validate finds everything wrong. A Config without URL is off and valid.
func (c *Config) Validate(file string) problem.List {
	var found problem.List
	add := func(help, format string, args ...any) {
		found = append(found, problem.Problem{File: file, Severity: problem.Error, Message: "sms: " + fmt.Sprintf(format, args...), Help: help, Check: "sms"})
	}
	if c.URL == "" {
		return nil
	}
	if u, err := url.Parse(c.URL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		add("e.g. http://127.0.0.1:13013/cgi-bin/sendsms", "%q is no http address", c.URL)
	}
	if c.Username == "" {
		add("give the username of Kannel's sendsms-user group", "no username")
	}
	switch {
	case c.Password != "" && c.PasswordFile != "":
		add("keep one of them", "password and password_file are both set")
	case c.Password == "" && c.PasswordFile == "":
		add("set password_file", "no password")
	}
	if c.MaxParts < 0 || c.MaxParts > 10 {
		add("use 1 to 10; 0 means 3", "max_parts %d", c.MaxParts)
	}
	return found
}

// Enabled says whether there is a gateway at all.
func (c *Config) Enabled() bool { return c.URL != "" }

// CheckAddress accepts a phone number.
func CheckAddress(address string) error {
	if !regexp.MustCompile(`^\+?[0-9]{5,15}$`).MatchString(address) {
		return errors.New("a channel sms needs a phone number: digits, with + and country code if abroad")
	}
	return nil
}

// Channel hands text messages to Kannel.
type Channel struct {
	cfg    Config
	client *http.Client
}

// New uses the configuration as it is; it dials nothing.
func New(cfg Config) *Channel {
	if cfg.MaxParts == 0 {
		cfg.MaxParts = 3
	}
	return &Channel{cfg: cfg, client: &http.Client{Timeout: time.Minute}}
}

// Send posts the short form of a message. Kannel has no idempotency of its own;
// the key goes along as the account, which its access log shows. Name, password
// and number travel as headers, so that no URL in any log has them.
func (c *Channel) Send(ctx context.Context, m *alerts.Message) error {
	password, err := c.password()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.URL, strings.NewReader(Fit(m.Short, c.cfg.MaxParts)))
	if err != nil {
		return fmt.Errorf("sms: %w", err)
	}
	set := func(name, value string) {
		if value != "" {
			req.Header.Set("X-Kannel-"+name, value)
		}
	}
	req.Header.Set("Content-Type", "text/plain; charset=UTF-8")
	set("Username", c.cfg.Username)
	set("Password", password)
	set("From", c.cfg.From)
	set("To", m.To)
	set("Coding", "2") // UCS-2
	set("Account", m.Key)
	answer, err := c.client.Do(req)
	if err != nil {
		return fmt.Errorf("sms: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
	return judge(answer.StatusCode, strings.TrimSpace(string(body)))
}

// judge reads Kannel's answer. 202 is taken, now or later. 403 is a wrong
// password and 5xx a gateway in trouble: both can be mended. What else is
// refused concerns this message.
func judge(status int, body string) error {
	switch {
	case status == http.StatusAccepted:
		return nil
	case status == http.StatusBadRequest && strings.Contains(body, "denied by white- and/or black-lists"):
		return fmt.Errorf("sms: kannel: %s: %w", body, alerts.ErrRefused)
	}
	return fmt.Errorf("sms: kannel answered %d: %s", status, body)
}

func (c *Channel) password() (string, error) {
	if c.cfg.PasswordFile == "" {
		return c.cfg.Password, nil
	}
	b, err := os.ReadFile(c.cfg.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("sms: password_file: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// A part holds 70 characters when it is alone, 67 when it is one of several:
// the header that joins them takes the room of three.
const (
	alone  = 70
	joined = 67
)

// Parts says how many parts a text takes in UCS-2. A character beyond the basic
// plane counts as two.
func Parts(text string) int {
	n := len(utf16.Encode([]rune(text)))
	if n <= alone {
		return 1
	}
	return (n + joined - 1) / joined
}

// Fit cuts a text to at most this many parts, with … where it was cut.
func Fit(text string, parts int) string {
	if Parts(text) <= parts {
		return text
	}
	r := []rune(text)
	for len(r) > 0 && Parts(string(r)+"…") > parts {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}
