package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"

	"yujing/rules"
	"yujing/scorer/backtest"
)

var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func day(n float64) time.Time { return start.Add(time.Duration(n * 24 * float64(time.Hour))) }

// side is a set of risk main with the rules a (points given) and b (30 points), and
// of further risks.
func side(t *testing.T, name string, yellow, points int, further ...string) Side {
	t.Helper()
	fsys := fstest.MapFS{}
	risks := "risks:\n"
	for _, id := range append([]string{"main"}, further...) {
		risks += fmt.Sprintf("  - {id: %s, name: {zh: 重访, en: repeat}, over: case, levels: {blue: 10, yellow: %d, orange: 70, red: 90}, horizon: 10d, zone: UTC, outcome: it.people > 5}\n", id, yellow)
		fsys[id+".yaml"] = &fstest.MapFile{Data: fmt.Appendf(nil, `risk: %s
rules:
  - {id: %[1]s-a, name: {zh: 甲, en: a}, when: case.age > 1, points: %d, because: {zh: 因, en: b}, advise: {zh: 请, en: do}}
  - {id: %[1]s-b, name: {zh: 乙, en: b}, when: case.age > 2, points: 30, because: {zh: 因, en: b}, advise: {zh: 请, en: do}}
`, id, points)}
	}
	fsys["risks.yaml"] = &fstest.MapFile{Data: []byte(risks)}
	set, problems := rules.Load(fsys, rules.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return Side{name, set}
}

// made gives histories made by hand; in what they hold of risks beyond the first,
// those of a set with fewer risks are the same.
type made []*backtest.History

func (m made) DataEnd(context.Context) (time.Time, error) { return day(60), nil }

func (m made) Histories(_ context.Context, _ *rules.Set, _ rules.Over, _ backtest.Grid, _ time.Time) iter.Seq2[*backtest.History, error] {
	return func(yield func(*backtest.History, error) bool) {
		for _, h := range m {
			if !yield(h, nil) {
				return
			}
		}
	}
}

// matter has its first contact on day 1.5; rule a holds from day 3 on, b from day 5 on.
func matter(row uint64, outcome float64, runs ...backtest.Run) *backtest.History {
	h := &backtest.History{Row: row, Ref: fmt.Sprint("s:R", row), First: day(1.5), Outcomes: make([]time.Time, 3), Runs: runs, Unit: "bureau"}
	if outcome > 0 {
		h.Outcomes[0], h.Outcomes[1] = day(outcome), day(outcome)
	}
	return h
}

func run(first, last int, holds uint64) backtest.Run {
	return backtest.Run{First: first, Last: last, Holds: backtest.Holds{holds}, Active: true}
}

const a, b = 1, 2

func compare(t *testing.T, before, after Side, risks []string, list ...*backtest.History) *Diff {
	t.Helper()
	d, err := Compare(t.Context(), made(list), before, after, backtest.Options{From: day(0), To: day(20), Risks: risks})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func refs(list []Change) (all []string) {
	for _, c := range list {
		all = append(all, c.Ref)
	}
	return all
}

func named(r *Risk) map[string][]string {
	return map[string][]string{"gained": refs(r.Gained), "lost": refs(r.Lost), "moved": refs(r.Moved)}
}

func TestAThresholdNamesTheCasesThatChangeAndNothingElse(t *testing.T) {
	list := []*backtest.History{
		matter(1, 9, run(3, 4, a), run(5, 20, a|b)),  // warned on day 5, lower on day 3: moved
		matter(2, 0, run(3, 20, a)),                  // 40 points: gained, false
		matter(3, 9, run(3, 20, a)),                  // 40 points: gained, true
		matter(4, 0, run(3, 20, a|b)),                // 70 points: the same on both sides
		matter(5, 0, run(3, 20, b)),                  // 30 points: never
		matter(6, 2.5, run(3, 20, a)),                // the outcome was before
		matter(7, 9, run(2, 2, a|b), run(3, 20, a)),  // the same first instant
		matter(8, 12.5, run(3, 4, b), run(7, 20, a)), // an outcome after the horizon: gained, false
	}
	d := compare(t, side(t, "A", 50, 40), side(t, "B", 40, 40), nil, list...)
	want := map[string][]string{"gained": {"s:R3", "s:R2", "s:R8"}, "lost": nil, "moved": {"s:R1"}}
	if diff := cmp.Diff(want, named(d.Risks[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	moved := d.Risks[0].Moved[0]
	if !moved.Before.At.Equal(day(5)) || !moved.After.At.Equal(day(3)) || moved.Before.Score != 70 || moved.After.Score != 40 || moved.verdict() != "true" {
		t.Errorf("moved: %+v %+v", moved.Before, moved.After)
	}
	r := d.Risks[0]
	if *r.Before.Precision != 2./3 || *r.After.Precision != 3./6 || *r.Before.Recall != .5 || *r.After.Recall != .75 {
		t.Errorf("before %+v, after %+v", r.Before, r.After)
	}
	back := compare(t, side(t, "B", 40, 40), side(t, "A", 50, 40), nil, list...)
	want["gained"], want["lost"] = nil, want["gained"]
	if diff := cmp.Diff(want, named(back.Risks[0])); diff != "" {
		t.Errorf("the other way round (-want +got):\n%s", diff)
	}
	same := compare(t, side(t, "A", 50, 40), side(t, "A", 50, 40), nil, list...)
	if diff := cmp.Diff(map[string][]string{"gained": nil, "lost": nil, "moved": nil}, named(same.Risks[0])); diff != "" {
		t.Errorf("of itself (-want +got):\n%s", diff)
	}
}

func TestARiskOfOneSideOnly(t *testing.T) {
	list := []*backtest.History{matter(1, 9, run(3, 20, 0b1111)), matter(2, 0, run(3, 20, 0b1111))}
	d := compare(t, side(t, "A", 50, 40), side(t, "B", 50, 40, "new"), nil, list...)
	if len(d.Risks) != 2 || d.Risks[1].ID != "new" || d.Risks[1].Before != nil || len(d.Risks[1].Gained) != 2 || len(d.Risks[0].Gained) != 0 {
		t.Errorf("%+v", d.Risks)
	}
	gone := compare(t, side(t, "A", 50, 40, "new"), side(t, "B", 50, 40), []string{"new"}, list...)
	if len(gone.Risks) != 1 || gone.Risks[0].After != nil || len(gone.Risks[0].Lost) != 2 {
		t.Errorf("%+v", gone.Risks)
	}
	for _, d := range []*Diff{d, gone} {
		for _, write := range []func(*bytes.Buffer) error{
			func(b *bytes.Buffer) error { return d.Print(b) }, func(b *bytes.Buffer) error { return d.HTML(b) }, func(b *bytes.Buffer) error { return d.Markdown(b) },
		} {
			if err := write(&bytes.Buffer{}); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestBudget(t *testing.T) {
	var list []*backtest.History
	for i := range uint64(38) { // two a day over 19 days
		h := matter(i, 0, run(3, 20, a|b))
		h.Unit = []string{"one", "other"}[i%2]
		if i < 8 {
			h.Unit = "one"
		}
		list = append(list, h)
	}
	d := compare(t, side(t, "A", 60, 40), side(t, "B", 50, 40), nil, list...)
	for _, test := range []struct {
		budget string
		want   string
	}{
		{"2/day", ""},
		{"1.9/day", "2.00 warnings a day, budget 1.9"},
		{"1.3/day/unit", ""},
		{"1/day/unit", "1 unit(s) get more than 1 warnings a day: one 1.21"},
	} {
		b, err := ParseBudget(test.budget)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Exceeded(d); got != test.want {
			t.Errorf("%s: %q, want %q", test.budget, got, test.want)
		}
	}
	for _, bad := range []string{"", "5", "five/day", "-1/day", "NaN/day", "5/week", "5/day/officer"} {
		if _, err := ParseBudget(bad); err == nil {
			t.Errorf("budget %q is taken", bad)
		}
	}
	if (Budget{}).Exceeded(d) != "" {
		t.Error("no budget is exceeded")
	}
}

// long is a diff with more changes than are named, of refs that mean something to Markdown and HTML.
func long(t *testing.T) *Diff {
	var list []*backtest.History
	for i := range uint64(700) {
		h := matter(i, 0, run(3, 20, a))
		h.Ref, h.Unit = fmt.Sprintf("源:<b>|%d|@all`", i), []string{"某某市某某区人民政府某某街道办事处信访工作联席会议办公室", ""}[i%2]
		list = append(list, h)
	}
	return compare(t, side(t, "main", 50, 40), side(t, "rules.d", 40, 40), nil, list...)
}

func TestMarkdownIsShort(t *testing.T) {
	var b strings.Builder
	if err := long(t).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if n := strings.Count(text, "\n"); n > 60 || strings.Count(text, "源:") != most || !strings.Contains(text, "… 690 more") || !strings.Contains(text, "gained: 700 (true 0, false 700, undecided 0)") {
		t.Errorf("%d lines:\n%s", n, text)
	}
	if strings.Contains(text, "<b>") || strings.Contains(text, "@all") {
		t.Errorf("a ref is more than text:\n%s", text)
	}
}

func TestPrintFitsThePage(t *testing.T) {
	var b strings.Builder
	if err := long(t).Print(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if w := runewidth.StringWidth(strings.TrimRight(line, "\n")); w > 100 {
			t.Errorf("%d columns: %s", w, line)
		}
	}
	if !strings.Contains(b.String(), "690 more in --json") {
		t.Errorf("no count of the rest:\n%s", b.String())
	}
}

func TestHTMLIsSelfContained(t *testing.T) {
	var b strings.Builder
	if err := long(t).HTML(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if strings.Contains(text, "<b>|") || strings.Contains(text, "http") || strings.Contains(text, "<script") || !strings.Contains(text, "&lt;b&gt;|7|") || !strings.Contains(text, "200 more in --json") {
		t.Errorf("%.3000s", text)
	}
}

func TestJSON(t *testing.T) {
	data, err := json.Marshal(compare(t, side(t, "A", 50, 40), side(t, "B", 40, 40), nil, matter(1, 9, run(3, 20, a))))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"lost":[]`, `"gained":[{"row":"0000000000000001","ref":"s:R1","unit":"bureau","before":null,"after":{"at":"2026-03-04T00:00:00Z","score":40,"level":"yellow","verdict":"true"}}]`,
		`"precision":null`, `"units":[{"unit":"bureau","before":0,"after":`} {
		if !strings.Contains(string(data), want) {
			t.Errorf("no %s in %s", want, data)
		}
	}
}
