package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func peakMemory(t testing.TB, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	var kilobytes int64
	for line := range strings.Lines(string(status)) {
		_, _ = fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes)
	}
	return kilobytes << 10
}

func pidOf(t testing.TB, eng *Engine) int {
	t.Helper()
	status, err := statusOf(t, eng)
	if err != nil {
		t.Fatal(err)
	}
	return status.PID
}

func kill(t testing.TB, pid int, how syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, how); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the engine to die", func() bool { return syscall.Kill(pid, 0) != nil })
}

func sendRows(ctx context.Context, conn driver.Conn, table string, from, count int) error {
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO "+table)
	if err != nil {
		return err
	}
	for i := from; i < from+count; i++ {
		if err := batch.Append(uint64(i), fmt.Sprintf("row %d\n\n", i)); err != nil {
			return err
		}
	}
	return batch.Send()
}

// A block of rows is stored whole or not at all, whenever the engine is killed; what was acknowledged is there.
func TestBlocksAreAtomicUnderKill(t *testing.T) {
	const block = 100_000
	eng := start(t)
	conn := connected(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	acknowledged, lost := map[int]bool{}, 0
	for i := range 12 {
		pid := pidOf(t, eng)
		timer := time.AfterFunc(time.Duration(i)*12*time.Millisecond, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
		for n := 0; syscall.Kill(pid, 0) == nil; n++ {
			id := i*1000 + n
			err := sendRows(t.Context(), conn, "t", id*block, block)
			if err == nil {
				acknowledged[id] = true
				continue
			}
			if !Lost(err) {
				t.Fatalf("insert failed with %v, not because the engine was lost", err)
			}
			lost++
		}
		timer.Stop()
	}
	rows, err := conn.Query(t.Context(), "SELECT intDiv(a, 100000) AS id, count() FROM t GROUP BY id")
	if err != nil {
		t.Fatal(err)
	}
	stored := map[int]bool{}
	for rows.Next() {
		var id, n uint64
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		stored[int(id)] = true
		if n != block {
			t.Errorf("block %d: %d of %d rows", id, n, block)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id := range acknowledged {
		if !stored[id] {
			t.Errorf("block %d was acknowledged and is gone", id)
		}
	}
	t.Logf("%d blocks acknowledged, %d inserts lost, %d stored", len(acknowledged), lost, len(stored))
}

// Inserts repeated under their token until they succeed are stored once each, however often the engine is killed.
func TestRepeatedUnderATokenStoresOnce(t *testing.T) {
	const block, kills = 1000, 10
	eng := start(t)
	conn := connected(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 10000")
	var killing sync.WaitGroup
	killing.Go(func() {
		for i := range kills {
			time.Sleep(time.Duration(150+17*i) * time.Millisecond)
			status, err := statusOf(t, eng)
			if err == nil {
				_ = syscall.Kill(status.PID, syscall.SIGKILL)
			}
		}
	})
	ended := make(chan struct{})
	go func() { killing.Wait(); close(ended) }()
	id, repeated := 0, 0
	for over := false; !over; id++ {
		ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": fmt.Sprint(id)}))
		for {
			err := sendRows(ctx, conn, "t", id*block, block)
			if err == nil {
				break
			}
			if !Lost(err) {
				t.Fatalf("insert failed with %v, not because the engine was lost", err)
			}
			repeated++
		}
		select {
		case <-ended:
			over = true
		default:
		}
	}
	rows, different := number(t, conn, "SELECT count() FROM t"), number(t, conn, "SELECT uniqExact(a) FROM t")
	if rows != uint64(id*block) || different != rows {
		t.Errorf("%d rows, %d of them different; want %d", rows, different, id*block)
	}
	t.Logf("%d inserts, %d repeated", id, repeated)
}

// Reading goes on over the death of the engine as if nothing had been.
func TestReadsSurviveTheEngine(t *testing.T) {
	eng := start(t)
	conn := connected(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a", "INSERT INTO t SELECT number FROM numbers(1000)")
	for range 3 {
		pid := pidOf(t, eng)
		kill(t, pid, syscall.SIGKILL)
		began := time.Now()
		if n := number(t, conn, "SELECT count() FROM t"); n != 1000 {
			t.Fatalf("%d rows after kill -9", n)
		}
		t.Logf("answered %v after kill -9", time.Since(began))
	}
	// Killed while it runs: repeated from the start, for no byte was sent.
	pid := pidOf(t, eng)
	time.AfterFunc(300*time.Millisecond, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	if n := number(t, conn, "SELECT count() + sleep(1) FROM t"); n != 1000 {
		t.Errorf("got %d", n)
	}
	// Killed in the middle of a result: an error, and one that says so.
	rows, err := conn.Query(t.Context(), "SELECT number FROM numbers(10000000000)")
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	kill(t, pidOf(t, eng), syscall.SIGKILL)
	for rows.Next() {
	}
	if err := rows.Err(); !Lost(err) {
		t.Errorf("a result cut by kill -9 ended with %v", err)
	}
	// A statement that writes is not repeated.
	pid = pidOf(t, eng)
	time.AfterFunc(300*time.Millisecond, func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	if err := conn.Exec(t.Context(), "INSERT INTO t SELECT sleep(1)"); !Lost(err) {
		t.Errorf("an insert cut by kill -9 ended with %v", err)
	}
}

// Many processes that start at once on one directory end up with one engine.
func TestManyStartersOneEngine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if os.Getenv("YUJING_TEST_DIR") != "" {
		eng, err := Open(t.Context(), Options{Dir: os.Getenv("YUJING_TEST_DIR"), Idle: 5 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		defer eng.Close()
		fmt.Printf("pid=%d\n", pidOf(t, eng))
		time.Sleep(time.Second)
		return
	}
	var wg sync.WaitGroup
	outputs := make([]string, 8)
	for i := range outputs {
		wg.Go(func() {
			process := exec.Command(os.Args[0], "-test.run=^TestManyStartersOneEngine$", "-test.v")
			process.Env = append(os.Environ(), "YUJING_TEST_DIR="+dir)
			output, err := process.CombinedOutput()
			if err != nil {
				t.Errorf("starter %d: %v\n%s", i, err, output)
			}
			for line := range strings.Lines(string(output)) {
				if strings.HasPrefix(line, "pid=") {
					outputs[i] = line
				}
			}
		})
	}
	wg.Wait()
	for i, output := range outputs {
		if output == "" || output != outputs[0] {
			t.Errorf("starter %d got engine %q, the first one %q", i, output, outputs[0])
		}
	}
	start(t, func(o *Options) { o.Dir = dir }) // to have it stopped
}

func TestEngineEndsAfterItsLastClient(t *testing.T) {
	const idle = 300 * time.Millisecond
	eng := start(t, func(o *Options) { o.Idle = idle })
	pid := pidOf(t, eng)
	alive := func() bool { return syscall.Kill(pid, 0) == nil }
	time.Sleep(3 * idle)
	if !alive() {
		t.Fatal("the engine ended although a client holds it")
	}
	if err := eng.Close(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the engine to end", func() bool { return !alive() })
	again := start(t, func(o *Options) { o.Dir = eng.serve.Dir; o.Idle = idle })
	if now := pidOf(t, again); now == pid {
		t.Error("the same process again")
	}
}

// Clients that come just when the engine goes get another one, not an error.
func TestComingWhenItGoes(t *testing.T) {
	const idle = 10 * time.Millisecond
	eng := start(t, func(o *Options) { o.Idle = idle })
	dir := eng.serve.Dir
	_ = eng.Close()
	for i := range 15 {
		time.Sleep(idle + time.Duration(i-7)*time.Millisecond/2)
		eng, err := Open(t.Context(), Options{Dir: dir, Idle: idle})
		if err != nil {
			t.Fatal(err)
		}
		if status, text := post(t, client(t, eng), "", "SELECT 1"); status != http.StatusOK || text != "1\n" {
			t.Fatalf("status %d: %s", status, text)
		}
		_ = eng.Close()
	}
}

func TestStopLetsRunningStatementsEnd(t *testing.T) {
	eng := start(t)
	conn := connected(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	ended := make(chan error, 1)
	go func() { ended <- conn.Exec(t.Context(), "INSERT INTO t SELECT sleep(1)") }()
	time.Sleep(300 * time.Millisecond)
	pid := pidOf(t, eng)
	kill(t, pid, syscall.SIGTERM)
	if err := <-ended; err != nil {
		t.Errorf("the running insert: %v", err)
	}
	if n := number(t, conn, "SELECT count() FROM t"); n != 1 {
		t.Errorf("%d rows", n)
	}
	if now := pidOf(t, eng); now == pid {
		t.Error("the engine did not end")
	}
}

func TestWhyItDidNotStartReachesTheClient(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data"), []byte("a file where the directory should be"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("a data directory that is a file: %v", err)
	}

	dir = t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data", "metadata"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "metadata", "torn.sql"), []byte("ATTACH TABLE torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "Code: 81.") || !strings.Contains(err.Error(), "torn.sql") {
		t.Errorf("torn metadata: %v", err)
	}

	bad := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(bad, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: t.TempDir(), Lib: bad}); err == nil || !strings.Contains(err.Error(), "load engine library "+bad) {
		t.Errorf("a library that is none: %v", err)
	}
	if _, err := Open(t.Context(), Options{Dir: t.TempDir(), Lib: "/nowhere/libchdb.so"}); err == nil || !strings.Contains(err.Error(), "make engine") {
		t.Errorf("a library that is not there: %v", err)
	}
	if !strings.HasSuffix(ErrNoLibrary.Error(), "run: make engine") {
		t.Errorf("no library: %v", ErrNoLibrary)
	}
}

func TestStaleSocketAndLongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long-", 20), strings.Repeat("longer-", 20))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WithSocket(dir, socketName, func(path string) error {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			return err
		}
		l.SetUnlinkOnClose(false)
		return l.Close()
	}); err != nil {
		t.Fatal(err)
	}
	conn := connected(t, start(t, func(o *Options) { o.Dir = dir }))
	if n := number(t, conn, "SELECT toUInt64(1)"); n != 1 {
		t.Errorf("got %d", n)
	}
	info, err := os.Stat(filepath.Join(dir, socketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v; want mode 600", info.Mode(), err)
	}
}

func TestLoopbackPort(t *testing.T) {
	eng := start(t, func(o *Options) { o.Listen = "127.0.0.1:0" })
	status, err := statusOf(t, eng)
	if err != nil {
		t.Fatal(err)
	}
	// The same program against an address, as against a ClickHouse server.
	conn, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{status.Listening}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	execute(t, conn, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	if err := sendRows(t.Context(), conn, "t", 0, 10); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/ping": "Ok.\n", "/": "Ok.\n", "/?query=SELECT+count()+FROM+t": "10\n", "/engine/status": "404 page not found\n"} {
		response, err := http.Get("http://" + status.Listening + path)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if string(text) != want {
			t.Errorf("GET %s: %q", path, text)
		}
	}
	// An engine that was killed listens again.
	kill(t, status.PID, syscall.SIGKILL)
	if now, err := statusOf(t, eng); err != nil || now.Listening == "" {
		t.Errorf("after kill -9 it listens on %q, %v", now.Listening, err)
	}
	if _, err := Open(t.Context(), Options{Dir: t.TempDir(), Listen: "0.0.0.0:0"}); err == nil || !strings.Contains(err.Error(), "only a loopback address") {
		t.Errorf("a port for everybody: %v", err)
	}
}

// With the library loaded a nil dereference is still a panic that Go recovers from.
func TestNilDereferenceIsAPanic(t *testing.T) {
	if os.Getenv("YUJING_TEST_NIL") == "" {
		process := exec.Command(os.Args[0], "-test.run=^TestNilDereferenceIsAPanic$", "-test.v")
		process.Env = append(os.Environ(), "YUJING_TEST_NIL=1")
		output, err := process.CombinedOutput()
		if err != nil || strings.Count(string(output), "recovered: runtime error: invalid memory address") != 3 {
			t.Errorf("%v\n%s", err, output)
		}
		return
	}
	path, err := FindLibrary("")
	if err != nil {
		t.Fatal(err)
	}
	lib, err := loadLibrary(path)
	if err != nil {
		t.Fatal(err)
	}
	dereferenceNil()
	for range 2 {
		if _, err := lib.connect("--path=" + t.TempDir()); err != nil && !errors.Is(err, errConnect) {
			t.Fatal(err)
		}
		dereferenceNil()
	}
}

func dereferenceNil() {
	defer func() { fmt.Println("recovered:", recover()) }()
	var nobody *Options
	fmt.Println(nobody.Dir)
}

func TestFullUseByManyClients(t *testing.T) {
	eng := start(t)
	conn := connected(t, eng)
	execute(t, conn, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	var wg sync.WaitGroup
	for client := range 8 {
		wg.Go(func() {
			own := connected(t, eng)
			for i := range 20 {
				if err := sendRows(t.Context(), own, "t", (client*20+i)*100, 100); err != nil {
					t.Error(err)
					return
				}
				var n uint64
				if err := own.QueryRow(t.Context(), "SELECT count() FROM t WHERE b LIKE 'row%'").Scan(&n); err != nil || n%100 != 0 || n == 0 {
					t.Errorf("read %d rows, %v", n, err)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := number(t, conn, "SELECT count() FROM t"); n != 16_000 {
		t.Errorf("%d rows, want 16000", n)
	}
}

// An engine that is killed while it starts is started again by whoever waits for it.
func TestKilledWhileStarting(t *testing.T) {
	dir := t.TempDir()
	lock := filepath.Join(dir, "engine.lock")
	done := make(chan int)
	go func() {
		killed := 0
		for deadline := time.Now().Add(20 * time.Second); killed < 3 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			var pid int
			text, _ := os.ReadFile(lock)
			if _, err := fmt.Sscan(string(text), &pid); err != nil {
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, "engine.sock")); err == nil {
				break // too late: it answers already
			}
			if syscall.Kill(pid, syscall.SIGKILL) == nil {
				killed++
				_ = os.Truncate(lock, 0)
			}
		}
		done <- killed
	}()
	conn := connected(t, start(t, func(o *Options) { o.Dir = dir }))
	if n := number(t, conn, "SELECT toUInt64(1)"); n != 1 {
		t.Errorf("got %d", n)
	}
	if n := <-done; n != 3 {
		t.Errorf("killed %d starting engines, want 3", n)
	}
}
