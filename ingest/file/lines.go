package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"yujing/ingest"
)

const (
	blockSize = 1 << 18 // bytes read at once
	mostBytes = 1 << 20 // of one record: a longer one is a broken quote or no text
	mostKept  = 1 << 16 // of a line that is longer: no mended definition can read it
	chunkSize = 512     // records handed on together
)

// lines is a window on a text file from which records are taken.
type lines struct {
	closer io.Closer
	disk   *counted
	in     io.Reader
	set    charset

	buf   []byte
	start int // of what is not yet taken
	line  int // number of the line at start
	end   error
}

func newLines(closer io.Closer, disk *counted, in io.Reader, encoding string) *lines {
	return &lines{closer: closer, disk: disk, in: in, line: 1, set: charset{name: encoding}}
}

func (l *lines) Close() error { return l.closer.Close() }

// window is what is read and not yet taken.
func (l *lines) window() []byte { return l.buf[l.start:] }

// more reads on; false at the end of the file, or of what can be read of it.
func (l *lines) more() bool {
	if l.end != nil {
		return false
	}
	if l.start > 0 {
		l.buf = append(l.buf[:0], l.buf[l.start:]...)
		l.start = 0
	}
	if free := cap(l.buf) - len(l.buf); free < blockSize/2 {
		l.buf = append(make([]byte, 0, 2*cap(l.buf)+blockSize), l.buf...)
	}
	first := len(l.buf) == 0 && l.line == 1
	n, err := io.ReadAtLeast(l.in, l.buf[len(l.buf):cap(l.buf)], 1)
	l.buf = l.buf[:len(l.buf)+n]
	if err != nil {
		l.end = cutShort(err)
	}
	if first && bytes.HasPrefix(l.buf, []byte(bom)) {
		l.start = len(bom)
		if l.set.name == "" {
			l.set.name = utf8Name
		}
	}
	return n > 0
}

// physical gives the line at the start of the window without its end, and its
// length with it; of one that is longer than mostBytes it reads no more than
// shows that. ok is false at the end of the file.
func (l *lines) physical() (text []byte, size int, ok bool) {
	for from := 0; ; {
		w := l.window()
		if i := bytes.IndexByte(w[from:], '\n'); i >= 0 {
			return bytes.TrimSuffix(w[:from+i], []byte("\r")), from + i + 1, true
		}
		if from = len(w); from > mostBytes {
			return w, from, true
		}
		if !l.more() {
			w = l.window()
			return w, len(w), len(w) > 0 && errors.Is(l.end, io.EOF)
		}
	}
}

// long passes over the line at the start of the window, which is longer than
// mostBytes, to its end, and makes of it a record of which only the beginning is kept.
func (l *lines) long(rec ingest.Record) ingest.Record {
	rec.Raw, rec.Cut = string(l.window()[:mostKept]), true
	rec.Fault = &ingest.Fault{Reason: fmt.Sprintf("the line has over %d bytes", mostBytes), Remedy: "write one record a line and import the file again"}
	l.line++
	for {
		if i := bytes.IndexByte(l.window(), '\n'); i >= 0 {
			l.start += i + 1
			break
		}
		l.start = len(l.buf)
		if !l.more() {
			break
		}
	}
	return rec
}

// take moves the window on and gives the text of a record that begins at its start.
func (l *lines) take(raw []byte, size int) (text string, fault *ingest.Fault) {
	text, fault = l.set.decode(raw, l.window())
	l.line += bytes.Count(l.window()[:size], []byte("\n"))
	l.start += size
	return text, fault
}

// last says that nothing but the record at hand is left and that it has no end of line.
func (l *lines) last(size int) bool {
	w := l.window()
	return l.end != nil && size == len(w) && !bytes.HasSuffix(w, []byte("\n"))
}

// chunk gathers records by next until there are enough, or the file ends.
func (l *lines) chunk(next func() (ingest.Record, bool)) (ingest.Chunk, error) {
	records := make([]ingest.Record, 0, chunkSize)
	for len(records) < chunkSize {
		rec, ok := next()
		if !ok {
			if len(records) == 0 {
				return ingest.Chunk{Offset: l.disk.n}, l.ending()
			}
			break
		}
		records = append(records, rec)
	}
	return ingest.Chunk{Records: records, Offset: l.disk.n}, nil
}

// ending is io.EOF, or why the rest cannot be read and from which line on.
func (l *lines) ending() error {
	var fault *ingest.Fault
	if errors.As(l.end, &fault) {
		return &ingest.Fault{Line: l.line, Reason: fault.Reason, Remedy: fault.Remedy}
	}
	return l.end
}
