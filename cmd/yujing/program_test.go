package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"yujing/internal/engine"
)

// program runs yujing as a person does: in processes of their own, in one
// directory. What it says is kept below said/.
type program struct {
	t     *testing.T
	path  string // of the executable; the test binary under the name yujing is one, see TestMain
	dir   string
	calls int
}

func newProgram(t *testing.T, path string) *program {
	t.Helper()
	p := &program{t: t, path: path, dir: t.TempDir()}
	for _, dir := range []string{"said", "tmp"} {
		if err := os.Mkdir(filepath.Join(p.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		stores, _ := filepath.Glob(filepath.Join(p.dir, "*", "store"))
		for _, store := range stores {
			p.stopEngine(filepath.Base(filepath.Dir(store)))
		}
	})
	return p
}

// stopEngine ends the engine of a data directory before the directory goes.
func (p *program) stopEngine(data string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also once the test's own is over
	defer cancel()
	eng, err := engine.Open(ctx, engine.Options{Dir: filepath.Join(p.dir, data, "store")})
	if err == nil {
		err = eng.Stop(ctx)
	}
	if err != nil {
		p.t.Error(err)
	}
}

// itself is the program under test.
func itself(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("yujing")
	if err != nil {
		t.Fatal(err) // TestMain puts it into PATH
	}
	return path
}

func (p *program) command(args ...string) *exec.Cmd {
	p.t.Helper()
	lib, err := engine.FindLibrary("")
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(p.path, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "YUJING_ENGINE_LIB="+lib, "TMPDIR="+filepath.Join(p.dir, "tmp"))
	return cmd
}

// run gives the results and the exit code of a command that must not fail.
func (p *program) run(args ...string) (stdout []byte, code int) {
	p.t.Helper()
	out, said, code := p.call(args...)
	if code > exitProblems {
		p.t.Fatalf("yujing %s: exit code %d\n%s", strings.Join(args, " "), code, said)
	}
	return out, code
}

// exit gives the exit code of a command.
func (p *program) exit(args ...string) int {
	p.t.Helper()
	_, _, code := p.call(args...)
	return code
}

func (p *program) call(args ...string) (stdout, stderr []byte, code int) {
	p.t.Helper()
	cmd := p.command(args...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	p.calls++
	name := fmt.Sprintf("said/%03d", p.calls)
	p.write(name+".out", out.Bytes())
	p.write(name+".err", said.Bytes())
	return out.Bytes(), said.Bytes(), cmd.ProcessState.ExitCode()
}

// fine is run of a command that must end with 0.
func (p *program) fine(args ...string) []byte {
	p.t.Helper()
	out, code := p.run(args...)
	if code != exitFine {
		p.t.Fatalf("yujing %s: exit code %d", strings.Join(args, " "), code)
	}
	return out
}

func (p *program) write(name string, data []byte) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// sql gives the lines of an answer, each split into its columns.
func (p *program) sql(query string) [][]string {
	p.t.Helper()
	var rows [][]string
	for line := range strings.Lines(string(p.fine("sql", query, "--format", "TSV"))) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// daemon runs `yujing run` until do returns, and then stops it cleanly.
func (p *program) daemon(do func(address string), args ...string) {
	p.t.Helper()
	log := filepath.Join(p.dir, "said", "daemon.err")
	said, err := os.Create(log)
	if err != nil {
		p.t.Fatal(err)
	}
	defer said.Close()
	cmd := p.command(append([]string{"run"}, args...)...)
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	do(p.readyAt(log, ended))
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := <-ended; err != nil {
		p.t.Fatalf("the daemon did not stop cleanly: %v", err)
	}
}

// readyAt waits until the daemon is ready and gives where it answers.
func (p *program) readyAt(log string, ended <-chan error) (address string) {
	p.t.Helper()
	p.await("the daemon is ready", func() bool {
		text, err := os.ReadFile(log)
		if err != nil {
			p.t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			var said struct{ Msg, Listen string }
			if json.Unmarshal(line, &said) == nil && said.Msg == "ready" {
				address = said.Listen
				return true
			}
		}
		select {
		case err := <-ended:
			p.t.Fatalf("the daemon ended: %v\n%s", err, text)
		default:
		}
		return false
	})
	return address
}

func (p *program) await(what string, done func() bool) {
	p.t.Helper()
	for limit := time.Now().Add(2 * time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			p.t.Fatalf("waited two minutes in vain: %s", what)
		}
	}
}

// settled waits until the inbox is empty and no new message has come for a second.
func (p *program) settled(data string) {
	p.t.Helper()
	last, since := -1, time.Now()
	p.await("the daemon has taken the inbox in and told what it found", func() bool {
		waiting, err := filepath.Glob(filepath.Join(p.dir, data, "inbox", "*", "*[^d]"))
		if err != nil {
			p.t.Fatal(err)
		}
		messages, err := filepath.Glob(filepath.Join(p.dir, data, "outbox", "*.txt"))
		if err != nil {
			p.t.Fatal(err)
		}
		if len(waiting) > 0 || len(messages) != last {
			last, since = len(messages), time.Now()
		}
		return len(messages) > 0 && time.Since(since) > time.Second
	})
}

func (p *program) get(url string) []byte {
	p.t.Helper()
	response, err := http.Get(url)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		p.t.Fatal(err)
	}
	return body.Bytes()
}
