package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"

	"yujing/internal/schema"
)

// session is a client of a server in this process. The reference client speaks to
// the whole program in cmd/yujing; here is what needs a look inside.
type session struct {
	t      *testing.T
	client *jrpc2.Client
	ended  chan error
	told   chan publishDiagnosticsParams
}

func start(t *testing.T, s *server) *session {
	t.Helper()
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	c := &session{t: t, ended: make(chan error, 1), told: make(chan publishDiagnosticsParams, 1000)}
	go func() {
		c.ended <- s.serve(context.Background(), fromClient, toClient)
		toClient.Close()
	}()
	c.client = jrpc2.NewClient(channel.LSP(fromServer, toServer), &jrpc2.ClientOptions{OnNotify: func(r *jrpc2.Request) {
		var p publishDiagnosticsParams
		if err := r.UnmarshalParams(&p); err != nil {
			t.Error(err)
		}
		c.told <- p
	}})
	t.Cleanup(func() { c.client.Close() })
	return c
}

func (c *session) call(method string, params any) (json.RawMessage, error) {
	c.t.Helper()
	response, err := c.client.Call(c.t.Context(), method, params)
	if err != nil {
		return nil, err
	}
	var result json.RawMessage
	return result, response.UnmarshalResult(&result)
}

func (c *session) notify(method string, params any) {
	c.t.Helper()
	if err := c.client.Notify(c.t.Context(), method, params); err != nil {
		c.t.Fatal(err)
	}
}

func (c *session) initialize() {
	c.t.Helper()
	if _, err := c.call("initialize", map[string]any{"capabilities": map[string]any{}}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *session) open(path, text string) {
	c.t.Helper()
	c.notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uriOf(path), "version": 1, "text": text}})
}

func at(path string, line, character int) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": uriOf(path)}, "position": position{line, character}}
}

// leave shuts the server down.
func (c *session) leave() {
	c.t.Helper()
	if _, err := c.call("shutdown", nil); err != nil {
		c.t.Fatal(err)
	}
	c.notify("exit", nil)
	if err := <-c.ended; err != nil {
		c.t.Fatal(err)
	}
}

func server1(t *testing.T) (*server, string) {
	t.Helper()
	w, dir := desk(t)
	s, err := newServer(Options{Delay: time.Millisecond, Config: w.config})
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

// A panic while one file is looked at is that request's error; the server and its
// other files go on.
func TestAPanicEndsOneRequest(t *testing.T) {
	s, dir := server1(t)
	s.work.schemas[schema.Source] = nil // whoever looks into it panics
	c := start(t, s)
	c.initialize()
	sources, rules := filepath.Join(dir, "sources.d/bureau.yaml"), filepath.Join(dir, "rules.d/repeat.yaml")
	c.open(sources, sourceText)
	c.open(rules, rulesText)
	_, err := c.call("textDocument/hover", at(sources, 1, 1))
	var failed *jrpc2.Error
	if !errors.As(err, &failed) || failed.Code != jrpc2.InternalError {
		t.Fatalf("%v", err)
	}
	result, err := c.call("textDocument/hover", at(rules, 5, 5))
	if err != nil || !strings.Contains(string(result), "adds to the score") {
		t.Errorf("%s, %v", result, err)
	}
	if p := <-c.told; !strings.HasSuffix(p.URI, ".yaml") {
		t.Errorf("%+v", p)
	}
	c.leave()
}

// Under the race detector: a client that types and asks at the same time.
func TestTypingAndAskingAtOnce(t *testing.T) {
	s, dir := server1(t)
	c := start(t, s)
	c.initialize()
	path := filepath.Join(dir, "rules.d/repeat.yaml")
	c.open(path, rulesText)
	var asking sync.WaitGroup
	for n := range 20 {
		c.notify("textDocument/didChange", map[string]any{"textDocument": map[string]any{"uri": uriOf(path), "version": n + 2},
			"contentChanges": []any{map[string]any{"text": rulesText + strings.Repeat("# \n", n)}}})
		asking.Go(func() {
			for _, method := range []string{"completion", "hover", "definition", "documentSymbol"} {
				if _, err := c.call("textDocument/"+method, at(path, 4, 40)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	asking.Wait()
	deadline := time.After(time.Minute)
	for {
		select {
		case p := <-c.told:
			if p.Version == nil || *p.Version != 21 {
				continue
			}
			if len(p.Diagnostics) > 0 {
				t.Errorf("%+v", p.Diagnostics)
			}
			c.leave()
			return
		case <-deadline:
			t.Fatal("the problems of the last version were never told")
		}
	}
}

// raw is a message as it goes over the wire.
func raw(contentType, body string) string {
	header := "Content-Length: " + itoa(len(body)) + "\r\n"
	if contentType != "" {
		header += "Content-Type: " + contentType + "\r\n"
	}
	return header + "\r\n" + body
}

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`
	shutdown   = `{"jsonrpc":"2.0","id":2,"method":"shutdown","params":null}`
	exit       = `{"jsonrpc":"2.0","method":"exit","params":null}`
)

// wire serves a client that writes its messages by hand.
func wire(t *testing.T) (client io.Writer, out *kept, ended chan error) {
	t.Helper()
	in, client := io.Pipe()
	out, ended = &kept{}, make(chan error, 1)
	go func() { ended <- Serve(t.Context(), in, out, Options{}) }()
	return client, out, ended
}

func write(t *testing.T, client io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(client, text); err != nil {
		t.Fatal(err)
	}
}

// A message may say its type in the spelling of an older protocol.
func TestAnyContentType(t *testing.T) {
	client, out, ended := wire(t)
	write(t, client, raw("application/vscode-jsonrpc; charset=utf8", initialize)+raw("", exit))
	if err := <-ended; !errors.Is(err, ErrNoShutdown) {
		t.Errorf("%v", err)
	}
	if got := out.String(); !strings.HasPrefix(got, "Content-Length: ") || !strings.Contains(got, `"positionEncoding":"utf-16"`) {
		t.Errorf("%s", got)
	}
}

// A client that does not wait for answers gets all of them, and the right ending.
func TestMessagesInOneBreath(t *testing.T) {
	for range 20 {
		client, out, ended := wire(t)
		write(t, client, raw("", initialize))
		for !strings.Contains(out.String(), `"id":1`) { // the protocol asks for this pause, and for no other
			time.Sleep(time.Millisecond)
		}
		write(t, client, raw("", shutdown)+raw("", exit))
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), `"id":2,"result":null`) {
			t.Fatalf("shutdown was not answered: %s", out.String())
		}
	}
}

func TestAContextThatEndsEndsTheServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, _ := io.Pipe()
	cancel()
	if err := Serve(ctx, in, &kept{}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// kept is a stream whose text is read later.
type kept struct {
	mu sync.Mutex
	strings.Builder
}

func (k *kept) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.Builder.Write(p)
}

func (k *kept) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.Builder.String()
}
