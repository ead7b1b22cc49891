package clickhouse

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"golang.org/x/sync/errgroup"

	"yujing/ingest"
)

var _ ingest.Store = (*DB)(nil)

// Links gives all links of these keys, oldest knowledge first.
func (db *DB) Links(ctx context.Context, keys []ingest.Key) ([]ingest.Link, error) {
	ctx, err := asked(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read case links: %w", err)
	}
	var out []ingest.Link
	err = collect(ctx, db, "case links", statement("links"), &out, func(r driver.Rows) error {
		var key, id uint64
		var l ingest.Link
		if err := r.Scan(&key, &id, &l.KnownAt, &l.StoredAt, &l.By); err != nil {
			return err
		}
		l.Key, l.Case = ingest.Key(key), ingest.CaseID(id)
		out = append(out, l)
		return nil
	})
	return out, err
}

// Known gives the latest row of every signal of these cases.
func (db *DB) Known(ctx context.Context, cases []ingest.CaseID) ([]ingest.Known, error) {
	ctx, err := asked(ctx, cases)
	if err != nil {
		return nil, fmt.Errorf("read stored signals: %w", err)
	}
	var out []ingest.Known
	err = collect(ctx, db, "stored signals", statement("known"), &out, func(r driver.Rows) error {
		var k ingest.Known
		var id uint64
		var sig, kind string
		if err := r.Scan(&id, &sig, &k.Version, &k.At, &k.KnownAt, &k.Until, &k.Updated, &kind, &k.Act, &k.Person, &k.Who); err != nil {
			return err
		}
		k.Updated = orZero(k.Updated)
		if k.Until.Equal(forever) {
			k.Until = time.Time{}
		}
		k.Case, k.Kind = ingest.CaseID(id), ingest.Kind(kind)
		copy(k.ID[:], sig)
		out = append(out, k)
		return nil
	})
	return out, err
}

// Rows gives the open rows of these ids in full.
func (db *DB) Rows(ctx context.Context, known []ingest.Known) ([]ingest.Row, error) {
	table, err := ext.NewTable("asked", ext.Column("key", "UInt64"), ext.Column("id", "FixedString(16)"))
	if err != nil {
		return nil, fmt.Errorf("read rows to close: %w", err)
	}
	for _, k := range known {
		if err := table.Append(uint64(k.Case), string(k.ID[:])); err != nil {
			return nil, fmt.Errorf("read rows to close: %w", err)
		}
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithExternalTable(table))
	var out []ingest.Row
	err = collect(ctx, db, "rows to close", statement("open_rows"), &out, func(r driver.Rows) error {
		row, err := scanRow(r)
		if err == nil && row.ClosedAt.IsZero() {
			out = append(out, row)
		}
		return err
	})
	return out, err
}

func scanRow(r driver.Rows) (ingest.Row, error) {
	var row ingest.Row
	var caseID, group uint64
	var id, kind string
	var level, competent uint8
	var people uint32
	err := r.Scan(&caseID, &row.At, &id, &row.KnownAt, &row.KnownUntil, &row.StoredAt, &row.ClosedAt, &row.Version, &row.Source, &row.Name,
		&row.Ref, &kind, &row.Channel, &level, &competent, &row.Place, &row.Category[0], &row.Category[1], &row.Category[2],
		&row.Subject, &row.Purpose, &row.Unit, &people, &row.Text, &row.Act, &row.Due, &row.Rating, &row.Attrs, &row.Flags, &row.Updated, &row.Who, &row.Person, &group)
	if err != nil {
		return row, err
	}
	copy(row.ID[:], id)
	row.Case, row.Group, row.Kind = ingest.CaseID(caseID), group, ingest.Kind(kind)
	row.Level, row.Competent, row.People = ingest.Level(level), ingest.Level(competent), int(people)
	row.Due, row.ClosedAt, row.Updated = orZero(row.Due), orZero(row.ClosedAt), orZero(row.Updated)
	if row.KnownUntil.Equal(forever) {
		row.KnownUntil = time.Time{}
	}
	return row, nil
}

// Append stores links, then all rows as one block, then rejects. The links go
// first: a link without a signal is harmless and is found again by the next
// import of the same record, a signal without its links would not be.
// While the links are on their way the block of rows is made ready.
func (db *DB) Append(ctx context.Context, b *ingest.Batch) error {
	done := make(chan error, 1)
	go func() { done <- db.insertLinks(ctx, b.Links) }()
	linked := sync.OnceValue(func() error { return <-done })
	if err := db.insertRows(ctx, b.Rows, linked); err != nil {
		_ = linked() // nothing of this batch is under way once we return; err says what failed
		return err
	}
	if err := linked(); err != nil { // of a batch without rows
		return err
	}
	if err := db.insertRejects(ctx, b.Rejects); err != nil {
		return err
	}
	return db.eraseRejects(ctx, b.Settled)
}

func (db *DB) insertLinks(ctx context.Context, links []ingest.Link) error {
	return db.insert(ctx, "case links", "insert_links", len(links), func(batch driver.Batch) error {
		for _, l := range links {
			if err := batch.Append(uint64(l.Key), l.KnownAt, uint64(l.Case), l.StoredAt, l.By); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *DB) insertRejects(ctx context.Context, rejects []ingest.Reject) error {
	return db.insert(ctx, "rejects", "insert_rejects", len(rejects), func(batch driver.Batch) error {
		for _, r := range rejects {
			if err := batch.Append(string(r.ID[:]), r.Source, r.File, uint32(max(r.Line, 0)), r.Reason, r.Remedy, r.Masked, string(r.Sealed), r.At, r.Waits); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *DB) eraseRejects(ctx context.Context, ids []ingest.ID) error {
	if len(ids) == 0 {
		return nil
	}
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = "unhex('" + hex.EncodeToString(id[:]) + "')"
	}
	if err := db.exec(ctx, statement("erase_rejects", "{{ids}}", strings.Join(quoted, ","))); err != nil {
		return fmt.Errorf("erase settled rejects: %w", err)
	}
	return nil
}

// insertRows sends the block of rows once it is filled and linked says that the
// links are stored.
func (db *DB) insertRows(ctx context.Context, rows []ingest.Row, linked func() error) error {
	columns := make([]clickhouse.ColumnNameAndType, len(rowColumns))
	for i, c := range rowColumns {
		columns[i] = clickhouse.ColumnNameAndType{Name: c.name, Type: c.kind}
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(columns))
	return db.insert(ctx, "signals", "insert_signals", len(rows), func(batch driver.Batch) error {
		if err := appendRows(batch, rows); err != nil {
			return err
		}
		return linked()
	})
}

// appendRows fills the block column by column, on all cores: one call a column
// instead of one a value is what keeps the import near the rate of the engine.
func appendRows(batch driver.Batch, rows []ingest.Row) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range rowColumns {
		column := batch.Column(i)
		group.Go(func() error {
			if err := c.fill(column, rows); err != nil {
				return fmt.Errorf("column %s: %w", c.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

type fill func(driver.BatchColumn, []ingest.Row) error

type rowColumn struct {
	name, kind string
	fill       fill
}

func column[T any](value func(*ingest.Row) T) fill {
	return func(c driver.BatchColumn, rows []ingest.Row) error {
		values := make([]T, len(rows))
		for i := range rows {
			values[i] = value(&rows[i])
		}
		return c.Append(values)
	}
}

// rowColumns are the columns of an insert into signals. Words that repeat are
// sent as plain strings: the engine makes its dictionaries faster than we would.
var rowColumns = []rowColumn{
	{"case_id", "UInt64", column(func(r *ingest.Row) uint64 { return uint64(r.Case) })},
	{"at", "DateTime64(3, 'UTC')", column(func(r *ingest.Row) time.Time { return r.At })},
	{"id", "FixedString(16)", column(func(r *ingest.Row) string { return string(r.ID[:]) })},
	{"known_at", "DateTime64(3, 'UTC')", column(func(r *ingest.Row) time.Time { return r.KnownAt })},
	{"known_until", "DateTime64(3, 'UTC')", column(func(r *ingest.Row) time.Time {
		if r.KnownUntil.IsZero() {
			return forever
		}
		return r.KnownUntil
	})},
	{"stored_at", "DateTime64(3, 'UTC')", column(func(r *ingest.Row) time.Time { return r.StoredAt })},
	{"closed_at", "DateTime64(3, 'UTC')", column(func(r *ingest.Row) time.Time { return orNever(r.ClosedAt) })},
	{"version", "UInt64", column(func(r *ingest.Row) uint64 { return r.Version })},
	{"source", "String", column(func(r *ingest.Row) string { return r.Source })},
	{"name", "String", column(func(r *ingest.Row) string { return r.Name })},
	{"ref", "String", column(func(r *ingest.Row) string { return r.Ref })},
	{"kind", "String", column(func(r *ingest.Row) string { return string(r.Kind) })},
	{"channel", "String", column(func(r *ingest.Row) string { return r.Channel })},
	{"level", "UInt8", column(func(r *ingest.Row) uint8 { return uint8(r.Level) })},
	{"competent", "UInt8", column(func(r *ingest.Row) uint8 { return uint8(r.Competent) })},
	{"place", "String", column(func(r *ingest.Row) string { return r.Place })},
	{"category1", "String", column(func(r *ingest.Row) string { return r.Category[0] })},
	{"category2", "String", column(func(r *ingest.Row) string { return r.Category[1] })},
	{"category3", "String", column(func(r *ingest.Row) string { return r.Category[2] })},
	{"subject", "String", column(func(r *ingest.Row) string { return r.Subject })},
	{"purpose", "String", column(func(r *ingest.Row) string { return r.Purpose })},
	{"unit", "String", column(func(r *ingest.Row) string { return r.Unit })},
	{"people", "UInt32", column(func(r *ingest.Row) uint32 { return uint32(max(r.People, 0)) })},
	{"text", "String", column(func(r *ingest.Row) string { return r.Text })},
	{"act", "String", column(func(r *ingest.Row) string { return r.Act })},
	{"due", "DateTime64(3, 'UTC')", column(func(r *ingest.Row) time.Time { return orNever(r.Due) })},
	{"rating", "String", column(func(r *ingest.Row) string { return r.Rating })},
	{"attrs", "Map(String, String)", column(func(r *ingest.Row) map[string]string { return r.Attrs })},
	{"flags", "Array(String)", column(func(r *ingest.Row) []string { return r.Flags })},
	{"updated", "DateTime64(3, 'UTC')", column(func(r *ingest.Row) time.Time { return orNever(r.Updated) })},
	{"who", "Array(UInt64)", column(func(r *ingest.Row) []uint64 { return r.Who })},
	{"person", "UInt64", column(func(r *ingest.Row) uint64 { return r.Person })},
	{"group_id", "UInt64", column(func(r *ingest.Row) uint64 { return r.Group })},
}

// Rejects gives the rejects asked for, by At, then file, then line.
func (db *DB) Rejects(ctx context.Context, q ingest.RejectQuery) iter.Seq2[ingest.Reject, error] {
	ctx = with(ctx, clickhouse.Parameters{
		"source":  q.Source,
		"waiting": strconv.FormatBool(q.Waiting),
		"brief":   strconv.FormatBool(q.Brief),
	})
	return func(yield func(ingest.Reject, error) bool) {
		rows, err := db.query(ctx, "rejects", statement("rejects"))
		if err != nil {
			yield(ingest.Reject{}, fmt.Errorf("read rejects: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var r ingest.Reject
			var id, sealed string
			var line uint32
			if err := rows.Scan(&id, &r.Source, &r.File, &line, &r.Reason, &r.Remedy, &r.Masked, &sealed, &r.At, &r.Waits); err != nil {
				yield(r, fmt.Errorf("read rejects: %w", err))
				return
			}
			copy(r.ID[:], id)
			r.Line, r.Sealed = int(line), []byte(sealed)
			if !yield(r, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(ingest.Reject{}, fmt.Errorf("read rejects: %w", err))
		}
	}
}
