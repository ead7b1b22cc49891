package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ran is what one run of the program took and said.
type ran struct {
	took time.Duration
	peak int // memory of the process, in MB
	out  []byte
}

// exec runs the program to its end.
func (b *bench) exec(ctx context.Context, args ...string) (ran, error) {
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, b.yujing, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	started := time.Now()
	err := cmd.Run()
	took := time.Since(started)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // it found problems, which is its answer
		err = nil
	}
	if err != nil {
		return ran{}, fmt.Errorf("yujing %s: %w\n%s", strings.Join(args, " "), err, errs.Bytes())
	}
	return ran{took, peakOf(cmd), out.Bytes()}, nil
}

// sql asks the store of a data directory.
func (b *bench) sql(ctx context.Context, data, format, query string) (ran, error) {
	return b.exec(ctx, "--data", data, "sql", "--format", format, query)
}

// write changes the store of a data directory.
func (b *bench) write(ctx context.Context, data, query string) (ran, error) {
	return b.exec(ctx, "--data", data, "sql", "--write", query)
}

// pipe runs the program with its output going to w.
func (b *bench) pipe(ctx context.Context, w io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, b.yujing, args...)
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	return cmd.Run()
}

// report is the closing object of import --json.
type report struct {
	Records int     `json:"records"`
	Stored  int     `json:"stored"`
	Seconds float64 `json:"seconds"`
	peak    int     // memory of the importer, in MB
}

func (b *bench) importFiles(ctx context.Context, data, source, sources string, files []string) (report, error) {
	done, err := b.exec(ctx, append([]string{"--data", data, "--sources", sources, "import", "--json", "--source", source}, files...)...)
	if err != nil {
		return report{}, err
	}
	r := report{peak: done.peak}
	lines := bytes.Split(bytes.TrimSpace(done.out), []byte("\n"))
	return r, json.Unmarshal(lines[len(lines)-1], &r)
}

func (b *bench) importBoston(ctx context.Context) error {
	if b.boston == "" {
		return nil
	}
	r, err := b.importFiles(ctx, filepath.Join(b.dir, "boston"), "boston311", b.bostonSources, []string{b.boston})
	if err != nil {
		return err
	}
	b.add("import, boston311", fmt.Sprintf("%.0f records/s, importer's peak %d MB", float64(r.Records)/r.Seconds, r.peak),
		fmt.Sprintf("%d records, %d signals, %.2f s", r.Records, r.Stored, r.Seconds), "40,000 records/s")
	return nil
}

// peakOf is the memory that an ended process had at most, in MB.
func peakOf(cmd *exec.Cmd) int {
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return int(usage.Maxrss / 1024)
}
