// Package email is the e-mail channel: SMTP with STARTTLS, each message as
// plain text and HTML.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"yujing/alerts"
	"yujing/internal/problem"
	"yujing/rules"
)

// Config is the part `email:` of yujing.yaml.
type Config struct {
	// Server is host:port of the SMTP server; without a port 587.
	Server string `yaml:"server"`
	// TLS is starttls (the default: no message goes without it), tls (from the
	// first byte, port 465) or none (loopback only).
	TLS string `yaml:"tls"`
	// CAFile holds the certificates to trust instead of the system's.
	CAFile string `yaml:"ca_file"`
	// From is the sender, e.g. "预警系统 <yujing@example.cn>".
	From string `yaml:"from"`
	// Username and password, if the server wants them: one of Password and
	// PasswordFile.
	Username     string `yaml:"username"`
	Password     string `yaml:"password"`
	PasswordFile string `yaml:"password_file"`
	// Hello is the name given to the server; default the machine's.
	Hello string `yaml:"hello"`
}

// Ways to secure the connection.
const (
	startTLS = "starttls"
	fullTLS  = "tls"
	noTLS    = "none"
)

// Enabled says whether there is a server at all.
func (c *Config) Enabled() bool { return c.Server != "" }

// Validate finds everything wrong. A Config without Server is off and valid.
func (c *Config) Validate(file string) problem.List {
	if c.Server == "" {
		return nil
	}
	var found problem.List
	add := func(help, format string, args ...any) {
		found = append(found, problem.Problem{File: file, Severity: problem.Error, Message: "email: " + fmt.Sprintf(format, args...), Help: help, Check: "email"})
	}
	host, _, err := c.address()
	if err != nil {
		add("e.g. smtp.example.cn:587", "server: %v", err)
	}
	switch c.TLS {
	case "", startTLS, fullTLS:
	case noTLS:
		if !loopback(host) {
			add("use starttls", "tls: none is for a server on this machine, not for %s", host)
		}
		if c.Username != "" {
			add("use starttls", "a password must not go over an open connection")
		}
	default:
		add("use starttls, tls or none", "tls: %q", c.TLS)
	}
	if _, err := mail.ParseAddress(c.From); err != nil {
		add(`e.g. "预警系统 <yujing@example.cn>"`, "from: %q is no e-mail address", c.From)
	}
	if c.Password != "" && c.PasswordFile != "" {
		add("keep one of them", "password and password_file are both set")
	}
	if (c.Username == "") != (c.Password == "" && c.PasswordFile == "") {
		add("set both or none", "username and password go together")
	}
	if c.CAFile != "" {
		if _, err := c.roots(); err != nil {
			add("give a PEM file", "%v", err)
		}
	}
	return found
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// address splits Server; the port follows from TLS if none is given.
func (c *Config) address() (host string, port int, err error) {
	host, p, err := net.SplitHostPort(c.Server)
	if err != nil {
		if strings.Contains(c.Server, ":") {
			return "", 0, err
		}
		host, p = c.Server, map[bool]string{true: "465", false: "587"}[c.TLS == fullTLS]
	}
	port, err = strconv.Atoi(p)
	if err != nil || port < 1 || port > 65535 || host == "" {
		return "", 0, fmt.Errorf("%q is no host:port", c.Server)
	}
	return host, port, nil
}

func (c *Config) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ca_file: %s has no certificate", c.CAFile)
	}
	return pool, nil
}

// CheckAddress accepts one bare e-mail address.
func CheckAddress(address string) error {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address {
		return fmt.Errorf("%q is no e-mail address: write it bare, like duty@example.cn", address)
	}
	return nil
}

// Channel hands messages to an SMTP server.
type Channel struct {
	cfg  Config
	from *mail.Address
}

// New takes a validated configuration; it dials nothing.
func New(cfg Config) (*Channel, error) {
	from, err := mail.ParseAddress(cfg.From)
	if err != nil {
		return nil, fmt.Errorf("email: from: %w", err)
	}
	return &Channel{cfg: cfg, from: from}, nil
}

// Send makes one connection, one message. A mailbox that does not exist is
// refused for good; a wrong password or certificate is not, as it can be mended.
func (c *Channel) Send(ctx context.Context, m *alerts.Message) error {
	msg, err := c.compose(m)
	if err != nil {
		return err
	}
	client, err := c.client(ctx)
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return fmt.Errorf("email: %w", err)
	}
	err = client.Send(msg)
	if msg.IsDelivered() {
		err = nil // what went wrong after the server's yes is no reason to send again
	}
	_ = client.Close()
	return judge(err)
}

// judge finds what is final: a mailbox that does not exist (RFC 3463, 5.1.n). A
// bare 550 may as well mean a missing login or relay.
func judge(err error) error {
	var se *gomail.SendError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &se) && se.Reason == gomail.ErrSMTPRcptTo && regexp.MustCompile(`\b55[0-9][ -]"?5\.1\.[0-9]`).MatchString(err.Error()):
		return fmt.Errorf("email: %w: %w", alerts.ErrRefused, err)
	}
	return fmt.Errorf("email: %w", err)
}

// client is a fresh one for each message: alerts are few, and a kept connection
// is one more thing to find dead.
func (c *Channel) client(ctx context.Context) (*gomail.Client, error) {
	host, port, err := c.cfg.address()
	if err != nil {
		return nil, fmt.Errorf("email: %w", err)
	}
	roots, err := c.cfg.roots()
	if err != nil {
		return nil, fmt.Errorf("email: %w", err)
	}
	opts := []gomail.Option{
		gomail.WithPort(port),
		gomail.WithTLSConfig(&tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}),
	}
	if deadline, ok := ctx.Deadline(); ok {
		opts = append(opts, gomail.WithTimeout(max(time.Until(deadline), time.Millisecond)))
	}
	switch c.cfg.TLS {
	case noTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	case fullTLS:
		opts = append(opts, gomail.WithSSL())
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.cfg.Hello != "" {
		opts = append(opts, gomail.WithHELO(c.cfg.Hello))
	}
	if c.cfg.Username != "" {
		password, err := c.password()
		if err != nil {
			return nil, err
		}
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.cfg.Username), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(host, opts...)
	if err != nil {
		return nil, fmt.Errorf("email: %w", err)
	}
	return client, nil
}

func (c *Channel) password() (string, error) {
	if c.cfg.PasswordFile == "" {
		return c.cfg.Password, nil
	}
	b, err := os.ReadFile(c.cfg.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("email: password_file: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// compose writes the message. Its Message-ID is its key, the same on every
// attempt; messages of one alert refer to the alert, so that mail programs show
// them together.
func (c *Channel) compose(m *alerts.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8))
	_, domain, _ := strings.Cut(c.from.Address, "@")
	if err := msg.FromFormat(c.from.Name, c.from.Address); err != nil {
		return nil, fmt.Errorf("email: from: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("email: to: %w: %w", alerts.ErrRefused, err)
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	msg.SetMessageIDWithValue(m.Key + "@" + domain)
	msg.SetGenHeader("X-Yujing-Key", m.Key)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Thread != "" {
		msg.SetGenHeader(gomail.HeaderReferences, "<"+m.Thread+"@"+domain+">")
	}
	if m.Level == rules.Red {
		msg.SetImportance(gomail.ImportanceHigh)
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}
