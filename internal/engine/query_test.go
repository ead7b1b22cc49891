package engine

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestErrorsCarryTheirCode(t *testing.T) {
	conn := connected(t, start(t))
	for _, tc := range []struct {
		sql  string
		code int32
	}{
		{"SELECT * FROM missing", 60},
		{"SELECT missing", 47},
		{"SELEKT 1", 62},
		{"SELECT 1; SELECT 2", 62},
		{"SELECT throwIf(1)", 395},
		{"SELECT intDiv(1, 0)", 153},
		{"DROP TABLE missing", 60},
		{"INSERT INTO missing VALUES (1)", 60},
		{"SHOW TABLES FROM missing", 81},
	} {
		err := conn.Exec(t.Context(), tc.sql)
		var exception *clickhouse.Exception
		if !errors.As(err, &exception) || exception.Code != tc.code {
			t.Errorf("%s: error %v, want code %d", tc.sql, err, tc.code)
		}
		if Lost(err) {
			t.Errorf("%s: reads as a lost engine", tc.sql)
		}
	}
}

func TestErrorAfterTheFirstByteIsAnError(t *testing.T) {
	eng := start(t)
	conn := connected(t, eng)
	rows, err := conn.Query(t.Context(), "SELECT number, throwIf(number = 3000000) FROM numbers(5000000) SETTINGS max_block_size = 65536")
	if err != nil {
		t.Fatalf("failed before the first row: %v", err)
	}
	count := 0
	for rows.Next() {
		count++
	}
	var exception *clickhouse.Exception
	if err := rows.Err(); !errors.As(err, &exception) || exception.Code != 395 {
		t.Errorf("after %d rows: error %v, want code 395", count, err)
	}
	if count == 0 || count >= 5_000_000 {
		t.Errorf("%d rows came before the error", count)
	}
	// Nothing of it is left for the next statement.
	if n := number(t, conn, "SELECT toUInt64(42)"); n != 42 {
		t.Errorf("then SELECT 42 gave %d", n)
	}

	response, err := client(t, eng).Post("http://"+Host, "", strings.NewReader("SELECT number, throwIf(number = 3000000) FROM numbers(5000000) FORMAT TSV"))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the body of a failed result ended with %v, not in the middle", err)
	}
}

func TestCancelFreesTheEngine(t *testing.T) {
	conn := connected(t, start(t))
	execute(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for _, tc := range []struct{ name, sql string }{
		{"aggregation", "SELECT uniqExact(sipHash64(number % 1000)) FROM numbers(100000000000)"},
		{"stream nobody reads", "SELECT number FROM numbers(100000000000)"},
		{"sorted", "SELECT number FROM numbers(100000000000) ORDER BY sipHash64(number) LIMIT 10"},
		{"insert select", "INSERT INTO t SELECT number FROM numbers(100000000000)"},
		{"materialised", "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1 FORMAT JSON"},
		{"sleeping", "SELECT sleepEachRow(0.3) FROM numbers(1000) SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				rows, err := conn.Query(ctx, tc.sql)
				if err == nil {
					<-ctx.Done()
					err = rows.Close()
				}
				ended <- err
			}()
			running := func() bool {
				return number(t, conn, "SELECT count() FROM system.processes WHERE query NOT LIKE '%system.processes%'") > 0
			}
			waitFor(t, "the statement to run", running)
			time.Sleep(100 * time.Millisecond)
			cancel()
			cancelled := time.Now()
			waitFor(t, "the statement to end", func() bool { return !running() })
			if took := time.Since(cancelled); took > 10*time.Second { // 34 ms on an idle machine; what is not killed runs for minutes
				t.Errorf("the engine was free after %v", took)
			}
			<-ended
		})
	}
}

// Pieces written one after the other must be what the engine writes at once.
func TestStreamedResultsAreWhole(t *testing.T) {
	eng := start(t)
	c := client(t, eng)
	for _, format := range []string{"Native", "TSV", "CSV", "JSONEachRow", "RowBinary", "JSONCompactEachRow",
		"JSON", "JSONCompact", "CSVWithNames", "TSVWithNames", "Values", "XML", "Markdown", "Vertical", "PrettyCompactNoEscapes"} {
		const sql = "SELECT number, toString(number) AS s FROM numbers(300000) WHERE number % 7 = 3 FORMAT "
		_, streamed := post(t, c, "max_threads=1", sql+format)
		_, whole := post(t, c, "max_threads=1&wait_end_of_query=1", sql+format)
		if withoutTimes(streamed) != withoutTimes(whole) {
			t.Errorf("%s: %d bytes in pieces, %d at once", format, len(streamed), len(whole))
		}
	}
	if _, text := post(t, c, "", "SELECT number % 2 AS k, count() FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k FORMAT TSV"); text != "0\t5\n1\t5\n\n0\t10\n" {
		t.Errorf("totals: %q", text)
	}
}

// withoutTimes leaves out the statistics at the end of some formats.
func withoutTimes(result string) string {
	result, _, _ = strings.Cut(result, `"statistics"`)
	result, _, _ = strings.Cut(result, "<statistics>")
	return result
}

// Rows far apart in a long scan make pieces with nothing in them, which must not be taken for the end.
func TestSparseResultIsWhole(t *testing.T) {
	conn := connected(t, start(t))
	rows, err := conn.Query(t.Context(), "SELECT number FROM numbers(300000000) WHERE number % 99999999 = 77")
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for rows.Next() {
		var n uint64
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		got = append(got, n)
	}
	if err := rows.Err(); err != nil || len(got) != 3 {
		t.Errorf("got %v, %v; want 3 rows", got, err)
	}
}

func TestSettingsAreOfOneRequestOnly(t *testing.T) {
	eng := start(t)
	conn, c := connected(t, eng), client(t, eng)
	get := func(query string) string {
		_, text := post(t, c, query, "SELECT getSetting('max_threads'), getSetting('async_insert'), currentDatabase()")
		return text
	}
	execute(t, conn, "CREATE DATABASE other")
	plain := get("max_threads=3")
	if plain != "3\tfalse\tdefault\n" {
		t.Errorf("with max_threads=3: %q", plain)
	}
	if got := get("max_threads=5&async_insert=1&database=other"); got != "5\ttrue\tother\n" {
		t.Errorf("with three settings: %q", got)
	}
	execute(t, conn, "SET max_threads = 7", "USE other", "CREATE TEMPORARY TABLE left (a UInt8)")
	if got := get("max_threads=3"); got != plain {
		t.Errorf("after SET and USE: %q", got)
	}
	if _, text := post(t, c, "", "EXISTS TEMPORARY TABLE left"); text != "0\n" {
		t.Errorf("the temporary table is still there: %q", text)
	}
	for query, want := range map[string]string{"no_such_setting=1": "Code: 115.", "max_threads=many": "Code: ", "database=nowhere": "Code: 81.", "a%27b=1": "Code: 36.", "compress=1": "Code: 48.", "session_id=x": "Code: 48."} {
		if status, text := post(t, c, query, "SELECT 1"); status == http.StatusOK || !strings.HasPrefix(text, want) {
			t.Errorf("%s: status %d, %.100q", query, status, text)
		}
	}
}

// A statement uses several cores under the cap that the program has by default, and one where memory is short.
func TestThreads(t *testing.T) {
	for memory, want := range map[int64]string{0: "NumbersRange × 2", 400 << 20: "NumbersRange 0 → 1"} {
		eng := start(t, func(o *Options) { o.Memory = memory })
		_, plan := post(t, client(t, eng), "max_threads=2", "EXPLAIN PIPELINE SELECT sum(number) FROM numbers_mt(100000000)")
		if !strings.Contains(plan, want) {
			t.Errorf("with a cap of %d MB:\n%s\nwant %q", memory>>20, plan, want)
		}
	}
}

func TestReadOnly(t *testing.T) {
	eng := start(t)
	conn, c := connected(t, eng), client(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for _, sql := range []string{"DROP TABLE t", "INSERT INTO t SELECT 1", "INSERT INTO t VALUES (1)", "SET readonly = 0", "SELECT 1 SETTINGS readonly = 0", "ALTER TABLE t DELETE WHERE 1", "SYSTEM STOP MERGES"} {
		for _, level := range []string{"1", "2"} {
			if status, text := post(t, c, "readonly="+level, sql); status != http.StatusForbidden {
				t.Errorf("readonly=%s, %s: status %d, %s", level, sql, status, text)
			}
		}
	}
	response, err := c.Get("http://" + Host + "/?query=INSERT+INTO+t+SELECT+1")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("GET may write: status %d", response.StatusCode)
	}
	if n := number(t, conn, "SELECT count() FROM t"); n != 0 {
		t.Errorf("%d rows written", n)
	}
}

// What the program's own commands need of the engine besides queries.
func TestDropAndBackup(t *testing.T) {
	eng := start(t)
	conn := connected(t, eng)
	backup := t.TempDir() + "/backup"
	execute(t, conn, "CREATE DATABASE d", "CREATE TABLE d.t (a UInt64) ENGINE = MergeTree ORDER BY a", "INSERT INTO d.t SELECT number FROM numbers(1000)",
		"BACKUP DATABASE d TO File('"+backup+"')", "DROP TABLE d.t SYNC", "DROP DATABASE d SYNC",
		"RESTORE DATABASE d FROM File('"+backup+"')", "OPTIMIZE TABLE d.t FINAL", "ALTER TABLE d.t ADD COLUMN b UInt8", "ALTER TABLE d.t DELETE WHERE a < 10 SETTINGS mutations_sync = 1")
	if n := number(t, conn, "SELECT count() FROM d.t"); n != 990 {
		t.Errorf("%d rows after BACKUP, DROP, RESTORE and DELETE; want 990", n)
	}
}

func TestMemoryCap(t *testing.T) {
	eng := start(t, func(o *Options) { o.Memory = 300 << 20 })
	conn := connected(t, eng)
	err := conn.Exec(t.Context(), "SELECT groupArray(number) FROM numbers(1000000000) FORMAT Null SETTINGS max_memory_usage = 0")
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) || exception.Code != 241 {
		t.Errorf("a statement that wants 8 GB: %v, want code 241", err)
	}
	if n := number(t, conn, "SELECT toUInt64(1)"); n != 1 {
		t.Error("the engine does not go on")
	}
	status, err := statusOf(t, eng)
	if err != nil {
		t.Fatal(err)
	}
	if peak := peakMemory(t, status.PID); peak > 300<<20*3/2+200<<20 { // the library's own code and tables are about 200 MB
		t.Errorf("the process peaked at %d MB with a cap of 300 MB", peak>>20)
	} else {
		t.Logf("peak %d MB", peak>>20)
	}
}
