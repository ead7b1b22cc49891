package file_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yujing/ingest"
)

// petty is a small source: a row is a contact, perhaps answered and concluded.
const petty = `
source: petty
kind: file
file: {format: csv}
zone: UTC
record: n
optional: [updated, link, card]
updated: updated
later: {answered: [by], over: []}
signals:
  - {name: call, kind: contact, at: called, ref: n, link: link, who: [phone, card], place: place, category: [a, b], text: text}
  - {name: replied, kind: action, act: {is: replied}, at: answered, ref: n, unit: by}
  - {name: concluded, kind: action, act: {is: concluded}, at: over, ref: n}
`

var pettyHeader = []string{"n", "called", "phone", "card", "place", "a", "b", "text", "answered", "by", "over", "link", "updated"}

// row of pairs; what is not named has its default.
func row(pairs ...string) []string {
	values := map[string]string{"phone": "13905711234", "place": "330106", "a": "城建", "b": "物业", "text": "x"}
	for _, p := range pairs {
		column, value, _ := strings.Cut(p, "=")
		values[column] = value
	}
	out := make([]string, len(pettyHeader))
	for i, h := range pettyHeader {
		out[i] = values[h]
	}
	return out
}

func rows(of ...[]string) [][]string { return append([][]string{pettyHeader}, of...) }

func TestWhichMatter(t *testing.T) {
	const other, third = "phone=13905711235", "phone=13905711236"
	for name, c := range map[string]struct {
		rows [][]string
		want string
	}{
		"the same person, class and place": {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-02-01", "phone=+86 139-0571-1234")), "1 2"},
		"another person":                   {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-01-02", other)), "1\n2"},
		"another class":                    {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-01-02", "b=供水")), "1\n2"},
		"another place":                    {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-01-02", "place=330107")), "1\n2"},
		"nobody knows who":                 {rows(row("n=1", "called=2024-01-01", "phone="), row("n=2", "called=2024-01-02", "phone=不详")), "1\n2"},
		"no place":                         {rows(row("n=1", "called=2024-01-01", "place="), row("n=2", "called=2024-01-02", "place=")), "1\n2"},
		"any identity in common": {rows(row("n=1", "called=2024-01-01", "card=330106196001011236"), row("n=2", "called=2024-01-02", other, "card=330106600101123"),
			row("n=3", "called=2024-01-03", other)), "1 2 3"},
		"the upstream link, whoever calls":             {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-01-02", other, "place=330107", "link=1")), "1 2"},
		"a link to what is not there, the person is":   {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-01-02", "link=77")), "1 2"},
		"a link to what comes later":                   {rows(row("n=2", "called=2024-01-01", other, "link=1"), row("n=1", "called=2024-01-02")), "1 2"},
		"the third knows the second":                   {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-01-02", other, "link=1"), row("n=3", "called=2024-01-03", other)), "1 2 3"},
		"after the conclusion":                         {rows(row("n=1", "called=2024-01-01", "over=2024-01-10"), row("n=2", "called=2024-01-11"), row("n=3", "called=2024-01-12")), "1\n2 3"},
		"concluded afterwards":                         {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-01-11", "over=2024-01-20")), "1 2"},
		"silent for more than a year":                  {rows(row("n=1", "called=2022-01-01"), row("n=2", "called=2023-01-02")), "1\n2"},
		"answered within the year":                     {rows(row("n=1", "called=2022-01-01", "answered=2022-01-05"), row("n=2", "called=2023-01-02")), "1 2"},
		"two matters of which the older one is joined": {rows(row("n=1", "called=2024-01-01"), row("n=2", "called=2024-01-02", other), row("n=3", "called=2024-01-03", third, "card=1"), row("n=4", "called=2024-01-04", other, "card=1")), "1\n2 4\n3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			source := b.source(petty)
			b.im.Import(t.Context(), source, []string{b.write("a.csv", table(c.rows...))}, nil)
			if diff := cmp.Diff(c.want, b.cases()); diff != "" {
				t.Error(diff)
			}
			before := b.ids()
			b.im.Import(t.Context(), source, []string{b.write("b.csv", table(shuffled(1, c.rows)...))}, nil)
			if after := b.ids(); after != before {
				t.Errorf("imported again: %s, before %s", after, before)
			}
		})
	}
}

// district makes many rows that come together in many ways, newest last.
func district(n int) [][]string {
	out := rows()
	start := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		at := start.Add(time.Duration(i) * 20 * time.Minute)
		r := row(fmt.Sprintf("n=%d", i), "called="+at.Format(time.DateTime), fmt.Sprintf("phone=139%08d", i*7919%(n/2)), fmt.Sprintf("place=3301%02d", i%3))
		switch {
		case i%3 == 0:
			r[8], r[9] = at.Add(48*time.Hour).Format(time.DateTime), "某局"
		case i%50 == 1:
			r[2] = ""
		}
		out = append(out, r)
	}
	return out
}

// The same records again, in another order, in two files, in other batches and
// in another encoding, are known; and imported so from the beginning they give
// the same cases, but where a matter is re-opened.
func TestImportedAgain(t *testing.T) {
	all := district(3000)
	b := open(t)
	source := b.source(petty)
	signals := 4000
	first := b.take(source, [5]int{3000, signals, 0, 0, 0}, b.write("a.csv", table(all...)))
	if first.Flagged != 0 {
		t.Errorf("%d flagged", first.Flagged)
	}
	mixed := shuffled(7, all)
	half := append(rows(), mixed[1501:]...)
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(table(mixed...))
	if err != nil {
		t.Fatal(err)
	}
	small := b.importer(b.db, 100)
	b.takeWith(small, source, [5]int{3000, 0, signals, 0, 0}, b.write("1.csv", table(mixed[:1501]...)), b.write("2.csv", table(half...)))
	b.take(source, [5]int{3000, 0, signals, 0, 0}, b.write("gb.csv", gb))

	fresh := open(t)
	fresh.takeWith(fresh.importer(fresh.db, 100), source, [5]int{3000, signals, 0, 0, 0}, fresh.write("gb.csv", gb))
	if fresh.ids() != b.ids() {
		t.Errorf("shuffled: %s, in order: %s", fresh.ids(), b.ids())
	}
	if cases := strings.Count(b.cases(), "\n") + 1; cases < 1000 || cases > 2900 {
		t.Errorf("%d cases of 3000 contacts: the rows do not test what they should", cases)
	}
}

// believedAt is what is believed of a signal as of an instant.
func (b *bureau) believedAt(ref, name, column string, asOf time.Time) string {
	b.Helper()
	return b.sql(fmt.Sprintf(`SELECT %s FROM signals FINAL WHERE ref = '%s' AND name = '%s' AND at <= '%[4]s' AND known_at <= '%[4]s' AND known_until > '%[4]s'`,
		column, ref, name, asOf.UTC().Format("2006-01-02 15:04:05.000")))
}

// A correction leaves the answer for every earlier instant as it was, before
// and after merges, and is the only live row after it.
func TestCorrection(t *testing.T) {
	b := open(t)
	source := b.source(petty)
	imported := b.clock()
	b.take(source, [5]int{1, 1, 0, 0, 0}, b.write("a.csv", table(rows(row("n=1", "called=2024-01-01"))...)))
	b.later(time.Hour)
	b.take(source, [5]int{1, 0, 0, 1, 0}, b.write("b.csv", table(rows(row("n=1", "called=2024-01-01", "place=330107"))...)))
	corrected := b.clock()
	look := func(when string) {
		t.Helper()
		for at, want := range map[time.Time]string{
			time.Date(2023, 12, 31, 0, 0, 0, 0, time.UTC): "",
			imported.AddDate(0, -1, 0):                    "330106",
			imported:                                      "330106",
			corrected.Add(-time.Millisecond):              "330106",
			corrected:                                     "330107",
			corrected.AddDate(100, 0, 0):                  "330107",
			time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC):   "330106",
		} {
			if got := b.believedAt("1", "call", "place", at); got != want {
				t.Errorf("%s, as of %v: %q, want %q", when, at, got, want)
			}
		}
		if got := b.sql(`SELECT place FROM signals FINAL WHERE closed_at = 0`); got != "330107" {
			t.Errorf("%s, live: %q", when, got)
		}
	}
	look("parts apart")
	if err := b.db.Raw(t.Context(), discard{}, rawWrite("OPTIMIZE TABLE signals FINAL")); err != nil {
		t.Fatal(err)
	}
	look("merged")
	b.later(time.Hour)
	b.take(source, [5]int{1, 0, 1, 0, 0}, b.write("c.csv", table(rows(row("n=1", "called=2024-01-01", "place=330107"))...)))
	b.take(source, [5]int{1, 0, 0, 1, 0}, b.write("d.csv", table(rows(row("n=1", "called=2024-01-01", "place=330108"))...)))
	b.take(source, [5]int{1, 0, 0, 1, 0}, b.write("e.csv", table(rows(row("n=1", "called=2024-01-01", "place=330109"))...))) // in the same millisecond
	if got := b.sql(`SELECT place FROM signals FINAL WHERE closed_at = 0`); got != "330109" {
		t.Errorf("live after four versions: %q", got)
	}
	if got := b.cases(); got != "1" {
		t.Errorf("cases %q: what is stored stays in its case", got)
	}
}

// Where the source says when a record changed, an older export changes nothing.
func TestOlderExport(t *testing.T) {
	b := open(t)
	source := b.source(petty)
	version := func(name, place, updated string, more ...string) string {
		return b.write(name, table(rows(row(append([]string{"n=1", "called=2024-01-01", "place=" + place, "updated=" + updated}, more...)...))...))
	}
	first, second := version("1.csv", "330106", "2024-01-02"), version("2.csv", "330107", "2024-01-05", "answered=2024-01-04")
	b.take(source, [5]int{1, 2, 0, 0, 0}, second)
	b.later(time.Hour)
	b.take(source, [5]int{1, 0, 1, 0, 0}, first)
	if got := b.sql(`SELECT place FROM signals FINAL WHERE closed_at = 0 AND kind = 'contact'`); got != "330107" {
		t.Errorf("an older export overwrote: %s", got)
	}

	// Both in one import: the past between them knows the first.
	fresh := open(t)
	fresh.take(source, [5]int{2, 2, 0, 1, 0}, first, second)
	for at, want := range map[string]string{"2024-01-03": "330106", "2024-01-05": "330107"} {
		day, _ := time.Parse(time.DateOnly, at)
		if got := fresh.believedAt("1", "call", "place", day); got != want {
			t.Errorf("as of %s: %s, want %s", at, got, want)
		}
	}
	fresh.later(time.Hour)
	fresh.take(source, [5]int{2, 0, 3, 0, 0}, second, first)
	fresh.take(source, [5]int{2, 0, 3, 0, 0}, first, second)
}

// What a newer version of a record no longer says is taken back, and comes back
// only with a still newer one.
func TestTakenBack(t *testing.T) {
	b := open(t)
	source := b.source(petty)
	version := func(name, updated, answered string) string {
		return b.write(name, table(rows(row("n=1", "called=2024-01-01", "updated="+updated, "answered="+answered))...))
	}
	answered, not, again := version("1.csv", "2024-01-03", "2024-01-02"), version("2.csv", "2024-01-04", ""), version("3.csv", "2024-01-05", "2024-01-02")
	believed := func(want string) {
		t.Helper()
		if got := b.sql(`SELECT count() FROM signals FINAL WHERE closed_at = 0 AND act = 'replied'`); got != want {
			t.Errorf("%s replies believed, want %s", got, want)
		}
	}
	b.take(source, [5]int{1, 2, 0, 0, 0}, answered)
	b.later(time.Hour)
	b.take(source, [5]int{1, 0, 1, 1, 0}, not)
	believed("0")
	b.take(source, [5]int{1, 0, 2, 0, 0}, answered)
	b.take(source, [5]int{1, 0, 1, 0, 0}, not)
	believed("0")
	b.later(time.Hour)
	back := b.later(0)
	b.take(source, [5]int{1, 0, 1, 1, 0}, again)
	believed("1")
	if got := b.believedAt("1", "replied", "count()", back.Add(-time.Minute)); got != "0" {
		t.Error("known again before it came back")
	}
	if got := b.believedAt("1", "replied", "count()", time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC)); got != "1" {
		t.Error("the past lost what it knew")
	}
}

// An action whose matter is not there waits, and is stored when it comes: in
// the same file, in a later import, or among a thousand others.
func TestActionWaitsForItsMatter(t *testing.T) {
	const events = `
source: events
kind: file
file: {format: jsonl}
zone: UTC
record: [id, event]
optional: [event, phone, act]
signals:
  - {name: message, kind: contact, when: 'row["event"] == ""', at: at, ref: id, who: phone, place: id, category: [id, id]}
  - {name: event, kind: action, when: event, at: at, ref: id, act: act}
`
	b := open(t)
	source := b.source(events)
	message := func(id string) string { return fmt.Sprintf(`{"id":"%s","at":"2024-01-01","phone":"1"}`+"\n", id) }
	event := func(id string) string {
		return fmt.Sprintf(`{"id":"%s","event":"E","at":"2024-01-02","act":"replied"}`+"\n", id)
	}
	b.take(source, [5]int{2, 2, 0, 0, 0}, b.write("newest first.jsonl", event("A")+message("A")))
	r := b.take(source, [5]int{2, 1, 0, 0, 1}, b.write("early.jsonl", event("B")+message("C")))
	if want := "early.jsonl:1: no such matter yet: B"; len(r.Rejects) != 1 || !strings.HasPrefix(reasons(r)[0], want) || !r.Rejects[0].Waits {
		t.Errorf("rejects %v", reasons(r))
	}
	b.take(source, [5]int{1, 1, 0, 0, 0}, b.write("other.jsonl", message("D")))
	b.take(source, [5]int{1, 2, 0, 0, 0}, b.write("late.jsonl", message("B")))
	if n := b.sql("SELECT count() FROM rejects"); n != "0" {
		t.Errorf("%s rejects left", n)
	}
	if got := b.sql(`SELECT ref, count(), uniq(case_id) FROM signals FINAL GROUP BY ref ORDER BY ref`); got != "A\t2\t1\nB\t2\t1\nC\t1\t1\nD\t1\t1" {
		t.Errorf("stored:\n%s", got)
	}

	var newestFirst strings.Builder // more waiting records than a batch holds
	for i := range 500 {
		newestFirst.WriteString(event(fmt.Sprint("N", i)))
	}
	for i := range 500 {
		newestFirst.WriteString(message(fmt.Sprint("N", i)))
	}
	b.takeWith(b.importer(b.db, 64), source, [5]int{1000, 1000, 0, 0, 0}, b.write("many.jsonl", newestFirst.String()))
	if n := b.sql("SELECT count() FROM rejects"); n != "0" {
		t.Errorf("%s rejects left", n)
	}
}

// A broken mapping rejects; the mended one takes the rejects up and gives the
// cases of a clean import. The rejects are erased.
func TestMendedMapping(t *testing.T) {
	all := district(1200)
	clean := open(t)
	clean.take(clean.source(petty), [5]int{1200, 1600, 0, 0, 0}, clean.write("a.csv", table(all...)))
	for name, c := range map[string]struct {
		broken   string
		rejected int
	}{
		"a misspelt column": {strings.Replace(petty, "who: [phone,", "who: [fone,", 1), 1200},
		"some records":      {strings.Replace(petty, "place: place", `place: {of: place, match: "33010[01]"}`, 1), 400},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			r, err := b.importer(b.db, 200).Import(t.Context(), b.source(c.broken), []string{b.write("a.csv", table(all...))}, nil)
			if err != nil || r.Rejected != c.rejected {
				t.Fatalf("%d rejected, %v: %v", r.Rejected, err, reasons(r))
			}
			b.later(time.Hour)
			if r, err = b.im.Retry(t.Context(), b.source(petty)); err != nil || r.Rejected != 0 || r.Records != c.rejected {
				t.Fatalf("retry: %+v, %v", r, err)
			}
			if b.ids() != clean.ids() {
				t.Errorf("cases differ from a clean import:\n%s\n%s", b.ids(), clean.ids())
			}
			if n := b.sql("SELECT count() FROM rejects"); n != "0" {
				t.Errorf("%s rejects left", n)
			}
		})
	}
}

// Importing the mended file settles the rejects too; a retry that does not help changes nothing.
func TestRejectsStayUntilTheyAreStored(t *testing.T) {
	b := open(t)
	source := b.source(petty)
	bad := table(rows(row("n=1", "called=someday"), row("n=2", "called=2024-01-02"))...)
	b.take(source, [5]int{2, 1, 0, 0, 1}, b.write("a.csv", bad))
	before := b.sql("SELECT * FROM rejects")
	b.later(time.Hour)
	if r, err := b.im.Retry(t.Context(), source); err != nil || r.Rejected != 1 || b.sql("SELECT * FROM rejects") != before {
		t.Errorf("retry changed something: %+v, %v", r, err)
	}
	b.take(source, [5]int{2, 0, 1, 0, 1}, b.write("a.csv", bad))
	if n := b.sql("SELECT count() FROM rejects FINAL"); n != "1" {
		t.Errorf("%s rejects of one record", n)
	}
	mended := b.source(strings.Replace(petty, "at: called,", `at: 'row["called"] == "someday" ? "2024-01-01" : row["called"]',`, 1))
	b.take(mended, [5]int{2, 1, 1, 0, 0}, b.write("a.csv", bad))
	if n := b.sql("SELECT count() FROM rejects"); n != "0" {
		t.Errorf("%s rejects left", n)
	}
}

// One bad file does not hide the others; each mistake is a reject with its place.
func TestFilesThatCannotBeRead(t *testing.T) {
	b := open(t)
	source := b.source(petty)
	good := b.write("good.csv", table(rows(row("n=1", "called=2024-01-01"))...))
	r := b.take(source, [5]int{1, 1, 0, 0, 3}, b.write("old 13905711234.csv", "\xd0\xcf\x11\xe0"), "no such file.csv", b.write("empty.csv", ""), good)
	want := []string{"old [电话].csv:1: is an old .xls workbook", "no such file.csv:1: open: no such file or directory", "empty.csv:1: the file is empty"}
	for i, w := range want {
		if got := reasons(r); len(got) != 3 || !strings.HasPrefix(got[i], w) {
			t.Errorf("rejects %q, want %q", got, w)
		}
	}
	if n := b.sql("SELECT count() FROM rejects"); n != "3" {
		t.Errorf("%s rejects stored", n)
	}
	mended := b.write("empty.csv", table(rows(row("n=2", "called=2024-01-01", "phone="))...))
	b.take(source, [5]int{1, 1, 0, 0, 0}, mended)
	if n := b.sql("SELECT count() FROM rejects"); n != "2" {
		t.Errorf("%s rejects: the mended file did not settle its own", n)
	}
}

func TestDryRunStoresNothing(t *testing.T) {
	b := open(t)
	signals, r, err := b.im.DryRun(t.Context(), b.source(petty), []string{b.write("a.csv", table(district(100)...)), "nowhere.csv"}, 5)
	if err != nil || len(signals) != 5 || r.Rejected != 0 {
		t.Errorf("%d signals, %+v, %v", len(signals), r, err)
	}
	_, r, err = b.im.DryRun(t.Context(), b.source(petty), []string{"nowhere.csv"}, 5)
	if err != nil || r.Rejected != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if n := b.sql("SELECT count() FROM signals"); n != "0" {
		t.Errorf("%s rows stored", n)
	}
}

// What a person must look at is flagged, and the progress ends where the files do.
func TestFlagsAndProgress(t *testing.T) {
	b := open(t)
	var last ingest.Progress
	r, err := b.im.Import(t.Context(), b.source(petty), []string{b.write("a.csv", table(rows(row("n=1", "called=2024-01-01", "text=再不管就跳楼", "answered=2023-12-31"))...))}, func(p ingest.Progress) { last = p })
	if err != nil || r.Harm != 1 || r.Flagged != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if diff := cmp.Diff("call\t['"+ingest.FlagHarm+"']\nreplied\t['"+ingest.FlagTimes+"']", b.sql("SELECT name, flags FROM signals WHERE case_id != 0 ORDER BY name")); diff != "" {
		t.Error(diff)
	}
	if last.Records != 1 || last.Bytes != last.Total || last.Total == 0 {
		t.Errorf("progress %+v", last)
	}
}
