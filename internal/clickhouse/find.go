package clickhouse

import (
	"context"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"yujing/scorer"
)

// Found is a matter that a ref or case id means.
type Found struct {
	Case        uint64
	Source, Ref string
}

// FindRef gives the matters that a ref means; source "" searches all sources.
func (db *DB) FindRef(ctx context.Context, source, ref string) ([]Found, error) {
	return db.find(ctx, "find_ref", clickhouse.Parameters{"source": source, "ref": ref})
}

// FindCase gives the refs of a case, oldest first; none if there is no such case.
func (db *DB) FindCase(ctx context.Context, id uint64) ([]Found, error) {
	return db.find(ctx, "find_case", clickhouse.Parameters{"case_id": strconv.FormatUint(id, 10)})
}

// FindGroup gives the first contact that ever was in a group; none if there is no such group.
func (db *DB) FindGroup(ctx context.Context, id uint64) ([]Found, error) {
	return db.find(ctx, "find_group", clickhouse.Parameters{"group_id": strconv.FormatUint(id, 10)})
}

func (db *DB) find(ctx context.Context, query string, p clickhouse.Parameters) ([]Found, error) {
	var out []Found
	err := db.each(with(ctx, p), "matters", statement(query), func(r driver.Rows) error {
		var f Found
		var first time.Time
		if err := r.Scan(&f.Source, &f.Ref, &f.Case, &first); err != nil {
			return err
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

// GroupOf is the group that a case belonged to in a view; 0 if none. A
// correction may have moved it since.
func (db *DB) GroupOf(ctx context.Context, id uint64, v scorer.View) (uint64, error) {
	var group uint64
	ctx = with(ctx, clickhouse.Parameters{"case_id": strconv.FormatUint(id, 10), "as_of": instant(v.AsOf), "as_seen": strconv.FormatBool(v.AsSeen)})
	err := db.each(ctx, "the case's group", statement("group_of"), func(r driver.Rows) error { return r.Scan(&group) })
	return group, err
}
