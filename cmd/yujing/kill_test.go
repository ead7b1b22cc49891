package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yujing/internal/clickhouse"
	"yujing/internal/engine"
	"yujing/internal/simulate"
)

// kills is how often the engine is killed while an insert is open.
const kills = 10

// An import whose engine is killed with -9, again and again, each time while an
// insert is open, stores what an undisturbed import stores.
//
// YUJING_KILL_RECORDS sets the number of records; the design's figure is
//
//	YUJING_KILL_RECORDS=1000000 go test -run TestImportUnderKill -timeout 60m -v ./cmd/yujing
func TestImportUnderKill(t *testing.T) {
	records := 60_000
	if asked := os.Getenv("YUJING_KILL_RECORDS"); asked != "" {
		n, err := strconv.Atoi(asked)
		if err != nil || n < 1 {
			t.Fatalf("YUJING_KILL_RECORDS=%q: give a number of records", asked)
		}
		records = n
	}
	feeds := simulated(t, records)
	quiet, killed := t.TempDir(), t.TempDir()

	want := startImport(t, quiet, feeds).finish()
	copyFile(t, filepath.Join(quiet, "key"), filepath.Join(killed, "key"))
	disturbed := startImport(t, killed, feeds)
	seed := rand.Uint64()
	died := disturbed.killEngine(rand.New(rand.NewPCG(seed, 0)), time.Duration(want.Seconds*float64(time.Second))/(2*kills))
	got := disturbed.finish()
	t.Logf("%d records, %d signals: undisturbed %.1f s; with %d kills of the engine, %d of them in an open insert, %.1f s (seed %d)",
		want.Records, want.Stored, want.Seconds, died, disturbed.hit.Load(), got.Seconds, seed)
	if n := disturbed.hit.Load(); n < kills {
		t.Errorf("only %d kills met an open insert before the import ended, want %d: import more records", n, kills)
	}
	got.Seconds = want.Seconds
	if got != want {
		t.Errorf("the disturbed import reports %+v, the undisturbed %+v", got, want)
	}
	compareStores(t, openStore(t, quiet), openStore(t, killed))
}

// simulated writes about so many records of the hotline, some of them broken,
// and gives the files in order.
func simulated(t *testing.T, records int) []string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sim")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, simulate.Zone())
	report, err := simulate.Run(t.Context(), simulate.Options{Seed: 3, From: from, To: from.AddDate(0, 6, 0), Contacts: records * 4 / 5,
		Every: 28 * 24 * time.Hour, Format: simulate.CSV, Dirty: 2, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows[0] < records*9/10 {
		t.Fatalf("the simulator wrote %d records, want about %d", report.Rows[0], records)
	}
	files, err := filepath.Glob(filepath.Join(dir, "hotline-12345", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// imported is what `yujing import --json` says at its end.
type imported struct {
	Records, Stored, Known, Corrected, Rejected int
	Seconds                                     float64
}

// importing is a `yujing import` under way, in a process of its own.
type importing struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	stdout bytes.Buffer
	said   bytes.Buffer  // stderr; read after ended
	hit    atomic.Int64  // inserts that the engine's death cut off
	ended  chan struct{} // closed when stderr has ended
}

func startImport(t *testing.T, dir string, files []string) *importing {
	t.Helper()
	program := filepath.Join(t.TempDir(), "yujing") // its name makes the test binary the program, see TestMain
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"--data", dir, "--sources", "../../sources.d", "--verbose", "import", "--source", "hotline-12345", "--json"}, files...)
	im := &importing{t: t, dir: dir, cmd: exec.Command(program, args...), ended: make(chan struct{})}
	im.cmd.Stdout = &im.stdout
	stderr, err := im.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := im.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go im.listen(stderr)
	t.Cleanup(func() { _ = im.cmd.Process.Kill() })
	return im
}

// listen counts the inserts that are said to be tried again.
func (im *importing) listen(stderr io.Reader) {
	defer close(im.ended)
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct{ Msg, Step string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "store is away, trying again" && strings.HasPrefix(line.Step, "insert ") {
			im.hit.Add(1)
		}
		im.said.Write(append(lines.Bytes(), '\n'))
	}
}

// finish waits for the end: 1, for some records are broken.
func (im *importing) finish() imported {
	im.t.Helper()
	<-im.ended
	_ = im.cmd.Wait()
	var report imported
	if err := json.Unmarshal(im.stdout.Bytes(), &report); err != nil || im.cmd.ProcessState.ExitCode() != 1 {
		said := im.said.Bytes()
		im.t.Fatalf("import ended with %s; stdout %s; the end of stderr:\n%s", im.cmd.ProcessState, im.stdout.Bytes(), said[max(0, len(said)-4000):])
	}
	return report
}

// killEngine kills the engine at random moments at which an insert is open,
// until enough inserts were cut off or the import ends; one kill in four meets
// a query instead. A kill may come a moment too late for its insert, so there
// are more kills than hits. Between two it pauses for at most so long.
func (im *importing) killEngine(random *rand.Rand, pause time.Duration) (died int) {
	im.t.Helper()
	db := openStore(im.t, im.dir)
	for im.hit.Load() < kills {
		time.Sleep(time.Duration(random.Int64N(int64(pause))))
		kind := "Insert"
		if died%4 == 3 {
			kind = "Select"
		}
		for !running(im.t.Context(), db, kind) {
			select {
			case <-im.ended:
				return died
			case <-time.After(2 * time.Millisecond):
			}
		}
		if kind == "Insert" {
			time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond)
		}
		if killedEngine(im.dir) {
			died++
		}
	}
	return died
}

// running asks whether the import has a statement of this kind open now.
func running(ctx context.Context, db *clickhouse.DB, kind string) bool {
	var out bytes.Buffer
	err := db.Raw(ctx, &out, clickhouse.RawQuery{Format: "TabSeparated", SQL: "SELECT count() FROM system.processes WHERE query_kind = '" + kind +
		"' AND query NOT LIKE '%system.processes%' AND query NOT LIKE 'INSERT INTO `asked`%'"})
	return err == nil && strings.TrimSpace(out.String()) != "0"
}

// killedEngine kills the engine of a data directory with -9; false if none lives.
func killedEngine(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "store", "engine.lock"))
	if err != nil {
		return false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return err == nil && pid > 1 && syscall.Kill(pid, syscall.SIGKILL) == nil
}

// openStore opens a data directory's store; its engine ends with the test.
func openStore(t *testing.T, dir string) *clickhouse.DB {
	t.Helper()
	db, err := clickhouse.Open(t.Context(), clickhouse.Options{Config: clickhouse.DefaultConfig(), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = db.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if eng, err := engine.Open(ctx, engine.Options{Dir: filepath.Join(dir, "store")}); err == nil {
			_ = eng.Stop(ctx)
		}
	})
	return db
}

// The content of a row of each table, but for the moments at which this
// deployment stored it, and for knowledge that began or ended at such a moment.
// Rejects are sealed with a random nonce and so are compared by all but the seal.
const (
	signalContent = `cityHash64(id, version, case_id, at, if(known_at = stored_at, toDateTime64(0, 3, 'UTC'), known_at),
       if(known_until = closed_at, toDateTime64(0, 3, 'UTC'), known_until), closed_at = 0, source, name, ref, kind, channel, level, competent, place,
       category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, toString(attrs), toString(flags), updated,
       toString(who), person, group_id)`
	linkContent   = `cityHash64(key, if(known_at = stored_at, toDateTime64(0, 3, 'UTC'), known_at), case_id, by)`
	rejectContent = `cityHash64(id, source, file, line, reason, remedy, masked, sealed = '', waits)`
)

// contents are the tables to compare: in groups, so that a difference has a place.
func contents() map[string]struct{ content, group, show, from string } {
	return map[string]struct{ content, group, show, from string }{
		"signals":    {signalContent, "toYYYYMM(at)", "hex(id), source, ref, name, version, case_id, at, unit, act, flags, closed_at = 0", "signals FINAL"},
		"case_links": {linkContent, "toYYYYMM(known_at)", "key, case_id, known_at, by", "case_links FINAL"},
		"rejects":    {rejectContent, "file", "hex(id), file, line, reason, waits", "rejects FINAL"},
	}
}

func compareStores(t *testing.T, want, got *clickhouse.DB) {
	t.Helper()
	for table, c := range contents() {
		figures := fmt.Sprintf("SELECT %s AS part, count(), hex(groupBitXor(%s)) FROM %s GROUP BY part ORDER BY part", c.group, c.content, c.from)
		a, b := ask(t, want, figures), ask(t, got, figures)
		total := ask(t, want, fmt.Sprintf("SELECT count(), hex(groupBitXor(%s)) FROM %s", c.content, c.from))
		if len(a) == 0 || strings.HasPrefix(total[0], "0\t") {
			t.Errorf("%s is empty: nothing is proven", table)
		}
		t.Logf("%s: rows and hash of content %s", table, strings.Join(total, " "))
		if part, differs := firstDifference(a, b); differs {
			name, _, _ := strings.Cut(part, "\t")
			rows := fmt.Sprintf("SELECT hex(%s) AS content, %s FROM %s WHERE toString(%s) = '%s' ORDER BY ALL", c.content, c.show, c.from, c.group, name)
			t.Errorf("%s differs in %s: undisturbed\n%s\ndisturbed\n%s\n%s", table, name, strings.Join(a, "\n"), strings.Join(b, "\n"),
				onlyIn(ask(t, want, rows), ask(t, got, rows)))
		}
	}
}

// ask gives the lines of an answer.
func ask(t *testing.T, db *clickhouse.DB, sql string) []string {
	t.Helper()
	var out bytes.Buffer
	if err := db.Raw(t.Context(), &out, clickhouse.RawQuery{Format: "TabSeparated", SQL: sql}); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
}

func firstDifference(a, b []string) (string, bool) {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return b[i], true
		case i >= len(b) || a[i] != b[i]:
			return a[i], true
		}
	}
	return "", false
}

// onlyIn shows the first rows that one side alone has.
func onlyIn(want, got []string) string {
	var out strings.Builder
	show := func(what string, rows, others []string) {
		known, shown := map[string]int{}, 0
		for _, o := range others {
			known[o]++
		}
		for _, r := range rows {
			if known[r]--; known[r] < 0 && shown < 5 {
				fmt.Fprintf(&out, "only %s: %s\n", what, r)
				shown++
			}
		}
	}
	show("undisturbed", want, got)
	show("disturbed", got, want)
	return out.String()
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
