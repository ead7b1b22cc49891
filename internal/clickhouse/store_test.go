package clickhouse_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/scorer"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

var day0 = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func contact(n int, at time.Time) ingest.Row {
	r := ingest.Row{Signal: ingest.Signal{
		Version: uint64(n), Source: "hotline", Name: "contact", Ref: fmt.Sprintf("R%d", n), Kind: ingest.Contact,
		Channel: "hotline", Level: ingest.County, Competent: ingest.County, Place: "330106001001", Category: [3]string{"城乡建设", "物业", "停车"},
		Purpose: "complaint", People: 1, Text: "空行\n\n在中间", At: at, KnownAt: at, StoredAt: at.Add(time.Hour),
		Attrs: map[string]string{"来源": "电话"}, Flags: []string{}, Who: []uint64{uint64(n)}, Group: 77,
	}, Case: ingest.CaseID(1000 + n), Person: uint64(n)}
	r.ID[0], r.ID[15] = byte(n), 0xff
	return r
}

func append_(t *testing.T, db *clickhouse.DB, b *ingest.Batch) {
	t.Helper()
	if err := db.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func facts(t *testing.T, db *clickhouse.DB, v scorer.View) []*rules.Facts {
	t.Helper()
	var out []*rules.Facts
	for f, err := range db.Facts(t.Context(), v) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	db := clickhousetest.Open(t)
	want := contact(1, day0)
	want.Due, want.Updated = day0.AddDate(0, 0, 15), day0.Add(time.Minute)
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{want}, Links: []ingest.Link{{Key: 5, Case: want.Case, KnownAt: day0, StoredAt: day0, By: "ref"}}})
	known, err := db.Known(t.Context(), []ingest.CaseID{want.Case})
	if err != nil || len(known) != 1 || known[0].ID != want.ID || known[0].Version != want.Version || !slices.Equal(known[0].Who, want.Who) {
		t.Fatalf("known: %+v, %v", known, err)
	}
	rows, err := db.Rows(t.Context(), known)
	if err != nil || len(rows) != 1 {
		t.Fatalf("rows: %+v, %v", rows, err)
	}
	got := rows[0]
	if got.Text != want.Text || !got.At.Equal(want.At) || !got.Due.Equal(want.Due) || !got.Updated.Equal(want.Updated) || got.Attrs["来源"] != "电话" || got.Category != want.Category || !got.KnownUntil.IsZero() || !got.ClosedAt.IsZero() {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	links, err := db.Links(t.Context(), []ingest.Key{5, 6})
	if err != nil || len(links) != 1 || links[0].Case != want.Case || links[0].By != "ref" {
		t.Errorf("links: %+v, %v", links, err)
	}
}

// A correction leaves the answer at every earlier instant as it was, before and
// after parts are merged, and is the only live row after it.
func TestCorrectionKeepsThePast(t *testing.T) {
	db := clickhousetest.Open(t)
	first := contact(1, day0)
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{first}})
	corrected := day0.AddDate(0, 0, 3)
	old := first
	old.KnownUntil, old.ClosedAt = corrected, corrected
	moved := first
	moved.Version, moved.Place, moved.KnownAt, moved.StoredAt, moved.Case = 2, "330106002001", corrected, corrected, 2000
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{old, moved}})

	look := func(when string) {
		for _, asSeen := range []bool{false, true} {
			before := facts(t, db, scorer.View{AsOf: corrected.Add(-time.Millisecond), AsSeen: asSeen, Over: rules.OverCase})
			if len(before) != 1 || before[0].Contacts[0].Place != first.Place || before[0].Row != scorer.RowName(uint64(first.Case)) {
				t.Errorf("%s, as seen %v, before the correction: %+v", when, asSeen, before)
			}
			after := facts(t, db, scorer.View{AsOf: corrected, AsSeen: asSeen, Over: rules.OverCase})
			if len(after) != 1 || after[0].Contacts[0].Place != moved.Place || after[0].Row != scorer.RowName(2000) {
				t.Errorf("%s, as seen %v, after the correction: %+v", when, asSeen, after)
			}
		}
	}
	look("parts apart")
	if err := db.Raw(t.Context(), t.Output(), clickhouse.RawQuery{SQL: "OPTIMIZE TABLE signals FINAL", Write: true}); err != nil {
		t.Fatal(err)
	}
	look("parts merged")
}

func TestNothingIsSeenBeforeItIsKnown(t *testing.T) {
	db := clickhousetest.Open(t)
	late := contact(1, day0)
	late.KnownAt, late.StoredAt = day0.Add(48*time.Hour), day0.Add(72*time.Hour)
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{late}})
	for _, c := range []struct {
		after  time.Duration
		asSeen bool
		want   int
	}{{0, false, 0}, {47 * time.Hour, false, 0}, {48 * time.Hour, false, 1}, {48 * time.Hour, true, 0}, {72 * time.Hour, true, 1}} {
		if got := len(facts(t, db, scorer.View{AsOf: day0.Add(c.after), AsSeen: c.asSeen, Over: rules.OverCase})); got != c.want {
			t.Errorf("%v after, as seen %v: %d rows, want %d", c.after, c.asSeen, got, c.want)
		}
	}
}

func TestGroupsGatherCasesAndTheirActions(t *testing.T) {
	db := clickhousetest.Open(t)
	reply := contact(3, day0.Add(5*time.Hour))
	reply.Kind, reply.Act, reply.Case, reply.Group = ingest.Action, "replied", 1001, 0
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{contact(1, day0), contact(2, day0.Add(time.Hour)), reply}})
	for _, v := range []scorer.View{{}, {Rows: []uint64{77}}} {
		v.AsOf, v.Over = day0.AddDate(0, 0, 1), rules.OverGroup
		got := facts(t, db, v)
		if len(got) != 1 || len(got[0].Contacts) != 2 || len(got[0].Actions) != 1 || got[0].Ref != "hotline:R1" || got[0].Row != scorer.RowName(77) {
			t.Fatalf("%+v", got)
		}
	}
	for _, v := range []scorer.View{{}, {Rows: []uint64{1001, 1002}}} {
		v.AsOf, v.Over = day0.AddDate(0, 0, 1), rules.OverCase
		got := facts(t, db, v)
		if len(got) != 2 || len(got[0].Group) != 2 || len(got[0].Actions) != 1 || len(got[1].Actions) != 0 {
			t.Fatalf("%+v", got)
		}
	}
	if got := facts(t, db, scorer.View{AsOf: day0.AddDate(0, 4, 0), Over: rules.OverGroup}); len(got) != 0 {
		t.Errorf("a group sees contacts of 90 days, got %+v", got)
	}
}

func TestRejectsWaitAndAreErased(t *testing.T) {
	db := clickhousetest.Open(t)
	r := ingest.Reject{ID: ingest.ID{1}, Source: "hotline", File: "a.csv", Line: 7, Reason: "date", Remedy: "mend", Masked: "m", Sealed: []byte{0, 1, 2, '\n', '\n'}, At: time.Now().UTC()} // recent: a reject lives a month
	append_(t, db, &ingest.Batch{Rejects: []ingest.Reject{r}})
	list := func() (out []ingest.Reject) {
		for r, err := range db.Rejects(t.Context(), ingest.RejectQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, r)
		}
		return out
	}
	if got := list(); len(got) != 1 || string(got[0].Sealed) != string(r.Sealed) || got[0].Line != 7 {
		t.Fatalf("%+v", got)
	}
	append_(t, db, &ingest.Batch{Settled: []ingest.ID{r.ID}})
	if got := list(); len(got) != 0 {
		t.Errorf("still there: %+v", got)
	}
}

func TestStandingIsTheLatestBefore(t *testing.T) {
	db := clickhousetest.Open(t)
	change := func(day, score int, level rules.Level) scorer.Change {
		return scorer.Change{Assessment: rules.Assessment{Risk: "repeat", Over: rules.OverCase, Row: scorer.RowName(42), Ref: "hotline:R1",
			AsOf: day0.AddDate(0, 0, day), Score: score, Level: level, Fired: []rules.Fired{{ID: "asked-again", Points: score, Because: rules.Text{ZH: "再次来件"}}}, Values: map[string]string{"count(contacts)": "2"}}}
	}
	if err := db.Record(t.Context(), []scorer.Change{change(0, 30, rules.Blue), change(2, 60, rules.Orange)}); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[int]int{0: 0, 1: 30, 2: 30, 3: 60} {
		score := 0
		for s, err := range db.Standing(t.Context(), day0.AddDate(0, 0, day), scorer.Span{Over: rules.OverCase}) {
			if err != nil {
				t.Fatal(err)
			}
			score = s.Score
		}
		if score != want {
			t.Errorf("before day %d: score %d, want %d", day, score, want)
		}
	}
	changes, err := db.RecordedSince(t.Context(), day0)
	if err != nil || len(changes) != 1 || changes[0].Fired[0].Because.ZH != "再次来件" {
		t.Errorf("recorded: %+v, %v", changes, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	db := clickhousetest.Open(t)
	if err := db.Raw(t.Context(), t.Output(), clickhouse.RawQuery{SQL: "INSERT INTO schema_versions VALUES (999, 'future', now())", Write: true}); err != nil {
		t.Fatal(err)
	}
	err := db.Migrate(context.Background(), clickhouse.DefaultRetention())
	if err == nil {
		t.Fatal("a newer schema was accepted")
	}
	t.Log(err)
}

func TestThreatsOfHarmNameWhoAnswersForTheMatter(t *testing.T) {
	db := clickhousetest.Open(t)
	threat, moved := contact(1, day0), contact(2, day0.Add(time.Hour))
	threat.Flags, threat.Unit = []string{ingest.FlagHarm}, ""
	moved.Kind, moved.Act, moved.Case, moved.Unit = ingest.Action, "transferred", threat.Case, "住建局"
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{threat, moved, contact(3, day0)}})
	got, err := db.Harm(t.Context(), day0.Add(-time.Minute), time.Time{})
	if err != nil || len(got) != 1 || got[0].Matter.Ref != "hotline:R1" || !slices.Equal(got[0].Matter.Units, []string{"住建局"}) || got[0].Channel != "hotline" {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, after := range map[string][2]time.Time{"uttered before": {day0, time.Time{}}, "stored before": {time.Time{}, threat.StoredAt}} {
		if got, err := db.Harm(t.Context(), after[0], after[1]); err != nil || len(got) != 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// More rows may be asked for than a statement could list.
func TestManyRowsAreAskedForAtOnce(t *testing.T) {
	db := clickhousetest.Open(t)
	append_(t, db, &ingest.Batch{Rows: []ingest.Row{contact(1, day0)}})
	many := make([]uint64, 30_000)
	for i := range many {
		many[i] = uint64(i) + 1<<60
	}
	many = append(many, 1001)
	view := scorer.View{AsOf: day0.AddDate(0, 0, 1), Over: rules.OverCase, Rows: many}
	if got := facts(t, db, view); len(got) != 1 || len(got[0].Group) != 1 {
		t.Errorf("cases: %+v", got)
	}
	view.Over, view.Rows[0] = rules.OverGroup, 77
	if got := facts(t, db, view); len(got) != 1 {
		t.Errorf("groups: %+v", got)
	}
	for _, err := range db.Standing(t.Context(), day0, scorer.Span{Over: rules.OverCase, Rows: many}) {
		t.Error("nothing was assessed", err)
	}
	if got := facts(t, db, scorer.View{AsOf: day0, Over: rules.OverGroup, Rows: []uint64{}}); len(got) != 0 {
		t.Errorf("nobody was asked for: %+v", got)
	}
}
