// Package outbox is the file channel: each message becomes one text file named
// by its key, so the same message sent again never makes a second one.
package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"yujing/alerts"
)

// Channel writes messages below one directory.
type Channel struct{ dir string }

// Open makes the directory if need be (0750: messages name matters).
func Open(dir string) (*Channel, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	return &Channel{dir: dir}, nil
}

// partPrefix begins the name of a file that is not whole yet.
const partPrefix = ".part-"

// ClearParts clears away what a crash left half written. It is for a daemon that
// starts: a command beside a running one would take away what that is writing.
func ClearParts(dir string) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasPrefix(d.Name(), partPrefix) {
			err = os.Remove(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // a command wrote it just now, and it is whole; or there is no outbox
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("outbox: clear away half-written messages: %w", err)
	}
	return nil
}

// CheckAddress accepts "." or the name of a directory below the outbox.
func CheckAddress(address string) error {
	if address == "." || regexp.MustCompile(`^[\p{L}\p{N}_-]+$`).MatchString(address) {
		return nil
	}
	return fmt.Errorf("%q is no directory of the outbox: use . or a plain name", address)
}

// Send writes the message whole or not at all. A message that is there already
// is sent already.
func (c *Channel) Send(_ context.Context, m *alerts.Message) error {
	dir := filepath.Join(c.dir, m.To)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	part, err := writePart(dir, text(m))
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part) }()
	// A link, unlike a rename, fails if the name is taken.
	err = os.Link(part, filepath.Join(dir, m.Key+".txt"))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("outbox: the file system must know hard links: %w", err)
	}
	return syncDir(dir)
}

// Forget removes the messages that tell of these alerts, and gives their number.
// A digest goes as a whole: what else it told of stands in the list of alerts.
func (c *Channel) Forget(gone []alerts.ID) (removed int, err error) {
	err = filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), partPrefix) { // a part is a running daemon's, or goes with its next start
			return err
		}
		message, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) { // who fetches messages may take one away meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		for _, id := range gone {
			if bytes.Contains(message, []byte(id.String())) {
				removed++
				return os.Remove(path)
			}
		}
		return nil
	})
	if err != nil {
		return removed, fmt.Errorf("outbox: forget messages: %w", err)
	}
	return removed, nil
}

func writePart(dir, text string) (string, error) {
	f, err := os.CreateTemp(dir, partPrefix+"*")
	if err != nil {
		return "", fmt.Errorf("outbox: %w", err)
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(0o640), f.Sync(), f.Close())
	if err != nil {
		_ = os.Remove(f.Name())
		return "", fmt.Errorf("outbox: %w", err)
	}
	return f.Name(), nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// text is the message as people read it: its subject stands above, so that a
// directory can be skimmed with head.
func text(m *alerts.Message) string {
	if strings.HasPrefix(m.Text, m.Subject) {
		return m.Text
	}
	return m.Subject + "\n\n" + m.Text
}
