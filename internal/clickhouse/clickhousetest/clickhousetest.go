// Package clickhousetest gives tests the real store: the embedded engine on a
// directory of their own.
package clickhousetest

import (
	"os"
	"testing"

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
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{Config: clickhouse.DefaultConfig(), Dir: t.TempDir(), Logger: zaptest.NewLogger(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
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
