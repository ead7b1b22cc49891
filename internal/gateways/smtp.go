package gateways

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"encoding/base64"
)

// SMTP is a running Exim. It takes mail only over STARTTLS and from its user,
// for any recipient but those whose name begins with "nobody".
type SMTP struct {
	Addr     string // host:port
	CAFile   string // certificate to trust
	Username string
	Password string

	t    testing.TB
	dir  string
	port int
	p    *process
}

const eximConf = `
primary_hostname = mail.example.cn
exim_user = USER
exim_group = GROUP
spool_directory = DIR/spool
log_file_path = DIR/log/%s
pid_file_path = DIR/spool/exim.pid
daemon_smtp_ports = PORT
local_interfaces = 127.0.0.1
tls_advertise_hosts = *
tls_certificate = DIR/cert.pem
tls_privatekey = DIR/key.pem
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
deliver_drop_privilege = true
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
begin acl
rcpt:
  deny !authenticated = *
       message = authenticate first
  deny local_parts = ^nobody
       message = 550 5.1.1 no such user
  defer local_parts = ^later
       message = try again
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = DIR/mail
  maildir_format
  create_directory
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{yujing}}{eq{$auth3}{geheim}}}}
  server_set_id = $auth2
`

// StartSMTP starts Exim and waits until it listens.
func StartSMTP(t testing.TB) *SMTP {
	t.Helper()
	dir := openDir(t)
	s := &SMTP{Username: "yujing", Password: "geheim", t: t, dir: dir, port: freePort(t), CAFile: filepath.Join(dir, "cert.pem")}
	s.Addr = fmt.Sprintf("127.0.0.1:%d", s.port)
	owner := eximUser(t)
	for _, sub := range []string{"spool", "log", "mail"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	certificate(t, s.CAFile, filepath.Join(dir, "key.pem"))
	if os.Getuid() == 0 { // Exim will not deliver as root
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		for _, name := range []string{"spool", "log", "mail", "key.pem"} {
			if err := os.Chown(filepath.Join(dir, name), uid, gid); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(t, filepath.Join(dir, "exim.conf"), fill(eximConf, "DIR", dir, "PORT", strconv.Itoa(s.port), "USER", owner.Uid, "GROUP", owner.Gid))
	s.Start()
	return s
}

// openDir is a temporary directory into which another user may look, which
// t.TempDir is not.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "yujing-exim-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Start starts it again after Stop, at the same address.
func (s *SMTP) Start() {
	s.t.Helper()
	s.p = launch(s.t, s.dir, "exim", program(s.t, "exim4", "/usr/sbin/exim4", "exim"), "-C", filepath.Join(s.dir, "exim.conf"), "-bdf")
	await(s.t, s.p, "exim", func() bool { return listens(s.port) })
}

// Stop ends the server: nobody listens any more.
func (s *SMTP) Stop() { s.p.kill() }

// eximUser is whom Exim may run as: its own user if the test is root's.
func eximUser(t testing.TB) *user.User {
	t.Helper()
	u, err := user.Current()
	if os.Getuid() == 0 {
		u, err = user.Lookup("Debian-exim")
	}
	if err != nil {
		t.Fatalf("whom to run exim as: %v", err)
	}
	return u
}

// certificate makes a key and a certificate for 127.0.0.1 that vouches for itself.
func certificate(t testing.TB, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "yujing test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Mail is a message as it lies in the mailbox, decoded.
type Mail struct {
	Header  mail.Header
	Subject string
	Text    string // of the text/plain part
	HTML    string // of the text/html part
}

// Messages waits until n messages have arrived and gives all there are, oldest first.
func (s *SMTP) Messages(n int) []Mail {
	s.t.Helper()
	var files []string
	await(s.t, s.p, fmt.Sprintf("%d messages", n), func() bool {
		files, _ = filepath.Glob(filepath.Join(s.dir, "mail", "new", "*"))
		return len(files) >= n
	})
	slices.SortFunc(files, func(a, b string) int { return modified(s.t, a).Compare(modified(s.t, b)) })
	var out []Mail
	for _, f := range files {
		out = append(out, s.read(f))
	}
	return out
}

func modified(t testing.TB, file string) time.Time {
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

func (s *SMTP) read(file string) Mail {
	s.t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		s.t.Fatalf("%v:\n%s", err, b)
	}
	m := Mail{Header: msg.Header}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		s.t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		s.t.Fatalf("content type %s, %v", kind, err)
	}
	for parts := multipart.NewReader(msg.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return m
		}
		if err != nil {
			s.t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || params["charset"] != "UTF-8" {
			s.t.Fatalf("part %s in %s, %v", kind, params["charset"], err)
		}
		text := decoded(s.t, part.Header.Get("Content-Transfer-Encoding"), part)
		switch kind {
		case "text/plain":
			m.Text = text
		case "text/html":
			m.HTML = text
		}
	}
}

func decoded(t testing.TB, encoding string, r io.Reader) string {
	t.Helper()
	switch encoding {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
}
