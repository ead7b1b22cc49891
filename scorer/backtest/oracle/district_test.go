package oracle

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/internal/config"
	"yujing/internal/privacy"
	"yujing/internal/simulate"
	"yujing/rules"
)

const (
	districtDays = 120
	weeks        = districtDays / 7
)

func opened() time.Time { return time.Date(2025, 3, 3, 0, 0, 0, 0, simulate.Zone()) }

// district is a store with about 2,000 matters of 120 days, imported week by
// week. Some files come weeks late, some signals are known late, and many are
// corrected, moved or taken back.
func district(t *testing.T) *clickhouse.DB {
	t.Helper()
	db := clickhousetest.Open(t)
	feeds := filepath.Join(t.TempDir(), "feeds")
	model := simulate.DefaultModel()
	for risk := range model.Base { // more comes back than in life, so that few matters show much
		model.Base[risk] *= 4
	}
	to := opened().AddDate(0, 0, districtDays)
	if _, err := simulate.Run(t.Context(), simulate.Options{Seed: 21, From: opened(), To: to, Contacts: 2130, Model: model, Dir: feeds}); err != nil {
		t.Fatal(err)
	}
	sources, problems := config.Sources("../../../sources.d")
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	key, err := privacy.NewKey([]byte("an insecure key of 32 bytes ....")[:32])
	if err != nil {
		t.Fatal(err)
	}
	var now time.Time
	store := &tardy{Store: db, random: rand.New(rand.NewPCG(1, 2))}
	importer := ingest.New(ingest.Options{Store: store, Key: key, Now: func() time.Time { return now }})
	for week, delivery := range deliveries(t, feeds, sources) {
		now = opened().AddDate(0, 0, 7*(week+1)).Add(90 * time.Minute).UTC()
		for i, source := range sources {
			if _, err := importer.Import(t.Context(), source, delivery[i], nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	store.correct(t, db, to)
	store.remember(t, db)
	return db
}

// deliveries are the files of each source by the week in which they arrive: every
// fifth of them comes three weeks late.
func deliveries(t *testing.T, feeds string, sources []*ingest.Source) [][][]string {
	t.Helper()
	all := make([][][]string, weeks+3)
	for week := range all {
		all[week] = make([][]string, len(sources))
	}
	for i, source := range sources {
		files, err := filepath.Glob(filepath.Join(feeds, source.ID, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", source.ID, len(files), err)
		}
		slices.Sort(files)
		for n, file := range files {
			week := n * weeks / len(files)
			if n%5 == 3 {
				week += 3
			}
			all[week][i] = append(all[week][i], file)
		}
	}
	return all
}

// tardy is a store to which one signal in ten becomes known late.
type tardy struct {
	ingest.Store
	random *rand.Rand
}

// Append delays signals that are believed still. One in seven happens at
// midnight, so that what is a day, a window or a horizon apart is so to the
// millisecond.
func (s *tardy) Append(ctx context.Context, b *ingest.Batch) error {
	for i := range b.Rows {
		r := &b.Rows[i]
		if !r.KnownUntil.IsZero() {
			continue
		}
		if s.random.IntN(7) == 0 {
			prompt := r.KnownAt.Equal(r.At)
			if r.At = midnight(r.At); prompt {
				r.KnownAt = r.At
			}
		}
		if s.random.IntN(10) == 0 {
			r.KnownAt = s.later(r.KnownAt, 20)
		}
	}
	return s.Store.Append(ctx, b)
}

// later is an instant within some days after one, often a midnight.
func (s *tardy) later(t time.Time, days int) time.Time {
	next := t.Add(time.Duration(1+s.random.IntN(days*24*60)) * time.Minute)
	if m := midnight(next); m.After(t) && s.random.IntN(2) == 0 {
		return m
	}
	return next
}

func midnight(t time.Time) time.Time {
	t = t.In(simulate.Zone())
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, simulate.Zone()).UTC()
}

// correct changes one signal in eight afterwards: what it says, when it
// happened, whether it did.
func (s *tardy) correct(t *testing.T, db *clickhouse.DB, to time.Time) {
	t.Helper()
	var batch ingest.Batch
	for _, old := range open(t, db, func(*signal) bool { return s.random.IntN(8) == 0 }) {
		from := s.later(old.KnownAt, 40)
		next := old
		old.KnownUntil, old.ClosedAt = from, to
		batch.Rows = append(batch.Rows, old)
		next.KnownAt, next.StoredAt, next.Version = from, to, next.Version+1
		if change(s.random, &next) && !next.At.After(from) {
			batch.Rows = append(batch.Rows, next)
		}
	}
	if err := db.Append(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
}

// open gives rows that are believed, in full.
func open(t *testing.T, db *clickhouse.DB, which func(*signal) bool) []ingest.Row {
	t.Helper()
	var chosen []ingest.Known
	for _, s := range read(t, db).believed() {
		if which(s) {
			k := ingest.Known{Case: ingest.CaseID(s.caseID)}
			copy(k.ID[:], unhex(t, s.ID))
			chosen = append(chosen, k)
		}
	}
	rows, err := db.Rows(t.Context(), chosen)
	if err != nil || len(rows) != len(chosen) {
		t.Fatalf("%d of %d rows, %v", len(rows), len(chosen), err)
	}
	slices.SortFunc(rows, func(a, b ingest.Row) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return rows
}

// remember adds matters like those there are, but up to 400 days older: some
// leave the windows of risk, of groups and of cases while they are looked at.
func (s *tardy) remember(t *testing.T, db *clickhouse.DB) {
	t.Helper()
	var batch ingest.Batch
	for _, r := range open(t, db, func(s *signal) bool { return s.caseID%25 == 0 }) {
		age := 100 + int(uint64(r.Case)/25%300)
		r.Case ^= 1 << 63
		r.ID[0] ^= 1
		if r.Case%2 == 0 && r.Group != 0 {
			r.Group ^= 1 << 63
		}
		r.At, r.KnownAt = r.At.AddDate(0, 0, -age), r.KnownAt.AddDate(0, 0, -age)
		if !r.Due.IsZero() {
			r.Due = r.Due.AddDate(0, 0, -age)
		}
		batch.Rows = append(batch.Rows, r)
	}
	if err := db.Append(t.Context(), &batch); err != nil {
		t.Fatal(err)
	}
}

// change makes a correction of a signal, false if it is taken back.
func change(random *rand.Rand, r *ingest.Row) bool {
	switch n := random.IntN(8); {
	case n == 0:
		return false
	case n == 1:
		r.At = r.At.Add(time.Duration(random.IntN(6*24*60)-3*24*60) * time.Minute)
		if random.IntN(2) == 0 {
			r.At = midnight(r.At)
		}
	case n == 2 && !r.Due.IsZero():
		r.Due = r.Due.AddDate(0, 0, random.IntN(30)-15)
	case r.Kind == ingest.Action:
		r.Unit = []string{"", "住建局", "交通局"}[random.IntN(3)]
		r.Act = []string{r.Act, "replied", "closed", "concluded", "rated"}[random.IntN(5)]
		if r.Act == "rated" {
			r.Rating = []string{"not", "satisfied"}[random.IntN(2)]
		}
	default:
		r.Channel = []string{"visit", "letter", "online"}[random.IntN(3)]
		r.Place = []string{"339901001", "339902", ""}[random.IntN(3)]
		r.People = 1 + random.IntN(5)
		r.Competent, r.Level = ingest.Village, ingest.Level(1+random.IntN(4))
		r.Group = uint64(random.IntN(40))
		r.Text += "多次反映"
	}
	return true
}

// extraRisks have short horizons, so that most of their rows are decided, and
// outcomes that are frequent.
const extraRisks = `
  - id: soon
    name: {zh: 再次来件, en: another contact}
    over: case
    levels: {blue: 10, yellow: 25, orange: 45, red: 60}
    horizon: 21d
    zone: UTC
    outcome: it.act == "" and any(before, .act == "")
    cohort: it.channel != "letter"

  - id: crowd
    name: {zh: 多人, en: several}
    over: group
    levels: {blue: 10, yellow: 20, orange: 30, red: 50}
    horizon: 30d
    zone: Asia/Shanghai
    outcome: it.act == "" and complainants(before) >= 2
    cohort: it.purpose in ["complaint", "request"] and it.who != 0
`

// extra are rules of the extra risks: over the group, with negative points, a
// lifted level, in shadow.
var extra = []struct{ risk, id, more, when string }{
	{"soon", "neighbours", "points: 20", `complainants(filter(group, not .mine)) >= 1`},
	{"soon", "group-again", "points: 30", `any(group, .again and .age <= 20)`},
	{"soon", "older-group", "points: 5, at_least: yellow", `(earliest(filter(group, not .mine)) ?? now) < (earliest(filter(group, .mine)) ?? now)`},
	{"soon", "answered", "points: -20", `any(actions, .act == "replied")`},
	{"soon", "watched", "points: 40, mode: shadow", `any(contacts, .channel == "hotline") and case.age > 1`},
	{"soon", "rated-badly", "points: 10", `any(actions, (.rating ?? "") == "not")`},
	{"soon", "week", "points: 10", `case.age > 7`},
	{"soon", "old", "points: 30", `case.age > 150`},
	{"crowd", "two", "points: 20", `complainants(contacts) >= 2`},
	{"crowd", "grown", "points: 15", `len(group) >= 2`},
	{"crowd", "fresh", "points: 10", `any(contacts, .age <= 2)`},
	{"crowd", "calm", "points: -15", `none(contacts, .age <= 14)`},
	{"crowd", "accepted", "points: 30, mode: shadow", `any(actions, .act == "accepted")`},
}

// districtRules are the shipped rules and the extra ones.
func districtRules(t *testing.T) *rules.Set {
	t.Helper()
	dir := fstest.MapFS{}
	for _, name := range []string{"risks.yaml", "repeat.yaml", "escalated.yaml", "collective.yaml"} {
		data, err := os.ReadFile(filepath.Join("../../../rules.d", name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "risks.yaml" {
			data = append(data, extraRisks...)
		}
		dir[name] = &fstest.MapFile{Data: data}
	}
	for _, risk := range []string{"soon", "crowd"} {
		text := "risk: " + risk + "\nrules:\n"
		for _, r := range extra {
			if r.risk == risk {
				text += fmt.Sprintf("  - {id: %s, %s, name: {zh: 名, en: name}, because: 因, advise: 议, when: '%s'}\n", r.id, r.more, r.when)
			}
		}
		dir[risk+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	set, problems := rules.Load(dir, rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

func unhex(t *testing.T, id string) []byte {
	t.Helper()
	b, err := hex.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
