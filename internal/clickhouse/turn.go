package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// turnPause is how often a waiting import looks whether it is its turn.
const turnPause = 2 * time.Millisecond

// Turn waits until no other import, of this process or another, is between
// looking up what is stored and storing what is new, and keeps others out until
// done is called. Without it a command's import beside the daemon's, of the same
// file, would store each correction twice. The locks end with their process. With
// a server in place of the embedded engine they hold for this data directory only.
func (db *DB) Turn(ctx context.Context) (done func(), err error) {
	// Whoever waits stands in the door, so that one who has just been in
	// cannot go in again before him.
	door, err := lockFile(ctx, filepath.Join(db.dir, "import.next"))
	if err != nil {
		return nil, err
	}
	defer door.Close()
	room, err := lockFile(ctx, filepath.Join(db.dir, "import.lock"))
	if err != nil {
		return nil, err
	}
	return func() { _ = room.Close() }, nil
}

// lockFile waits for the lock of a file; closing it gives the lock up.
func lockFile(ctx context.Context, path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("wait for other imports: %w", err)
	}
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = file.Close()
			return nil, fmt.Errorf("wait for other imports: lock %s: %w", path, err)
		}
		select {
		case <-time.After(turnPause):
		case <-ctx.Done():
			_ = file.Close()
			return nil, ctx.Err()
		}
	}
}
