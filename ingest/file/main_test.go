package file_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"yujing/ingest"
	"yujing/ingest/file"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/internal/privacy"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// bureau is a store on the real engine with an importer on it.
type bureau struct {
	*testing.T
	db  *clickhouse.DB
	key *privacy.Key
	im  *ingest.Importer

	mu  sync.Mutex
	now time.Time
}

func open(t *testing.T) *bureau {
	t.Helper()
	db := clickhousetest.Open(t)
	key, err := privacy.NewKey([]byte("an insecure key of 32 bytes ....")[:32])
	if err != nil {
		t.Fatal(err)
	}
	b := &bureau{T: t, db: db, key: key, now: time.Now().UTC().Truncate(time.Second)}
	b.im = b.importer(db, 0)
	return b
}

// importer gives one with another store or another size of batch.
func (b *bureau) importer(store ingest.Store, batch int) *ingest.Importer {
	return ingest.New(ingest.Options{Store: store, Key: b.key, Now: b.clock, Batch: batch})
}

// clock stands still until a test moves it.
func (b *bureau) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bureau) later(d time.Duration) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
	return b.now
}

func kinds() ingest.LoadOptions {
	return ingest.LoadOptions{Kinds: map[string]ingest.FeedKind{file.Kind: file.New}}
}

// source loads a definition from its text.
func (b *bureau) source(text string) *ingest.Source {
	b.Helper()
	sources, problems := ingest.LoadSources(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, kinds())
	if problems.Err() != nil {
		b.Fatal(problems)
	}
	return sources[0]
}

// shipped loads a definition that comes with the program, changed by pairs of
// old and new text.
func (b *bureau) shipped(path string, changes ...string) *ingest.Source {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(string(text), changes[i]) {
			b.Fatalf("%s does not hold %q", path, changes[i])
		}
	}
	return b.source(strings.NewReplacer(changes...).Replace(string(text)))
}

func (b *bureau) write(name, text string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// take imports files and compares what the report counts: records, stored,
// known, corrected, rejected.
func (b *bureau) take(source *ingest.Source, want [5]int, files ...string) ingest.Report {
	b.Helper()
	return b.takeWith(b.im, source, want, files...)
}

func (b *bureau) takeWith(im *ingest.Importer, source *ingest.Source, want [5]int, files ...string) ingest.Report {
	b.Helper()
	r, err := im.Import(b.Context(), source, files, nil)
	if err != nil {
		b.Fatal(err)
	}
	if got := counts(r); got != want {
		b.Errorf("records, stored, known, corrected, rejected: %v, want %v; rejects: %v", got, want, reasons(r))
	}
	return r
}

func counts(r ingest.Report) [5]int {
	return [5]int{r.Records, r.Stored, r.Known, r.Corrected, r.Rejected}
}

func reasons(r ingest.Report) (out []string) {
	for _, reject := range r.Rejects {
		out = append(out, fmt.Sprintf("%s:%d: %s; %s", reject.File, reject.Line, reject.Reason, reject.Remedy))
	}
	return out
}

// sql runs a query and gives its rows as tab separated lines.
func (b *bureau) sql(query string) string {
	b.Helper()
	var out bytes.Buffer
	if err := b.db.Raw(b.Context(), &out, clickhouse.RawQuery{SQL: query, Format: "TabSeparated"}); err != nil {
		b.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// cases says which refs belong together: a line each, in order.
func (b *bureau) cases() string {
	b.Helper()
	return b.sql(`SELECT arrayStringConcat(arraySort(groupUniqArray(ref)), ' ') AS refs FROM signals FINAL WHERE closed_at = 0 GROUP BY case_id ORDER BY refs`)
}

// ids is every live signal with its case: what two ways of importing must agree on.
func (b *bureau) ids() string {
	b.Helper()
	return b.sql(`SELECT count(), sum(cityHash64(case_id, id, version, at, person, group_id)) FROM signals FINAL WHERE closed_at = 0`)
}

// table is a CSV file of rows; the first is the header.
func table(rows ...[]string) string {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.WriteAll(rows) // a bytes.Buffer takes everything
	return out.String()
}

// shuffled is the rows under the same header in another order.
func shuffled(seed uint64, rows [][]string) [][]string {
	out := append([][]string{}, rows...)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(out)-1, func(i, j int) { out[i+1], out[j+1] = out[j+1], out[i+1] })
	return out
}

// discard takes what nobody reads.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

func rawWrite(sql string) clickhouse.RawQuery {
	return clickhouse.RawQuery{SQL: sql, Write: true}
}
