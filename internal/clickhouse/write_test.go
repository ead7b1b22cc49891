package clickhouse_test

import (
	"context"
	"strings"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"yujing/ingest"
	"yujing/internal/clickhouse/clickhousetest"
)

// TestOverItsOwnLimit: a statement that alone passes what it may have of the memory
// fails, and is not tried again for ever.
func TestOverItsOwnLimit(t *testing.T) {
	db := clickhousetest.Open(t)
	row := ingest.Row{Case: 1, Signal: ingest.Signal{ID: ingest.ID{1}, Source: "hotline", Kind: ingest.Contact, At: day0, KnownAt: day0, StoredAt: day0}}
	if err := db.Append(t.Context(), &ingest.Batch{Rows: []ingest.Row{row}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	narrow := driver.Context(ctx, driver.WithSettings(driver.Settings{"max_memory_usage": 1, "max_untracked_memory": 0}))
	if _, err := db.Known(narrow, []ingest.CaseID{1}); err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "memory limit") {
		t.Error(err, ctx.Err())
	}
	if known, err := db.Known(ctx, []ingest.CaseID{1}); err != nil || len(known) != 1 {
		t.Error(known, err)
	}
}
