package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// keyInBackup is the deployment's key beside the store's own files.
const keyInBackup = "yujing.key"

func (a *app) backupCommand() *cobra.Command {
	var withoutKey bool
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "copy the store and the deployment's key into a new directory; the daemon may go on",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, db, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			dir, err := newDir(args[0])
			if err != nil {
				return err
			}
			if err := db.Backup(cmd.Context(), dir); err != nil {
				return err
			}
			if withoutKey {
				fmt.Fprintf(a.stderr, "backed up to %s, without the key: a restored store cannot join later contacts to earlier ones unless %s is kept elsewhere\n", dir, c.Key)
				return nil
			}
			if err := copyKey(c.Key, filepath.Join(dir, keyInBackup)); err != nil {
				return err
			}
			fmt.Fprintf(a.stderr, "backed up to %s, the key too: who has both can find the identities behind pseudonyms, keep it accordingly\n", dir)
			return nil
		},
	}
	cmd.Flags().BoolVar(&withoutKey, "without-key", false, "leave the key out, if it is kept elsewhere")
	return cmd
}

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore DIR",
		Short: "fill an empty data directory from a backup",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			dir, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			if _, err := os.Stat(filepath.Join(dir, "store")); err != nil { // before a store is made to fill
				return usage("restore: %s is no backup: %w", args[0], err)
			}
			db, err := a.bareStore(cmd.Context(), c)
			if err != nil {
				return err
			}
			if empty, err := db.Empty(cmd.Context()); err != nil {
				return err
			} else if !empty {
				return usage("restore: %s holds a store already; name an empty directory with --data", a.dataDir)
			}
			if err := db.Restore(cmd.Context(), dir); err != nil {
				return err
			}
			if err := db.Migrate(cmd.Context(), c.Retention); err != nil {
				return err
			}
			err = copyKey(filepath.Join(dir, keyInBackup), c.Key)
			if errors.Is(err, fs.ErrNotExist) {
				fmt.Fprintf(a.stderr, "yujing: this backup holds no key; put the deployment's key at %s before the next import\n", c.Key)
				return nil
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stderr, "restored %s into %s\n", dir, a.dataDir)
			return nil
		},
	}
}

// newDir creates the directory of a backup, which must not hold anything yet.
func newDir(path string) (string, error) {
	dir, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return "", usage("backup: %s is not empty; name a new directory", path)
	}
	return dir, os.MkdirAll(dir, 0o700)
}

// copyKey writes the key readable by its owner only; a key that is there and differs is never overwritten.
func copyKey(from, to string) error {
	key, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("copy the key: %w", err)
	}
	if there, err := os.ReadFile(to); err == nil {
		if string(there) == string(key) {
			return nil
		}
		return usage("%s holds another key; move it away first", to)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("copy the key: %w", err)
	}
	return os.WriteFile(to, key, 0o600)
}
