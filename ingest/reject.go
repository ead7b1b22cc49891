package ingest

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"yujing/internal/privacy"
)

// sealedRecord is what a reject keeps, sealed, of a record: with the names of
// its columns, so that another mapping can read it.
type sealedRecord struct {
	Columns []string `json:"columns,omitempty"`
	Fields  []string `json:"fields,omitempty"`
	Raw     []byte   `json:"raw,omitempty"` // what was there of a record that could not be read, in its own encoding
	Cut     bool     `json:"cut,omitempty"` // raw is only its beginning
}

// identityToken stands in a masked record where an identity column has a value.
const identityToken = "[身份]"

// mostShown is how many runes of one value a masked record shows.
const mostShown = 120

// rejectOf makes the reject of a record that could not be mapped, or that waits.
func rejectOf(key *privacy.Key, source *Source, m *mapped, fault *Fault, waits bool, now time.Time) (Reject, error) {
	rec := m.record
	r := Reject{
		Source: source.ID, File: m.file.Name, Line: rec.Line,
		Reason: privacy.Mask(fault.Reason), Remedy: privacy.Mask(fault.Remedy),
		Masked: maskedRecord(source, rec), At: now, Waits: waits,
	}
	if fault.Line > 0 {
		r.Line = fault.Line
	}
	if m.was != nil {
		r.ID, r.At = m.was.ID, m.was.At // it stays in its old place
	} else {
		r.ID = recordRejectID(key, source.ID, rec)
	}
	plain, err := json.Marshal(sealed(rec))
	if err != nil {
		return r, fmt.Errorf("seal rejected record: %w", err)
	}
	r.Sealed = key.Seal(plain, sealedFor(r))
	return r, nil
}

func sealed(rec *Record) sealedRecord {
	s := sealedRecord{Fields: rec.Fields}
	if rec.Header != nil {
		s.Columns = rec.Header.Columns
	}
	if s.Fields == nil {
		s.Raw, s.Cut = []byte(rec.Raw), rec.Cut
	}
	return s
}

// sealedFor is what a sealed record belongs to: under another source or id it does not open.
func sealedFor(r Reject) string { return r.Source + "/" + r.ID.String() }

// recordRejectID is keyed: a plain hash of a record would let its identity be found by trying.
func recordRejectID(key *privacy.Key, source string, rec *Record) ID {
	parts := []string{source, rec.Raw}
	if rec.Header != nil {
		parts = append(parts, rec.Header.Columns...)
		parts = append(parts, rec.Fields...)
	}
	return keyedID(key, "record", parts...)
}

// fileRejectID is the reject of a file as a whole: one for each name.
func fileRejectID(key *privacy.Key, source, file string) ID {
	return keyedID(key, "file", source, filepath.Base(file))
}

func keyedID(key *privacy.Key, use string, parts ...string) (id ID) {
	sum := hashParts(parts...)
	text := fmt.Sprintf("%s %x", use, sum)
	for i := range 2 {
		half := key.Pseudonym("reject", text, "half "+strconv.Itoa(i))
		for j := range 8 {
			id[8*i+j] = byte(half >> (8 * j))
		}
	}
	return id
}

// maskedRecord is the record as a person may see it: the columns the mapping
// reads, without identities. What is not mapped may be a name: it is not shown.
func maskedRecord(source *Source, rec *Record) string {
	if rec.Header == nil || rec.Fields == nil {
		return fmt.Sprintf("(%d bytes that cannot be read as a record, kept sealed)", len(rec.Raw))
	}
	var b strings.Builder
	hidden := 0
	for i, name := range rec.Header.Columns {
		if i >= len(rec.Fields) || strings.TrimSpace(rec.Fields[i]) == "" {
			continue
		}
		column, mapped := source.mapping.ordinal[name]
		if !mapped {
			hidden++
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(privacy.Mask(name) + "=")
		if source.mapping.identity[column] {
			b.WriteString(identityToken)
		} else {
			b.WriteString(maskedValue(rec.Fields[i]))
		}
	}
	if hidden > 0 {
		fmt.Fprintf(&b, " (+%d columns that are not mapped)", hidden)
	}
	return b.String()
}

func maskedValue(s string) string {
	r := []rune(privacy.Mask(strings.TrimSpace(s)))
	if len(r) > mostShown {
		return string(r[:mostShown]) + "..."
	}
	return string(r)
}

// unseal gives back the record of a reject, read again if it could not be read.
func unseal(key *privacy.Key, feed Feed, r Reject) (*Record, error) {
	plain, err := key.Unseal(r.Sealed, sealedFor(r))
	if err != nil {
		return nil, fmt.Errorf("reject %s of %s: %w", r.ID, r.Source, err)
	}
	var s sealedRecord
	if err := json.Unmarshal(plain, &s); err != nil {
		return nil, fmt.Errorf("reject %s of %s: %w", r.ID, r.Source, err)
	}
	rec := &Record{Line: r.Line, Header: &Header{Columns: s.Columns}, Fields: s.Fields, Raw: string(s.Raw), Cut: s.Cut}
	if s.Fields != nil {
		return rec, nil
	}
	if again, ok := feed.(Rereader); ok && len(s.Raw) > 0 && !s.Cut {
		if read := again.Reread(rec.Raw, s.Columns); read.Fault == nil && read.Fields != nil {
			rec.Header, rec.Fields = read.Header, read.Fields
			return rec, nil
		}
	}
	rec.Fault = &Fault{Reason: r.Reason, Remedy: r.Remedy}
	return rec, nil
}
