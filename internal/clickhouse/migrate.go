package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"
)

// NewerSchemaError says that the data directory was written by a newer program.
// Nothing was changed.
type NewerSchemaError struct{ Data, Program int }

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the data has schema %d, this program knows schemas up to %d: run a newer yujing, or restore a backup made before the upgrade", e.Data, e.Program)
}

type migration struct {
	version int
	name    string
	steps   []string
}

// migrations are the files NNNN_name.sql in order. Each step is written so that
// repeating it is harmless: a crash between two steps is mended by the next start.
func migrations() ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []migration
	for _, path := range names {
		base := strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql")
		number, name, _ := strings.Cut(base, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s: no number in front", path)
		}
		text, err := files.ReadFile(path)
		if err != nil {
			return nil, err
		}
		out = append(out, migration{version, name, split(string(text))})
	}
	return out, nil
}

// split cuts a file into statements at semicolons that end a line. Our own
// files are the only input; none has such a semicolon inside a literal.
func split(text string) []string {
	var out []string
	for _, s := range strings.Split(text, ";\n") {
		if strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
	}
	return out
}

// Migrate brings the schema up to this program's version and sets the times to
// live. A schema newer than the program's is a *NewerSchemaError.
func (db *DB) Migrate(ctx context.Context, keep Retention) error {
	todo, err := migrations()
	if err != nil {
		return err
	}
	if err := db.exec(ctx, statement("create_schema_versions")); err != nil {
		return fmt.Errorf("create schema_versions: %w", err)
	}
	var have uint64
	if err := db.value(ctx, statement("schema_version"), &have); err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	newest := todo[len(todo)-1].version
	if int(have) > newest {
		return &NewerSchemaError{Data: int(have), Program: newest}
	}
	for _, m := range todo {
		if m.version <= int(have) {
			continue
		}
		for _, step := range m.steps {
			if err := db.exec(ctx, step); err != nil {
				return fmt.Errorf("migration %04d_%s: %w", m.version, m.name, err)
			}
		}
		if err := db.exec(ctx, statement("insert_schema_version"), m.version, m.name, time.Now().UTC()); err != nil {
			return fmt.Errorf("record migration %04d_%s: %w", m.version, m.name, err)
		}
		db.log.Info("schema migrated", zap.Int("version", m.version), zap.String("name", m.name))
	}
	return db.retain(ctx, keep)
}

// Retention is how long each kind of data is kept, in days.
type Retention struct {
	Signals int `yaml:"signals_days"` // signals, links and assessments
	Rejects int `yaml:"rejects_days"` // sealed records that could not be mapped
	Alerts  int `yaml:"alerts_days"`  // alert events and deliveries
}

// DefaultRetention keeps a matter five years, a reject a month.
func DefaultRetention() Retention { return Retention{Signals: 5 * 365, Rejects: 30, Alerts: 5 * 365} }

// retain counts from the day something was stored, so that a history can be
// imported and studied; it sets each table's time to live where it is not what is asked.
func (db *DB) retain(ctx context.Context, keep Retention) error {
	for _, ttl := range []struct {
		table, column string
		days          int
	}{
		{"signals", "stored_at", keep.Signals},
		{"case_links", "stored_at", keep.Signals},
		{"assessments", "stored_at", keep.Signals},
		{"ticks", "stored_at", keep.Signals},
		{"rejects", "rejected_at", keep.Rejects},
	} {
		want := fmt.Sprintf("toDateTime(%s) + toIntervalDay(%d)", ttl.column, ttl.days)
		var create string
		if err := db.value(ctx, statement("create_statement", "{{table}}", ttl.table), &create); err != nil {
			return fmt.Errorf("read the definition of %s: %w", ttl.table, err)
		}
		if strings.Contains(create, "TTL "+want) {
			continue
		}
		if err := db.exec(ctx, statement("modify_ttl", "{{table}}", ttl.table, "{{ttl}}", want)); err != nil {
			return fmt.Errorf("set the time to live of %s: %w", ttl.table, err)
		}
	}
	return db.retainAlerts(ctx, keep.Alerts)
}

// Validate names times that cannot be meant.
func (r Retention) Validate() error {
	var errs []error
	for _, keep := range []struct {
		key  string
		days int
	}{{"signals_days", r.Signals}, {"rejects_days", r.Rejects}, {"alerts_days", r.Alerts}} {
		if keep.days < 1 {
			errs = append(errs, fmt.Errorf("%s %d: keep at least 1 day", keep.key, keep.days))
		}
	}
	return errors.Join(errs...)
}
