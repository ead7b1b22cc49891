package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
)

// everyType has a column of each type the program's tables use.
type everyType struct {
	U64   uint64            `ch:"u64"`
	Hash  string            `ch:"hash"`
	Text  string            `ch:"text"`
	Kind  string            `ch:"kind"`
	Who   []uint64          `ch:"who"`
	Cat   []string          `ch:"cat"`
	Attrs map[string]string `ch:"attrs"`
	At    time.Time         `ch:"at"`
	U8    uint8             `ch:"u8"`
	U16   uint16            `ch:"u16"`
	I16   int16             `ch:"i16"`
	F64   float64           `ch:"f64"`
	Yes   bool              `ch:"yes"`
	Due   *time.Time        `ch:"due"`
	Rate  *string           `ch:"rate"`
	Pairs [][]string        `ch:"pairs"`
	U32   uint32            `ch:"u32"`
	I64   int64             `ch:"i64"`
	Enum  string            `ch:"enum"`
}

const everyTypeColumns = `u64 UInt64, hash FixedString(16), text String, kind LowCardinality(String), who Array(UInt64), cat Array(String),
	attrs Map(String, String), at DateTime64(3, 'UTC'), u8 UInt8, u16 UInt16, i16 Int16, f64 Float64, yes Bool,
	due Nullable(DateTime64(3, 'UTC')), rate Nullable(String), pairs Array(Array(String)), u32 UInt32, i64 Int64, enum Enum8('a' = 1, 'b' = 2)`

func everyTypeRows() []everyType {
	due := time.Date(2026, 2, 28, 23, 59, 59, 999e6, time.UTC)
	rate := "不满意"
	return []everyType{
		{Hash: strings.Repeat("\x00", 16), Who: []uint64{}, Cat: []string{}, Attrs: map[string]string{}, At: time.UnixMilli(0).UTC(), Pairs: [][]string{}, Enum: "a"},
		{
			U64: 1<<64 - 1, Hash: "0123456789\n\n\x00\xff..", Text: "第一行\n\n第三行\r\n\r\n\x00\t'\\\"", Kind: "contact",
			Who: []uint64{1, 1<<64 - 1}, Cat: []string{"城乡建设", "", "供水\n\n"}, Attrs: map[string]string{"来源": "电话\n\n", "": "x"},
			At: time.Date(2026, 7, 1, 8, 30, 0, 123e6, time.UTC), U8: 255, U16: 65535, I16: -32768, F64: -1.5e300, Yes: true,
			Due: &due, Rate: &rate, Pairs: [][]string{{}, {"a", "b"}}, U32: 1<<32 - 1, I64: -1 << 63, Enum: "b",
		},
		{Hash: strings.Repeat("\n", 16), Text: "\n\n", Kind: "\n\n", Who: []uint64{0x0a0a0a0a0a0a0a0a}, Cat: []string{"\n\n"}, Attrs: map[string]string{"\n\n": "\n\n"},
			At: time.UnixMilli(0x0a0a).UTC(), U8: 10, U16: 0x0a0a, I16: 0x0a0a, Pairs: [][]string{{"\n\n"}}, Enum: "a"},
	}
}

func TestEveryTypeComesBackAsItWent(t *testing.T) {
	conn := connected(t, start(t))
	execute(t, conn, "CREATE TABLE t (n UInt8, "+everyTypeColumns+") ENGINE = MergeTree ORDER BY n")
	want := everyTypeRows()
	batch, err := conn.PrepareBatch(t.Context(), "INSERT INTO t")
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		row := struct {
			N uint8 `ch:"n"`
			everyType
		}{uint8(i), want[i]}
		w := row.everyType
		if err := batch.Append(row.N, w.U64, w.Hash, w.Text, w.Kind, w.Who, w.Cat, w.Attrs, w.At, w.U8, w.U16, w.I16, w.F64, w.Yes,
			w.Due, w.Rate, w.Pairs, w.U32, w.I64, w.Enum); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	var got []everyType
	if err := conn.Select(t.Context(), &got, "SELECT * EXCEPT n FROM t ORDER BY n"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParametersReachTheStatement(t *testing.T) {
	conn := connected(t, start(t))
	text := "a\n\nb\t'\\x' 一"
	at := time.Date(2026, 7, 1, 8, 30, 0, 123e6, time.UTC)
	var gotText string
	var gotAt time.Time
	var gotKeys []uint64
	var gotNone *string
	err := conn.QueryRow(t.Context(), "SELECT {text:String}, {at:DateTime64(3, 'UTC')}, {keys:Array(UInt64)}, {none:Nullable(String)}",
		clickhouse.Named("text", text), clickhouse.DateNamed("at", at, clickhouse.MilliSeconds),
		clickhouse.Named("keys", []uint64{1, 1<<64 - 1}), clickhouse.Named("none", nil)).Scan(&gotText, &gotAt, &gotKeys, &gotNone)
	if err != nil {
		t.Fatal(err)
	}
	if gotText != text || !gotAt.Equal(at) || fmt.Sprint(gotKeys) != "[1 18446744073709551615]" || gotNone != nil {
		t.Errorf("got %q, %v, %v, %v", gotText, gotAt, gotKeys, gotNone)
	}
}
