package verify_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/robfig/cron/v3"

	"yujing/ingest"
	"yujing/internal/calendar"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/internal/config"
	"yujing/internal/privacy"
	"yujing/internal/simulate"
	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/verify"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// deaf takes over changes and does nothing with them.
func deaf(context.Context, time.Time, []scorer.Change) error { return nil }

// daemon is what scores on a store, by a clock that the test sets.
type daemon struct {
	t      *testing.T
	db     *clickhouse.DB
	now    time.Time
	runner *scorer.Runner
	plan   cron.Schedule
}

func newDaemon(t *testing.T, schedule string) *daemon {
	t.Helper()
	plan, err := scorer.Config{Schedule: schedule, Zone: "Asia/Shanghai"}.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return &daemon{t: t, db: clickhousetest.Open(t), plan: plan}
}

// start is a start or a restart: what was missed is made up for.
func (d *daemon) start(set *rules.Set, now time.Time) {
	d.t.Helper()
	d.now = now
	d.runner = scorer.NewRunner(scorer.RunnerOptions{Facts: d.db, Ledger: d.db, Set: set, Schedule: d.plan, Emit: deaf, Now: func() time.Time { return d.now }})
	if err := d.runner.Start(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// until is the time passing: what is due is evaluated, and what arrived.
func (d *daemon) until(now time.Time) {
	d.t.Helper()
	d.now = now
	if err := d.runner.Arrivals(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *daemon) verify(o verify.Options) *verify.Report {
	d.t.Helper()
	if o.To.IsZero() {
		o.To = d.now
	}
	o.Next = d.plan.Next
	r, err := verify.Run(d.t.Context(), d.db, o)
	if err != nil {
		d.t.Fatal(err)
	}
	sum := r.Equal + r.Unverified + r.Unexplained
	for _, n := range r.Explained {
		sum += n
	}
	if sum != r.Compared {
		d.t.Errorf("%d compared, but %d told", r.Compared, sum)
	}
	return r
}

func (d *daemon) sql(statement string) {
	d.t.Helper()
	if strings.HasPrefix(statement, "ALTER") {
		statement += " SETTINGS mutations_sync = 1"
	}
	if err := d.db.Raw(d.t.Context(), d.t.Output(), clickhouse.RawQuery{SQL: statement, Write: true}); err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
}

// set reads testdata/rules by a calendar (nil: the embedded one), with the texts of files changed.
func set(t *testing.T, c *calendar.Calendar, changes ...string) *rules.Set {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"risks.yaml", "waiting.yaml", "many.yaml"} {
		text, err := os.ReadFile("testdata/rules/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: []byte(strings.NewReplacer(changes...).Replace(string(text)))}
	}
	set, problems := rules.Load(files, rules.Options{Calendar: c})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

// delivery is a file of a feed and when it comes.
type delivery struct {
	file string
	at   time.Time
}

var stamp = regexp.MustCompile(`\d{8}-\d{6}`)

// district simulates a feed that exports twice a day; the files come some minutes
// later, those of the third last day two days late.
func district(t *testing.T, from, to time.Time) []delivery {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "district")
	if _, err := simulate.Run(t.Context(), simulate.Options{Seed: 3, From: from, To: to, Contacts: 300, Every: 12 * time.Hour, Format: simulate.CSV, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "hotline-12345", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []delivery
	for _, f := range files {
		at, err := time.ParseInLocation("20060102-150405", stamp.FindString(f), simulate.Zone())
		if err != nil {
			t.Fatal(err)
		}
		at = at.Add(7 * time.Minute)
		if late := to.AddDate(0, 0, -4); at.After(late) && at.Before(late.AddDate(0, 0, 1)) {
			at = at.Add(48 * time.Hour)
		}
		out = append(out, delivery{f, at.UTC()})
	}
	slices.SortFunc(out, func(a, b delivery) int { return cmp.Or(a.at.Compare(b.at), strings.Compare(a.file, b.file)) })
	return out
}

// feed reads deliveries into the daemon's store by its clock.
func (d *daemon) feed() func(...delivery) {
	d.t.Helper()
	key, _, err := privacy.OpenKey(filepath.Join(d.t.TempDir(), "key"))
	if err != nil {
		d.t.Fatal(err)
	}
	sources, problems := config.Sources("../../sources.d")
	if err := problems.Err(); err != nil {
		d.t.Fatal(err)
	}
	hotline := sources[slices.IndexFunc(sources, func(s *ingest.Source) bool { return s.ID == "hotline-12345" })]
	im := ingest.New(ingest.Options{Store: d.db, Key: key, Now: func() time.Time { return d.now }})
	return func(ds ...delivery) {
		d.t.Helper()
		for _, f := range ds {
			if _, err := im.Import(d.t.Context(), hotline, []string{f.file}, nil); err != nil {
				d.t.Fatal(err)
			}
		}
	}
}

// TestAWeekIsExplained runs a daemon for a week: files come hours after what they
// tell of and some of them days late, the rules are changed, and it is down for a
// day while somebody imports by hand. All that a backtest says otherwise has its
// cause. What is changed in the record afterwards has none.
func TestAWeekIsExplained(t *testing.T) {
	d := newDaemon(t, "30 */8 * * *")
	end := time.Date(2026, 3, 17, 0, 0, 0, 0, simulate.Zone())
	begin := end.AddDate(0, 0, -7)
	first, second := set(t, nil), set(t, nil, ".age >= 1)", ".age >= 4)")
	feed, coming := d.feed(), district(t, begin.AddDate(0, -1, 0), end)
	pass := func(until time.Time, running bool) {
		for len(coming) > 0 && coming[0].at.Before(until) {
			if running {
				d.until(coming[0].at.Add(-time.Second))
			}
			d.now = coming[0].at
			feed(coming[0])
			if running {
				d.until(coming[0].at.Add(2 * time.Second))
			}
			coming = coming[1:]
		}
	}
	n := slices.IndexFunc(coming, func(c delivery) bool { return c.at.After(begin) })
	d.now = begin.Add(-time.Hour)
	feed(coming[:n]...)
	coming = coming[n:]
	d.start(first, begin)
	pass(begin.AddDate(0, 0, 2), true)
	d.runner.Use(second, nil)
	pass(begin.AddDate(0, 0, 5), true)
	pass(begin.AddDate(0, 0, 6), false)
	d.start(second, begin.AddDate(0, 0, 6))
	pass(end, true)
	d.until(end)

	inUse := map[string]*rules.Set{first.Version(): first, second.Version(): second}
	r := d.verify(verify.Options{Given: second, InUse: inUse})
	if r.Unexplained != 0 || r.Unverified != 0 || !r.Clean() {
		t.Errorf("unexplained: %+v", r.Differences[0])
	}
	if r.Explained[verify.RuleSet] == 0 || r.Explained[verify.LateData] == 0 || r.Equal < r.Compared/2 || len(r.Explained) > 3 {
		t.Errorf("the week had too little in it, or too much: %d compared, %d equal, %v", r.Compared, r.Equal, r.Explained)
	}
	if r.Late < 2 || r.Arrivals < 8 || len(r.RuleSets) != 2 || len(r.Missed) != 0 || r.Cases.Rows < 200 || r.Cases.Rows != r.Cases.Of || r.Groups.Rows < 150 {
		t.Errorf("instants: %d late, %d arrivals, missed %v; rule sets %v; cases %v, groups %v", r.Late, r.Arrivals, r.Missed, r.RuleSets, r.Cases, r.Groups)
	}
	t.Logf("%d compared, %d equal, explained %v, %d scheduled, %d late, %d arrivals", r.Compared, r.Equal, r.Explained, r.Scheduled, r.Late, r.Arrivals)

	t.Run("rules of which the files are gone", func(t *testing.T) {
		r := d.verify(verify.Options{Given: second})
		if r.Unverified == 0 || r.Unexplained != 0 || r.Clean() {
			t.Errorf("%d unverified, %d unexplained", r.Unverified, r.Unexplained)
		}
	})
	t.Run("a sample", func(t *testing.T) {
		r := d.verify(verify.Options{Given: second, InUse: inUse, Sample: 20})
		again := d.verify(verify.Options{Given: second, InUse: inUse, Sample: 20})
		if r.Cases.Rows != 20 || r.Cases.Of < 200 || !r.Clean() || r.Compared != again.Compared || r.Equal != again.Equal {
			t.Errorf("%v: %d compared, %d equal; again %d, %d", r.Cases, r.Compared, r.Equal, again.Compared, again.Equal)
		}
	})
	t.Run("too much for all rows", func(t *testing.T) {
		if r := d.verify(verify.Options{Given: second, InUse: inUse, Most: 1000}); r.Cases.Rows >= 100 || r.Cases.Rows == 0 || !r.Clean() {
			t.Errorf("%v", r.Cases)
		}
	})
	t.Run("a score was changed", func(t *testing.T) { d.tamper(second, inUse, "score = 100 - score") })
	t.Run("a rule was taken out", func(t *testing.T) { d.tamper(second, inUse, "rules = []") })
	t.Run("an assessment was removed", func(t *testing.T) { d.tamper(second, inUse, "") })
}

// tamper changes one assessment and wants it named, from its instant until the
// next one of its row, and nothing else.
func (d *daemon) tamper(given *rules.Set, inUse map[string]*rules.Set, change string) {
	t := d.t
	t.Helper()
	const all = "FROM assessments FINAL WHERE over = 'case' AND score > 0 ORDER BY (as_of, row_id) LIMIT 1 OFFSET 100"
	victim := d.ask("SELECT row_id, risk, toUnixTimestamp64Milli(as_of), ref " + all)
	row, err := strconv.ParseUint(victim[0], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	which := fmt.Sprintf("row_id = %d AND risk = '%s' AND toUnixTimestamp64Milli(as_of) = %s", row, victim[1], victim[2])
	d.sql("CREATE TABLE before AS assessments")
	d.sql("INSERT INTO before SELECT * FROM assessments WHERE " + which)
	if change == "" {
		d.sql("ALTER TABLE assessments DELETE WHERE " + which)
	} else {
		d.sql("ALTER TABLE assessments UPDATE " + change + " WHERE " + which)
	}
	r := d.verify(verify.Options{Given: given, InUse: inUse})
	if r.Unexplained == 0 || r.Clean() {
		t.Fatalf("nobody noticed: %+v", r.Explained)
	}
	for _, diff := range r.Differences {
		if diff.Cause != verify.None {
			continue
		}
		if diff.Row != scorer.RowName(row) || diff.Risk != victim[1] || diff.Ref != victim[3] || diff.Replayed == nil || slices.Equal(diff.Stood.Fired, diff.Replayed.Fired) && diff.Stood.Score == diff.Replayed.Score {
			t.Errorf("blamed: %+v", diff)
		}
	}
	if first := r.Differences[0]; strconv.FormatInt(first.From.UnixMilli(), 10) != victim[2] {
		t.Errorf("from %v, want %s", first.From, victim[2])
	}
	d.sql("ALTER TABLE assessments DELETE WHERE " + which)
	d.sql("INSERT INTO assessments SELECT * FROM before")
	d.sql("DROP TABLE before")
}

// ask gives the first line of an answer.
func (d *daemon) ask(query string) []string {
	d.t.Helper()
	var out strings.Builder
	if err := d.db.Raw(d.t.Context(), &out, clickhouse.RawQuery{SQL: query, Format: "TSV"}); err != nil {
		d.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\t")
}
