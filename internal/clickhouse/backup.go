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

// Empty says that the store has no table yet.
func (db *DB) Empty(ctx context.Context) (bool, error) {
	var tables uint64
	if err := db.conn.QueryRow(ctx, statement("count_tables")).Scan(&tables); err != nil {
		return false, fmt.Errorf("count tables: %w", err)
	}
	return tables == 0, nil
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
