package report

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/backtest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// What a citizen wrote, whom it is about, and what else a source tells.
const secretText, secretSubject, secretAttr = "求救信正文第一句", "某某置业被投诉人", "窗口秘密备注"

// day is an instant of the story, days after its first contact.
func day(n float64) time.Time {
	return time.Date(2025, 3, 3, 2, 0, 0, 0, time.UTC).Add(time.Duration(n * float64(24*time.Hour)))
}

// happened is a signal of a matter; act "" is a contact of its one complainant.
func happened(matter int, at, knownAt float64, act string) ingest.Row {
	r := ingest.Row{Case: ingest.CaseID(matter), Signal: ingest.Signal{Version: 1, Source: "test", Name: "n", Ref: "matter-" + itoa(matter),
		Kind: ingest.Action, Act: act, Unit: "住建局", Place: "330106001001", Category: [3]string{"城建", "噪声"}, Subject: secretSubject, Text: secretText,
		Attrs: map[string]string{"备注": secretAttr}, Flags: []string{}, At: day(at), KnownAt: day(knownAt), StoredAt: day(knownAt)}}
	if act == "" {
		r.Kind, r.Channel, r.Purpose, r.People, r.Person, r.Unit, r.Group = ingest.Contact, "visit", "complaint", 1, 77, "", 9
	}
	binary.BigEndian.PutUint64(r.ID[:], uint64(matter))
	binary.BigEndian.PutUint64(r.ID[8:], uint64(at*1000))
	return r
}

// worked works out cases over a store that holds rows.
func worked(t *testing.T, rows []ingest.Row, cases ...backtest.Case) Input {
	t.Helper()
	db := clickhousetest.Open(t)
	if err := db.Append(t.Context(), &ingest.Batch{Rows: rows}); err != nil {
		t.Fatal(err)
	}
	in := sample(t)
	in.Worked, in.Report.From, in.Report.DataEnd, in.Made = nil, day(-0.5), day(60), day(100)
	if err := in.Work(t.Context(), db, cases); err != nil {
		t.Fatal(err)
	}
	return in
}

func acts(n Notes) string {
	var all []string
	for _, s := range n.List {
		all = append(all, strings.TrimSpace(s.Act+" "+s.Channel))
	}
	return strings.Join(all, ", ")
}

// TestWorkTellsWhatWasKnown: a reply that was known late is no part of what the
// rules saw, and is told as such; what followed ends with the outcome.
func TestWorkTellsWhatWasKnown(t *testing.T) {
	c := backtest.Case{Risk: "repeat", Row: scorer.RowName(1), Ref: "test:matter-1", First: day(0), WarnedAt: day(3.5), OutcomeAt: day(9), Verdict: backtest.True,
		Channel: "visit", Unit: "住建局", Place: "330106001001", Score: 30, Level: rules.Blue}
	in := worked(t, []ingest.Row{happened(1, 0, 0, ""), happened(1, 0.5, 0.5, "transferred"), happened(1, 2, 20, "replied"), happened(1, 3, 3, ""),
		happened(1, 5, 5, "extended"), happened(1, 9, 9, ""), happened(1, 12, 12, "closed"), happened(2, 1, 1, "")}, c)
	w := in.Worked[0]
	if w.Contacts != 2 || w.Actions != 1 || !w.At.Equal(day(3.5)) {
		t.Errorf("%d contacts and %d actions known at %s", w.Contacts, w.Actions, w.At)
	}
	for what, got := range map[string][2]string{"known": {acts(w.Known), "visit, transferred, visit"}, "unknown": {acts(w.Unknown), "replied"}, "after": {acts(w.After), "extended, visit"}} {
		if got[0] != got[1] {
			t.Errorf("%s: got %q, want %q", what, got[0], got[1])
		}
	}
	if w.Score != 30 || len(w.Fired) != 1 || w.Fired[0].ID != "asked-again-unanswered" {
		t.Errorf("score %d, fired %v", w.Score, w.Fired)
	}
	page := written(t, in)
	for _, want := range []string{"同一信访人 7 日内再次来件，累计来件 2 次，至今未答复", "2025-03-06 22:00 蓝色预警，30 分；5.5 天后发生“重信重访”", "test:matter-1",
		"来件 2 次，办理动作 1 个", "当时已经发生、但还不知道"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, secret := range []string{secretText, secretSubject, secretAttr} {
		if bytes.Contains(page, []byte(secret)) {
			t.Errorf("the page tells %q", secret)
		}
	}
}

// TestWorkOfMisses looks at the last instant before the outcome, and says so
// where nothing was known then, or the matter was concluded.
func TestWorkOfMisses(t *testing.T) {
	miss := func(matter int) backtest.Case {
		return backtest.Case{Risk: "repeat", Row: scorer.RowName(uint64(matter)), Ref: "test:" + itoa(matter), First: day(0), OutcomeAt: day(4.5), Verdict: backtest.Missed}
	}
	in := worked(t, []ingest.Row{happened(1, 0, 0, ""), happened(1, 4.5, 4.5, ""),
		happened(2, 0, 30, ""), happened(2, 4.5, 31, ""),
		happened(3, 0, 0, ""), happened(3, 1, 1, "concluded"), happened(3, 4.5, 4.5, "")}, miss(1), miss(2), miss(3))
	want := []string{"没有一条规则成立。", "当时还不知道有这件事。", "终结"}
	for i, w := range in.Worked {
		if !w.At.Equal(day(3.5)) {
			t.Errorf("%s is told at %s, not at the last instant before its outcome", w.Case.Ref, w.At)
		}
		if got := newStory(in.Set.Risk("repeat"), &w, rules.Text{}); !strings.Contains(got.Silent.ZH, want[i]) || !got.After.List[len(got.After.List)-1].Outcome {
			t.Errorf("%s: says %q, and then %v", w.Case.Ref, got.Silent.ZH, got.After.List)
		}
	}
	if unknown := in.Worked[1].Unknown; unknown.Total != 1 || in.Worked[1].Contacts != 0 {
		t.Errorf("what nobody knew: %v", unknown)
	}
}

// TestWorkOfGroups reads the contacts of all matters of a group.
func TestWorkOfGroups(t *testing.T) {
	var rows []ingest.Row
	for i := range 12 {
		r := happened(i+1, float64(i), float64(i), "")
		r.Person = uint64(i + 1)
		rows = append(rows, r)
	}
	c := backtest.Case{Risk: "collective", Row: scorer.RowName(9), Ref: "test:matter-1", First: day(0), WarnedAt: day(2.5), OutcomeAt: day(11), Verdict: backtest.True}
	w := worked(t, rows, c).Worked[0]
	if w.Contacts != 3 || w.Known.Total != 3 || w.After.Total != 9 || w.After.Left != 3 || !w.After.List[mostNotes-1].At.Equal(day(11)) {
		t.Errorf("%d contacts known, then %d signals of which %d are left out: %v", w.Contacts, w.After.Total, w.After.Left, w.After.List)
	}
}

func TestWorkNamesWhatItCannotTell(t *testing.T) {
	in := sample(t)
	err := in.Work(t.Context(), clickhousetest.Open(t), []backtest.Case{{Risk: "floods", Ref: "a:1"}})
	if err == nil || !strings.Contains(err.Error(), `"floods"`) {
		t.Errorf("a risk that is none: %v", err)
	}
	err = in.Work(t.Context(), clickhousetest.Open(t), []backtest.Case{{Risk: "repeat", Ref: "a:1", Row: "first"}})
	if err == nil || !strings.Contains(err.Error(), `"first"`) {
		t.Errorf("a row that is none: %v", err)
	}
}

func TestNotesLeaveOut(t *testing.T) {
	var all []rules.SignalNote
	for i := range 9 {
		all = append(all, rules.SignalNote{ID: itoa(i)})
	}
	ids := func(n Notes) (s string) {
		for _, note := range n.List {
			s += note.ID
		}
		return s
	}
	if got := latest(all); ids(got) != "345678" || got.Left != 3 || got.Total != 9 {
		t.Errorf("known: %v", got)
	}
	if got := untilOutcome(all); ids(got) != "012348" || got.Left != 3 {
		t.Errorf("after: %v", got)
	}
	if got := untilOutcome(slices.Clone(all[:2])); ids(got) != "01" || got.Left != 0 {
		t.Errorf("few: %v", got)
	}
}
