package engine

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The table of the benchmarks is shaped like the signals.
const benchTable = `CREATE OR REPLACE TABLE signals (id UInt64, case_id UInt64, at DateTime64(3, 'UTC'), known_at DateTime64(3, 'UTC'), kind LowCardinality(String),
	level UInt8, place LowCardinality(String), category Array(LowCardinality(String)), subject String, people UInt16, who Array(UInt64), text String, attrs Map(String, String))
	ENGINE = MergeTree ORDER BY (case_id, at, id)`

const benchRows = 100_000 // in a block

func fillBench(tb testing.TB, batch driver.Batch, from int) {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	category := []string{"城乡建设", "供水", "停水"}
	attrs := map[string]string{"来源": "电话"}
	who := []uint64{0}
	for i := from; i < from+benchRows; i++ {
		at := began.Add(time.Duration(i) * time.Second)
		who[0] = uint64(i) * 0x9e3779b97f4a7c15
		if err := batch.Append(uint64(i)*0x9e3779b97f4a7c15, uint64(i/5), at, at, "contact", uint8(3), "330106001", category, "某物业公司", uint16(1), who,
			"小区停水三天无人处理请尽快解决,多次来电至今没有答复", attrs); err != nil {
			tb.Fatal(err)
		}
	}
}

// A million rows through clickhouse-go, the socket and the pipe; building the block in Go is told apart.
func BenchmarkInsertMillion(b *testing.B) {
	conn := connected(b, start(b))
	var build, send time.Duration
	for b.Loop() {
		execute(b, conn, benchTable)
		for i := range 10 {
			began := time.Now()
			batch, err := conn.PrepareBatch(b.Context(), "INSERT INTO signals")
			if err != nil {
				b.Fatal(err)
			}
			fillBench(b, batch, i*benchRows)
			build += time.Since(began)
			began = time.Now()
			if err := batch.Send(); err != nil {
				b.Fatal(err)
			}
			send += time.Since(began)
		}
		if n := number(b, conn, "SELECT count() FROM signals"); n != 10*benchRows {
			b.Fatal(n)
		}
	}
	rows := float64(b.N * 10 * benchRows)
	b.ReportMetric(rows/(build+send).Seconds(), "rows/s")
	b.ReportMetric(rows/build.Seconds(), "built/s")
	b.ReportMetric(rows/send.Seconds(), "sent/s")
}

// The measure to compare with: the engine reading the same rows from a Native file of 100,000-row blocks.
func BenchmarkInsertMillionInEngine(b *testing.B) {
	eng := start(b)
	conn, c := connected(b, eng), client(b, eng)
	execute(b, conn, benchTable)
	batch, err := conn.PrepareBatch(b.Context(), "INSERT INTO signals")
	if err != nil {
		b.Fatal(err)
	}
	fillBench(b, batch, 0)
	if err := batch.Send(); err != nil {
		b.Fatal(err)
	}
	_, block := post(b, c, "", "SELECT * FROM signals ORDER BY ALL FORMAT Native SETTINGS max_block_size = 100000, max_threads = 1")
	path := filepath.Join(b.TempDir(), "rows.native")
	if err := os.WriteFile(path, []byte(strings.Repeat(block, 10)), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		execute(b, conn, benchTable, fmt.Sprintf("INSERT INTO signals SELECT * FROM file('%s', 'Native') SETTINGS min_insert_block_size_rows = 100000", path))
	}
	b.ReportMetric(float64(b.N*10*benchRows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(len(block))/benchRows, "bytes/row")
}

func BenchmarkInsertOneRow(b *testing.B) {
	conn := connected(b, start(b))
	execute(b, conn, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	ctx := clickhouse.Context(b.Context(), clickhouse.WithColumnNamesAndTypes([]clickhouse.ColumnNameAndType{{Name: "a", Type: "UInt64"}, {Name: "b", Type: "String"}}))
	for b.Loop() {
		if err := sendRows(ctx, conn, "t", 1, 1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelectOne(b *testing.B) {
	conn := connected(b, start(b))
	for b.Loop() {
		if n := number(b, conn, "SELECT toUInt64(1)"); n != 1 {
			b.Fatal(n)
		}
	}
}

// Result bytes through the socket, read but not decoded, and rows decoded by clickhouse-go.
func BenchmarkReadMillion(b *testing.B) {
	eng := start(b)
	conn, c := connected(b, eng), client(b, eng)
	const sql = "SELECT number, toString(number) FROM numbers(1000000)"
	b.Run("bytes", func(b *testing.B) {
		for b.Loop() {
			response, err := c.Post("http://"+Host, "", strings.NewReader(sql+" FORMAT Native"))
			if err != nil {
				b.Fatal(err)
			}
			n, err := io.Copy(io.Discard, response.Body)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(n)
			_ = response.Body.Close()
		}
	})
	b.Run("rows", func(b *testing.B) {
		for b.Loop() {
			rows, err := conn.Query(b.Context(), sql)
			if err != nil {
				b.Fatal(err)
			}
			var n uint64
			var text string
			for rows.Next() {
				if err := rows.Scan(&n, &text); err != nil {
					b.Fatal(err)
				}
			}
			if err := rows.Err(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*1e6/b.Elapsed().Seconds(), "rows/s")
	})
}

// 50,000 keys to look up in a million rows, given in two ways.
func BenchmarkFiftyThousandKeys(b *testing.B) {
	conn := connected(b, start(b))
	execute(b, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a", "INSERT INTO t SELECT number * 7 FROM numbers(1000000)")
	keys := make([]uint64, 50_000)
	for i := range keys {
		keys[i] = uint64(i) * 140
	}
	check := func(b *testing.B, row driver.Row) {
		var n uint64
		if err := row.Scan(&n); err != nil || n != 50_000 {
			b.Fatal(n, err)
		}
	}
	b.Run("external table", func(b *testing.B) {
		for b.Loop() {
			table, err := ext.NewTable("keys", ext.Column("k", "UInt64"))
			if err != nil {
				b.Fatal(err)
			}
			for _, k := range keys {
				if err := table.Append(k); err != nil {
					b.Fatal(err)
				}
			}
			check(b, conn.QueryRow(clickhouse.Context(b.Context(), clickhouse.WithExternalTable(table)), "SELECT count() FROM t WHERE a IN keys"))
		}
	})
	b.Run("array parameter", func(b *testing.B) {
		for b.Loop() {
			check(b, conn.QueryRow(b.Context(), "SELECT count() FROM t WHERE a IN {keys:Array(UInt64)}", clickhouse.Named("keys", keys)))
		}
	})
}
