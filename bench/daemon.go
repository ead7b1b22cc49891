package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// daemon starts the daemon twice on a simulated history: first start, at which
// everything is news, and a start at which nothing is.
func (b *bench) daemon(ctx context.Context, d *district) error {
	config := filepath.Join(b.dir, "yujing.yaml")
	if err := os.WriteFile(config, []byte("http: {listen: \"127.0.0.1:0\"}\nscoring: {schedule: \"0 0 1 1 *\"}\n"), 0o600); err != nil {
		return err
	}
	for _, start := range []string{"first", "second"} {
		s, err := b.startDaemon(ctx, config, d.data)
		if err != nil {
			return err
		}
		b.add("daemon, "+start+" start", fmt.Sprintf("ready after %.1f s, peak %d MB", s.ready.Seconds(), s.peak),
			fmt.Sprintf("%d contacts; stopped in %.1f s", d.contacts, s.stop.Seconds()), "second: ready after 2 s, under 100 MB")
	}
	return nil
}

// start is one start of the daemon and its stop.
type start struct {
	ready, stop time.Duration
	peak        int // memory, in MB
}

// startDaemon runs the daemon until it says that it is ready, and a little longer.
func (b *bench) startDaemon(ctx context.Context, config, data string) (start, error) {
	cmd := exec.CommandContext(ctx, b.yujing, "--config", config, "--data", data, "--rules", b.rules, "--sources", b.sources, "run")
	log, err := cmd.StderrPipe()
	if err != nil {
		return start{}, err
	}
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return start{}, err
	}
	s, said := start{}, ""
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for s.ready == 0 && lines.Scan() {
		if said = lines.Text(); strings.Contains(said, `"msg":"ready"`) {
			s.ready = time.Since(started)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	time.Sleep(2 * time.Second) // the first messages go out
	stopping := time.Now()
	_ = cmd.Process.Signal(os.Interrupt) // one that has ended already says so below
	err = cmd.Wait()
	if s.ready == 0 {
		return s, fmt.Errorf("the daemon never said that it is ready: %w\n%s", err, said)
	}
	s.stop, s.peak = time.Since(stopping), peakOf(cmd)
	return s, err
}
