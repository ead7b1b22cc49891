package clickhouse

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"go.uber.org/zap"

	"yujing/internal/engine"
)

// Options says which store to open.
type Options struct {
	Config Config
	Dir    string        // data directory: the embedded engine's, and where imports take turns
	Idle   time.Duration // how long an embedded engine that this starts outlives its last client; 0 = 30 s
	Logger *zap.Logger
}

// Open connects to the store and waits until it answers. Without addresses it
// is the embedded engine in Dir, which is started if nobody has.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Logger == nil {
		o.Logger = zap.NewNop()
	}
	db := &DB{log: o.Logger, database: o.Config.Database, dir: o.Dir, views: map[string]string{}}
	settings := &clickhouse.Options{
		Addr:        o.Config.Addr,
		Auth:        clickhouse.Auth{Database: o.Config.Database, Username: o.Config.Username, Password: o.Config.Password},
		Protocol:    clickhouse.Native,
		DialTimeout: 10 * time.Second,
		ReadTimeout: 10 * time.Minute,
	}
	if o.Config.TLS {
		settings.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if o.Config.Protocol == "http" {
		settings.Protocol = clickhouse.HTTP
		db.http, db.base = &http.Client{}, "http://"+strings.Join(o.Config.Addr[:min(1, len(o.Config.Addr))], "")
	}
	if len(o.Config.Addr) == 0 {
		eng, err := engine.Open(ctx, engine.Options{Dir: filepath.Join(o.Dir, "store"), Lib: o.Config.Embedded.Library,
			Memory: int64(o.Config.Embedded.MemoryMB) << 20, Idle: o.Idle, Logger: o.Logger})
		if err != nil {
			return nil, err
		}
		db.closers = append(db.closers, eng.Close)
		settings.Addr, settings.Protocol, settings.TransportFunc = []string{engine.Host}, clickhouse.HTTP, eng.Transport
		transport, err := eng.Transport(&http.Transport{})
		if err != nil {
			return nil, err
		}
		db.http, db.base = &http.Client{Transport: transport}, "http://"+engine.Host
	}
	conn, err := clickhouse.Open(settings)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	db.conn = conn
	db.closers = append(db.closers, conn.Close)
	if err := db.retry(ctx, "connect", func() error { return conn.Ping(ctx) }); err != nil {
		return nil, fmt.Errorf("reach the store: %w", err)
	}
	return db, nil
}

// Close lets go of the store. The embedded engine stays for others and ends by itself.
func (db *DB) Close() error {
	var first error
	for i := len(db.closers) - 1; i >= 0; i-- {
		if err := db.closers[i](); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Ping says whether the store answers.
func (db *DB) Ping(ctx context.Context) error { return db.conn.Ping(ctx) }

// RawQuery is a statement of a person, answered in a format of ClickHouse.
type RawQuery struct {
	SQL    string
	Format string
	Write  bool // allow it to change data
}

// Raw writes the answer to a person's statement as the store formats it.
func (db *DB) Raw(ctx context.Context, w io.Writer, q RawQuery) error {
	if db.http == nil {
		return fmt.Errorf("a store reached by the native protocol takes no statements here: use clickhouse-client, or protocol: http")
	}
	values := url.Values{"default_format": {q.Format}, "database": {db.database}}
	if !q.Write {
		values.Set("readonly", "2") // 2: settings may be changed, data may not
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, db.base+"/?"+values.Encode(), strings.NewReader(q.SQL))
	if err != nil {
		return err
	}
	response, err := db.http.Do(request)
	if err != nil {
		return fmt.Errorf("ask the store: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
		return fmt.Errorf("the store refused: %s", strings.TrimSpace(string(text)))
	}
	if _, err := io.Copy(w, response.Body); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}
