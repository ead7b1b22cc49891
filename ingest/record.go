package ingest

import (
	"fmt"
	"slices"
)

// Header names the columns of records. Records with the same columns share one
// Header, so that a mapping is bound to it once.
type Header struct {
	Columns []string
}

// Headers gives records with the same columns one header. The zero value is ready.
type Headers struct {
	known  map[string]*Header
	latest *Header
}

// manyHeaders bounds what a feed whose records differ in their columns can cost.
const manyHeaders = 4096

// Of gives the header of these columns, which are kept.
func (s *Headers) Of(columns []string) *Header {
	if s.latest != nil && slices.Equal(s.latest.Columns, columns) {
		return s.latest
	}
	if s.known == nil || len(s.known) >= manyHeaders {
		s.known = map[string]*Header{}
	}
	key := fmt.Sprintf("%q", columns) // quoted: a name may hold anything, and one empty name is not none
	if s.known[key] == nil {
		s.known[key] = &Header{Columns: columns}
	}
	s.latest = s.known[key]
	return s.latest
}

// Record is one record of a delivery as it came: one value per column, as text.
// A record that could not be read has a Fault and, in Raw, what is there of it.
type Record struct {
	Header *Header
	Line   int // of its first line; in a workbook its row
	Fields []string
	Fault  *Fault
	Raw    string
	Cut    bool // Raw is only its beginning: what is read of it is not the record
}

// Fault says why a record or a delivery cannot be used, and what to do about it.
type Fault struct {
	Line   int // 0 = the record's own, or the whole delivery
	Reason string
	Remedy string
}

// Error is reason and remedy.
func (f *Fault) Error() string {
	if f.Remedy == "" {
		return f.Reason
	}
	return f.Reason + "; " + f.Remedy
}

// Chunk is some records in the order of the delivery, read together.
type Chunk struct {
	Records []Record
	Offset  int64 // bytes of the delivery read so far, as they lie on disk
}

// Reader reads one delivery.
type Reader interface {
	// Read gives the next records, at least one. io.EOF after the last one; any
	// other error means that the rest cannot be read: a *Fault says where and why.
	Read() (Chunk, error)
	Close() error
}

// Rereader is a Feed that can read what was sealed of an unreadable record once
// more, under a mended definition. columns is the header it stood under, if any.
type Rereader interface {
	Reread(raw string, columns []string) *Record
}

// Feed is one kind of feed with a source's settings for it.
type Feed interface {
	// Open begins to read a delivery, here a file. A *Fault says why it cannot be read.
	Open(name string) (Reader, error)
}
