package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// ServeOptions are the settings of an engine process.
type ServeOptions struct {
	Dir    string        // the engine's directory; made if it is not there
	Lib    string        // path of libchdb.so; empty: see FindLibrary
	Memory int64         // cap of ClickHouse's memory in bytes, 0 = 1 GiB; the process peaks at up to 1.6 times that
	Idle   time.Duration // ends so long after its last client, 0 = 30 s; negative = never
	Listen string        // loopback address to answer on besides the socket, e.g. 127.0.0.1:8123; empty = none
	Logger *zap.Logger   `json:"-"` // nil = none
}

const (
	defaultMemory = 1 << 30
	defaultIdle   = 30 * time.Second
	stopWithin    = 10 * time.Second // a stopping engine waits so long for running statements, then kills them
)

func (o *ServeOptions) complete() error {
	if o.Dir == "" {
		return errors.New("engine: no directory given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return fmt.Errorf("engine directory: %w", err)
	}
	o.Dir = dir
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.Idle == 0 {
		o.Idle = defaultIdle
	}
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	return nil
}

// ErrRunning says that another engine has the directory open; clients connect to that one.
var ErrRunning = errors.New("an engine is already running in this directory")

// Serve is the engine process: it opens the directory, answers on engine.sock in it until ctx ends, SIGTERM or SIGINT
// comes or nobody has been connected for o.Idle, and then lets running statements end. One process can serve once.
func Serve(ctx context.Context, o ServeOptions) error { return serve(ctx, o, func() {}) }

func serve(ctx context.Context, o ServeOptions, ready func()) error {
	if err := o.complete(); err != nil {
		return err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("engine directory: %w", err)
	}
	lock, err := lockDir(o.Dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	path, err := FindLibrary(o.Lib)
	if err != nil {
		return err
	}
	started := time.Now()
	pool, version, err := openData(path, o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	p := &process{options: o, started: started, library: path, stop: stop}
	p.server = &server{sessions: pool, version: version, slots: make(chan struct{}, maxRunning),
		status: p.status, listen: p.listenOn, stop: func() { stop(errors.New("told to stop")) }}
	if err := p.open(); err != nil {
		pool.close()
		return err
	}
	o.Logger.Info("engine ready", zap.Int("pid", os.Getpid()), zap.String("version", version), zap.Duration("took", time.Since(started)))
	ready()
	signals, unsignal := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer unsignal()
	<-signals.Done()
	if p.close(context.Cause(signals)) {
		pool.close()
	}
	return nil
}

// lockDir takes the lock of the directory, or says who has it.
func lockDir(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "engine.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("engine lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(file.Name()) // only to tell who it is
		_ = file.Close()
		return nil, fmt.Errorf("%w (%s, process %s)", ErrRunning, dir, strings.TrimSpace(string(holder)))
	}
	_ = file.Truncate(0)
	_, err = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return file, err
}

// openData loads the library and opens the data directory with it.
func openData(path string, o ServeOptions) (*sessions, string, error) {
	data := filepath.Join(o.Dir, "data")
	// Without a directory for metadata the library starts no background tasks: dropped tables stay, DROP ... SYNC hangs.
	if err := os.MkdirAll(filepath.Join(data, "metadata"), 0o700); err != nil {
		return nil, "", fmt.Errorf("engine data: %w", err)
	}
	if _, err := forgetLostTokens(data, o.Logger); err != nil {
		return nil, "", err
	}
	config := filepath.Join(o.Dir, "config.xml")
	if err := os.WriteFile(config, configXML(o.Memory), 0o600); err != nil {
		return nil, "", fmt.Errorf("engine configuration: %w", err)
	}
	var pool *sessions
	said, err := captureStderr(filepath.Join(o.Dir, "engine.start"), func() error {
		lib, err := loadLibrary(path)
		if err != nil {
			return err
		}
		pool, err = openSessions(lib, baseSettings(o.Memory), "--path="+data, "--config-file="+config)
		return err
	})
	if err != nil {
		if said = strings.TrimSpace(said); said == "" && errors.Is(err, errConnect) {
			said = "the library gave no reason; can this user write everything in it?"
		}
		return nil, "", fmt.Errorf("open %s: %w: %s", data, err, said)
	}
	result, err := pool.control.conn.query("SELECT version()", "TabSeparated", nil)
	if err != nil {
		pool.close()
		return nil, "", err
	}
	defer result.free()
	return pool, strings.TrimSpace(string(result.bytes())), nil
}

// configXML is what can be set in a file only. The library's own log is off: it quotes statements, and what citizens
// wrote may stand in them. Caches and pools are sized for one small machine and count towards the memory cap. A backup
// may go wherever the operator may write: the engine runs as the operator.
func configXML(memory int64) []byte {
	return fmt.Appendf(nil, `<clickhouse>
	<max_server_memory_usage>%d</max_server_memory_usage>
	<mark_cache_size>%d</mark_cache_size>
	<index_mark_cache_size>%d</index_mark_cache_size>
	<primary_index_cache_size>%d</primary_index_cache_size>
	<background_schedule_pool_size>8</background_schedule_pool_size>
	<database_atomic_delay_before_drop_table_sec>10</database_atomic_delay_before_drop_table_sec>
	<backups><allowed_path>/</allowed_path></backups>
	<timezone>%s</timezone>
</clickhouse>
`, memory, memory/16, memory/32, memory/16, serverZone)
}

// process is the engine process's listeners and its clients.
type process struct {
	options ServeOptions
	server  *server
	library string
	started time.Time
	stop    context.CancelCauseFunc

	private, public *http.Server
	cut             context.CancelFunc // ends the statements that still run

	mu        sync.Mutex
	conns     map[net.Conn]bool
	idle      *time.Timer
	closing   bool
	listening string
}

func (p *process) open() error {
	p.conns = map[net.Conn]bool{}
	base, cut := context.WithCancel(context.Background())
	p.cut = cut
	newServer := func(handler http.Handler) *http.Server {
		return &http.Server{Handler: handler, ConnState: p.track, MaxHeaderBytes: 64 << 20, // parameters of a statement stand in the URL
			BaseContext: func(net.Listener) context.Context { return base }, ErrorLog: zap.NewStdLog(p.options.Logger)}
	}
	p.private, p.public = newServer(p.server.private()), newServer(p.server.public())
	p.public.IdleTimeout, p.public.ReadHeaderTimeout = time.Minute, 10*time.Second
	listener, err := listenSocket(p.options.Dir)
	if err != nil {
		return err
	}
	p.rest()
	go func() { _ = p.private.Serve(listener) }()
	if p.options.Listen != "" {
		_, err = p.listenOn(p.options.Listen)
	}
	return err
}

// track counts connections: each is a client, and without any the engine ends after a while.
func (p *process) track(conn net.Conn, state http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch state {
	case http.StateNew:
		if p.closing {
			_ = conn.Close() // before any answer, so that the client asks the next engine
			return
		}
		p.conns[conn] = true
		if p.idle != nil {
			p.idle.Stop()
		}
	case http.StateClosed, http.StateHijacked:
		delete(p.conns, conn)
		if len(p.conns) == 0 {
			p.restLocked()
		}
	}
}

func (p *process) rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.restLocked()
}

func (p *process) restLocked() {
	if p.options.Idle < 0 || p.closing {
		return
	}
	if p.idle != nil {
		p.idle.Stop()
	}
	p.idle = time.AfterFunc(p.options.Idle, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.conns) == 0 {
			p.closing = true
			p.stop(errors.New("no client any more"))
		}
	})
}

// loopbackPort returns the port of an address to listen on, or why it will not do.
func loopbackPort(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("listen on %s: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", fmt.Errorf("listen on %s: only a loopback address will do, for whoever can connect can read and write everything; use 127.0.0.1:%s", addr, port)
	}
	return port, nil
}

// listenOn opens the loopback port. Asked again for the same address it is content.
func (p *process) listenOn(addr string) (string, error) {
	port, err := loopbackPort(addr)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listening != "" {
		if _, bound, _ := net.SplitHostPort(p.listening); port == "0" || port == bound {
			return p.listening, nil
		}
		return "", fmt.Errorf("listen on %s: this engine listens on %s already", addr, p.listening)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", fmt.Errorf("engine port: %w", err)
	}
	p.listening = listener.Addr().String()
	go func() { _ = p.public.Serve(listener) }()
	return p.listening, nil
}

// close stops answering, lets running statements end for a while and then kills them. If it reports false, some do not
// die: then closing the data directory would wait for them, and just ending the process is as safe as a crash.
func (p *process) close(why error) bool {
	p.mu.Lock()
	p.closing = true
	p.mu.Unlock()
	p.options.Logger.Info("engine ends", zap.NamedError("because", why), zap.Int64("running", p.server.running.Load()))
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if p.private.Shutdown(ctx) == nil && p.public.Shutdown(ctx) == nil {
		return true
	}
	p.cut()
	ctx, cancel = context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := errors.Join(p.private.Shutdown(ctx), p.public.Shutdown(ctx)); err != nil {
		p.options.Logger.Error("statements do not end", zap.Int64("running", p.server.running.Load()), zap.Error(err))
		return false
	}
	return true
}

func (p *process) status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Status{PID: os.Getpid(), Version: p.server.version, Library: p.library, Memory: p.options.Memory, Started: p.started,
		Connections: len(p.conns), Running: p.server.running.Load(), Listening: p.listening}
}

// serveVariable holds, as JSON, the ServeOptions of a process that a client starts.
const serveVariable = "YUJING_ENGINE_SERVE"

// readyFile is the pipe on which a started process tells its starter how it went.
const readyFile = 3

// What is said on that pipe; anything else is why it failed.
const (
	saidReady   = "ready"
	saidRunning = "running"
)

// MaybeServe makes this process the engine if a client started it for that, and then does not return. A program or
// test binary that calls Open calls MaybeServe first thing in main or TestMain.
func MaybeServe() {
	encoded := os.Getenv(serveVariable)
	if encoded == "" {
		return
	}
	_ = os.Unsetenv(serveVariable)
	os.Exit(serveDetached(encoded))
}

func serveDetached(encoded string) int {
	pipe := os.NewFile(readyFile, "ready")
	say := func(what string) {
		_, _ = pipe.WriteString(what)
		_ = pipe.Close()
	}
	var o ServeOptions
	if err := json.Unmarshal([]byte(encoded), &o); err != nil {
		say(fmt.Sprintf("%s: %v", serveVariable, err))
		return 1
	}
	log, err := openLog(filepath.Join(o.Dir, "engine.log"))
	if err != nil {
		say(err.Error())
		return 1
	}
	o.Logger = log.logger()
	go log.keepSmall()
	switch err := serve(context.Background(), o, func() { say(saidReady) }); {
	case errors.Is(err, ErrRunning):
		say(saidRunning)
	case err != nil:
		o.Logger.Error("engine failed", zap.Error(err))
		say(err.Error())
		return 1
	}
	return 0
}
