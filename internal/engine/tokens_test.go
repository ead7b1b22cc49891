package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// What a kill between noting a token and publishing its part leaves, made by taking the part away.
func TestTokenWithoutPartIsForgotten(t *testing.T) {
	dir := t.TempDir()
	eng := start(t, func(o *Options) { o.Dir = dir })
	conn := connected(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a PARTITION BY a % 2 SETTINGS non_replicated_deduplication_window = 100")
	for _, token := range []string{"merged", "merged too", "stored", "lost"} {
		insertUnder(t, conn, token)
		if token == "merged too" {
			execute(t, conn, "OPTIMIZE TABLE t FINAL", "SYSTEM STOP MERGES t")
		}
	}
	last := partPaths(t, conn, "max_block_number > 6") // numbers are counted over all partitions
	if err := eng.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(last) != 2 {
		t.Fatalf("the last insert made the parts %q, want 2", last)
	}
	if err := os.RemoveAll(last[0]); err != nil { // killed after the first of two parts
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "data/store/*/*/deduplication_logs/*.txt"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("logs %q, %v", logs, err)
	}
	log, err := os.OpenFile(logs[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.WriteString("1\t0_9_9_0\t0_12"); err != nil { // killed while noting
		t.Fatal(err)
	}
	_ = log.Close()

	for range 2 { // in the second round with a log that was mended before
		eng = start(t, func(o *Options) { o.Dir = dir })
		conn = connected(t, eng)
		for _, token := range []string{"merged", "merged too", "stored", "lost", "lost", "new", "new"} {
			insertUnder(t, conn, token)
		}
		if n := number(t, conn, "SELECT count() FROM t"); n != 5*2 {
			t.Errorf("%d rows, want two of each of five tokens", n)
		}
		if err := eng.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// insertUnder inserts two rows of two partitions.
func insertUnder(t *testing.T, conn driver.Conn, token string) {
	t.Helper()
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token}))
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO t")
	if err != nil {
		t.Fatal(err)
	}
	for a := range uint64(2) {
		if err := batch.Append(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

func partPaths(t *testing.T, conn driver.Conn, where string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "SELECT path FROM system.parts WHERE active AND table = 't' AND "+where)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for rows.Next() {
		var path string
		if err := rows.Scan(&path); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return paths
}
