package clickhouse_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/scorer"
)

func TestRestoreGivesTheSameAnswers(t *testing.T) {
	db := clickhousetest.Open(t)
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{contact(1, day0), contact(2, day0.Add(time.Hour))}})
	view := scorer.View{AsOf: day0.AddDate(0, 0, 1), Over: rules.OverCase}
	want := facts(t, db, view)
	dir := t.TempDir()
	if err := db.Backup(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	other := clickhousetest.Empty(t)
	if err := other.Restore(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := other.Migrate(t.Context(), clickhouse.DefaultRetention()); err != nil {
		t.Fatal(err)
	}
	if got := facts(t, other, view); len(want) != 2 || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if err := other.Restore(t.Context(), dir); err == nil {
		t.Error("a store that holds data was overwritten")
	}
}

func TestPeopleMayReadButNotWrite(t *testing.T) {
	db := clickhousetest.Open(t)
	var out strings.Builder
	if err := db.Raw(t.Context(), &out, clickhouse.RawQuery{SQL: "SELECT 1 + 1 AS two", Format: "JSONEachRow"}); err != nil || out.String() != "{\"two\":2}\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
	for _, sql := range []string{"DROP TABLE signals", "INSERT INTO ticks (as_of) VALUES (now())", "ALTER TABLE signals DELETE WHERE 1", "TRUNCATE TABLE signals",
		"SET readonly = 0", "SELECT 1 SETTINGS readonly = 0; DROP TABLE signals"} {
		if err := db.Raw(t.Context(), &out, clickhouse.RawQuery{SQL: sql}); err == nil {
			t.Errorf("%s was carried out", sql)
		}
	}
	if err := db.Raw(t.Context(), &out, clickhouse.RawQuery{SQL: "SELECT count() FROM signals"}); err != nil {
		t.Errorf("the table is gone: %v", err)
	}
}
