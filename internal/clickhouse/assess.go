package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cespare/xxhash/v2"

	"yujing/rules"
)

// verdict is one line of what rules.Query asks: a row in a risk.
type verdict struct {
	row    uint64
	risk   string
	score  int
	shadow int
	level  rules.Level
	fired  []string
}

func (v *verdict) scan(r driver.Rows) error {
	var score, shadow int64
	var level uint8
	err := r.Scan(&v.row, &v.risk, &score, &shadow, &level, &v.fired)
	v.score, v.shadow, v.level = int(score), int(shadow), rules.Level(level)
	return err
}

// verdicts is the statement whose lines verdict scans.
const verdicts = "SELECT row, risk, toInt64(score), toInt64(shadow), toUInt8(level), fired FROM (\n%s\n)"

// relations puts the two relations that a query reads before it.
func relations(q rules.Query, rows, neighbours, statement string) string {
	text := "WITH "
	for _, name := range slices.Sorted(maps.Keys(q.Params)) { // a scalar is evaluated once; a parameter would stand in every expression
		text += fmt.Sprintf("(SELECT {%s:Array(Int32)}) AS %[1]s,\n", name)
	}
	text += "rows AS\n(\n" + rows + "\n)"
	if q.Neighbours {
		text += ",\nneighbours AS\n(\n" + neighbours + "\n)"
	}
	return text + "\n" + statement
}

// asking binds what a query wants to know beside its relations. Sets of many
// rules make long statements.
func asking(ctx context.Context, q rules.Query, now, since time.Time, more clickhouse.Parameters) context.Context {
	p := clickhouse.Parameters{"now": strconv.FormatInt(now.UnixMilli(), 10), "since": strconv.FormatInt(since.UnixMilli(), 10)}
	for _, from := range []map[string]string{q.Params, more} {
		for name, value := range from {
			p[name] = value
		}
	}
	return clickhouse.Context(ctx, clickhouse.WithParameters(p), clickhouse.WithSettings(clickhouse.Settings{
		"max_query_size": 64 << 20, "max_ast_elements": 5_000_000, "max_expanded_ast_elements": 5_000_000, "max_ast_depth": 10_000, "max_parser_depth": 10_000,
	}))
}

// Assess lets the store evaluate rules over facts that are given: what Evaluate
// says of each, but for the texts. It implements rules.Assessor.
func (db *DB) Assess(ctx context.Context, set *rules.Set, facts []*rules.Facts, now time.Time) ([]rules.Assessment, error) {
	said := map[uint64]map[string]verdict{}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		given, n, err := givenTable(facts, over)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		q := set.Query(over, rules.QueryOptions{})
		text := relations(q, statement("rows_given"), statement("neighbours_given"), fmt.Sprintf(verdicts, q.Text))
		ctx := clickhouse.Context(asking(ctx, q, now, time.UnixMilli(math.MinInt32), nil), clickhouse.WithExternalTable(given))
		err = db.each(ctx, "verdicts on given facts", text, func(r driver.Rows) error {
			var v verdict
			if err := v.scan(r); err != nil {
				return err
			}
			if said[v.row] == nil {
				said[v.row] = map[string]verdict{}
			}
			said[v.row][v.risk] = v
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return assessments(set, facts, now, said), nil
}

// assessments gives what was said of each row in each risk over its kind.
func assessments(set *rules.Set, facts []*rules.Facts, now time.Time, said map[uint64]map[string]verdict) []rules.Assessment {
	var out []rules.Assessment
	for i, f := range facts {
		for _, r := range set.Risks() {
			if r.Over != f.Over {
				continue
			}
			v := said[uint64(i)+1][r.ID]
			out = append(out, set.Verdict(r, f, now, v.score, v.shadow, v.level, v.fired))
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
