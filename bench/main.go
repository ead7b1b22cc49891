// Command bench measures the program as its operators run it: whole processes,
// on data made here, each figure beside what it is compared with in the same
// run. It prints a Markdown table; docs/benchmarks.md is one such run.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	b := bench{}
	flag.StringVar(&b.yujing, "yujing", "../bin/yujing", "the program")
	flag.StringVar(&b.sources, "sources", "../sources.d", "feed definitions of the simulated feeds")
	flag.StringVar(&b.rules, "rules", "../rules.d", "rules")
	flag.IntVar(&b.contacts, "contacts", 1_000_000, "simulated contacts")
	boston := flag.String("boston", os.Getenv("BOSTON"), "boston311 export to import as well (default $BOSTON)")
	bostonSources := flag.String("boston-sources", "../examples/boston311", "its definition")
	out := flag.String("out", "", "also write the table to this file")
	flag.Parse()
	if err := b.run(*boston, *bostonSources, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	yujing, sources, rules string
	contacts               int
	dir                    string
	rate                   float64 // signals a second of the simulated import
	rows                   []row
}

// row is one line of the table.
type row struct{ what, figure, beside, hold string }

func (b *bench) add(what, figure, beside, hold string) {
	b.rows = append(b.rows, row{what, figure, beside, hold})
	fmt.Fprintf(os.Stderr, "%s: %s (%s)\n", what, figure, beside)
}

func (b *bench) run(boston, bostonSources, out string) error {
	for _, p := range []*string{&b.yujing, &b.sources, &b.rules, &bostonSources} {
		absolute, err := filepath.Abs(*p)
		if err != nil {
			return err
		}
		*p = absolute
	}
	dir, err := os.MkdirTemp("", "yujing-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	steps := []func() error{b.simulate, b.importSimulated, b.insertNative, b.score, b.daemon}
	if boston != "" {
		steps = append(steps, func() error { return b.importBoston(boston, bostonSources) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	table := b.table()
	fmt.Print(table)
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(table), 0o644)
}

// simulate writes the district whose feeds the other rows use.
func (b *bench) simulate() error {
	took, peak, _, err := b.exec("simulate", "--out", filepath.Join(b.dir, "district"), "--contacts", fmt.Sprint(b.contacts),
		"--from", "2024-01-01", "--to", "2026-01-01", "--format", "csv", "--every", "8760h")
	if err != nil {
		return err
	}
	b.add("simulate, contacts", fmt.Sprintf("%d in %.1f s, peak %d MB", b.contacts, took.Seconds(), peak), "", "1,000,000 in under 60 s, memory bounded")
	return nil
}

// report is the closing object of import --json.
type report struct {
	Records int     `json:"records"`
	Stored  int     `json:"stored"`
	Seconds float64 `json:"seconds"`
}

func (b *bench) importSimulated() error {
	files, err := filepath.Glob(filepath.Join(b.dir, "district", "hotline-12345", "*"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, errors.New("the simulation wrote no hotline files"))
	}
	r, peak, err := b.importFiles("sim", "hotline-12345", b.sources, files)
	if err != nil {
		return err
	}
	b.add("import, simulated hotline", fmt.Sprintf("%.0f records/s, %.0f signals/s, importer's peak %d MB", float64(r.Records)/r.Seconds, float64(r.Stored)/r.Seconds, peak),
		fmt.Sprintf("%d records, %d signals", r.Records, r.Stored), "half the engine's own rate, below")
	b.rows[len(b.rows)-1].beside += fmt.Sprintf(", %.1f s", r.Seconds)
	b.rate = float64(r.Stored) / r.Seconds
	return nil
}

// insertNative lets the engine insert the same signals from a file in its own format.
func (b *bench) insertNative() error {
	data := filepath.Join(b.dir, "sim")
	file := filepath.Join(b.dir, "signals.native")
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := b.pipe(f, "--data", data, "sql", "--format", "Native", "SELECT * FROM signals"); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if _, _, _, err := b.exec("--data", data, "sql", "--write", "CREATE TABLE signals_again AS signals"); err != nil {
		return err
	}
	_, _, n, err := b.exec("--data", data, "sql", "--format", "TSV", "SELECT count() FROM signals")
	if err != nil {
		return err
	}
	took, _, _, err := b.exec("--data", data, "sql", "--write", "INSERT INTO signals_again SELECT * FROM file('"+file+"', 'Native') SETTINGS max_insert_block_size = 65536, min_insert_block_size_rows = 65536, max_insert_threads = 1")
	if err != nil {
		return err
	}
	var count float64
	if _, err := fmt.Sscan(string(n), &count); err != nil {
		return err
	}
	native := count / took.Seconds()
	b.add("engine inserts the same signals from a Native file", fmt.Sprintf("%.0f signals/s", native), fmt.Sprintf("import is %.2f of it", b.rate/native), "import at least 0.5 of it")
	_, _, _, err = b.exec("--data", data, "sql", "--write", "DROP TABLE signals_again")
	return err
}

// score is a whole tick in Go: every case read, every rule evaluated.
func (b *bench) score() error {
	data := filepath.Join(b.dir, "sim")
	_, _, shape, err := b.exec("--data", data, "sql", "--format", "TSV", "SELECT uniqExact(case_id), count() FROM signals")
	if err != nil {
		return err
	}
	_, _, parts, err := b.exec("--data", data, "sql", "--format", "TSV", "SELECT count() FROM system.parts WHERE table = 'signals' AND active")
	if err != nil {
		return err
	}
	bare, _, _, err := b.exec("--data", data, "sql", "--format", "Null", "SELECT case_id, count(), min(at), max(at), max(level), uniq(person), uniq(unit), uniq(act), max(due), uniq(channel) FROM signals GROUP BY case_id")
	if err != nil {
		return err
	}
	took, peak, lines, err := b.exec("--data", data, "--rules", b.rules, "score", "--json", "--as-of", "2025-12-31")
	if err != nil {
		return err
	}
	b.add("score every case in Go", fmt.Sprintf("%.1f s, peak %d MB", took.Seconds(), peak),
		fmt.Sprintf("cases and signals %s, %s parts, %d lines; bare scan-and-group %.1f s", strings.Join(strings.Fields(string(shape)), " and "), strings.TrimSpace(string(parts)), bytes.Count(lines, []byte("\n")), bare.Seconds()), "")
	return nil
}

// daemon starts the daemon twice on the simulated history: first start, at which
// everything is news, and a start at which nothing is.
func (b *bench) daemon() error {
	config := filepath.Join(b.dir, "yujing.yaml")
	if err := os.WriteFile(config, []byte("http: {listen: \"127.0.0.1:0\"}\nscoring: {schedule: \"0 0 1 1 *\"}\n"), 0o600); err != nil {
		return err
	}
	for _, start := range []string{"first", "second"} {
		took, peak, stop, err := b.startDaemon(config)
		if err != nil {
			return err
		}
		b.add("daemon, "+start+" start", fmt.Sprintf("ready after %.1f s, peak %d MB", took.Seconds(), peak), fmt.Sprintf("stopped in %.1f s", stop.Seconds()), "second: ready after 2 s, under 100 MB")
	}
	return nil
}

// startDaemon runs the daemon until it says that it is ready.
func (b *bench) startDaemon(config string) (ready time.Duration, peak int, stop time.Duration, err error) {
	cmd := exec.Command(b.yujing, "--config", config, "--data", filepath.Join(b.dir, "sim"), "--rules", b.rules, "--sources", b.sources, "run")
	log, err := cmd.StderrPipe()
	if err != nil {
		return 0, 0, 0, err
	}
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, 0, err
	}
	said := ""
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && ready == 0 {
		said = lines.Text()
		if strings.Contains(said, `"msg":"ready"`) {
			ready = time.Since(started)
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	time.Sleep(2 * time.Second) // the first messages go out
	stopping := time.Now()
	_ = cmd.Process.Signal(os.Interrupt)
	err = cmd.Wait()
	if ready == 0 {
		return 0, 0, 0, fmt.Errorf("the daemon never said that it is ready: %w\n%s", err, said)
	}
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return ready, int(usage.Maxrss / 1024), time.Since(stopping), err
}

func (b *bench) importBoston(file, sources string) error {
	r, peak, err := b.importFiles("boston", "boston311", sources, []string{file})
	if err != nil {
		return err
	}
	b.add("import, boston311", fmt.Sprintf("%.0f records/s, importer's peak %d MB", float64(r.Records)/r.Seconds, peak), fmt.Sprintf("%d records, %d signals, %.2f s", r.Records, r.Stored, r.Seconds), "40,000 records/s")
	return nil
}

func (b *bench) importFiles(data, source, sources string, files []string) (report, int, error) {
	var r report
	_, peak, out, err := b.exec(append([]string{"--data", filepath.Join(b.dir, data), "--sources", sources, "import", "--json", "--source", source}, files...)...)
	if err != nil {
		return r, 0, err
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return r, peak, json.Unmarshal(lines[len(lines)-1], &r)
}

// exec runs the program and gives its wall time, peak memory in MB and output.
func (b *bench) exec(args ...string) (time.Duration, int, []byte, error) {
	var out, errs bytes.Buffer
	cmd := exec.Command(b.yujing, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	started := time.Now()
	err := cmd.Run()
	took := time.Since(started)
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // it found problems, which is its answer
		err = nil
	}
	if err != nil {
		return took, 0, nil, fmt.Errorf("yujing %s: %w\n%s", strings.Join(args, " "), err, errs.Bytes())
	}
	usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return took, int(usage.Maxrss / 1024), out.Bytes(), nil
}

// pipe runs the program with its output going to w.
func (b *bench) pipe(w io.Writer, args ...string) error {
	cmd := exec.Command(b.yujing, args...)
	cmd.Stdout, cmd.Stderr = w, os.Stderr
	return cmd.Run()
}

func (b *bench) table() string {
	var t strings.Builder
	fmt.Fprintf(&t, "# Benchmarks\n\nWritten by `make bench` on %s, %d cores, %s. Machines differ and are shared: the ratios hold, the seconds are this run's.\n\n",
		runtime.GOARCH, runtime.NumCPU(), time.Now().Format(time.DateOnly))
	fmt.Fprintln(&t, "| what | figure | beside it, in the same run | to hold |\n|---|---|---|---|")
	for _, r := range b.rows {
		fmt.Fprintf(&t, "| %s | %s | %s | %s |\n", r.what, r.figure, r.beside, r.hold)
	}
	return t.String()
}
