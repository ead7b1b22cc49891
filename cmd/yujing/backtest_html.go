package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yujing/internal/report"
	"yujing/rules"
	"yujing/scorer/backtest"
)

// htmlPage is the page that `--html FILE` asks for: it looks at the cases as they
// are judged, and is written when all are counted.
type htmlPage struct {
	path   string // "" = none is asked for
	picker report.Picker
}

// receive gives the backtest's receiver of cases, nil if no page is asked for.
func (p *htmlPage) receive() func(*backtest.Case) error {
	if p.path == "" {
		return nil
	}
	return func(c *backtest.Case) error {
		p.picker.Add(c)
		return nil
	}
}

// write works out the best and the worst cases and writes the page.
func (p *htmlPage) write(ctx context.Context, facts report.Facts, set *rules.Set, r *backtest.Report) error {
	if p.path == "" {
		return nil
	}
	in := report.Input{Report: r, Set: set, Made: time.Now(), Command: commandLine()}
	if err := in.Work(ctx, facts, p.picker.Cases()); err != nil {
		return err
	}
	return writeFile(p.path, func(w io.Writer) error { return report.Write(w, in) })
}

// commandLine is what the program was called with.
func commandLine() string {
	return strings.Join(append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...), " ")
}
