package lsp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"
	"go.uber.org/zap"

	"yujing/internal/schema"
)

// Options are what a server is made with.
type Options struct {
	// Config is the path of yujing.yaml, which has the table of deadlines; relative
	// to the editor's workspace. "" = yujing.yaml.
	Config  string
	Rules   string        // directory of rules, likewise; "" = rules.d. Any other can be opened too
	Version string        // of the program, for the client's log
	Delay   time.Duration // between a change and its problems; 0 = 150 ms
	Logger  *zap.Logger   // nil = none
}

// ErrNoShutdown says that the client went away without asking the server to shut down.
var ErrNoShutdown = errors.New("the client ended the session without shutdown")

// The protocol's codes for requests that come at the wrong time.
const codeNotInitialized = jrpc2.Code(-32002)

// Serve speaks with one client until it says exit or goes away, or ctx ends. It is
// an ErrNoShutdown if the client did not shut the server down before.
func Serve(ctx context.Context, in io.Reader, out io.Writer, opts Options) error {
	s, err := newServer(opts)
	if err != nil {
		return err
	}
	return s.serve(ctx, in, out)
}

func (s *server) serve(ctx context.Context, in io.Reader, out io.Writer) error {
	// A read of standard input cannot be broken off, a pipe can be closed.
	source, feed := io.Pipe()
	go func() {
		_, err := io.Copy(feed, in)
		feed.CloseWithError(err)
	}()
	s.rpc = jrpc2.NewServer(s, &jrpc2.ServerOptions{AllowPush: true, DisableBuiltin: true, Concurrency: 1})
	s.rpc.Start(anyType{channel.StrictHeader("")(source, unclosed{out})})
	ended := make(chan error, 1)
	go func() { ended <- s.rpc.Wait() }()
	var err error
	select {
	case <-s.exit:
		s.finish()
		feed.Close()
		err = <-ended
	case err = <-ended:
	case <-ctx.Done():
		feed.Close()
		<-ended
		err = ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopTimer()
	switch {
	case err != nil:
		return fmt.Errorf("language server: %w", err)
	case !s.asked:
		return ErrNoShutdown
	}
	return nil
}

// finish waits until every request that came has its result: closing the stream
// would break them off.
func (s *server) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.pending > 0 {
		s.idle.Wait()
	}
}

// unclosed is a stream that stays open when the server is done with it.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// anyType takes messages whatever type they say they have: some clients spell it
// as an older version of the protocol did.
type anyType struct{ channel.Channel }

func (c anyType) Recv() ([]byte, error) {
	message, err := c.Channel.Recv()
	var other *channel.ContentTypeMismatchError
	if errors.As(err, &other) {
		err = nil
	}
	return message, err
}

type state int

const (
	stateNew state = iota
	stateRunning
	stateShutdown
)

// server is one session. Requests see the workspace as it is when they come;
// problems are found in a goroutine of their own.
type server struct {
	opts Options
	log  *zap.Logger
	rpc  *jrpc2.Server
	exit chan struct{}
	once sync.Once // closes exit

	mu       sync.Mutex
	state    state
	asked    bool       // to shut down
	pending  int        // requests that have no result yet
	idle     *sync.Cond // there is none
	work     *workspace
	encoding encoding
	snippets bool
	watches  bool
	timer    *time.Timer

	publishing sync.Mutex
	published  map[string]publishDiagnosticsParams // by URI: what the client shows
}

func newServer(opts Options) (*server, error) {
	if opts.Delay == 0 {
		opts.Delay = 150 * time.Millisecond
	}
	if opts.Logger == nil {
		opts.Logger = zap.NewNop()
	}
	s := &server{opts: opts, log: opts.Logger, exit: make(chan struct{}), encoding: utf16Units,
		published: map[string]publishDiagnosticsParams{},
		work:      &workspace{docs: map[string]*document{}, schemas: map[schema.Kind]*schema.Tree{}}}
	s.idle = sync.NewCond(&s.mu)
	for _, kind := range schema.Kinds() {
		tree, err := schema.Load(kind)
		if err != nil {
			return nil, err
		}
		s.work.schemas[kind] = tree
	}
	return s, nil
}

// Assign implements jrpc2.Assigner. Methods are assigned in the order of their
// messages; what they do is not always done in it.
func (s *server) Assign(ctx context.Context, method string) jrpc2.Handler {
	handler := s.methods()[method]
	if handler == nil {
		return nil
	}
	s.begin(ctx, method)
	return func(ctx context.Context, r *jrpc2.Request) (result any, err error) {
		defer s.end(r)
		defer func() {
			if p := recover(); p != nil { // one file must not take the server away from the others
				s.log.Error("panic", zap.String("method", method), zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
				result, err = nil, jrpc2.Errorf(jrpc2.InternalError, "%s: internal error: %v; please report it", method, p)
			}
		}()
		if err := s.inTime(method); err != nil {
			return nil, err
		}
		return handler(ctx, r)
	}
}

func (s *server) begin(ctx context.Context, method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = s.asked || method == "shutdown" && s.state == stateRunning
	if !jrpc2.InboundRequest(ctx).IsNotification() {
		s.pending++
	}
}

func (s *server) end(r *jrpc2.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !r.IsNotification() {
		s.pending--
		s.idle.Broadcast()
	}
}

// inTime says whether a message may come now.
func (s *server) inTime(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case method == "exit":
	case s.state == stateNew && method != "initialize":
		return jrpc2.Errorf(codeNotInitialized, "%s came before initialize", method)
	case s.state == stateRunning && method == "initialize":
		return jrpc2.Errorf(jrpc2.InvalidRequest, "initialize came twice")
	case s.state == stateShutdown:
		return jrpc2.Errorf(jrpc2.InvalidRequest, "%s came after shutdown", method)
	}
	return nil
}

// methods are the messages that the server understands.
func (s *server) methods() map[string]jrpc2.Handler {
	return map[string]jrpc2.Handler{
		"initialize":                      call(s.initialize),
		"initialized":                     call(s.initialized),
		"shutdown":                        call(s.shutdown),
		"exit":                            call(s.leave),
		"textDocument/didOpen":            call(s.didOpen),
		"textDocument/didChange":          call(s.didChange),
		"textDocument/didSave":            call(s.didSave),
		"textDocument/didClose":           call(s.didClose),
		"workspace/didChangeWatchedFiles": call(s.didChangeFiles),
		"textDocument/completion":         call(s.completion),
		"textDocument/hover":              call(s.hover),
		"textDocument/definition":         call(s.definition),
		"textDocument/documentSymbol":     call(s.documentSymbol),
		"textDocument/codeAction":         call(s.codeAction),
	}
}

// call decodes the parameters of a method. Clients may send more than we know.
func call[P any](method func(*P) (any, error)) jrpc2.Handler {
	return func(_ context.Context, r *jrpc2.Request) (any, error) {
		params := new(P)
		if r.HasParams() {
			if err := r.UnmarshalParams(params); err != nil {
				return nil, err
			}
		}
		return method(params)
	}
}

// none is the type of parameters that nobody looks at.
type none map[string]any

func (s *server) initialize(p *initializeParams) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = stateRunning
	for _, offered := range p.Capabilities.General.PositionEncodings {
		if slices.Contains([]encoding{utf8Units, utf16Units, utf32Units}, encoding(offered)) {
			s.encoding = encoding(offered)
			break
		}
	}
	s.snippets = p.Capabilities.TextDocument.Completion.CompletionItem.SnippetSupport
	s.watches = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
	s.work.config, s.work.rules = inWorkspace(p, s.opts.Config, "yujing.yaml"), inWorkspace(p, s.opts.Rules, "rules.d")
	return initializeResult{serverCapabilities{
		PositionEncoding:       string(s.encoding),
		TextDocumentSync:       textDocumentSync{OpenClose: true, Change: syncFull, Save: true},
		CompletionProvider:     completionProvider{TriggerCharacters: []string{".", `"`, "'", "|", "[", "("}},
		HoverProvider:          true,
		DefinitionProvider:     true,
		DocumentSymbolProvider: true,
		CodeActionProvider:     codeActionProvider{[]string{quickFix}},
	}, serverInfo{"yujing", s.opts.Version}}, nil
}

// inWorkspace is where a file lies that the command line may name.
func inWorkspace(p *initializeParams, path, otherwise string) string {
	root := pathOf(p.RootURI)
	if len(p.WorkspaceFolders) > 0 {
		root = pathOf(p.WorkspaceFolders[0].URI)
	}
	if path == "" {
		path = otherwise
	}
	if root == "" {
		root, _ = os.Getwd() // a process without a directory has no file to find either
	}
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(root, path)
}

// initialized asks the client to tell of files that change on disk.
func (s *server) initialized(*none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watches {
		go func() { // the answer comes once this notification has been handled
			_, err := s.rpc.Callback(context.Background(), "client/registerCapability", map[string]any{"registrations": []any{map[string]any{
				"id": "files", "method": "workspace/didChangeWatchedFiles",
				"registerOptions": map[string]any{"watchers": []any{map[string]any{"globPattern": "**/*.yaml"}}}}}})
			if err != nil {
				s.log.Warn("the client does not watch files", zap.Error(err))
			}
		}()
	}
	return nil, nil
}

func (s *server) shutdown(*none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = stateShutdown
	s.stopTimer()
	return nil, nil
}

func (s *server) leave(*none) (any, error) {
	s.once.Do(func() { close(s.exit) })
	return nil, nil
}

func (s *server) stopTimer() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

func (s *server) didOpen(p *didOpenParams) (any, error) {
	d := p.TextDocument
	s.change(d.URI, newDocument(d.URI, pathOf(d.URI), &d.Version, d.Text))
	return nil, nil
}

func (s *server) didChange(p *didChangeParams) (any, error) {
	if n := len(p.ContentChanges); n > 0 {
		d := p.TextDocument
		s.change(d.URI, newDocument(d.URI, pathOf(d.URI), &d.Version, p.ContentChanges[n-1].Text))
	}
	return nil, nil
}

func (s *server) didClose(p *documentParams) (any, error) {
	s.change(p.TextDocument.URI, nil)
	return nil, nil
}

func (s *server) didSave(*documentParams) (any, error) {
	s.change("", nil)
	return nil, nil
}

func (s *server) didChangeFiles(*none) (any, error) {
	s.change("", nil)
	return nil, nil
}

// change takes a text in (nil = it was closed) and looks for problems once the
// client has paused.
func (s *server) change(uri string, d *document) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.work = s.work.with(uri, d)
	s.stopTimer()
	s.timer = time.AfterFunc(s.opts.Delay, s.diagnose)
}

// now gives the workspace, and a document of it that is open; an error if it is not.
func (s *server) now(uri string) (*workspace, *document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.work.docs[uri]
	if d == nil {
		return nil, nil, jrpc2.Errorf(jrpc2.InvalidParams, "%s is not open", uri)
	}
	return s.work, d, nil
}

func (s *server) completion(p *positionParams) (any, error) {
	w, d, err := s.now(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return completionList{Items: w.complete(d, d.place(p.Position, s.encoding), s.encoding, s.snippets)}, nil
}

func (s *server) hover(p *positionParams) (any, error) {
	w, d, err := s.now(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return w.hover(d, d.place(p.Position, s.encoding), s.encoding), nil
}

func (s *server) definition(p *positionParams) (any, error) {
	w, d, err := s.now(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return w.definition(d, d.place(p.Position, s.encoding), s.encoding), nil
}

func (s *server) documentSymbol(p *documentParams) (any, error) {
	w, d, err := s.now(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return w.symbols(d, s.encoding), nil
}

func (s *server) codeAction(p *codeActionParams) (any, error) {
	_, d, err := s.now(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	return d.fixes(p.Context.Diagnostics, s.encoding), nil
}

// diagnose tells the client the problems of every open file and of the files
// beside them, and that those it showed are gone.
func (s *server) diagnose() {
	s.publishing.Lock() // one after the other, so that the last one stands
	defer s.publishing.Unlock()
	s.mu.Lock()
	w, e, over := s.work, s.encoding, s.state != stateRunning
	s.mu.Unlock()
	if over {
		return
	}
	found := w.problems(func(what string, stack []byte) {
		s.log.Error("panic", zap.String("analysis", what), zap.ByteString("stack", stack))
	})
	for _, p := range w.publications(found, s.published, e) {
		if err := s.rpc.Notify(context.Background(), "textDocument/publishDiagnostics", p); err != nil {
			s.log.Warn("problems were not told", zap.Error(err))
			return
		}
		s.published[p.URI] = p
		if len(p.Diagnostics) == 0 && p.Version == nil {
			delete(s.published, p.URI)
		}
	}
}

// publications are what the client must be told, in the order of the files: what
// it does not show yet, and what it shows although it is mended.
func (w *workspace) publications(found findings, shown map[string]publishDiagnosticsParams, e encoding) []publishDiagnosticsParams {
	wanted := map[string]publishDiagnosticsParams{}
	for uri := range shown {
		wanted[uri] = publishDiagnosticsParams{URI: uri, Diagnostics: []diagnostic{}}
	}
	for path, list := range found {
		if d := w.document(path); d != nil {
			wanted[d.uri] = publishDiagnosticsParams{d.uri, d.version, d.diagnostics(list, e)}
		}
	}
	for uri, d := range w.docs {
		if _, told := found[d.path]; !told || d.path == "" {
			wanted[uri] = publishDiagnosticsParams{uri, d.version, []diagnostic{}}
		}
	}
	var list []publishDiagnosticsParams
	for _, uri := range sortedKeys(wanted) {
		if p := wanted[uri]; !reflect.DeepEqual(p, shown[uri]) {
			list = append(list, p)
		}
	}
	return list
}
