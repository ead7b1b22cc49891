package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"go.uber.org/zap"
)

// ErrLost is wrapped by the error of a statement that was under way when the engine went away. Of a statement that
// writes nobody knows whether it took effect: look before writing again.
var ErrLost = errors.New("the engine went away")

// Lost reports whether err comes from an engine that went away: the statement may be repeated, a writing one only after
// a look at what is stored.
func Lost(err error) bool { return errors.Is(err, ErrLost) }

// Transport turns an HTTP client's transport into one that reaches the engine; it is meant for
// clickhouse.Options.TransportFunc. A request that only reads is repeated once if the engine went away before it
// answered; any other fails with ErrLost.
func (e *Engine) Transport(base *http.Transport) (http.RoundTripper, error) {
	base.Proxy = nil
	base.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return e.dial(ctx) }
	base.DisableCompression = true
	base.WriteBufferSize, base.ReadBufferSize = 256<<10, 256<<10
	return &transport{base: base, logger: e.logger}, nil
}

type transport struct {
	base   *http.Transport
	logger *zap.Logger
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.base.RoundTrip(r)
	if err != nil && gone(err) && r.Context().Err() == nil {
		if again := repeatable(r); again != nil {
			t.logger.Info("engine went away before it answered; asking again", zap.Error(err))
			response, err = t.base.RoundTrip(again)
		}
	}
	if err != nil {
		return nil, lost(r.Context(), err)
	}
	response.Body = &body{ReadCloser: response.Body, ctx: r.Context()}
	return response, nil
}

// CloseIdleConnections is what http.Client.CloseIdleConnections looks for.
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// gone says that the connection broke. net/http has no exported name for a kept connection that the server closed.
func gone(err error) bool {
	return broken(err) || strings.Contains(err.Error(), "server closed idle connection")
}

func lost(ctx context.Context, err error) error {
	if ctx.Err() != nil || !gone(err) {
		return err
	}
	return &lostError{err}
}

type lostError struct{ error }

func (e *lostError) Error() string     { return ErrLost.Error() + ": " + e.error.Error() }
func (e *lostError) Is(err error) bool { return err == ErrLost }
func (e *lostError) Unwrap() error     { return e.error }

// repeatable returns the request afresh if its statement only reads, else nil.
func repeatable(r *http.Request) *http.Request {
	if r.GetBody == nil {
		return nil
	}
	content, err := r.GetBody()
	if err != nil {
		return nil
	}
	sql, err := io.ReadAll(io.LimitReader(content, headSize))
	if err != nil || r.URL.Query().Get("query") != "" || len(sql) == headSize || !parse(string(sql)).readOnly {
		return nil
	}
	again := r.Clone(r.Context())
	again.Body, err = r.GetBody()
	if err != nil {
		return nil
	}
	return again
}

// body is the body of a response, whose early end is told from its end.
type body struct {
	io.ReadCloser
	ctx context.Context
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	return n, lost(b.ctx, err)
}
