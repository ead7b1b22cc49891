package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// Options say which engine a client wants. Memory, Idle and Lib matter only if this client is the one that starts it.
type Options struct {
	Dir          string        // the engine's directory, its own; made if it is not there
	Lib          string        // path of libchdb.so; empty: see FindLibrary
	Memory       int64         // see ServeOptions
	Idle         time.Duration // see ServeOptions
	Listen       string        // see ServeOptions; a running engine is asked to listen, too
	StartTimeout time.Duration // how long starting may take, a crashed engine's recovery included; 0 = 60 s
	Logger       *zap.Logger   // nil = none
}

// Host is the host name to give to an HTTP client that dials by an Engine; it stands for the socket.
const Host = "engine"

// Engine is a client's hold on the engine of a directory: it keeps the process alive and starts it again when it died.
// Safe for concurrent use.
type Engine struct {
	options Options
	serve   ServeOptions
	logger  *zap.Logger

	starting sync.Mutex

	mu     sync.Mutex
	lease  net.Conn // open as long as this client wants the engine; nil if it has gone
	closed bool
}

// ErrClosed is returned by an Engine after Close.
var ErrClosed = errors.New("engine: closed")

// Open connects to the directory's engine, starting it if there is none. For clickhouse-go:
//
//	clickhouse.Open(&clickhouse.Options{
//		Protocol:      clickhouse.HTTP,
//		Addr:          []string{engine.Host},
//		Auth:          clickhouse.Auth{Database: "default"},
//		TransportFunc: eng.Transport,
//	})
//
// without Compression, which would only cost time on a socket.
func Open(ctx context.Context, o Options) (*Engine, error) {
	serve := ServeOptions{Dir: o.Dir, Lib: o.Lib, Memory: o.Memory, Idle: o.Idle}
	if err := serve.complete(); err != nil {
		return nil, err
	}
	if o.Listen != "" {
		if _, err := loopbackPort(o.Listen); err != nil {
			return nil, err
		}
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = time.Minute
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	if err := os.MkdirAll(serve.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("engine directory: %w", err)
	}
	e := &Engine{options: o, serve: serve, logger: o.Logger}
	conn, err := e.dial(ctx)
	if err != nil {
		return nil, err
	}
	return e, conn.Close()
}

// dial connects to the engine, starting it if need be. What it returns has been answered by the engine: it will not end
// for want of clients while the connection is open.
func (e *Engine) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, e.options.StartTimeout)
	defer cancel()
	for {
		conn, err := e.connectOrStart(ctx)
		if err != nil {
			return nil, err
		}
		if err = e.hold(ctx); err == nil {
			return conn, nil
		}
		_ = conn.Close()
		if !absent(err) || ctx.Err() != nil { // absent: it died just after it answered
			return nil, err
		}
	}
}

func (e *Engine) connectOrStart(ctx context.Context) (net.Conn, error) {
	conn, err := connect(ctx, e.serve.Dir)
	if err == nil {
		return conn, nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("engine in %s belongs to another user; run this as the user that owns the directory: %w", e.serve.Dir, err)
	}
	if !absent(err) {
		return nil, fmt.Errorf("engine in %s: %w", e.serve.Dir, err)
	}
	e.starting.Lock()
	defer e.starting.Unlock()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		if conn, err = connect(ctx, e.serve.Dir); err == nil || !absent(err) {
			return conn, err
		}
		if e.isClosed() {
			return nil, ErrClosed
		}
		err := e.start(ctx)
		switch {
		case err == nil:
			continue
		case !errors.Is(err, ErrRunning) && !Lost(err):
			return nil, err
		}
		select { // another one is just starting or just ending, or this one was killed
		case <-time.After(pause):
		case <-ctx.Done():
			if Lost(err) {
				return nil, err
			}
			return nil, fmt.Errorf("engine in %s has the directory locked but does not answer: %w; see engine.log there", e.serve.Dir, ctx.Err())
		}
	}
}

// connect dials the socket and has the engine answer a ping on the connection.
func connect(ctx context.Context, dir string) (net.Conn, error) {
	conn, err := dialSocket(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := ping(ctx, conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func ping(ctx context.Context, conn net.Conn) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := io.WriteString(conn, "GET /ping HTTP/1.1\r\nHost: "+Host+"\r\n\r\n"); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// absent says that no engine answers: there is none, or it is just ending.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || broken(err)
}

// broken says that the other side of a connection went away.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed)
}

// start starts an engine, detached, and waits until it is ready. ErrRunning: another one has the directory.
func (e *Engine) start(ctx context.Context) error {
	library, err := FindLibrary(e.serve.Lib)
	if err != nil {
		return err
	}
	serve := e.serve
	serve.Lib = library
	encoded, err := json.Marshal(serve)
	if err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	hearing, telling, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	defer hearing.Close()
	process := exec.Command(program, "engine", "--dir", serve.Dir) // what follows the program is for people who look at ps
	process.Env = append(os.Environ(), serveVariable+"="+string(encoded), "TZ="+serverZone)
	process.Dir = "/"
	process.ExtraFiles = []*os.File{telling} // readyFile
	process.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = process.Start()
	_ = telling.Close()
	if err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	stop := context.AfterFunc(ctx, func() { _ = hearing.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	said, err := io.ReadAll(hearing)
	if err == nil && len(said) == 0 && killed(<-ended) {
		return &lostError{errors.New("it was killed while it started")}
	}
	return e.started(string(said), err)
}

// killed says that a process ended by kill -9: by somebody's hand or for want of memory, not by a fault of its own.
func killed(ended error) bool {
	var exit *exec.ExitError
	if !errors.As(ended, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// started understands what a starting engine said of itself.
func (e *Engine) started(said string, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("engine in %s was not ready in time: %w; see engine.log there", e.serve.Dir, err)
	case said == saidReady:
		return nil
	case said == saidRunning:
		return ErrRunning
	case said == "":
		last, _ := os.ReadFile(filepath.Join(e.serve.Dir, "engine.start")) // there if the library ended the process
		return fmt.Errorf("engine in %s ended while starting; see engine.log there. %s", e.serve.Dir, strings.TrimSpace(string(last)))
	default:
		return fmt.Errorf("start engine: %s", said)
	}
}

// hold makes sure that a connection is kept for as long as the client wants the engine, and notices its end.
func (e *Engine) hold(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return ErrClosed
	}
	if e.lease != nil {
		return nil
	}
	lease, err := connect(ctx, e.serve.Dir)
	if err != nil {
		return err
	}
	if e.options.Listen != "" {
		if err := e.tell(ctx, lease, "/engine/listen?addr="+url.QueryEscape(e.options.Listen)); err != nil {
			_ = lease.Close()
			return err
		}
	}
	e.lease = lease
	go e.watch(lease)
	return nil
}

func (e *Engine) watch(lease net.Conn) {
	_, _ = lease.Read(make([]byte, 1)) // nothing comes but the end
	_ = lease.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.lease == lease {
		e.lease = nil
		e.logger.Warn("engine has gone; the next statement starts it again", zap.String("dir", e.serve.Dir))
	}
}

func (e *Engine) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

// Close lets go of the engine, which ends when nobody else holds it. Connections dialled before stay open.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	if e.lease == nil {
		return nil
	}
	lease := e.lease
	e.lease = nil
	return lease.Close()
}

// Stop closes e and ends the engine of its directory, whoever else uses it, after the statements that run, and waits
// until the directory is free. It is content if no engine runs.
func (e *Engine) Stop(ctx context.Context) error {
	_ = e.Close()
	conn, err := connect(ctx, e.serve.Dir)
	if err == nil {
		err = e.tell(ctx, conn, "/engine/stop")
		_ = conn.Close()
	}
	if err != nil && !absent(err) {
		return err
	}
	for {
		lock, err := lockDir(e.serve.Dir)
		if err == nil {
			return lock.Close()
		}
		if !errors.Is(err, ErrRunning) {
			return err
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("stop engine: %w", ctx.Err())
		}
	}
}

// tell makes one request of the shim's own on conn.
func (e *Engine) tell(ctx context.Context, conn net.Conn, path string) error {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", path, Host); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode != http.StatusOK:
		return fmt.Errorf("engine: %s", strings.TrimSpace(string(body)))
	}
	return nil
}
