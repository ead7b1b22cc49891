package gateways

import (
	"encoding/binary"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// SMS is a running Kannel: bearerbox, smsbox and the fake SMS centre behind it.
type SMS struct {
	URL      string // of sendsms
	Username string
	Password string
	From     string

	t      testing.TB
	dir    string
	ports  [4]int // admin, smsbox, centre, sendsms
	bearer *process
	box    *process
	centre *process
}

const kannelConf = `
group = core
admin-port = ADMIN
admin-interface = 127.0.0.1
admin-password = test
access-log = "bearer-access.log"
smsbox-port = BOX
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"

group = smsc
smsc = fake
smsc-id = fake
host = 127.0.0.1
port = CENTRE
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = BOX
sendsms-port = SEND
sendsms-interface = 127.0.0.1
access-log = "access.log"
white-list-regex = "^1[0-9]+$"

group = sendsms-user
username = yujing
password = geheim
max-messages = 10
concatenation = true
`

// StartSMS starts Kannel and waits until it takes messages.
func StartSMS(t testing.TB) *SMS {
	t.Helper()
	s := &SMS{Username: "yujing", Password: "geheim", From: "106912345", t: t, dir: t.TempDir()}
	for i := range s.ports {
		s.ports[i] = freePort(t)
	}
	s.URL = fmt.Sprintf("http://127.0.0.1:%d/cgi-bin/sendsms", s.ports[3])
	write(t, filepath.Join(s.dir, "kannel.conf"), fill(kannelConf,
		"ADMIN", strconv.Itoa(s.ports[0]), "BOX", strconv.Itoa(s.ports[1]), "CENTRE", strconv.Itoa(s.ports[2]), "SEND", strconv.Itoa(s.ports[3])))
	s.bearer = launch(t, s.dir, "bearerbox", program(t, "bearerbox", "/usr/sbin/bearerbox"), "kannel.conf")
	await(t, s.bearer, "bearerbox", func() bool { return listens(s.ports[0]) })
	s.centre = launch(t, s.dir, "fakesmsc", program(t, "fakesmsc", "/usr/lib/kannel/test/fakesmsc"), "-H", "127.0.0.1", "-r", strconv.Itoa(s.ports[2]))
	await(t, s.centre, "fakesmsc", func() bool { return strings.Contains(s.centre.said(), "Connecting") })
	s.Start()
	return s
}

// Start starts smsbox, the part that takes messages, again after Stop.
func (s *SMS) Start() {
	s.t.Helper()
	s.box = launch(s.t, s.dir, "smsbox", program(s.t, "smsbox", "/usr/sbin/smsbox"), "kannel.conf")
	await(s.t, s.box, "smsbox", func() bool { return listens(s.ports[3]) })
}

// Stop ends smsbox: nobody takes messages any more.
func (s *SMS) Stop() { s.box.kill() }

// Part is one part of a text message as the SMS centre got it.
type Part struct {
	From, To string
	Coding   string // ucs-2, or data for a part of several
	Header   []byte // of a part of several
	Text     string
}

// gotMessage is how the centre tells of a part.
func gotMessage() *regexp.Regexp {
	return regexp.MustCompile(`(?m)Got message \d+: <(\S+) (\S+) (?:(ucs-2|text) (.*)|udh (\S+) data (.*))>$`)
}

// Received waits until the centre has got n parts and gives all there are.
func (s *SMS) Received(n int) []Part {
	s.t.Helper()
	var found [][]string
	await(s.t, s.centre, fmt.Sprintf("%d text messages", n), func() bool {
		found = gotMessage().FindAllStringSubmatch(s.centre.said(), -1)
		return len(found) >= n
	})
	var out []Part
	for _, f := range found {
		p := Part{From: f[1], To: f[2], Coding: f[3], Text: ucs2(s.t, f[4])}
		if f[5] != "" {
			p.Coding, p.Text = "data", ucs2(s.t, f[6])
			p.Header = []byte(unescape(s.t, f[5]))
		}
		out = append(out, p)
	}
	return out
}

// AccessLog is what smsbox and bearerbox wrote about the messages they took.
func (s *SMS) AccessLog() string {
	taken, _ := os.ReadFile(filepath.Join(s.dir, "access.log"))
	passed, _ := os.ReadFile(filepath.Join(s.dir, "bearer-access.log"))
	return string(taken) + string(passed)
}

// Quiet waits a moment and says how many parts the centre has by then.
func (s *SMS) Quiet(d time.Duration) int {
	time.Sleep(d)
	return len(gotMessage().FindAllString(s.centre.said(), -1))
}

func unescape(t testing.TB, s string) string {
	t.Helper()
	raw, err := url.QueryUnescape(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// ucs2 decodes the centre's notation: percent-encoded UTF-16, big end first.
func ucs2(t testing.TB, s string) string {
	t.Helper()
	raw := unescape(t, s)
	if len(raw)%2 != 0 {
		t.Fatalf("%d bytes are no UCS-2: %q", len(raw), s)
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16([]byte(raw[2*i:]))
	}
	return string(utf16.Decode(units))
}
