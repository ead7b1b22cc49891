// Package gateways starts real servers for tests: Exim for e-mail, Kannel with
// its fake SMS centre for text messages. Each test has its own, on free ports of
// the loopback, in a directory of its own. A server that is not installed fails
// the test: what is not proven must not look proven.
package gateways

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to come up on a busy machine.
const patience = 20 * time.Second

// program finds a server's program.
func program(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("%s is not installed: run `make test-servers` (Debian: apt-get install kannel kannel-extras exim4-daemon-light)", names[0])
	return ""
}

// freePort gives a port of the loopback that nobody listened on just now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// process is a server that a test started; it is killed with the test.
type process struct {
	cmd  *exec.Cmd
	out  string // file of what it says
	done chan struct{}
}

// launch starts a program in dir with its output in a file there.
func launch(t testing.TB, dir, name string, path string, args ...string) *process {
	t.Helper()
	out, err := os.Create(filepath.Join(dir, name+".out"))
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(path, args...), out: out.Name(), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, out, out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	stdin, err := p.cmd.StdinPipe() // held open: the fake SMS centre ends with its input
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", name, err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.kill()
		_ = stdin.Close()
		_ = out.Close()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.said())
		}
	})
	return p
}

// kill ends the server and what it started, at once.
func (p *process) kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-p.done
}

func (p *process) said() string {
	b, _ := os.ReadFile(p.out)
	return string(b)
}

// await waits until ok holds while the process lives.
func await(t testing.TB, p *process, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		select {
		case <-p.done:
			t.Fatalf("%s: the server ended: %s", what, p.said())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v: %s", what, patience, p.said())
		}
	}
}

// listens says whether something accepts connections there.
func listens(port int) bool {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// write puts a file of the test's servers in place.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, bytes.TrimLeft([]byte(text), "\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// fill replaces NAMES in a configuration.
func fill(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }
