package engine

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
)

// client speaks HTTP to the engine as curl would.
func client(t testing.TB, eng *Engine) *http.Client {
	t.Helper()
	transport, err := eng.Transport(&http.Transport{})
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Transport: transport}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func post(t testing.TB, c *http.Client, query, body string) (int, string) {
	t.Helper()
	response, err := c.Post("http://"+Host+"/?"+query, "", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// Every way in which rows can stand in a request, with blank lines where the library would cut inline data.
func TestInsertedRowsAreNotCutAtBlankLines(t *testing.T) {
	eng := start(t)
	conn, c := connected(t, eng), client(t, eng)
	for _, tc := range []struct{ name, query, body string }{
		{"rows after the statement", "", "INSERT INTO t FORMAT JSONEachRow {\"a\":1,\"b\":\"x\"}\n\n\n{\"a\":2,\"b\":\"y\"}"},
		{"rows on the next line", "", "INSERT INTO t (a, b) FORMAT JSONEachRow\n{\"a\":1,\"b\":\"x\"}\n\n{\"a\":2,\"b\":\"y\"}\n"},
		{"statement in the URL", "query=INSERT+INTO+t+FORMAT+TSV", "1\tx\n2\ty\n"},
		{"format by default", "default_format=CSV&query=INSERT+INTO+t", "1,x\n2,y\n"},
		{"values", "", "INSERT INTO t VALUES (1, 'x\n\n')\n\n\n(2, 'y');"},
		{"values in the URL", "query=INSERT+INTO+t+VALUES", "(1, 'x\n\n')\n\n\n(2, 'y')"},
		{"settings before the format", "", "INSERT INTO t (a, b) SETTINGS input_format_csv_trim_whitespaces = 1 FORMAT CSV\n1,\"x\n\n\"\n2,y"},
		{"a comment and a name that look like it", "", "INSERT INTO /* FORMAT TSV\n\n */ `t` (`a`, b) -- VALUES\n FORMAT CSV\n1,FORMAT\n2,\"\n\n\"\n"},
		{"select", "", "INSERT INTO t\n\nSELECT number, '\n\n'\n\nFROM numbers(2)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			execute(t, conn, "CREATE OR REPLACE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
			if status, text := post(t, c, tc.query, tc.body); status != http.StatusOK || text != "" {
				t.Fatalf("status %d: %s", status, text)
			}
			if n := number(t, conn, "SELECT count() FROM t"); n != 2 {
				t.Errorf("%d rows stored, want 2", n)
			}
		})
	}
}

func TestDeduplicationToken(t *testing.T) {
	conn := connected(t, start(t))
	execute(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100")
	insert := func(token string, a uint64) {
		ctx := t.Context()
		if token != "" {
			ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token}))
		}
		batch, err := conn.PrepareBatch(ctx, "INSERT INTO t")
		if err != nil {
			t.Fatal(err)
		}
		if err := batch.Append(a); err != nil {
			t.Fatal(err)
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
	}
	insert("one", 1)
	insert("one", 1)
	insert("one", 2) // the token counts, not the rows
	insert("two", 1)
	insert("", 3)
	insert("", 3)
	if n := number(t, conn, "SELECT count() FROM t"); n != 4 {
		t.Errorf("%d rows, want 4: one for each token, one for each insert without", n)
	}
}

// A client that breaks off in the middle of its rows has stored none, also in a format that may end anywhere.
func TestBrokenOffInsertStoresNothing(t *testing.T) {
	eng := start(t)
	conn := connected(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	for _, rows := range []int{0, 1, 1000, 200_000} {
		raw, err := eng.dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		body := strings.Repeat("7\n", rows)
		_, err = io.WriteString(raw, "POST /?query=INSERT+INTO+t+FORMAT+TSV HTTP/1.1\r\nHost: engine\r\nContent-Length: 1000000000\r\n\r\n"+body)
		if err != nil {
			t.Fatal(err)
		}
		if rows == 1000 {
			time.Sleep(50 * time.Millisecond) // let the statement begin to read
		}
		_ = raw.(*net.UnixConn).CloseWrite()
		answer, _ := io.ReadAll(raw)
		_ = raw.Close()
		if strings.Contains(string(answer), "200 OK") {
			t.Errorf("%d rows: answered %q", rows, answer)
		}
	}
	waitFor(t, "statements to end", func() bool { return number(t, conn, "SELECT count() FROM system.processes") == 1 })
	if n := number(t, conn, "SELECT count() FROM t"); n != 0 {
		t.Errorf("%d rows stored of inserts that broke off", n)
	}
}

// An INSERT that fails answers with its error although the client is still writing.
func TestFailingInsertAnswersWhileRowsCome(t *testing.T) {
	eng := start(t)
	c := client(t, eng)
	status, text := post(t, c, "query=INSERT+INTO+missing+FORMAT+TSV", strings.Repeat("7\n", 5_000_000))
	if status != http.StatusNotFound || !strings.HasPrefix(text, "Code: 60.") {
		t.Errorf("status %d: %.200s", status, text)
	}
}

func TestExternalTable(t *testing.T) {
	eng := start(t)
	conn := connected(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a", "INSERT INTO t SELECT number FROM numbers(100000)")
	for range 2 { // the second finds nothing of the first
		keys, err := ext.NewTable("keys", ext.Column("k", "UInt64"))
		if err != nil {
			t.Fatal(err)
		}
		for k := range uint64(50_000) {
			if err := keys.Append(2 * k); err != nil {
				t.Fatal(err)
			}
		}
		ctx := clickhouse.Context(t.Context(), clickhouse.WithExternalTable(keys))
		var n uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM t WHERE a IN keys").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != 50_000 {
			t.Errorf("found %d of the keys, want 50000", n)
		}
	}
	if err := conn.Exec(t.Context(), "SELECT * FROM keys"); err == nil {
		t.Error("the external table outlived its query")
	}
}

func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited too long for %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
