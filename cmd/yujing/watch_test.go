package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// heard is what a running program has written so far.
type heard struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.b.Write(p)
}

// count says how often a line was written.
func (h *heard) count(line string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.b.String(), line+"\n")
}

// TestWatch: tests run again when a rule, a test or the risks change, a mistake
// in a file does not end the watch, and Ctrl-C ends it with the last exit code.
func TestWatch(t *testing.T) {
	p := newProgram(t, itself(t))
	if err := os.CopyFS(filepath.Join(p.dir, "rules.d"), os.DirFS("../../rules.d")); err != nil {
		t.Fatal(err)
	}
	edit := func(name, old, new string) {
		t.Helper()
		path := filepath.Join(p.dir, "rules.d", name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte(old)) {
			t.Fatalf("%s holds no %q", name, old)
		}
		if err := os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(new), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, last := range []struct {
		name string
		edit func()
		says string
		code int
	}{
		{"all pass", func() { edit("repeat_test.yaml", "# Unit tests", "# The unit tests") }, "0 failed", exitFine},
		{"one fails", func() { edit("repeat_test.yaml", "score: 0,", "score: 1,") }, "1 failed", exitProblems},
		{"a rule that cannot be read", func() { edit("repeat.yaml", "c.again", "c.agian") }, "did you mean .again", exitUsage},
	} {
		t.Run(last.name, func(t *testing.T) {
			var out, said heard
			cmd := p.command("test", "--watch")
			cmd.Stdout, cmd.Stderr = &out, &said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill() }()
			runs := func(n int) func() bool {
				return func() bool { return said.count("watching rules.d; Ctrl-C ends") >= n }
			}
			p.await("the first run", runs(1))
			last.edit()
			p.await("the run after a change", runs(2))
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // its exit code is what counts
			if code := cmd.ProcessState.ExitCode(); code != last.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, last.code, out.b.String(), said.b.String())
			}
			if all := out.b.String() + said.b.String(); !strings.Contains(all, last.says) {
				t.Errorf("says\n%s\nwant %q in it", all, last.says)
			}
			if runs(3)() {
				t.Error("it ran again although nothing changed")
			}
		})
	}
}
