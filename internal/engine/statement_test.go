package engine

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		sql  string
		want statement
	}{
		{"", statement{}},
		{" -- nothing\n /* at all */ # here", statement{}},
		{"select 1", statement{verb: "SELECT", readOnly: true}},
		{"((SELECT 1) UNION ALL (SELECT 2)) FORMAT JSON", statement{verb: "SELECT", readOnly: true, format: "JSON"}},
		{"SELECT 'FORMAT x; y' AS \"FORMAT\", `a;b` -- ; FORMAT z\n ;", statement{verb: "SELECT", readOnly: true}},
		{"SELECT 'it\\'s; ''so''; ' FORMAT TSV SETTINGS max_threads = 1", statement{verb: "SELECT", readOnly: true, format: "TSV"}},
		{"SELECT $x$ ; FORMAT JSON $x$", statement{verb: "SELECT", readOnly: true}},
		{"SELECT $1; SELECT 2", statement{verb: "SELECT", readOnly: true, multiple: true}},
		{"SELECT 1; -- and no more", statement{verb: "SELECT", readOnly: true}},
		{"SELECT 1 INTO OUTFILE '/tmp/x'", statement{verb: "SELECT"}},
		{"SELECT a, count() FROM t GROUP BY a WITH TOTALS", statement{verb: "SELECT", readOnly: true, totals: true}},
		{"WITH q AS (SELECT 1) SELECT * FROM q", statement{verb: "WITH", readOnly: true}},
		{"WITH q AS (SELECT 1) INSERT INTO t SELECT * FROM q", statement{verb: "WITH"}},
		{"EXPLAIN SELECT 1", statement{verb: "EXPLAIN", readOnly: true}},
		{"SET a = 1", statement{verb: "SET", leaves: true}},
		{"CREATE TEMPORARY TABLE t (a UInt8)", statement{verb: "CREATE", leaves: true}},
		{"CREATE TABLE t (a UInt8) ENGINE = Memory", statement{verb: "CREATE"}},
		{"INSERT INTO t SELECT 1 FORMAT TSV", statement{verb: "INSERT"}},
		{"INSERT INTO t (a) VALUES (1);\n\n(2)", statement{verb: "INSERT"}},
		{"insert into t (a, format) format Values (1, 2)", statement{verb: "INSERT"}},
		{"INSERT INTO t FROM INFILE 'x' FORMAT CSV", statement{verb: "INSERT"}},
		{"INSERT INTO d.t (a, `select`) SETTINGS x = 'FORMAT' FORMAT CSV\n1,2",
			statement{verb: "INSERT", insert: insertion{piped: true, head: "INSERT INTO d.t (a, `select`) SETTINGS x = 'FORMAT'", format: "CSV", dataAt: 63}}},
		{"INSERT INTO t FORMAT Native \x01\n\n\x00", statement{verb: "INSERT", insert: insertion{piped: true, head: "INSERT INTO t", format: "Native", dataAt: 28}}},
		{"INSERT INTO t", statement{verb: "INSERT", insert: insertion{piped: true, head: "INSERT INTO t", dataAt: 13}}},
	} {
		if got := parse(tc.sql); got != tc.want {
			t.Errorf("%q:\n got %+v\nwant %+v", tc.sql, got, tc.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, sql := range []string{"SELECT 1", "INSERT INTO t FORMAT TSV\n1\n\n2", "SELECT $a$b$a$ 'x\\", "/*", "((", "INSERT INTO t (a", "--", "$"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		s := parse(sql)
		if s.insert.dataAt < 0 || s.insert.dataAt > len(sql) || !strings.Contains(sql, s.insert.head) {
			t.Errorf("%q: %+v", sql, s)
		}
	})
}
