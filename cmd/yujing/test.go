package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"yujing/internal/clickhouse"
	"yujing/internal/config"
	"yujing/internal/engine"
	"yujing/rules"
)

// testRun is what `yujing test` was asked for.
type testRun struct {
	paths    []string
	names    *regexp.Regexp // of tests, nil = all
	coverage bool
	atLeast  float64 // percent that must be covered
	junit    string  // file, "" = none
	update   bool
	asJSON   bool

	engine  string                // a word of engineWords
	engines []rules.NamedAssessor // beside the VM, once they are open
}

// engineWords are the choices of --engine. The VM is always asked: it alone
// tells texts and outcomes.
func engineWords() []string { return []string{"both", "vm"} }

func (a *app) testCommand() *cobra.Command {
	var t testRun
	var names string
	var watch bool
	cmd := &cobra.Command{
		Use:   "test [PATH...]",
		Short: "run the unit tests beside the rules (*_test.yaml) in both engines: the evaluator and the database's SQL",
		Long: "test runs the tests of --rules, or of each PATH: a directory of rules, a rule file or a file of tests.\n" +
			"The database is a store of its own in a temporary directory; nothing is read or written elsewhere.\n" +
			"docs/rules.md says how a test is written and what counts as covered.",
		RunE: func(cmd *cobra.Command, paths []string) error {
			t.paths, t.coverage = paths, cmd.Flags().Changed("coverage")
			if len(paths) == 0 {
				t.paths = []string{a.rulesDir}
			}
			if err := t.complete(names); err != nil {
				return err
			}
			if watch {
				return a.watchTests(cmd.Context(), &t)
			}
			return a.test(cmd.Context(), &t)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&t.asJSON, "json", false, "the report as one JSON object")
	flags.StringVar(&names, "run", "", "run the tests whose names match this regular expression")
	flags.Float64Var(&t.atLeast, "coverage", 0, "tell which rules and branches the tests reach; with =PERCENT exit 1 below it")
	flags.Lookup("coverage").NoOptDefVal = "0"
	flags.StringVar(&t.junit, "junit", "", "write the report as JUnit XML to this file too")
	flags.StringVar(&t.engine, "engine", "both", "both, or vm: not in the database, which takes some seconds")
	flags.BoolVar(&t.update, "update", false, "write into the files what comes out where it is not what is expected; review it")
	flags.BoolVar(&watch, "watch", false, "run again whenever a file changes, until Ctrl-C")
	return cmd
}

// complete checks what the flags say.
func (t *testRun) complete(names string) error {
	if t.atLeast < 0 || t.atLeast > 100 {
		return usage("test: --coverage=%v is no percentage; write 0 to 100", t.atLeast)
	}
	if !slices.Contains(engineWords(), t.engine) {
		return usage("test: --engine=%s: write %s", t.engine, strings.Join(engineWords(), " or "))
	}
	if names == "" {
		return nil
	}
	var err error
	if t.names, err = regexp.Compile(names); err != nil {
		return usage("test: --run: %w", err)
	}
	return nil
}

// open opens the engines that every test runs in beside the VM, and keeps them
// open for the next run of a watch. a.close() closes them.
func (t *testRun) open(ctx context.Context, a *app, c config.Config) error {
	if t.engine == "vm" || t.engines != nil {
		return nil
	}
	db, err := a.scratchStore(ctx, c)
	if errors.Is(err, engine.ErrNoLibrary) {
		return &coded{exitUsage, fmt.Errorf("test: %w, or leave the database out with --engine vm", err)}
	}
	if err != nil {
		return fmt.Errorf("test: open the database: %w; leave it out with --engine vm", err)
	}
	t.engines = []rules.NamedAssessor{{Name: "sql", Assessor: db}}
	return nil
}

// scratchStore opens a store of its own, without a schema, in a directory that
// is gone once it is closed. It is the embedded engine, also where the
// configuration names a server: tests send it rows that nobody reported.
func (a *app) scratchStore(ctx context.Context, c config.Config) (*clickhouse.DB, error) {
	dir, err := os.MkdirTemp("", "yujing-test-")
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() error { return os.RemoveAll(dir) })
	settings := clickhouse.DefaultConfig()
	settings.Embedded = c.ClickHouse.Embedded
	db, err := clickhouse.Open(ctx, clickhouse.Options{Config: settings, Dir: dir, Idle: time.Second, Logger: a.logger(zapcore.WarnLevel)})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, db.Close)
	return db, nil
}

// testReport is what `yujing test --json` writes.
type testReport struct {
	rules.TestReport
	Percent *float64            `json:"coverage_percent,omitempty"`
	Updates []rules.UpdatedFile `json:"updates,omitempty"`
}

// test runs the tests once. Its error is found() if a test failed or too little is covered.
func (a *app) test(ctx context.Context, t *testRun) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	if err := t.open(ctx, a, c); err != nil {
		return err
	}
	var report testReport
	for _, path := range t.paths {
		if err := a.testPath(ctx, c, t, rules.TestOptions{Dir: path, Engines: t.engines}, &report); err != nil {
			return err
		}
	}
	if t.names != nil && len(report.Results) == 0 && report.Failed == 0 {
		return usage("test: no test has a name that matches %q", t.names)
	}
	if t.junit != "" {
		if err := writeFile(t.junit, report.WriteJUnit); err != nil {
			return err
		}
	}
	if err := a.tellTests(t, &report); err != nil {
		return err
	}
	if report.Failed > 0 || t.short(&report) {
		return found()
	}
	return nil
}

// testPath runs the tests of one directory or file, which opts.Dir names, and
// adds to the report.
func (a *app) testPath(ctx context.Context, c config.Config, t *testRun, opts rules.TestOptions, report *testReport) error {
	path := opts.Dir
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		if _, err := os.Stat(testsOf(path)); err != nil {
			return usage("test: %s has no tests: write %s", path, testsOf(path))
		}
		opts.Dir, opts.File = filepath.Dir(path), filepath.Base(testsOf(path))
	}
	a.rulesDir = opts.Dir
	set, err := a.ruleSet(c)
	if err != nil {
		return err
	}
	opts.Run, opts.Coverage, opts.Clock = t.names, t.coverage, time.Now
	if t.update {
		if err := updateTests(ctx, set, opts, report); err != nil {
			return err
		}
	}
	one, err := rules.RunTests(ctx, os.DirFS(opts.Dir), set, opts)
	if err != nil {
		return err
	}
	report.Add(one)
	return nil
}

// testsOf is the file of tests beside a rule file; a file of tests is its own.
func testsOf(path string) string {
	if strings.HasSuffix(path, "_test.yaml") {
		return filepath.Clean(path)
	}
	return strings.TrimSuffix(filepath.Clean(path), ".yaml") + "_test.yaml"
}

// updateTests writes the files of tests whose expectations differ.
func updateTests(ctx context.Context, set *rules.Set, opts rules.TestOptions, report *testReport) error {
	opts.Engines = nil // it writes what the VM says
	updates, problems, err := rules.UpdateTests(ctx, os.DirFS(opts.Dir), set, opts)
	if err != nil {
		return err
	}
	report.Problems = append(report.Problems, problems...)
	for _, u := range updates {
		err := writeFile(filepath.Join(opts.Dir, u.Name), func(w io.Writer) error {
			_, err := w.Write(u.Data)
			return err
		})
		if err != nil {
			return err
		}
	}
	report.Updates = append(report.Updates, updates...)
	return nil
}

// writeFile writes a file whole or not at all; one that is there keeps its mode
// and, if it is a link, what it links to.
func writeFile(path string, write func(io.Writer) error) (err error) {
	mode := os.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".yujing-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the error says what matters
		}
	}()
	err = write(f)
	if err == nil {
		err = f.Chmod(mode)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// tellTests prints the report.
func (a *app) tellTests(t *testRun, report *testReport) error {
	if t.asJSON {
		if report.Coverage != nil {
			percent := report.Coverage.Percent()
			report.Percent = &percent
		}
		return a.json(report)
	}
	for i := range report.Updates {
		report.Updates[i].Print(a.stdout)
	}
	if n := len(report.Updates); n > 0 {
		fmt.Fprintf(a.stdout, "review the changes: %d file(s) written\n", n)
	}
	if report.Coverage != nil {
		report.Coverage.Print(a.stdout, readSource)
	}
	if t.short(report) {
		fmt.Fprintf(a.stdout, "FAIL coverage: want at least %v %%\n", t.atLeast)
	}
	report.Print(a.stdout)
	return nil
}

// short says that less is covered than was asked for.
func (t *testRun) short(report *testReport) bool {
	return report.Coverage != nil && report.Coverage.Percent() < t.atLeast
}

// watchTests runs the tests now and whenever a file they read changes. It ends
// when ctx does, with the exit code of the last run.
func (a *app) watchTests(ctx context.Context, t *testRun) error {
	code := exitFine
	rulesDir := a.rulesDir
	for {
		before := t.seen(a.configPath)
		if terminal(a.stdout) {
			fmt.Fprint(a.stdout, "\x1b[H\x1b[2J\x1b[3J")
		}
		a.rulesDir = rulesDir
		err := a.test(ctx, t)
		if ctx.Err() != nil {
			return &coded{code: code}
		}
		code = a.report(err)
		fmt.Fprintf(a.stderr, "watching %s; Ctrl-C ends\n", strings.Join(t.paths, ", "))
		for before == t.seen(a.configPath) {
			select {
			case <-ctx.Done():
				return &coded{code: code}
			case <-time.After(300 * time.Millisecond):
			}
		}
	}
}

// seen is what can be seen of the files that the tests depend on without reading
// them: names, sizes, times.
func (t *testRun) seen(configPath string) string {
	if configPath == "" {
		configPath = "yujing.yaml"
	}
	files := []string{configPath}
	for _, path := range t.paths {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			path = filepath.Dir(path)
		}
		found, _ := filepath.Glob(filepath.Join(path, "[^.]*.yaml")) // the pattern is well-formed
		files = append(files, found...)
	}
	var b strings.Builder
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", file, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
