package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"yujing/alerts"
	"yujing/ingest"
	"yujing/internal/calendar"
	"yujing/internal/clickhouse"
	"yujing/internal/config"
	"yujing/internal/privacy"
	"yujing/internal/simulate"
	"yujing/rules"
	"yujing/scorer"
)

// explained is how many rows and instants are compared, as the design asks.
const explained = 1000

// apart is how many of them are read before the parts of the store are merged:
// each is slower by then, and none may differ.
const apart = 100

// What explain says of one row, read by its key, is what the scorer wrote of it
// at that instant: the same rules, points, score and level. The rows are drawn
// from a simulated district that is imported week by week and scored as the
// daemon does, scheduled over all rows and on arrival over a few; what is
// corrected later must not change what was said before.
func TestExplainGivesWhatWasWritten(t *testing.T) {
	district := scoredDistrict(t)
	sample := district.draw(explained)
	eval, fired := district.set.NewEvaluator(), 0
	read := district.read(sample[:apart])
	district.merge()
	maps.Copy(read, district.read(sample[apart:]))
	for _, d := range sample {
		var says rules.Explanation
		if facts := read[looked{d.asOf, d.risk.Over, d.row}]; facts != nil {
			explanation, err := eval.Explain(d.risk, facts, d.asOf)
			if err != nil {
				t.Fatal(err)
			}
			says = *explanation
		}
		got := verdictOf(&says)
		if d.wrote.score > 0 || len(d.wrote.rules) > 0 {
			fired++
		}
		if !got.equal(d.wrote) {
			t.Errorf("%s of %s as of %s: explain gives %+v, written was %+v", d.risk.ID, scorer.RowName(d.row), d.asOf.Format(time.RFC3339), got, d.wrote)
		}
	}
	t.Logf("%d rows at instants compared, %d of them with a rule that fired", len(sample), fired)
	if fired < explained/2 {
		t.Errorf("only %d of %d rows had a rule that fired: they prove little", fired, len(sample))
	}
	district.askTheProgram(slices.DeleteFunc(sample, func(d drawn) bool { return len(d.wrote.rules) == 0 })[:12])
}

// verdict is what is compared of an assessment.
type verdict struct {
	score, shadow int
	level         rules.Level
	rules         []string // ID and points of those that fired
}

func (v verdict) equal(o verdict) bool {
	return v.score == o.score && v.shadow == o.shadow && v.level == o.level && slices.Equal(v.rules, o.rules)
}

func verdictOf(x *rules.Explanation) verdict {
	v := verdict{score: x.Score, shadow: x.ShadowScore, level: x.Level}
	for _, r := range x.Rules {
		if r.Fired && x.Unscored == (rules.Text{}) {
			v.rules = append(v.rules, fmt.Sprint(r.ID, r.Points))
		}
	}
	return v
}

// looked is a row at an instant.
type looked struct {
	asOf time.Time
	over rules.Over
	row  uint64
}

// read gives the facts of rows by their keys, those of one instant at a time.
func (d *district) read(sample []drawn) map[looked]*rules.Facts {
	views, out := map[looked][]uint64{}, map[looked]*rules.Facts{}
	for _, s := range sample {
		at := looked{s.asOf, s.risk.Over, 0}
		views[at] = append(views[at], s.row)
	}
	for at, rows := range views {
		for facts, err := range d.db.Facts(d.t.Context(), scorer.View{AsOf: at.asOf, AsSeen: true, Over: at.over, Rows: rows}) {
			if err != nil {
				d.t.Fatal(err)
			}
			out[looked{at.asOf, at.over, scorer.RowNumber(facts.Row)}] = facts
		}
	}
	return out
}

// district is a store that was filled and scored week by week.
type district struct {
	t    *testing.T
	dir  string
	db   *clickhouse.DB
	set  *rules.Set
	from time.Time
	// Scheduled instants: at these every row was scored.
	ticks []time.Time
}

// drawn is a row at an instant, and what was said of it then.
type drawn struct {
	risk  *rules.Risk
	row   uint64
	asOf  time.Time
	wrote verdict
}

func scoredDistrict(t *testing.T) *district {
	t.Helper()
	const weeks = 8
	d := &district{t: t, dir: t.TempDir(), from: time.Date(2026, 1, 5, 0, 0, 0, 0, simulate.Zone())}
	d.db = openStore(t, d.dir)
	if err := d.db.Migrate(t.Context(), clickhouse.DefaultRetention()); err != nil {
		t.Fatal(err)
	}
	set, problems := rules.Load(os.DirFS("../../rules.d"), rules.Options{Calendar: calendar.Embedded(), Deadlines: calendar.Deadlines(), Dir: "rules.d"})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	d.set = set
	key, _, err := privacy.OpenKey(filepath.Join(d.dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	sources, problems := config.Sources("../../sources.d")
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	feeds := filepath.Join(t.TempDir(), "feeds")
	if _, err := simulate.Run(t.Context(), simulate.Options{Seed: 11, From: d.from, To: d.from.AddDate(0, 0, 7*weeks), Contacts: 2500, Dir: feeds}); err != nil {
		t.Fatal(err)
	}
	var now time.Time
	importer := ingest.New(ingest.Options{Store: d.db, Key: key, Now: func() time.Time { return now }})
	score := scorer.New(d.db, d.db, d.set, nil)
	for week := 1; week <= weeks; week++ {
		before := now
		now = d.from.AddDate(0, 0, 7*week).Add(time.Hour).UTC()
		for _, source := range sources {
			files, err := filepath.Glob(filepath.Join(feeds, source.ID, "*"))
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(files)
			if _, err := importer.Import(t.Context(), source, files[len(files)*(week-1)/weeks:len(files)*week/weeks], nil); err != nil {
				t.Fatal(err)
			}
		}
		d.arrived(score, now.Add(time.Second), before)
		for _, later := range []time.Duration{time.Hour, 60 * time.Hour} {
			d.score(score, scorer.Instant{AsOf: now.Add(later), Trigger: scorer.Scheduled})
			d.ticks = append(d.ticks, now.Add(later))
		}
	}
	return d
}

// arrived scores what was stored after an instant, and only that.
func (d *district) arrived(s *scorer.Scorer, asOf, after time.Time) {
	d.t.Helper()
	if after.IsZero() {
		after = d.from
	}
	stored, err := d.db.StoredSince(d.t.Context(), after, math.MaxInt32)
	if err != nil {
		d.t.Fatal(err)
	}
	at := scorer.Instant{AsOf: asOf, Trigger: scorer.Arrival}
	for _, a := range stored {
		at.Cases = append(at.Cases, a.Case)
		if a.Group != 0 {
			at.Groups = append(at.Groups, a.Group)
		}
	}
	slices.Sort(at.Cases)
	slices.Sort(at.Groups)
	at.Cases, at.Groups = slices.Compact(at.Cases), slices.Compact(at.Groups)
	d.score(s, at)
}

func (d *district) score(s *scorer.Scorer, at scorer.Instant) {
	d.t.Helper()
	if _, err := s.Score(d.t.Context(), at, func(context.Context, []scorer.Change) error { return nil }); err != nil {
		d.t.Fatal(err)
	}
}

// draw takes n rows at instants: for three fifths what was written at that very
// instant (some of it that no rule fires any more), for the rest any row at any
// scheduled instant, of which what was written last still held, or nothing was
// ever written.
func (d *district) draw(n int) []drawn {
	d.t.Helper()
	changes, err := d.db.RecordedSince(d.t.Context(), d.from)
	if err != nil {
		d.t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 5))
	out := make([]drawn, 0, n)
	for range 3 * n / 5 {
		c := &changes[random.IntN(len(changes))]
		out = append(out, drawn{d.set.Risk(c.Risk), number(d.t, c.Row), c.AsOf, wrote(c)})
	}
	rows := map[rules.Over][]uint64{
		rules.OverCase:  d.numbers("SELECT DISTINCT case_id FROM signals ORDER BY case_id"),
		rules.OverGroup: d.numbers("SELECT DISTINCT group_id FROM signals WHERE group_id != 0 ORDER BY group_id"),
	}
	for len(out) < n {
		risk := d.set.Risks()[random.IntN(len(d.set.Risks()))]
		one := drawn{risk: risk, row: rows[risk.Over][random.IntN(len(rows[risk.Over]))], asOf: d.ticks[random.IntN(len(d.ticks))]}
		for i := range changes { // in order of time
			if c := &changes[i]; c.Risk == risk.ID && c.Row == scorer.RowName(one.row) && !c.AsOf.After(one.asOf) {
				one.wrote = wrote(c)
			}
		}
		out = append(out, one)
	}
	random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	d.t.Logf("%d assessments at %d scheduled instants and half as many arrivals", len(changes), len(d.ticks))
	return out
}

func (d *district) merge() {
	d.t.Helper()
	if err := d.db.Raw(d.t.Context(), d.t.Output(), clickhouse.RawQuery{SQL: "OPTIMIZE TABLE signals FINAL", Write: true}); err != nil {
		d.t.Fatal(err)
	}
}

func wrote(c *scorer.Change) verdict {
	v := verdict{score: c.Score, shadow: c.ShadowScore, level: c.Level}
	for _, f := range c.Fired {
		v.rules = append(v.rules, fmt.Sprint(f.ID, f.Points))
	}
	return v
}

func (d *district) numbers(query string) (out []uint64) {
	d.t.Helper()
	var text bytes.Buffer
	if err := d.db.Raw(d.t.Context(), &text, clickhouse.RawQuery{SQL: "SELECT lower(leftPad(hex(c), 16, '0')) FROM (" + strings.Replace(query, " FROM", " AS c FROM", 1) + ")", Format: "TSV"}); err != nil {
		d.t.Fatal(err)
	}
	for row := range strings.FieldsSeq(text.String()) {
		out = append(out, number(d.t, row))
	}
	return out
}

func number(t *testing.T, row string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(row, 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// askTheProgram compares what `yujing explain` prints for a few cases and groups.
func (d *district) askTheProgram(some []drawn) {
	d.t.Helper()
	for _, one := range some {
		var stdout, stderr bytes.Buffer
		code := execute(d.t.Context(), []string{"--data", d.dir, "--rules", "../../rules.d", "explain", scorer.RowName(one.row),
			"--as-of", one.asOf.Format(time.RFC3339Nano), "--as-seen", "--risk", one.risk.ID, "--json"}, &stdout, &stderr)
		var says rules.Explanation
		if err := json.Unmarshal(stdout.Bytes(), &says); err != nil || code != exitFine {
			d.t.Errorf("explain %s: exit code %d, %v\n%s", scorer.RowName(one.row), code, err, stderr.Bytes())
			continue
		}
		if got := verdictOf(&says); !got.equal(one.wrote) {
			d.t.Errorf("yujing explain %s as of %s gives %+v, written was %+v", scorer.RowName(one.row), one.asOf, got, one.wrote)
		}
	}
}

// The number of an alert stands for its matter and its risk; a store that does
// not answer does not make it a word that means nothing.
func TestTheNumberOfAnAlertNamesItsMatter(t *testing.T) {
	db := openStore(t, t.TempDir())
	if err := db.Migrate(t.Context(), clickhouse.DefaultRetention()); err != nil {
		t.Fatal(err)
	}
	id := alerts.NewID("repeat", "00000000000000aa", 1)
	opened := alerts.Event{Alert: id, Seq: 1, At: time.Now().UTC().Truncate(time.Millisecond), Kind: alerts.Opened, Risk: "repeat", Row: "00000000000000aa",
		Ordinal: 1, Level: rules.Blue, By: alerts.ByEngine, Detail: &alerts.Detail{Matter: scorer.Matter{Ref: "online:W1"}}}
	acked := opened
	acked.Seq, acked.Kind, acked.By, acked.Detail = 2, alerts.Acknowledged, "li", nil
	if err := db.AppendEvents(t.Context(), []alerts.Event{opened, acked}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ what, ref, risk string }{
		{id.String(), "online:W1", "repeat"}, {"00000000000000aa", "", ""}, {"online:W1", "", ""},
	} {
		if ref, risk, err := alertNamed(t.Context(), db, tc.what); ref != tc.ref || risk != tc.risk || err != nil {
			t.Errorf("%s names %q in %q, %v", tc.what, ref, risk, err)
		}
	}
	away, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := alertNamed(away, db, id.String()); err == nil {
		t.Error("no error of a store that does not answer")
	}
}
