package clickhouse

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.uber.org/zap"

	"yujing/internal/engine"
)

// Codes of ClickHouse exceptions after which the same statement may succeed.
const (
	codeNotEnoughSpace  = 243
	codeMemoryLimit     = 241
	codeTooManyParts    = 252
	codeTooManyQueries  = 202
	codeCannotWriteFile = 75
)

// passing says whether an error may go away by itself: the engine was killed
// or is not there yet, the disk is full, too much at once. That one statement alone
// wants more memory than any may have does not.
func passing(err error) bool {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		switch exception.Code {
		case codeMemoryLimit:
			return !strings.Contains(exception.Message, "Query memory limit")
		case codeNotEnoughSpace, codeTooManyParts, codeTooManyQueries, codeCannotWriteFile:
			return true
		}
		return false
	}
	var netErr net.Error
	return engine.Lost(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNREFUSED) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ENOENT) || errors.As(err, &netErr)
}

// retry runs do until it succeeds, fails for good, or the context ends. It
// waits 50 ms at first and at most 5 s between tries, and warns once a wait
// is worth a word.
func (db *DB) retry(ctx context.Context, what string, do func() error) error {
	wait := 50 * time.Millisecond
	for {
		err := do()
		if err == nil || !passing(err) || ctx.Err() != nil {
			return err
		}
		say := db.log.Debug
		if wait >= time.Second {
			say = db.log.Warn
		}
		say("store is away, trying again", zap.String("step", what), zap.Duration("wait", wait), zap.Error(err))
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(wait):
		}
		wait = min(2*wait, 5*time.Second)
	}
}

// insert stores n rows as one block. The deduplication token is drawn once and
// kept over all tries, so that a block whose answer was lost is not stored twice.
func (db *DB) insert(ctx context.Context, what, query string, n int, fill func(driver.Batch) error, slots ...string) error {
	if n == 0 {
		return nil
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplication_token": rand.Text(),
		"optimize_on_insert":         0, // merging a block within itself is left to merges and FINAL: it was half the cost
	}))
	err := db.retry(ctx, "insert "+what, func() error {
		batch, err := db.conn.PrepareBatch(ctx, statement(query, slots...))
		if err != nil {
			return err
		}
		if err := fill(batch); err != nil {
			return errors.Join(err, batch.Abort())
		}
		return batch.Send()
	})
	if err != nil {
		return fmt.Errorf("insert %d %s: %w", n, what, err)
	}
	return nil
}

// exec runs a statement that may be repeated.
func (db *DB) exec(ctx context.Context, query string, args ...any) error {
	return db.retry(ctx, "exec", func() error { return db.conn.Exec(ctx, query, args...) })
}
