package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"yujing/internal/clickhouse"
)

// store is an open one, whose statements this process sends itself.
type store struct {
	*clickhouse.DB
	dir string
	at  time.Time // the instant that its signals were made for
}

// openStore opens the store of a data directory, with the engine's default cap.
func openStore(ctx context.Context, dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	db, err := clickhouse.Open(ctx, clickhouse.Options{Config: clickhouse.DefaultConfig(), Dir: dir})
	if err != nil {
		return nil, err
	}
	return &store{DB: db, dir: dir}, db.Migrate(ctx, clickhouse.DefaultRetention())
}

// write runs a statement that changes data.
func (s *store) write(ctx context.Context, sql string) error {
	return s.Raw(ctx, &bytes.Buffer{}, clickhouse.RawQuery{SQL: sql, Write: true})
}

// lines gives the fields of each line of an answer.
func (s *store) lines(ctx context.Context, sql string) ([][]string, error) {
	var out bytes.Buffer
	if err := s.Raw(ctx, &out, clickhouse.RawQuery{SQL: sql, Format: "TSVRaw"}); err != nil {
		return nil, err
	}
	var lines [][]string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return lines, nil
}

// numbers reads the one line of numbers that a statement gives.
func (s *store) numbers(ctx context.Context, sql string, into ...*int) error {
	lines, err := s.lines(ctx, sql)
	if err != nil {
		return err
	}
	if len(lines) != 1 || len(lines[0]) != len(into) {
		return fmt.Errorf("%s: gave %v, not %d numbers", sql, lines, len(into))
	}
	for i, field := range lines[0] {
		if *into[i], err = strconv.Atoi(field); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// fastest is the shortest time of a few runs of a statement whose answer is
// thrown away.
func (s *store) fastest(ctx context.Context, runs int, sql string) (time.Duration, error) {
	best := time.Duration(0)
	for range runs {
		started := time.Now()
		if err := s.Raw(ctx, &bytes.Buffer{}, clickhouse.RawQuery{SQL: sql, Format: "Null"}); err != nil {
			return 0, err
		}
		if took := time.Since(started); best == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// process is the directory under /proc of the store's engine.
func (s *store) process() (string, error) {
	pid, err := os.ReadFile(filepath.Join(s.dir, "store", "engine.lock"))
	if err != nil {
		return "", fmt.Errorf("find the engine: %w", err)
	}
	return filepath.Join("/proc", strings.TrimSpace(string(pid))), nil
}

// forgetPeak makes the engine's peak memory count from now on.
func (s *store) forgetPeak() error {
	proc, err := s.process()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(proc, "clear_refs"), []byte("5"), 0)
}

// peak is the most memory that the engine's process had, in MB.
func (s *store) peak() (int, error) {
	proc, err := s.process()
	if err != nil {
		return 0, err
	}
	status, err := os.ReadFile(filepath.Join(proc, "status"))
	if err != nil {
		return 0, err
	}
	_, after, found := strings.Cut(string(status), "VmHWM:")
	if !found {
		return 0, fmt.Errorf("%s/status has no VmHWM", proc)
	}
	kb, err := strconv.Atoi(strings.Fields(after)[0])
	return kb / 1024, err
}
