package engine

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// server answers the part of ClickHouse's HTTP interface that clickhouse-go, curl and Grafana use:
//
//	GET  /ping                 "Ok."
//	POST / (GET: read only)    ?query=, database=, param_NAME=, default_format=, settings; the statement or the rows of
//	                           an INSERT in the body; external tables as a form. Results chunked; an error before the
//	                           first byte as status, X-ClickHouse-Exception-Code and text, after it as an
//	                           __exception__ block and a body that breaks off. A client that goes away cancels.
//
// and on the unix socket alone, for the program itself:
//
//	GET  /engine/status        Status as JSON
//	POST /engine/listen?addr=  answer on a loopback port, too
//	POST /engine/stop          end after the running statements
type server struct {
	sessions *sessions
	version  string
	slots    chan struct{} // a running statement holds one
	running  atomic.Int64
	status   func() Status
	listen   func(addr string) (string, error)
	stop     func()
}

// maxRunning statements run at once; more wait. Each has a thread of its own.
const maxRunning = 64

// public answers on a port, where there is nothing but statements.
func (s *server) public() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Ok.\n") })
	mux.HandleFunc("/", s.answer)
	return mux
}

// private answers on the unix socket.
func (s *server) private() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", s.public())
	mux.HandleFunc("GET /engine/status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.status())
	})
	mux.HandleFunc("POST /engine/listen", func(w http.ResponseWriter, r *http.Request) {
		bound, err := s.listen(r.URL.Query().Get("addr"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		_, _ = io.WriteString(w, bound)
	})
	mux.HandleFunc("POST /engine/stop", func(http.ResponseWriter, *http.Request) { s.stop() })
	return mux
}

func (s *server) answer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodGet && r.URL.RawQuery == "" {
		_, _ = io.WriteString(w, "Ok.\n")
		return
	}
	out := &response{w: w, request: r}
	if err := s.execute(r, out); err != nil {
		s.fail(out, err)
	}
}

func (s *server) execute(r *http.Request, out *response) error {
	ctx := r.Context()
	req, err := readRequest(r)
	if err != nil {
		return err
	}
	if isHello(req.sql) && req.outputFormat() == "Native" {
		out.begin("Native")
		return out.write(hello(req.revision, s.version))
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	s.running.Add(1)
	defer s.running.Add(-1)
	target, err := s.sessions.acquire(req.database, req.settings)
	if err != nil {
		return err
	}
	defer s.sessions.release(target)
	if err := s.readForm(ctx, target, req); err != nil {
		return err
	}
	return s.run(ctx, target, req, out)
}

// run executes the statement. After any error the session is not used again: the library may have kept part of the
// result in it.
func (s *server) run(ctx context.Context, target *session, req *request, out *response) (err error) {
	defer func() {
		target.used = target.used || err != nil || req.statement.leaves || req.settings["insert_deduplication_token"] != ""
	}()
	if req.statement.multiple {
		return problem(codeSyntax, "Syntax error (Multi-statements are not allowed): send one statement at a time")
	}
	if level := req.settings["readonly"]; level != "" && level != "0" && !req.statement.readOnly {
		return problem(codeReadonly, "Cannot execute query in readonly mode") // the engine itself lets SYSTEM and some others pass
	}
	if req.statement.insert.piped {
		return s.insert(ctx, target, req)
	}
	if req.streams() {
		err := s.stream(ctx, target, req, out)
		if !notStreamable(err) {
			return err
		}
	}
	return s.sessions.guard(ctx, target, func() error {
		result, err := target.conn.query(req.sql, req.format, req.params)
		if err != nil {
			return err
		}
		defer result.free()
		out.begin(req.outputFormat())
		return out.write(result.bytes())
	})
}

// stream sends a result as it comes.
func (s *server) stream(ctx context.Context, target *session, req *request, out *response) error {
	return s.sessions.guard(ctx, target, func() error {
		rows, err := target.conn.stream(req.sql, req.format, req.params)
		if err != nil {
			return err
		}
		defer rows.free()
		for {
			piece, err := rows.next()
			if err != nil {
				return err
			}
			out.begin(req.outputFormat())
			if piece == nil {
				return nil
			}
			err = out.write(piece.bytes())
			piece.free()
			if err != nil {
				s.drain(target, rows)
				return err
			}
		}
	})
}

// drain brings a stream nobody reads any more to its end: kills the statement and fetches what is left.
func (s *server) drain(target *session, rows *stream) {
	for {
		s.sessions.kill(target)
		piece, err := rows.next()
		if err != nil || piece == nil {
			return
		}
		piece.free()
	}
}

// fail tells the client of an error: properly if nothing was sent yet, else by a block that clickhouse-go recognises and
// a body that breaks off, for a body that ended well would read as a complete result.
func (s *server) fail(out *response, err error) {
	if out.request.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody is listening
	}
	var known *queryError
	if !errors.As(err, &known) {
		known = problem(codeUnknown, err.Error())
	}
	if !out.begun {
		out.w.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(known.code))
		out.w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		out.w.WriteHeader(known.status())
		_, _ = io.WriteString(out.w, known.text+"\n")
		return
	}
	message := known.text
	_, _ = fmt.Fprintf(out.w, "\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", out.tag, message, len(message)+1, out.tag)
	_ = http.NewResponseController(out.w).Flush()
	panic(http.ErrAbortHandler)
}

// response is the answer to one request.
type response struct {
	w       http.ResponseWriter
	request *http.Request
	begun   bool
	tag     string
}

// begin sets the headers of a result. Nothing is sent before the first bytes or the end.
func (r *response) begin(format string) {
	if r.begun {
		return
	}
	r.begun = true
	r.tag = rand.Text()[:16]
	header := r.w.Header()
	header.Set("Content-Type", contentType(format))
	header.Set("X-ClickHouse-Format", format)
	header.Set("X-ClickHouse-Timezone", serverZone)
	header.Set("X-ClickHouse-Exception-Tag", r.tag)
}

func (r *response) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := r.w.Write(b)
	return err
}

func contentType(format string) string {
	switch format {
	case "JSON", "JSONCompact", "JSONStrings", "JSONColumns":
		return "application/json; charset=UTF-8"
	case "TabSeparated", "TSV", "TabSeparatedWithNames", "TSVWithNames":
		return "text/tab-separated-values; charset=UTF-8"
	case "CSV", "CSVWithNames":
		return "text/csv; charset=UTF-8"
	case "Native", "RowBinary", "Parquet", "Arrow", "ArrowStream":
		return "application/octet-stream"
	default:
		return "text/plain; charset=UTF-8"
	}
}

// Status is what the engine says of itself.
type Status struct {
	PID         int       `json:"pid"`
	Version     string    `json:"version"` // of ClickHouse
	Library     string    `json:"library"`
	Memory      int64     `json:"memory"` // cap in bytes
	Started     time.Time `json:"started"`
	Connections int       `json:"connections"` // open, the asking one included
	Running     int64     `json:"running"`     // statements
	Listening   string    `json:"listening,omitempty"`
}
