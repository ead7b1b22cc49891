package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cespare/xxhash/v2"

	"yujing/rules"
)

// named puts the arrays of the calendar before a statement as scalars: a
// parameter would stand anew in every expression.
func named(q rules.Query) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(q.Params)) {
		fmt.Fprintf(&b, "(SELECT CAST(%s, 'Array(Int32)')) AS %s,\n", q.Params[name], name)
	}
	return b.String()
}

// asking binds the instant and the window. Sets of many rules make long
// statements; rows stand in the order of their signals, so that the aggregates
// of one row are done with before those of the next begin.
func asking(ctx context.Context, p clickhouse.Parameters) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithParameters(p), clickhouse.WithSettings(statementLimits()))
}

func statementLimits() clickhouse.Settings {
	return clickhouse.Settings{
		"max_query_size": 64 << 20, "max_ast_elements": 5_000_000, "max_expanded_ast_elements": 5_000_000, "max_ast_depth": 10_000, "max_parser_depth": 10_000,
		"optimize_aggregation_in_order": 1, "query_plan_join_swap_table": "false", // rows stream, what they are joined with is small
	}
}

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// Assess lets the store evaluate rules over facts that are given: what Evaluate
// says of each, but for the texts. It implements rules.Assessor.
func (db *DB) Assess(ctx context.Context, set *rules.Set, facts []*rules.Facts, now time.Time) ([]rules.Assessment, error) {
	return db.assess(ctx, set, facts, now, rules.QueryOptions{})
}

// ManyInstants is the store as an assessor that asks as a backtest does, where
// what looks at the instant is apart from what looks at the signals.
type ManyInstants struct{ *DB }

// Assess implements rules.Assessor.
func (m ManyInstants) Assess(ctx context.Context, set *rules.Set, facts []*rules.Facts, now time.Time) ([]rules.Assessment, error) {
	return m.assess(ctx, set, facts, now, rules.QueryOptions{Step: 1})
}

func (db *DB) assess(ctx context.Context, set *rules.Set, facts []*rules.Facts, now time.Time, o rules.QueryOptions) ([]rules.Assessment, error) {
	said := map[uint64]rules.Holds{}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		given, n, err := givenTable(facts, over)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		ctx := clickhouse.Context(asking(ctx, clickhouse.Parameters{"now": milliseconds(now)}), clickhouse.WithExternalTable(given))
		err = db.each(ctx, "verdicts on given facts", ofGiven(set.Query(over, o)), func(r driver.Rows) error {
			h, err := scanHolding(r)
			said[h.Row] = h.Holds
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return assessments(set, facts, now, said), nil
}

// ofGiven asks what holds of the facts in the table given, in one statement: the
// table goes along with it, so that no view can read it.
func ofGiven(q rules.Query) string {
	var b strings.Builder
	fmt.Fprintf(&b, "WITH %srows AS (%s),\nneighbours AS (%s)", named(q), statement("rows_given"), statement("neighbours_given"))
	for _, layer := range q.Layers {
		fmt.Fprintf(&b, ",\n%s AS (%s)", layer.Name, layer.SQL)
	}
	return b.String() + "\nSELECT row, holds FROM " + q.Last().Name
}

// assessments gives what was said of each row in each risk over its kind.
func assessments(set *rules.Set, facts []*rules.Facts, now time.Time, said map[uint64]rules.Holds) []rules.Assessment {
	var out []rules.Assessment
	for i, f := range facts {
		for _, r := range set.RisksOver(f.Over) {
			out = append(out, set.Verdict(r, f, now, said[uint64(i)+1]))
		}
	}
	return out
}

// givenTable holds the signals of facts of one kind; a row is its number in the
// list, from 1.
func givenTable(facts []*rules.Facts, over rules.Over) (*ext.Table, int, error) {
	columns := []func(*ext.Table) error{}
	for _, c := range [][2]string{{"row", "UInt64"}, {"part", "String"}, {"n", "UInt64"}, {"at", "Int64"}, {"matter", "UInt64"}, {"person", "UInt64"},
		{"channel", "LowCardinality(String)"}, {"level", "UInt8"}, {"competent", "UInt8"}, {"place", "LowCardinality(String)"},
		{"category1", "LowCardinality(String)"}, {"category2", "LowCardinality(String)"}, {"category3", "LowCardinality(String)"},
		{"subject", "String"}, {"purpose", "LowCardinality(String)"}, {"unit", "LowCardinality(String)"}, {"people", "Int64"}, {"text", "String"},
		{"act", "LowCardinality(String)"}, {"due", "Int64"}, {"rating", "LowCardinality(String)"}, {"attrs", "Map(LowCardinality(String), String)"}} {
		columns = append(columns, ext.Column(c[0], chcolumn.Type(c[1])))
	}
	table, err := ext.NewTable("given", columns...)
	if err != nil {
		return nil, 0, err
	}
	n := 0
	for i, f := range facts {
		if f.Over != over || f.Concluded {
			continue
		}
		for _, part := range []struct {
			name    string
			signals []rules.Signal
		}{{"contact", f.Contacts}, {"action", f.Actions}, {"group", f.Group}} {
			for j := range part.signals {
				s := &part.signals[j]
				matter := xxhash.Sum64String(s.Case)
				if s.Case == f.Contacts[0].Case && over == rules.OverCase {
					matter = uint64(i) + 1 // as a case is its own row
				}
				if err := appendGiven(table, uint64(i)+1, part.name, uint64(j), matter, s); err != nil {
					return nil, 0, fmt.Errorf("row %s: %w", f.Row, err)
				}
				n++
			}
		}
	}
	return table, n, nil
}

func appendGiven(table *ext.Table, row uint64, part string, n, matter uint64, s *rules.Signal) error {
	attrs := s.Attrs
	if attrs == nil {
		attrs = map[string]string{}
	}
	due := int64(0)
	if !s.Due.IsZero() {
		due = s.Due.UnixMilli()
	}
	return table.Append(row, part, n, s.At.UnixMilli(), matter, s.Person, s.Channel, uint8(s.Level), uint8(s.Competent), s.Place,
		s.Category[0], s.Category[1], s.Category[2], s.Subject, s.Purpose, s.Unit, int64(s.People), s.Text, s.Act, due, s.Rating, attrs)
}

// Formatted lays a statement out as the store's own parser understands it. An
// error is a statement that is none.
func (db *DB) Formatted(ctx context.Context, sql string) (string, error) {
	var out string
	if err := db.value(asking(ctx, nil), statement("format_query", "{{statement}}", literal(sql)), &out); err != nil {
		return "", fmt.Errorf("lay the statement out: %w", err)
	}
	return out, nil
}
