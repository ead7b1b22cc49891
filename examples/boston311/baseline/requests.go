package main

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// request is a row of the file.
type request struct {
	id                     string
	opened                 time.Time
	due, closed            time.Time // zero if there is none
	reason                 string    // of the closing
	kind, location, source string
	neighborhood           string
	department, property   string
	byCitizen              bool
}

// read reads the gzipped file, in the order in which the requests were opened.
func read(r io.Reader) ([]*request, error) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		return nil, err
	}
	plain, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(plain)
	header, err := rows.Read()
	if err != nil {
		return nil, err
	}
	var all []*request
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		q, err := parse(func(column string) string { return row[slices.Index(header, column)] }, zone)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
	}
	slices.SortFunc(all, func(a, b *request) int { return cmp.Or(a.opened.Compare(b.opened), cmp.Compare(a.id, b.id)) })
	return all, nil
}

func parse(column func(string) string, zone *time.Location) (*request, error) {
	q := &request{id: column("case_enquiry_id"), reason: column("closure_reason"), kind: column("type"), location: column("location"),
		source: column("source"), neighborhood: column("neighborhood"), department: column("department"), property: column("property_type")}
	q.byCitizen = slices.Contains([]string{"Constituent Call", "Citizens Connect App", "Self Service", "Twitter"}, q.source)
	for name, at := range map[string]*time.Time{"open_dt": &q.opened, "target_dt": &q.due, "closed_dt": &q.closed} {
		text := column(name)
		if text == "" && name != "open_dt" {
			continue
		}
		t, err := time.ParseInLocation(time.DateTime, text, zone)
		if err != nil {
			return nil, fmt.Errorf("request %s: %s: %w", q.id, name, err)
		}
		*at = t
	}
	return q, nil
}

// duplicate says whether it was closed as one.
func (q *request) duplicate() bool { return strings.Contains(strings.ToLower(q.reason), "duplicate") }

// closedBy says whether it was closed by t.
func (q *request) closedBy(t time.Time) bool { return !q.closed.IsZero() && !q.closed.After(t) }
