package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

const socketName = "engine.sock"

// maxSocketPath is the length of sockaddr_un.sun_path without its final zero.
const maxSocketPath = 107

// WithSocket calls use with a path of a directory's unix socket that fits into an address. A long path is shortened by
// way of the open directory: it is good only until use returns.
func WithSocket(dir, name string, use func(path string) error) error {
	path := filepath.Join(dir, name)
	if len(path) <= maxSocketPath {
		return use(path)
	}
	if runtime.GOOS != "linux" {
		return fmt.Errorf("the path %s is longer than the %d bytes of a unix socket; use a shorter data directory", path, maxSocketPath)
	}
	open, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer open.Close()
	return use(fmt.Sprintf("/proc/self/fd/%d/%s", open.Fd(), name))
}

// listenSocket listens in the directory, whose lock the caller holds: a socket that is there is a dead engine's.
func listenSocket(dir string) (net.Listener, error) {
	var listener *net.UnixListener
	err := WithSocket(dir, socketName, func(path string) error {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		mask := syscall.Umask(0o177) // nobody but the owner, from the first moment on
		defer syscall.Umask(mask)
		var err error
		listener, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("engine socket: %w", err)
	}
	// The next engine may have made its own by the time this one closes.
	listener.SetUnlinkOnClose(false)
	return listener, nil
}

func dialSocket(ctx context.Context, dir string) (conn net.Conn, err error) {
	err = WithSocket(dir, socketName, func(path string) error {
		conn, err = (&net.Dialer{}).DialContext(ctx, "unix", path)
		return err
	})
	return conn, err
}
