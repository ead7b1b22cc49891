package clickhouse

import (
	"context"
	"fmt"
	"strings"
)

// Backup writes a consistent copy of every table into an empty directory.
func (db *DB) Backup(ctx context.Context, dir string) error {
	if err := db.conn.Exec(ctx, statement("backup", "{{dir}}", literal(dir+"/store"))); err != nil {
		return fmt.Errorf("back up to %s: %w", dir, err)
	}
	return nil
}

// Restore fills an empty store from a backup.
func (db *DB) Restore(ctx context.Context, dir string) error {
	if err := db.conn.Exec(ctx, statement("restore", "{{dir}}", literal(dir+"/store"))); err != nil {
		return fmt.Errorf("restore from %s: %w", dir, err)
	}
	return nil
}

// literal quotes a string for the few statements that take no parameters.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
