package clickhouse

import (
	"context"
	"fmt"
	"time"
)

// OtherKeyError says that the store was filled under another deployment's key.
// Under this one new contacts would not join stored ones, and what is sealed
// would not open, without anybody noticing. Nothing was changed.
type OtherKeyError struct{ File, Key, Store string }

func (e *OtherKeyError) Error() string {
	return fmt.Sprintf("the deployment's key %s has the name %s, the store was filled under %s: new contacts would join no stored matter; "+
		"put the right key back from its copy, or from yujing.key in a backup (docs/runbook.md: The key is lost)", e.File, e.Key, e.Store)
}

// CheckKey refuses a key, read from a file, of another name than the one that
// the store remembers, if it remembers any.
func (db *DB) CheckKey(ctx context.Context, name, file string) error {
	have, err := db.keyName(ctx)
	if err == nil && have != "" && have != name {
		err = &OtherKeyError{File: file, Key: name, Store: have}
	}
	return err
}

// RememberKey has a store remember the key under which it is filled, unless it
// remembers one already; another is refused.
func (db *DB) RememberKey(ctx context.Context, name string) error {
	have, err := db.keyName(ctx)
	switch {
	case err != nil:
		return err
	case have == "":
		if err := db.exec(ctx, statement("insert_deployment_key"), name, time.Now().UTC()); err != nil {
			return fmt.Errorf("remember the name of the key: %w", err)
		}
	case have != name:
		return &OtherKeyError{File: "in use", Key: name, Store: have}
	}
	return nil
}

func (db *DB) keyName(ctx context.Context) (name string, err error) {
	if err := db.value(ctx, statement("deployment_key"), &name); err != nil {
		return "", fmt.Errorf("read the name of the key: %w", err)
	}
	return name, nil
}
