package file_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yujing/ingest"
	"yujing/ingest/file"
)

// inbox is a directory with a watcher on it that a test makes look.
type inbox struct {
	*bureau
	dir     string
	watcher *file.Watcher
	reports []ingest.Report
}

func (b *bureau) inbox(im file.Importer) *inbox {
	b.Helper()
	in := &inbox{bureau: b, dir: b.TempDir()}
	source := b.source(strings.Replace(petty, "file: {format: csv}", "file: {format: csv, watch: petty/*.csv*}", 1))
	if err := os.MkdirAll(filepath.Join(in.dir, "petty"), 0o755); err != nil {
		b.Fatal(err)
	}
	in.watcher = file.NewWatcher(file.WatchOptions{Inbox: in.dir, Sources: []*ingest.Source{source}, Importer: im,
		Done: func(r ingest.Report, _ error) { in.reports = append(in.reports, r) }})
	return in
}

// put writes a file beside its place and moves it in, as a careful sender does.
func (in *inbox) put(name, text string) {
	in.Helper()
	temp := filepath.Join(in.dir, ".partial")
	if err := os.WriteFile(temp, []byte(text), 0o644); err != nil {
		in.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // the rename is later than the write by more than a tick
	if err := os.Rename(temp, filepath.Join(in.dir, "petty", name)); err != nil {
		in.Fatal(err)
	}
}

func (in *inbox) left() (names []string) {
	in.Helper()
	entries, err := os.ReadDir(filepath.Join(in.dir, "petty"))
	if err != nil {
		in.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func one(n string) string { return table(rows(row("n="+n, "called=2024-01-01"))...) }

func TestInboxTakesWhatIsMovedIn(t *testing.T) {
	b := open(t)
	in := b.inbox(b.im)
	in.put("1.csv", one("1"))
	in.put("2.csv", one("2")+"3,someday\n")
	if err := in.watcher.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := in.left(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if len(in.reports) != 1 || counts(in.reports[0]) != [5]int{3, 2, 0, 0, 1} {
		t.Errorf("reports %+v", in.reports)
	}
	if n := b.sql("SELECT count() FROM rejects"); n != "1" {
		t.Errorf("%s rejects: the file is gone and they must be stored", n)
	}
}

func TestInboxWaitsForWhatIsBeingWritten(t *testing.T) {
	b := open(t)
	in := b.inbox(b.im)
	for _, name := range []string{"1.csv", ".hidden.csv", "2.csv.tmp", "3.csv.part", "other.txt"} {
		if err := os.WriteFile(filepath.Join(in.dir, "petty", name), []byte(one("1")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.watcher.Look(t.Context()); err != nil || len(in.reports) != 0 {
		t.Fatalf("%v, %d reports: nobody knows yet that the file is whole", err, len(in.reports))
	}
	time.Sleep(1100 * time.Millisecond)
	if err := in.watcher.Look(t.Context()); err != nil || len(in.reports) != 1 || in.reports[0].Stored != 1 {
		t.Fatalf("%v, reports %+v", err, in.reports)
	}
	if diff := cmp.Diff([]string{".hidden.csv", "2.csv.tmp", "3.csv.part", "other.txt"}, in.left()); diff != "" {
		t.Error(diff)
	}
}

// A file that cannot be read to its end gives what can be read of it, and stays.
func TestInboxKeepsWhatCannotBeRead(t *testing.T) {
	b := open(t)
	in := b.inbox(b.im)
	var packed strings.Builder
	z := gzip.NewWriter(&packed)
	z.Write([]byte(table(district(200)...)))
	z.Close()
	in.put("cut.csv.gz", packed.String()[:packed.Len()*3/4])
	for range 2 { // once only
		if err := in.watcher.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(in.reports) != 1 || in.reports[0].Stored == 0 || in.reports[0].Rejected != 1 {
		t.Errorf("reports %+v", in.reports)
	}
	if diff := cmp.Diff([]string{"cut.csv.gz.bad"}, in.left()); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(filepath.Join(in.dir, "petty", "cut.csv.gz.bad"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// An export that has one name every day and cannot be read twice is kept twice.
func TestInboxKeepsEachThatCannotBeRead(t *testing.T) {
	b := open(t)
	in := b.inbox(b.im)
	texts := map[string]string{"cut.csv.bad": "first", "cut.csv.2.bad": "second", "cut.csv.3.bad": "third"}
	for _, text := range []string{"first", "second", "third"} {
		in.put("cut.csv", text)
		for range 2 { // what is set aside is not read again
			if err := in.watcher.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(in.reports) != 3 {
		t.Errorf("%d imports", len(in.reports))
	}
	got := map[string]string{}
	for _, name := range in.left() {
		text, err := os.ReadFile(filepath.Join(in.dir, "petty", name))
		if err != nil {
			t.Fatal(err)
		}
		got[name] = string(text)
	}
	if diff := cmp.Diff(texts, got); diff != "" {
		t.Error(diff)
	}
}

// away is a store that cannot be reached.
type away struct{ ingest.Store }

func (away) Append(context.Context, *ingest.Batch) error { return errors.New("engine is away") }

// What is not stored is not deleted; when the store is back it is imported once.
func TestInboxKeepsWhatIsNotStored(t *testing.T) {
	b := open(t)
	in := b.inbox(b.importer(away{b.db}, 0))
	in.put("1.csv", one("1"))
	if err := in.watcher.Look(t.Context()); err == nil || !strings.Contains(err.Error(), "engine is away") {
		t.Errorf("error %v", err)
	}
	if len(in.left()) != 1 {
		t.Fatal("the file is gone and nothing of it stored")
	}
	in.watcher.Importer = b.im
	if err := in.watcher.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := b.sql("SELECT count() FROM signals"); n != "1" || len(in.left()) != 0 {
		t.Errorf("%s signals, left %v", n, in.left())
	}
}

// changing rewrites a file while it is imported.
type changing struct {
	file.Importer
	path string
}

func (c changing) Import(ctx context.Context, s *ingest.Source, files []string, p func(ingest.Progress)) (ingest.Report, error) {
	r, err := c.Importer.Import(ctx, s, files, p)
	if info, e := os.Stat(c.path); e == nil && info.Size() < 1000 {
		err = errors.Join(err, os.WriteFile(c.path, []byte(table(district(20)...)), fs.FileMode(0o644)))
	}
	return r, err
}

func TestInboxTakesWhatChangedMeanwhile(t *testing.T) {
	b := open(t)
	in := b.inbox(nil)
	in.watcher.Importer = changing{b.im, filepath.Join(in.dir, "petty", "1.csv")}
	in.put("1.csv", one("7"))
	if err := in.watcher.Look(t.Context()); err != nil || len(in.left()) != 1 {
		t.Fatalf("left %v, %v: it changed after it was read", in.left(), err)
	}
	time.Sleep(1100 * time.Millisecond)
	for range 2 {
		if err := in.watcher.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1100 * time.Millisecond)
	}
	if n := b.sql("SELECT uniqExact(ref) FROM signals"); n != "20" || len(in.left()) != 0 {
		t.Errorf("%s refs, left %v", n, in.left())
	}
}
