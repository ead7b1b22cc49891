package oracle

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"yujing/ingest"
	"yujing/ingest/file"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/internal/privacy"
	"yujing/rules"
	"yujing/scorer/backtest"
)

// telling is a source whose records say when each thing was known; of a visit
// they do not, so that it is known once it is stored.
const telling = `
source: telling
kind: file
file: {format: csv}
zone: UTC
record: n
later: {answered: [by], rated: [stars], $stored: [visited]}
signals:
  - {name: call, kind: contact, at: called, ref: n, who: [phone], channel: {is: hotline}, place: place, category: [a, b], purpose: {is: complaint}, text: text}
  - {name: replied, kind: action, act: {is: replied}, at: answered, known_at: answer_known, ref: n, unit: by}
  - {name: rated, kind: action, act: {is: rated}, at: rated, known_at: rating_known, ref: n, rating: stars}
  - {name: visited, kind: action, act: {is: visited}, at: visited, known_at: $stored, ref: n}
`

// watchingRisks have one rule each, over cases and over groups: what a row
// stands at is what the rule sees.
var watchingRules = map[string]string{
	"answer":    `any(contacts, .age > 2) and none(actions, .act == "replied")`,
	"rating":    `any(actions, (.rating ?? "") == "not")`,
	"visit":     `any(contacts, .age > 2) and none(actions, .act == "visited")`,
	"text":      `any(contacts, .text contains "多次")`,
	"neighbour": `any(group, .text contains "多次")`,
}

func watching(t *testing.T) *rules.Set {
	t.Helper()
	dir := fstest.MapFS{}
	risks := "risks:\n"
	for _, name := range slices.Sorted(maps.Keys(watchingRules)) {
		for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
			id := name + "-" + string(over)
			risks += "  - {id: " + id + ", over: " + string(over) + ", name: {zh: 名, en: name}, levels: {blue: 10, yellow: 20, orange: 30, red: 40}, " +
				"horizon: 40d, zone: UTC, outcome: 'it.act == \"\" and it.again'}\n"
			dir[id+".yaml"] = &fstest.MapFile{Data: []byte("risk: " + id + "\nrules:\n  - {id: " + id +
				", points: 25, name: {zh: 名, en: name}, because: 因, advise: 议, when: '" + watchingRules[name] + "'}\n")}
		}
	}
	dir["risks.yaml"] = &fstest.MapFile{Data: []byte(risks)}
	set, problems := rules.Load(dir, rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// began is when the period of the planted tests begins.
func began() time.Time { return time.Date(2025, 6, 2, 0, 0, 0, 0, time.UTC) }

// day is an instant of the period.
func day(n float64) time.Time { return began().Add(time.Duration(n * 24 * float64(time.Hour))) }

// record is a line of the source, by its columns; times are days of the period.
type record map[string]string

// delivery is a file, and the day on which it comes.
type delivery struct {
	on      float64
	records []record
}

// with is the record with more filled in.
func (r record) with(more record) record {
	all := maps.Clone(r)
	maps.Copy(all, more)
	return all
}

// Matters on one subject: the first comes back on day 20, the second does not. A
// third matter, apart from them, is what the data ends with.
var (
	first  = record{"n": "1", "called": "0.5", "phone": "13905711234"}
	back   = record{"n": "2", "called": "20", "phone": "13905711234"}
	second = record{"n": "3", "called": "1", "phone": "13905711235", "text": "反映过多次"}
	third  = record{"n": "4", "called": "60", "phone": "13905711236", "place": "330107"}
	told   = []delivery{{0.5, []record{first}}, {1, []record{second}}, {20, []record{back}}, {60, []record{third}}}
)

// telling writes a delivery and imports it on its day.
func (d *delivery) importInto(t *testing.T, im *ingest.Importer, source *ingest.Source) {
	t.Helper()
	columns := []string{"n", "called", "phone", "place", "a", "b", "text", "answered", "answer_known", "by", "rated", "rating_known", "stars", "visited"}
	var text strings.Builder
	w := csv.NewWriter(&text)
	_ = w.Write(columns)
	for _, r := range d.records {
		r = record{"place": "330106", "a": "城建", "b": "物业", "text": "楼道无灯"}.with(r)
		var line []string
		for _, c := range columns {
			v := r[c]
			if slices.Contains([]string{"called", "answered", "answer_known", "rated", "rating_known", "visited"}, c) && v != "" {
				n, err := strconv.ParseFloat(v, 64)
				if err != nil {
					t.Fatal(err)
				}
				v = day(n).Format(time.DateTime)
			}
			line = append(line, v)
		}
		_ = w.Write(line)
	}
	w.Flush()
	path := filepath.Join(t.TempDir(), "records.csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := im.Import(t.Context(), source, []string{path}, nil)
	if err != nil || report.Rejected > 0 {
		t.Fatalf("%d rejected, %v: %v", report.Rejected, err, report.Rejects)
	}
}

// imported is a store into which deliveries came on their days.
func imported(t *testing.T, deliveries ...delivery) *clickhouse.DB {
	t.Helper()
	sources, problems := loaded(telling)
	if problems != "" {
		t.Fatal(problems)
	}
	key, err := privacy.NewKey([]byte("an insecure key of 32 bytes ....")[:32])
	if err != nil {
		t.Fatal(err)
	}
	db := clickhousetest.Open(t)
	var now time.Time
	im := ingest.New(ingest.Options{Store: db, Key: key, Now: func() time.Time { return now }})
	slices.SortStableFunc(deliveries, func(a, b delivery) int { return day(a.on).Compare(day(b.on)) })
	for _, d := range deliveries {
		now = day(d.on)
		d.importInto(t, im, sources[0])
	}
	return db
}

// loaded reads a source's definition; problems are told as check tells them.
func loaded(text string) ([]*ingest.Source, string) {
	sources, problems := ingest.LoadSources(fstest.MapFS{"telling.yaml": {Data: []byte(text)}},
		ingest.LoadOptions{Kinds: map[string]ingest.FeedKind{file.Kind: file.New}})
	if err := problems.Err(); err != nil {
		return sources, err.Error()
	}
	return sources, ""
}

// days is how many daily instants are looked at.
const days = 50

// held gives what held of each row at each instant, as a source's histories say.
func held(t *testing.T, src backtest.Source, set *rules.Set) []map[string][]string {
	t.Helper()
	at := make([]map[string][]string, days)
	for i := range at {
		at[i] = map[string][]string{}
	}
	grid := backtest.Grid{From: began(), Last: day(days - 1), Step: 24 * time.Hour}
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		for h, err := range src.Histories(t.Context(), set, over, grid, day(days)) {
			if err != nil {
				t.Fatal(err)
			}
			for _, run := range h.Runs {
				for i := run.First; i <= run.Last; i++ {
					for n, rule := range set.Numbered(over) {
						if run.Holds.Has(n) {
							at[i][string(over)+" "+h.Ref] = append(at[i][string(over)+" "+h.Ref], rule.ID)
						}
					}
				}
			}
		}
	}
	return at
}

// warned gives when each matter was first warned of in a risk, and what became of it.
func warned(t *testing.T, src backtest.Source, set *rules.Set, risk, ref string) (at string, verdict backtest.Verdict) {
	t.Helper()
	at = "never"
	_, err := backtest.Measure(t.Context(), src, set, backtest.Options{From: began(), To: day(days), Risks: []string{risk}, Cases: func(c *backtest.Case) error {
		if c.Ref == "telling:"+ref {
			verdict = c.Verdict
			if !c.WarnedAt.IsZero() {
				at = "day " + strconv.Itoa(int(c.WarnedAt.Sub(began())/(24*time.Hour)))
			}
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return at, verdict
}

// TestNothingIsKnownBeforeItsTime plants what is known only later, and holds
// the scores of every earlier instant to those of a store that never had it.
func TestNothingIsKnownBeforeItsTime(t *testing.T) {
	set := watching(t)
	never := imported(t, told...)
	for name, plant := range map[string]struct {
		delivery
		turn      int    // the first instant at which it is known
		risk, ref string // where it shows
		without   string // when that matter is warned of if it never comes, and then
		verdict   backtest.Verdict
		with      string
		judged    backtest.Verdict
		over      bool // the outcome is past by then: a source need not look any more
	}{
		// By day 3 an unanswered matter is warned of. The answer of day 1 is known on day 8.
		"a reply known only later": {delivery: delivery{8, []record{first.with(record{"answered": "1", "answer_known": "8", "by": "住建局"})}},
			turn: 8, risk: "answer-case", ref: "1", without: "day 3", verdict: backtest.True, with: "day 3", judged: backtest.True},
		// The matter comes back on day 20. The bad mark of day 5 is known on day 22.
		"a rating that arrives after the instant": {delivery: delivery{22, []record{first.with(record{"rated": "5", "rating_known": "22", "stars": "not"})}},
			turn: 22, risk: "rating-case", ref: "1", without: "never", verdict: backtest.Missed, with: "never", judged: backtest.Missed, over: true},
		"a rating that arrives in time": {delivery: delivery{12, []record{first.with(record{"rated": "5", "rating_known": "12", "stars": "not"})}},
			turn: 12, risk: "rating-case", ref: "1", without: "never", verdict: backtest.Missed, with: "day 12", judged: backtest.True},
		// The visit of day 1 has no time at which it was known: it is imported on day 10.
		"a late import": {delivery: delivery{10, []record{second.with(record{"visited": "2"})}},
			turn: 10, risk: "visit-case", ref: "3", without: "day 4", verdict: backtest.False, with: "day 4", judged: backtest.False},
		// On day 11 the text turns out to be another.
		"a correction that adds": {delivery: delivery{11, []record{first.with(record{"text": "多次来电"})}},
			turn: 11, risk: "text-case", ref: "1", without: "never", verdict: backtest.Missed, with: "day 11", judged: backtest.True},
		"a correction that takes away": {delivery: delivery{11, []record{second.with(record{"text": "路灯不亮"})}},
			turn: 11, risk: "text-case", ref: "3", without: "day 1", verdict: backtest.False, with: "day 1", judged: backtest.False},
		"a correction of the neighbour": {delivery: delivery{11, []record{second.with(record{"text": "路灯不亮"})}},
			turn: 11, risk: "neighbour-case", ref: "1", without: "day 1", verdict: backtest.True, with: "day 1", judged: backtest.True},
	} {
		t.Run(name, func(t *testing.T) {
			db := imported(t, append([]delivery{plant.delivery}, told...)...)
			sources, planted := sourcesOf(never, newSlow(t, read(t, never), set)), sourcesOf(db, newSlow(t, read(t, db), set))
			for source := range planted {
				compareHeld(t, source, held(t, sources[source], set), held(t, planted[source], set), plant.turn, plant.over && source == "store")
				if at, verdict := warned(t, sources[source], set, plant.risk, plant.ref); at != plant.without || verdict != plant.verdict {
					t.Errorf("%s, without the plant: warned %s, %s; want %s, %s", source, at, verdict, plant.without, plant.verdict)
				}
				if at, verdict := warned(t, planted[source], set, plant.risk, plant.ref); at != plant.with || verdict != plant.judged {
					t.Errorf("%s, with the plant: warned %s, %s; want %s, %s", source, at, verdict, plant.with, plant.judged)
				}
			}
		})
	}
}

// compareHeld says that two stores tell the same before an instant, and not the
// same at it.
func compareHeld(t *testing.T, source string, without, with []map[string][]string, turn int, over bool) {
	t.Helper()
	for i := range turn {
		if diff := gocmp.Diff(without[i], with[i]); diff != "" {
			t.Errorf("%s: on day %d something is known of what comes to be known on day %d (- without, + with):\n%s", source, i, turn, diff)
		}
	}
	if !over && gocmp.Equal(without[turn], with[turn]) {
		t.Errorf("%s: on day %d what comes to be known then shows nowhere", source, turn)
	}
}

// TestImportedLateKnownAtItsTime: what says itself when it happened counts from
// then on, however late its file comes.
func TestImportedLateKnownAtItsTime(t *testing.T) {
	set := watching(t)
	answered := first.with(record{"answered": "6", "by": "住建局"})
	sources := func(day float64) map[string]backtest.Source {
		db := imported(t, append([]delivery{{day, []record{answered}}}, told...)...)
		return sourcesOf(db, newSlow(t, read(t, db), set))
	}
	onTime, late := sources(6), sources(40)
	for source := range late {
		if diff := gocmp.Diff(held(t, onTime[source], set), held(t, late[source], set)); diff != "" {
			t.Errorf("%s (- imported at once, + imported on day 40):\n%s", source, diff)
		}
	}
}

// TestCheckRefusesAColumnOfALaterTime: the call may not read who answered.
func TestCheckRefusesAColumnOfALaterTime(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"text: text}", "text: text, unit: by}", "signal call reads by, which is known only from answered on"},
		{"purpose: {is: complaint}", `purpose: 'row["stars"] == "not" ? "complaint" : "request"'`, "signal call reads stars, which is known only from rated on"},
		{"ref: n, unit: by}", "ref: n, unit: by, rating: stars}", "signal replied reads stars, which is known only from rated on"},
		{"at: visited, known_at: $stored", "at: visited", "signal visited reads visited, whose time is not known"},
	} {
		if _, problems := loaded(strings.Replace(telling, c.old, c.new, 1)); !strings.Contains(problems, c.want) {
			t.Errorf("%s for %s: %q; want %q", c.new, c.old, problems, c.want)
		}
	}
	if _, problems := loaded(telling); problems != "" {
		t.Error(problems)
	}
}
