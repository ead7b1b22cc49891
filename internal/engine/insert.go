package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// insert stores the rows of the body. They reach the engine through a pipe that it reads as a file: inside a statement
// the library would cut them at the first blank line, and on disk there is never a plain copy of them.
func (s *server) insert(ctx context.Context, target *session, req *request) error {
	format := req.statement.insert.format
	if format == "" {
		format = req.format
	}
	return s.pipe(ctx, target, req.statement.insert.head, format, req.params, req.data)
}

// pipe runs INSERT head with the rows that data holds in format.
func (s *server) pipe(ctx context.Context, target *session, head, format string, params []param, data io.Reader) error {
	if !settingName.MatchString(format) {
		return problem(codeSyntax, fmt.Sprintf("FORMAT %q is no name of a format", format))
	}
	reading, writing, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("pipe for the rows of an INSERT: %w", err)
	}
	widen(writing)
	feed := &feeder{pipe: writing, data: data, done: make(chan struct{}), kill: func() bool { return s.sessions.kill(target) }}
	fed := make(chan error, 1)
	go func() { fed <- feed.run() }()
	stop := context.AfterFunc(ctx, feed.abort) // a killed statement still waits for the pipe

	// On a line of its own, for the head may end in a comment.
	sql := fmt.Sprintf("%s\nSELECT * FROM file('/proc/self/fd/%d', '%s')", head, reading.Fd(), format)
	err = s.sessions.guard(ctx, target, func() error {
		result, err := target.conn.query(sql, "Null", params)
		if err == nil {
			result.free()
		}
		return err
	})
	stop()
	close(feed.done)
	_ = reading.Close() // whoever still writes into it gets an error
	return errors.Join(err, <-fed)
}

// feeder carries rows from the body into the pipe.
type feeder struct {
	pipe *os.File
	data io.Reader
	done chan struct{} // closed when the statement has ended
	kill func() bool
}

// run ends the pipe only when all rows came. If the client broke off, the statement is killed first: an engine that saw
// the pipe end would take the rows it has for all and store them. Rows nobody wants any more are read to their end, so
// that the client, which may still be writing, gets to read the answer.
func (f *feeder) run() error {
	_, err := io.CopyBuffer(struct{ io.Writer }{f.pipe}, struct{ io.Reader }{f.data}, make([]byte, 256<<10))
	if err == nil {
		return f.pipe.Close()
	}
	select {
	case <-f.done:
	default:
		f.abort()
	}
	_, err = io.Copy(io.Discard, f.data)
	if err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	return nil
}

// poison is no beginning of a block in any binary format, so a statement that escaped the kill fails on it.
var poison = []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")

// abort makes the statement fail and then ends the pipe.
func (f *feeder) abort() {
	for !f.kill() {
		select {
		case <-f.done:
			_ = f.pipe.Close()
			return
		case <-time.After(time.Millisecond):
		}
	}
	_ = f.pipe.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	_, _ = f.pipe.Write(poison)
	_ = f.pipe.Close()
}

// readForm reads a statement and external tables from a form. The tables become temporary tables of the session.
func (s *server) readForm(ctx context.Context, target *session, req *request) error {
	if req.parts == nil {
		return nil
	}
	for {
		part, err := req.parts.NextPart()
		if errors.Is(err, io.EOF) {
			req.statement = parse(req.sql)
			if req.statement.insert.piped {
				return problem(codeNotImplemented, "an INSERT ... FORMAT cannot come as a form; send it as the body")
			}
			return nil
		}
		if err != nil {
			return problem(codeBadArguments, "the form breaks off: "+err.Error())
		}
		if part.FormName() == "query" {
			text, err := readAll(part)
			if err != nil {
				return err
			}
			req.sql += text
			continue
		}
		table, known := req.tables[part.FormName()]
		if !known {
			return problem(codeBadArguments, fmt.Sprintf("external table %q has no %s_structure in the URL", part.FormName(), part.FormName()))
		}
		if err := s.load(ctx, target, part.FormName(), table, part); err != nil {
			return fmt.Errorf("external table %s: %w", part.FormName(), err)
		}
	}
}

func (s *server) load(ctx context.Context, target *session, name string, table externalTable, rows io.Reader) error {
	target.used = true
	if table.format == "" {
		table.format = "TabSeparated"
	}
	if err := target.run("CREATE TEMPORARY TABLE " + quoteName(name) + " (" + table.structure + ")"); err != nil {
		return err
	}
	return s.pipe(ctx, target, "INSERT INTO "+quoteName(name), table.format, nil, rows)
}
