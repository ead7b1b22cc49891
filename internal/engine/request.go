package engine

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// request is one statement as it came over HTTP.
type request struct {
	sql       string
	statement statement
	data      io.Reader // of an INSERT ... FORMAT
	database  string
	settings  map[string]string
	params    []param
	format    string // default_format
	revision  uint64 // client_protocol_version
	whole     bool   // wait_end_of_query: no byte before the statement succeeded

	tables map[string]externalTable // external tables announced in the URL
	parts  *multipart.Reader        // nil if the body is no form; the statement and the tables are in it then
}

// externalTable is a table sent along with a query.
type externalTable struct{ format, structure string }

const (
	headSize     = 256 << 10 // a statement is recognised within so many bytes, ClickHouse's own max_query_size
	maxStatement = 256 << 20
)

// ignored are the parameters of ClickHouse's HTTP interface that mean nothing here: the socket is private, results
// are not compressed, progress is not reported.
var ignored = map[string]bool{
	"user": true, "password": true, "quota_key": true, "query_id": true, "role": true, "stacktrace": true,
	"session_timeout": true, "session_check": true, "enable_http_compression": true, "buffer_size": true,
	"network_compression_method": true, "network_zstd_compression_level": true, "add_http_cors_header": true,
	"send_progress_in_http_headers": true, "http_headers_progress_interval_ms": true,
}

// readRequest takes the URL and the head of the body apart.
func readRequest(r *http.Request) (*request, error) {
	body, err := plainBody(r)
	if err != nil {
		return nil, err
	}
	req := &request{settings: map[string]string{}, format: "TabSeparated", tables: map[string]externalTable{}}
	values := r.URL.Query()
	for name := range values {
		if err := req.take(name, values.Get(name), values); err != nil {
			return nil, err
		}
	}
	if _, given := req.settings["readonly"]; !given && r.Method != http.MethodPost {
		req.settings["readonly"] = "2" // as ClickHouse does for GET
	}
	kind, form, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // whatever is no form is the statement
	if kind == "multipart/form-data" {
		req.sql = values.Get("query")
		req.parts = multipart.NewReader(body, form["boundary"])
		return req, nil
	}
	if inURL := values.Get("query"); inURL != "" {
		return req, req.fromURL(inURL, body)
	}
	return req, req.fromBody(body)
}

// take sorts one parameter of the URL in.
func (req *request) take(name, value string, all url.Values) error {
	switch {
	case name == "query", ignored[name]:
	case name == "database":
		req.database = value
	case name == "default_format":
		req.format = value
	case name == "wait_end_of_query":
		req.whole = value == "1" || value == "true"
	case name == "client_protocol_version":
		revision, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return problem(codeBadArguments, "client_protocol_version must be a number")
		}
		req.revision = revision
	case strings.HasPrefix(name, "param_"):
		req.params = append(req.params, param{strings.TrimPrefix(name, "param_"), value})
	case name == "session_id":
		return problem(codeNotImplemented, "sessions are not supported by the embedded engine; put settings into each request")
	case name == "compress", name == "decompress":
		if value == "1" {
			return problem(codeNotImplemented, "compressed blocks are not supported by the embedded engine; leave clickhouse.Options.Compression nil")
		}
	case strings.HasSuffix(name, "_structure"):
		table := strings.TrimSuffix(name, "_structure")
		req.tables[table] = externalTable{format: all.Get(table + "_format"), structure: value}
	case strings.HasSuffix(name, "_format") && all.Has(strings.TrimSuffix(name, "_format")+"_structure"):
	default:
		req.settings[name] = value
	}
	return nil
}

func plainBody(r *http.Request) (io.Reader, error) {
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
		return r.Body, nil
	case "gzip":
		body, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, problem(codeBadArguments, "the body is not gzip: "+err.Error())
		}
		return body, nil
	default:
		return nil, problem(codeNotImplemented, "Content-Encoding "+encoding+" is not supported by the embedded engine; send it plain or gzip")
	}
}

// fromURL sets the statement given in the URL; the body goes on with it, or is the data of its INSERT.
func (req *request) fromURL(sql string, body io.Reader) error {
	s := parse(sql)
	if s.insert.piped {
		req.sql, req.statement = sql, s
		req.data = body
		if begun := sql[s.insert.dataAt:]; strings.TrimSpace(begun) != "" {
			req.data = io.MultiReader(strings.NewReader(begun), body)
		}
		return nil
	}
	rest, err := readAll(body)
	if err != nil {
		return err
	}
	if rest != "" {
		sql, s = sql+"\n"+rest, parse(sql+"\n"+rest)
	}
	req.sql, req.statement = sql, s
	return nil
}

// fromBody sets the statement given in the body, with the data of an INSERT after it. The library would cut such data
// at the first blank line; here it never sees it inside a statement.
func (req *request) fromBody(body io.Reader) error {
	buffered := bufio.NewReaderSize(body, headSize)
	head, err := buffered.Peek(headSize)
	if err != nil && err != io.EOF {
		return fmt.Errorf("read statement: %w", err)
	}
	if s := parse(string(head)); s.insert.piped && (s.insert.dataAt < len(head) || err == io.EOF) {
		req.sql, req.statement, req.data = string(head[:s.insert.dataAt]), s, buffered
		_, err := buffered.Discard(s.insert.dataAt)
		return err
	}
	sql, err := readAll(buffered)
	req.sql, req.statement = sql, parse(sql)
	return err
}

func readAll(r io.Reader) (string, error) {
	var all bytes.Buffer
	n, err := io.Copy(&all, io.LimitReader(r, maxStatement+1))
	if err != nil {
		return "", fmt.Errorf("read statement: %w", err)
	}
	if n > maxStatement {
		return "", problem(codeBadArguments, fmt.Sprintf("the statement is longer than %d bytes; send rows as INSERT ... FORMAT", maxStatement))
	}
	return all.String(), nil
}

// outputFormat is the format of the result.
func (req *request) outputFormat() string {
	if req.statement.format != "" {
		return req.statement.format
	}
	return req.format
}

// streamable are the formats in which pieces written one after the other are the whole. The library formats each piece
// by itself, so that JSON, Parquet or a format with a header line would come out as several documents.
var streamable = map[string]bool{
	"native": true, "rowbinary": true, "tabseparated": true, "tsv": true, "tabseparatedraw": true, "tsvraw": true, "csv": true,
	"jsoneachrow": true, "jsonlines": true, "ndjson": true, "jsoncompacteachrow": true, "lineasstring": true,
}

// streams reports whether the result can be sent piece by piece.
func (req *request) streams() bool {
	return req.statement.selects() && !req.whole && !req.statement.totals && req.settings["extremes"] == "" &&
		streamable[strings.ToLower(req.outputFormat())]
}
