package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"

	"yujing/internal/calendar"
	"yujing/internal/clickhouse"
	"yujing/internal/config"
	"yujing/internal/privacy"
	"yujing/rules"
)

// app is what the commands share: where things lie, and how to open them.
type app struct {
	stdout, stderr io.Writer

	configPath, dataDir, rulesDir, sourcesDir string
	verbose                                   bool
	quiet                                     bool // the demonstration: alerts on the terminal, not the daemon's log

	closers []func() error
}

// close undoes what was opened, last first.
func (a *app) close() {
	for _, c := range slices.Backward(a.closers) {
		if err := c(); err != nil {
			fmt.Fprintln(a.stderr, "yujing:", err)
		}
	}
	a.closers = nil
}

// config reads yujing.yaml; without --config it may be missing.
func (a *app) config() (config.Config, error) {
	path, asked := a.configPath, a.configPath != ""
	if !asked {
		path = "yujing.yaml"
	}
	c, problems := config.Load(path, asked)
	if err := problems.Err(); err != nil {
		return c, &coded{exitUsage, err}
	}
	return c.In(a.dataDir), nil
}

// logger writes JSON lines to stderr; commands are quiet unless asked, the daemon is not.
func (a *app) logger(level zapcore.Level) *zap.Logger {
	if a.verbose {
		level = zapcore.DebugLevel
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.ISO8601TimeEncoder
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoding), zapcore.AddSync(a.stderr), level))
}

// store opens the database and brings its schema up to date.
func (a *app) store(ctx context.Context, c config.Config) (*clickhouse.DB, error) {
	db, err := a.bareStore(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, c.Retention); err != nil {
		var newer *clickhouse.NewerSchemaError
		if errors.As(err, &newer) {
			return nil, &coded{exitUsage, err}
		}
		return nil, err
	}
	return db, nil
}

// existingStore opens a store that is there, for commands that only ask: in the
// wrong directory they must not make an empty one and find nothing in it. No
// data is never "all clear".
func (a *app) existingStore(ctx context.Context, c config.Config) (*clickhouse.DB, error) {
	if _, err := os.Stat(filepath.Join(a.dataDir, "store")); len(c.ClickHouse.Addr) == 0 && errors.Is(err, fs.ErrNotExist) {
		return nil, usage("there is no store in %s: name the data directory with --data, or fill one with yujing import or yujing run", a.dataDir)
	}
	return a.store(ctx, c)
}

// open reads the configuration and opens a database that is there already.
func (a *app) open(ctx context.Context) (config.Config, *clickhouse.DB, error) {
	c, err := a.config()
	if err != nil {
		return c, nil, err
	}
	db, err := a.existingStore(ctx, c)
	return c, db, err
}

// judge opens what judging rows takes: the rules, the risks asked for ("" = all)
// and the database, in this order, so that a mistake in a rule is told first.
func (a *app) judge(ctx context.Context, risk string) (*rules.Set, []*rules.Risk, *clickhouse.DB, error) {
	c, set, err := a.rules()
	if err != nil {
		return nil, nil, nil, err
	}
	risks, err := pick(set, risk)
	if err != nil {
		return nil, nil, nil, err
	}
	db, err := a.existingStore(ctx, c)
	return set, risks, db, err
}

// bareStore opens the database as it is.
func (a *app) bareStore(ctx context.Context, c config.Config) (*clickhouse.DB, error) {
	if err := os.MkdirAll(a.dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	db, err := clickhouse.Open(ctx, clickhouse.Options{Config: c.ClickHouse, Dir: a.dataDir, Logger: a.logger(zapcore.WarnLevel)})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, db.Close)
	return db, nil
}

// key opens the deployment's key, and at the first start creates it.
func (a *app) key(c config.Config) (*privacy.Key, error) {
	if err := os.MkdirAll(filepath.Dir(c.Key), 0o700); err != nil {
		return nil, fmt.Errorf("create the key's directory: %w", err)
	}
	key, created, err := privacy.OpenKey(c.Key)
	if err != nil {
		return nil, &coded{exitUsage, err}
	}
	if created {
		fmt.Fprintln(a.stderr, privacy.LossNotice(c.Key))
	}
	return key, nil
}

// ruleSet loads and checks the rules; warnings are printed, errors end the command.
func (a *app) ruleSet(c config.Config) (*rules.Set, error) {
	if err := isDir(a.rulesDir, "rule files", "--rules"); err != nil {
		return nil, err
	}
	set, problems := rules.Load(os.DirFS(a.rulesDir), rules.Options{Calendar: calendar.Embedded(), Deadlines: c.Deadlines, Dir: a.rulesDir})
	if err := problems.Err(); err != nil {
		return nil, &coded{exitUsage, err}
	}
	return set, nil
}

// rules reads the configuration and the rules.
func (a *app) rules() (config.Config, *rules.Set, error) {
	c, err := a.config()
	if err != nil {
		return c, nil, err
	}
	set, err := a.ruleSet(c)
	return c, set, err
}

// isDir says what to do about a directory that is not there: nearly always the
// program was started somewhere else.
func isDir(dir, of, flag string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usage("there is no directory %s of %s here; name it with %s, or change to the installation's directory", dir, of, flag)
	case err != nil:
		return usage("%s: %w", flag, err)
	case !info.IsDir():
		return usage("%s is no directory; name one of %s with %s", dir, of, flag)
	}
	return nil
}

// json prints one value as a line of JSON.
func (a *app) json(v any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// terminal says whether a stream is one.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// instant reads a time of the command line: RFC 3339, or a date with or without
// a time of day, in the zone given. Empty is now.
func instant(text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Now().UTC().Truncate(time.Millisecond), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usage("%q is not a time: write 2026-03-01, 2026-03-01 08:30 or 2026-03-01T08:30:00+08:00", text)
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return info.Main.Version
}
