// Package file reads what upstream systems export: CSV, TSV, JSON lines and
// workbooks (.xlsx), each also gzipped, in UTF-8 or GB18030. It finds the
// encoding by itself and goes on after a record that it cannot read.
package file

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"yujing/ingest"
	"yujing/internal/problem"
)

// Kind is the name of this kind of feed in a source's definition.
const Kind = "file"

// Feed reads files of one source. It is an ingest.Feed.
type Feed struct {
	settings
	delimiter byte
}

// settings stand under file: in a source's definition.
type settings struct {
	Format    string `yaml:"format"`    // csv, tsv, jsonl or xlsx; none = by the file's content
	Sheet     string `yaml:"sheet"`     // of a workbook; none = its first
	Delimiter string `yaml:"delimiter"` // of a CSV, one character; default a comma
	Quotes    string `yaml:"quotes"`    // strict (RFC 4180, the default), or plain: a quote within a field is a character
	Encoding  string `yaml:"encoding"`  // utf-8 or gb18030; none = found by itself
	Watch     string `yaml:"watch"`     // glob below the daemon's inbox; none = not watched
}

func formats() []string { return []string{csvFormat, tsvFormat, jsonFormat, xlsxFormat} }

const (
	csvFormat  = "csv"
	tsvFormat  = "tsv"
	jsonFormat = "jsonl"
	xlsxFormat = "xlsx"

	plainQuotes = "plain"
)

// New makes the feed of a source's settings; problems go to the decoder. It is
// an ingest.FeedKind.
func New(d *problem.Decoder, node *yaml.Node) ingest.Feed {
	f := &Feed{delimiter: ','}
	if node == nil {
		return f
	}
	d.Decode(node, &f.settings)
	oneOf := func(key, value string, known []string) {
		for _, k := range known {
			if value == "" || value == k {
				return
			}
		}
		d.Fail(at(node, key), "file-"+key, fmt.Sprintf("no %s %q", key, value), problem.DidYouMean(value, known))
	}
	oneOf("format", f.Format, formats())
	oneOf("quotes", f.Quotes, []string{"strict", plainQuotes})
	oneOf("encoding", f.Encoding, []string{utf8Name, gbName})
	if _, err := filepath.Match(f.Watch, "x"); err != nil || filepath.IsAbs(f.Watch) || strings.Contains(f.Watch, "..") {
		d.Fail(at(node, "watch"), "file-watch", fmt.Sprintf("%q is no pattern below the inbox", f.Watch), "write a pattern such as hotline/*.csv")
	}
	switch {
	case f.Delimiter == "\t" || f.Format == tsvFormat:
		f.delimiter = '\t'
	case len(f.Delimiter) == 1 && strings.ContainsAny(f.Delimiter, ",;"):
		f.delimiter = f.Delimiter[0]
	case f.Delimiter != "":
		d.Fail(at(node, "delimiter"), "file-delimiter", fmt.Sprintf("%q cannot part the fields", f.Delimiter), `write "," or ";" or "\t"`)
	}
	return f
}

// Reread reads a record again that could not be read before: a mended
// definition may know better. It is an ingest.Rereader.
func (f *Feed) Reread(raw string, columns []string) *ingest.Record {
	lines := newLines(io.NopCloser(nil), &counted{}, strings.NewReader(raw), f.Encoding)
	var rec ingest.Record
	if len(columns) == 0 {
		rec, _ = (&jsonReader{lines: lines}).next()
	} else {
		r := &csvReader{lines: lines, dialect: f.dialect(f.Format), header: &ingest.Header{Columns: columns}}
		rec, _ = r.next()
	}
	return &rec
}

// dialect of a format.
func (f *Feed) dialect(format string) dialect {
	d := dialect{delimiter: f.delimiter, plain: f.Quotes == plainQuotes}
	if format == tsvFormat {
		d.delimiter = '\t'
	}
	return d
}

func at(node *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return node
}
