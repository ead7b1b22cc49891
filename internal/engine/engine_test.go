package engine

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func TestMain(m *testing.M) {
	MaybeServe()
	os.Exit(m.Run())
}

// start opens an engine of the test's own, which ends with it.
func start(t testing.TB, change ...func(*Options)) *Engine {
	t.Helper()
	o := Options{Dir: t.TempDir(), Idle: 5 * time.Second}
	for _, c := range change {
		c(&o)
	}
	eng, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := eng.Stop(ctx); err != nil {
			t.Errorf("stop engine: %v", err)
		}
	})
	return eng
}

// connected is a clickhouse-go connection to the engine, as internal/clickhouse makes it.
func connected(t testing.TB, eng *Engine) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{
		Protocol:      clickhouse.HTTP,
		Addr:          []string{Host},
		TransportFunc: eng.Transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// statusOf asks an engine how it is, as a person would on its socket.
func statusOf(t testing.TB, eng *Engine) (status Status, err error) {
	t.Helper()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return eng.dial(ctx) }
	client := http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+Host+"/engine/status", nil)
	if err != nil {
		return status, err
	}
	response, err := client.Do(request)
	if err != nil {
		return status, err
	}
	defer response.Body.Close()
	return status, json.NewDecoder(response.Body).Decode(&status)
}

func execute(t testing.TB, conn driver.Conn, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func number(t testing.TB, conn driver.Conn, sql string) uint64 {
	t.Helper()
	var n uint64
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestSelectOne(t *testing.T) {
	conn := connected(t, start(t))
	if got := number(t, conn, "SELECT toUInt64(1)"); got != 1 {
		t.Errorf("SELECT 1 gave %d", got)
	}
	version, err := conn.ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if version.Revision != 0 || version.Timezone.String() != "UTC" {
		t.Errorf("hello: revision %d, zone %s; want 0, UTC", version.Revision, version.Timezone)
	}
}
