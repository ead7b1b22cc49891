// Package clickhousetest gives tests the real store: the embedded engine on a
// directory of their own.
package clickhousetest

import (
	"os"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	"yujing/internal/clickhouse"
	"yujing/internal/engine"
)

// Main is the TestMain of a package whose tests store: the engine is the test
// binary itself, executed again.
func Main(m *testing.M) {
	engine.MaybeServe()
	os.Exit(m.Run())
}

// Empty is a store without a schema. It is closed when the test ends.
func Empty(t testing.TB) *clickhouse.DB {
	t.Helper()
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{Config: clickhouse.DefaultConfig(), Dir: directory(t), Idle: time.Second, Logger: zaptest.NewLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// directory is a temporary one whose removal waits for the engine: it belongs to
// nobody, and may still write a moment after its last client is gone.
func directory(t testing.TB) string {
	dir, err := os.MkdirTemp("", "yujing-store-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			err := os.RemoveAll(dir)
			if err == nil {
				return
			}
			if time.Now().After(end) {
				t.Errorf("remove the store: %v", err)
				return
			}
		}
	})
	return dir
}

// Open is a store with the present schema and nothing in it.
func Open(t testing.TB) *clickhouse.DB {
	t.Helper()
	db := Empty(t)
	if err := db.Migrate(t.Context(), clickhouse.DefaultRetention()); err != nil {
		t.Fatal(err)
	}
	return db
}
