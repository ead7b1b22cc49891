package clickhouse_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/rules/rulestest"
	"yujing/scorer"
	"yujing/scorer/verify"
)

// TestStoriesAreFacts holds that what is read of a row once, for all instants, is
// at each instant what the store answers for that one: what was known late, stored
// late, corrected and taken back, alone and in groups.
func TestStoriesAreFacts(t *testing.T) {
	const cases, groups = 60, 9
	before := clickhouse.ForGroups(10) // a matter of two groups is read twice
	t.Cleanup(func() { clickhouse.ForGroups(before) })
	db := clickhousetest.Open(t)
	rng := rand.New(rand.NewPCG(7, 8))
	now := rulestest.Now(rng)
	storeStories(t, db, rng, now, cases, groups)
	instants := []time.Time{now, now.AddDate(0, 3, 0)}
	for range 12 {
		instants = append(instants, now.Add(-time.Duration(rng.Int64N(int64(200*24*time.Hour))).Truncate(time.Millisecond)))
	}
	compared, moved := 0, 0
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		var rows []uint64
		for i := range cases {
			rows = append(rows, uint64(i)+1)
		}
		lives, err := db.Lives(t.Context(), over, rows, verify.Period{To: now.AddDate(1, 0, 0)}, true)
		if err != nil || len(lives) != len(rows) {
			t.Fatal(len(lives), err)
		}
		for _, at := range instants {
			var answers [2]int
			for i, seen := range []*time.Time{nil, &at} {
				want := map[string]*rules.Facts{}
				for _, f := range facts(t, db, scorer.View{AsOf: at, AsSeen: seen != nil, Over: over, Rows: rows}) {
					want[f.Row] = f
				}
				answers[i] = len(want)
				for _, l := range lives {
					got := l.Story.Facts(at, seen)
					compared++
					if f := want[scorer.RowName(l.Row)]; (f == nil) != (got == nil) || f != nil && !reflect.DeepEqual(f, got) {
						t.Fatalf("%s %d as of %v, as seen %v:\nstory %+v\nfacts %+v", over, l.Row, at, seen != nil, got, f)
					}
				}
			}
			if answers[0] != answers[1] {
				moved++
			}
		}
		turnsHold(t, lives, instants)
	}
	if compared < 1000 || moved < 4 {
		t.Errorf("%d comparisons, at %d instants the store had less than was known", compared, moved)
	}
}

// turnsHold says that nothing changes between turns.
func turnsHold(t *testing.T, lives []verify.Life, instants []time.Time) {
	t.Helper()
	for _, l := range lives {
		turns := l.Story.Turns()
		if !slices.IsSortedFunc(turns, time.Time.Compare) {
			t.Fatalf("row %d: turns out of order", l.Row)
		}
		for _, at := range instants {
			before := time.UnixMilli(0).UTC()
			for _, turn := range turns {
				if !turn.After(at) {
					before = turn
				}
			}
			for _, seen := range []bool{false, true} {
				a, b := &at, &before
				if !seen {
					a, b = nil, nil
				}
				if !reflect.DeepEqual(l.Story.Facts(at, a), l.Story.Facts(before, b)) {
					t.Fatalf("row %d, as seen %v: something changed between the turn at %v and %v", l.Row, seen, before, at)
				}
			}
		}
	}
}

// storeStories stores random cases 1, 2, ... in groups 1, 2, ...: a third of the
// signals is known late, all are stored late, some are corrected or taken back.
func storeStories(t *testing.T, db *clickhouse.DB, rng *rand.Rand, now time.Time, cases, groups int) {
	t.Helper()
	days := func(n int64) time.Duration { return time.Duration(rng.Int64N(n*24*3600)) * time.Second }
	var first, later []ingest.Row
	for i := range cases {
		f := rulestest.Row(rng, rules.OverCase, now)
		for _, s := range slices.Concat(f.Contacts, f.Actions) {
			if rng.IntN(3) == 0 {
				s.At = s.At.Truncate(time.Hour) // as are the instants of a backtest
			}
			r := ingest.Row{Case: ingest.CaseID(i + 1), Person: s.Person, Signal: ingest.Signal{Version: 1, Source: "test", Name: "n", Ref: fmt.Sprint(i),
				Kind: ingest.Contact, Channel: s.Channel, Level: ingest.Level(s.Level), Place: s.Place, Category: s.Category, Purpose: s.Purpose,
				Unit: s.Unit, People: s.People, Text: s.Text, Act: s.Act, Due: s.Due, Rating: s.Rating, Attrs: s.Attrs, Flags: []string{},
				At: s.At, KnownAt: s.At, Group: uint64(i%groups) + 1}}
			if s.Act != "" {
				r.Kind, r.Group = ingest.Action, 0
			} else if rng.IntN(6) == 0 {
				r.Group = uint64(rng.IntN(groups)) + 1
			}
			id, err := hex.DecodeString(s.ID)
			if err != nil {
				t.Fatal(err)
			}
			copy(r.ID[:], id)
			if rng.IntN(3) == 0 {
				r.KnownAt = r.At.Add(days(20))
			}
			r.StoredAt = r.KnownAt.Add(days(10))
			first = append(first, r)
			if rng.IntN(4) > 0 {
				continue
			}
			closed := r
			closed.KnownUntil = r.KnownAt.Add(time.Millisecond + days(30))
			closed.ClosedAt = r.StoredAt.Add(time.Millisecond + days(30))
			later = append(later, closed)
			if rng.IntN(3) > 0 {
				r.Version, r.Unit, r.KnownAt, r.StoredAt = 2, "corrected", closed.KnownUntil, closed.ClosedAt
				later = append(later, r)
			}
		}
	}
	append_(t, db, &ingest.Batch{Rows: first})
	append_(t, db, &ingest.Batch{Rows: later})
}

// An insert whose answer is lost is sent again: which matters are of which group
// may stand twice, and still each signal counts once.
func TestMattersWrittenTwiceCountOnce(t *testing.T) {
	db := clickhousetest.Open(t)
	rng := rand.New(rand.NewPCG(7, 8))
	now := rulestest.Now(rng)
	storeStories(t, db, rng, now, 30, 4)
	set, err := rulestest.Load(rules.OverGroup, []string{"len(actions) > 0"})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range db.Holding(t.Context(), set, scorer.View{AsOf: now, Over: rules.OverGroup, Rows: []uint64{1, 2, 3}}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	signals := func() string {
		var out bytes.Buffer
		if err := db.Raw(t.Context(), &out, clickhouse.RawQuery{SQL: "SELECT countIf(contact), countIf(NOT contact) FROM tick_groups_rows", Format: "TSV"}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	once := signals()
	if err := db.Raw(t.Context(), t.Output(), clickhouse.RawQuery{SQL: "INSERT INTO asked_rows SELECT * FROM asked_rows", Write: true}); err != nil {
		t.Fatal(err)
	}
	if twice := signals(); twice != once || strings.HasPrefix(once, "0") || strings.HasSuffix(once, "\t0\n") {
		t.Errorf("contacts and actions: %q, and with the matters written twice %q", once, twice)
	}
}

func TestRuleFilesAreKept(t *testing.T) {
	db := clickhousetest.Open(t)
	want := []scorer.RuleFiles{
		{Version: "a", Files: map[string]string{"risks.yaml": "risks: []\n", "重访.yaml": "# '\\\n\n"}, Deadlines: "[]"},
		{Version: "b", Files: map[string]string{}, Deadlines: "null"},
	}
	for _, f := range append(want, want[0]) {
		if err := db.KeepRules(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.KeptRules(t.Context())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}
