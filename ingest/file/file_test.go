package file

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"yujing/ingest"
	"yujing/internal/problem"
)

// feedOf makes the feed of some settings.
func feedOf(t testing.TB, settings string) *Feed {
	t.Helper()
	d := &problem.Decoder{File: "a.yaml"}
	node := d.Parse([]byte(settings))
	f := New(d, node)
	if len(d.Problems) > 0 {
		t.Fatal(d.Problems)
	}
	return f.(*Feed)
}

// read gives a line for each record: its line, and its columns with their
// values or its fault; at the end what ended the file, if not its end.
func read(f *Feed, name string) string {
	var out strings.Builder
	r, err := f.Open(name)
	for err == nil {
		var c ingest.Chunk
		c, err = r.Read()
		for i := range c.Records {
			fmt.Fprintln(&out, show(&c.Records[i]))
		}
	}
	if r != nil {
		r.Close()
	}
	var fault *ingest.Fault
	if errors.As(err, &fault) {
		fmt.Fprintf(&out, "file, from line %d: %v\n", fault.Line, fault)
	} else if !errors.Is(err, io.EOF) {
		fmt.Fprintln(&out, "file:", err)
	}
	return out.String()
}

func show(rec *ingest.Record) string {
	if rec.Fault != nil {
		return fmt.Sprintf("%d: %v <%d bytes>", rec.Line, rec.Fault, len(rec.Raw))
	}
	parts := make([]string, len(rec.Fields))
	for i, v := range rec.Fields {
		parts[i] = rec.Header.Columns[i] + "=" + v
	}
	return fmt.Sprintf("%d: %s", rec.Line, strings.Join(parts, "|"))
}

func readBytes(t testing.TB, f *Feed, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return read(f, path)
}

// Each fixture is named by its mistake; beside it stands what is read of it.
// YUJING_UPDATE=1 writes what is read now.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, ".txt") {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			format := strings.TrimPrefix(filepath.Ext(strings.TrimSuffix(name, ".gz")), ".")
			got := read(feedOf(t, "format: "+format), name)
			if lines := strings.SplitAfter(got, "\n"); len(lines) > 20 {
				got = fmt.Sprintf("%d records, then\n%s", len(lines)-2, lines[len(lines)-2])
			}
			golden := name + ".txt"
			if os.Getenv("YUJING_UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const table = "编号,时间,诉求内容\r\n1,2026-01-02 15:04:05,\"路灯不亮,已三天\r\n请派人\"\r\n2,2026-01-03,他说\"\"马上\"\"\r\n3,2026-01-04,\"他说\"\"马上\"\"\"\r\n\r\n4,2026-01-05,"

const tableRead = "2: 编号=1|时间=2026-01-02 15:04:05|诉求内容=路灯不亮,已三天\r\n请派人\n" +
	"5: 编号=3|时间=2026-01-04|诉求内容=他说\"马上\"\n7: 编号=4|时间=2026-01-05|诉求内容=\n"

// The same table reads the same in every encoding, packed or not.
func TestEncodings(t *testing.T) {
	sound := strings.Replace(table, "2,2026-01-03,他说\"\"马上\"\"\r\n", "\r\n", 1)
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(sound))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"utf-8": []byte(sound), "with bom": []byte(bom + sound), "gb18030": gb, "utf-16": utf16} {
		t.Run(name, func(t *testing.T) {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			z.Write(data)
			z.Close()
			for ext, data := range map[string][]byte{"a.csv": data, "a.csv.gz": packed.Bytes()} {
				if diff := cmp.Diff(tableRead, readBytes(t, feedOf(t, "format: csv"), ext, data)); diff != "" {
					t.Errorf("%s: %s", ext, diff)
				}
			}
		})
	}
}

// The encoding may show only far down; rare characters need four bytes.
func TestEncodingFoundLate(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("id,text\n")
	for i := range 40_000 {
		fmt.Fprintf(&b, "%d,plain\n", i)
	}
	last, _ := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte("40000,䶮昇里𠮷祥\n"))
	b.Write(last)
	got := readBytes(t, feedOf(t, "format: csv"), "a.csv", b.Bytes())
	if !strings.HasSuffix(got, "40002: id=40000|text=䶮昇里𠮷祥\n") {
		t.Errorf("ends %q", got[len(got)-60:])
	}
}

func TestFormatsAndDialects(t *testing.T) {
	const want = "2: id=1|text=a, b\n3: id=2|text=c\n"
	for name, c := range map[string]struct{ settings, data, want string }{
		"tsv":                   {"format: tsv", "id\ttext\n1\ta, b\n2\tc\n", want},
		"tsv by its content":    {"sheet: x", "id\ttext\n1\ta, b\n2\tc\n", want},
		"csv by its content":    {"sheet: x", "id,text\n1,\"a, b\"\n2,c\n", want},
		"semicolons":            {`delimiter: ";"`, "id;text\n1;a, b\n2;c", want},
		"jsonl by its content":  {"sheet: x", "{\"id\":1,\"text\":\"a, b\"}\n\n{\"id\":\"2\",\"text\":\"c\"}\n", "1: id=1|text=a, b\n3: id=2|text=c\n"},
		"quotes are characters": {"{format: csv, quotes: plain}", "id,text\n1,a 5\" pipe\n2,\"c\"\n", "2: id=1|text=a 5\" pipe\n3: id=2|text=c\n"},
		"nested json":           {"format: jsonl", `{"id":1,"c":["x","y"],"u":{"n":true,"z":null}}`, "1: id=1|c.0=x|c.1=y|u.n=true|u.z=\n"},
		"a forced encoding":     {"{format: csv, encoding: gb18030}", "id,text\n1,\xc2\xb7\xb5\xc6\n", "2: id=1|text=路灯\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, readBytes(t, feedOf(t, c.settings), "a", []byte(c.data))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWorkbookWhereTextIsExpected(t *testing.T) {
	if got := readBytes(t, feedOf(t, "format: csv"), "a.csv", []byte("PK\x03\x04 and so on")); !strings.Contains(got, "is a workbook (.xlsx), the source sends csv; save it as csv") {
		t.Error(got)
	}
}

// A record longer than the window, and one longer than any record.
func TestLongRecords(t *testing.T) {
	long := strings.Repeat("很长的诉求。\n", 40_000) // 720 KB
	data := "id,text\n1,\"" + long + "\"\n2,b\n3,\"" + strings.Repeat("x\n", mostBytes) + "\"\n"
	got := readBytes(t, feedOf(t, "format: csv"), "a.csv", []byte(data))
	if !strings.Contains(got, long) || !strings.Contains(got, "40003: id=2|text=b\n") {
		t.Errorf("%d bytes read", len(got))
	}
	if !strings.Contains(got, "40004: a quote is broken") {
		t.Error("a record without end is not told")
	}
}

// filler is so many bytes without an end of line.
type filler int

func (f *filler) Read(p []byte) (int, error) {
	if *f == 0 {
		return 0, io.EOF
	}
	n := min(len(p), int(*f))
	copy(p, bytes.Repeat([]byte("x"), n))
	*f -= filler(n)
	return n, nil
}

// A line without end costs the memory of the longest record, in the reader, and
// little of it is kept; the lines after it are read.
func TestLineWithoutEnd(t *testing.T) {
	const fault = "the line has over 1048576 bytes; write one record a line and import the file again <65536 bytes>\n"
	for name, c := range map[string]struct{ before, begins, after, want string }{
		"jsonl":                 {"{\"id\":1}\n", `{"id":"`, "\"}\n{\"id\":3}\n", "1: id=1\n2: " + fault + "3: id=3\n"},
		"jsonl, at the end":     {"{\"id\":1}\n", `{"id":"`, "", "1: id=1\n2: " + fault},
		"jsonl, the first line": {"", `{"id":"`, "\"}\n{\"id\":3}\n", "1: " + fault + "2: id=3\n"},
		"csv":                   {"id,text\n1,a\n", "2,", "\n3,c\n", "2: id=1|text=a\n3: " + fault + "4: id=3|text=c\n"},
		"csv, quoted":           {"id,text\n1,a\n", `2,"`, "\"\n3,c\n", "2: id=1|text=a\n3: " + fault + "4: id=3|text=c\n"},
		"csv, a broken quote":   {"id,text\n1,a\n", `2,b"`, "\n3,c\n", "2: id=1|text=a\n3: " + fault + "4: id=3|text=c\n"},
	} {
		t.Run(name, func(t *testing.T) {
			long := filler(16 << 20)
			lines := newLines(io.NopCloser(nil), &counted{}, io.MultiReader(strings.NewReader(c.before+c.begins), &long, strings.NewReader(c.after)), "")
			var r ingest.Reader = &jsonReader{lines: lines}
			if strings.HasPrefix(name, "csv") {
				r = &csvReader{lines: lines, dialect: dialect{delimiter: ','}}
			}
			chunk, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for i := range chunk.Records {
				rec := &chunk.Records[i]
				fmt.Fprintln(&got, show(rec))
				if rec.Cut != (rec.Fault != nil) {
					t.Errorf("line %d: what is kept is only its beginning: %t", rec.Line, rec.Cut)
				}
			}
			if diff := cmp.Diff(c.want, got.String()); diff != "" {
				t.Error(diff)
			}
			if cap(lines.buf) > 4*mostBytes {
				t.Errorf("%d bytes are held", cap(lines.buf))
			}
		})
	}
}

// A broken quote ends with its line also where the line ends beyond what is read at once.
func TestBrokenQuoteAcrossReads(t *testing.T) {
	first := strings.Repeat("x", blockSize-100)
	data := "id,text\n1," + first + "\n2,a \"b\" " + strings.Repeat("y", 200) + ",5\n3,c\n"
	got := readBytes(t, feedOf(t, "format: csv"), "a.csv", []byte(data))
	if want := fmt.Sprintf("2: id=1|text=%s\n3: %v <210 bytes>\n4: id=3|text=c\n", first, unclosed()); got != want {
		t.Errorf("ends %q", got[len(first):])
	}
}

// A record read badly is read again once the definition is mended.
func TestReread(t *testing.T) {
	columns := []string{"id", "text"}
	raw := `1,he said "now"`
	if rec := feedOf(t, "format: csv").Reread(raw, columns); rec.Fault == nil {
		t.Error("strict quotes read it")
	}
	rec := feedOf(t, "{format: csv, quotes: plain}").Reread(raw, columns)
	if rec.Fault != nil || show(rec) != `1: id=1|text=he said "now"` {
		t.Error(show(rec))
	}
	if rec := feedOf(t, "format: jsonl").Reread(`{"id":`, nil); rec.Fault == nil {
		t.Error("half an object is read")
	}
	if rec := feedOf(t, "format: jsonl").Reread(`{"id":1}`, nil); rec.Fault != nil || show(rec) != "1: id=1" {
		t.Error(show(rec))
	}
}

// Whatever the bytes, every line ends up in a record or in a fault, the reader
// ends, and what encoding/csv reads without error we read alike.
func FuzzCSV(f *testing.F) {
	f.Add([]byte(table), byte(','))
	f.Add([]byte("a\tb\n1\t\"2\n\""), byte('\t'))
	f.Add([]byte("a;b\n\"1\";2\r\n\xd6\xd0;\xce\xc4\n"), byte(';'))
	f.Add([]byte("\xef\xbb\xbfa,b\n\"\"\"\",\"\r\n\""), byte(','))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, delimiter byte) {
		if !strings.ContainsRune(",;\t", rune(delimiter)) {
			return
		}
		path := filepath.Join(dir, "a")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r := &csvReader{lines: newLines(io.NopCloser(nil), &counted{}, bytes.NewReader(data), ""), dialect: dialect{delimiter: delimiter}}
		last := 0
		for {
			c, err := r.Read()
			for i := range c.Records {
				rec := &c.Records[i]
				if rec.Line <= last || rec.Fault == nil && len(rec.Fields) != len(rec.Header.Columns) || rec.Fault != nil && rec.Fault.Remedy == "" {
					t.Fatalf("line %d after %d: %s", rec.Line, last, show(rec))
				}
				last = rec.Line
			}
			if err != nil {
				break
			}
		}
		sameAsLibrary(t, data, delimiter)
	})
}

func FuzzJSONLines(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"b\":[1,{\"c\":null}]}\n"))
	f.Add([]byte("{}\n[]\n\"x\"\n{\"a\":\"\\u0000\"}"))
	f.Add([]byte("{\"\":1}\n{}\n"))
	f.Add([]byte("{\"a\\u0000b\":1}\n{\"a\":1,\"b\":2}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &jsonReader{lines: newLines(io.NopCloser(nil), &counted{}, bytes.NewReader(data), "")}
		for {
			c, err := r.Read()
			for i := range c.Records {
				if rec := &c.Records[i]; rec.Fault == nil && len(rec.Fields) != len(rec.Header.Columns) {
					t.Fatal(show(rec))
				}
			}
			if err != nil {
				return
			}
		}
	})
}
