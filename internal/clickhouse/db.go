// Package clickhouse is the only place that speaks to the database: the schema,
// its migrations, and one file of SQL per question. It implements the
// interfaces that ingest, scorer and alerts declare.
package clickhouse

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/zap"
)

//go:embed queries/*.sql migrations/*.sql
var files embed.FS

// forever stands for "still believed" in known_until: far, but within DateTime64.
var forever = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// never is the zero of DateTime64, which stands for "not stated" and "open".
var never = time.UnixMilli(0).UTC()

// DB is the program's one store.
type DB struct {
	conn     driver.Conn
	log      *zap.Logger
	database string
	dir      string       // data directory
	http     *http.Client // for statements of people; nil if there is no HTTP
	base     string
	closers  []func() error

	mu    sync.Mutex
	views map[string]string // what the views are that this process made, by name
}

// statement is the text of queries/NAME.sql with its {{slots}} filled. Slots
// take only text that this package builds from numbers; values that come from
// outside are bound as parameters.
func statement(name string, slots ...string) string {
	text, err := files.ReadFile("queries/" + name + ".sql")
	if err != nil {
		panic("no such query: " + name) // embedded: a mistake of ours, found by the first test
	}
	return strings.NewReplacer(slots...).Replace(string(text))
}

// with binds parameters to the statement that runs under the context.
func with(ctx context.Context, p clickhouse.Parameters) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithParameters(p))
}

// instant is a time as a DateTime64(3) parameter.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }

// lists splits numbers into the comma lists of IN (...), each of at most 50,000.
func lists[T ~uint64](numbers []T) []string {
	var out []string
	for chunk := range slices.Chunk(numbers, 50_000) {
		var b strings.Builder
		for i, n := range chunk {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strconv.FormatUint(uint64(n), 10))
		}
		out = append(out, b.String())
	}
	return out
}

// asked sends numbers along with the query that runs under the context, as a
// table called asked with the column key. It has no limit of length, unlike a
// list in the statement.
func asked[T ~uint64](ctx context.Context, numbers []T) (context.Context, error) {
	table, err := ext.NewTable("asked", ext.Column("key", "UInt64"))
	if err != nil {
		return nil, err
	}
	for _, n := range numbers {
		if err := table.Append(uint64(n)); err != nil {
			return nil, err
		}
	}
	return clickhouse.Context(ctx, clickhouse.WithExternalTable(table)), nil
}

// orNever maps Go's zero time to the store's.
func orNever(t time.Time) time.Time {
	if t.IsZero() {
		return never
	}
	return t
}

// orZero maps the store's zero time to Go's.
func orZero(t time.Time) time.Time {
	if t.Equal(never) {
		return time.Time{}
	}
	return t.UTC()
}

// query begins to read. While the store is away it tries again; an answer that
// breaks off after its first block is the caller's to repeat.
func (db *DB) query(ctx context.Context, what, query string) (rows driver.Rows, err error) {
	err = db.retry(ctx, "read "+what, func() error {
		rows, err = db.conn.Query(ctx, query)
		return err
	})
	return rows, err
}

// value reads the one value of an answer.
func (db *DB) value(ctx context.Context, query string, into any) error {
	return db.retry(ctx, "read a value", func() error { return db.conn.QueryRow(ctx, query).Scan(into) })
}

// collect is each for a scan that appends to out. An answer that breaks off is
// read anew, as often as the store goes away.
func collect[T any](ctx context.Context, db *DB, what, query string, out *[]T, scan func(driver.Rows) error) error {
	before := len(*out)
	return db.retry(ctx, "read "+what, func() error {
		*out = (*out)[:before]
		return db.each(ctx, what, query, scan)
	})
}

// each runs a query and calls scan for every row. It does not start again once
// it has begun: see collect.
func (db *DB) each(ctx context.Context, what, query string, scan func(driver.Rows) error) error {
	rows, err := db.query(ctx, what, query)
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("read %s: %w", what, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}

// stream reads an answer row by row, as far as it is asked for.
func stream[T any](ctx context.Context, db *DB, what, query string, scan func(driver.Rows) (T, error), yield func(T, error) bool) {
	var none T
	rows, err := db.query(ctx, what, query)
	if err != nil {
		yield(none, fmt.Errorf("read %s: %w", what, err))
		return
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			yield(none, fmt.Errorf("read %s: %w", what, err))
			return
		}
		if !yield(v, nil) {
			return
		}
	}
	if err := rows.Err(); err != nil {
		yield(none, fmt.Errorf("read %s: %w", what, err))
	}
}
