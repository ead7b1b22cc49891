package scorer_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/rules/rulestest"
	"yujing/scorer"
)

// TestInstantsPickTheRowsThatTurn scores instants minutes to hours apart, each of
// which looks only at the rows that may have turned since the one before, while
// signals come, some late, and are corrected. After each, every row must stand as
// the rules say of it when all are asked.
func TestInstantsPickTheRowsThatTurn(t *testing.T) {
	const cases, groups = 800, 130
	db := clickhousetest.Open(t)
	rng := rand.New(rand.NewPCG(6, 12))
	end := time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC)
	begin := end.Add(-2 * 24 * time.Hour)
	coming := changingCases(t, rng, begin, end, cases, groups)
	store := func(until time.Time) {
		var batch ingest.Batch
		for len(coming) > 0 && !coming[0].at.After(until) {
			batch.Rows, coming = append(batch.Rows, coming[0].rows...), coming[1:]
		}
		if err := db.Append(t.Context(), &batch); err != nil {
			t.Fatal(err)
		}
	}
	set := setSeenThrough(t)
	seen := &picking{DB: db}
	s := scorer.New(seen, db, set, nil)
	picked, changed, all := 0, 0, 0
	for at := begin; at.Before(end); at = at.Add(time.Duration(rng.IntN(14*60)+1) * time.Minute) {
		store(at)
		seen.picked, seen.asked = 0, 0
		tick, err := s.Score(t.Context(), scorer.Instant{AsOf: at, Trigger: scorer.Scheduled}, func(context.Context, []scorer.Change) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if tick.Differ > 0 {
			t.Errorf("%s: the engines disagree on %d assessments", at, tick.Differ)
		}
		if seen.asked == 0 {
			all++
		} else {
			picked, changed = picked+seen.picked, changed+tick.Changed
		}
		for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
			standsAsAllSay(t, db, set, at, over)
		}
	}
	t.Logf("%d rows picked, %d assessments changed among them; all rows asked %d times", picked, changed, all)
	if changed < 60 || picked < changed || all < 2 || all > 4 {
		t.Error("that tells too little, or nothing is left out")
	}
}

// picking counts the rows that instants pick.
type picking struct {
	*clickhouse.DB
	picked, asked int
}

func (p *picking) Turned(ctx context.Context, turns rules.Turns, v scorer.View, from time.Time, most int) ([]uint64, error) {
	rows, err := p.DB.Turned(ctx, turns, v, from, most)
	p.picked, p.asked = p.picked+len(rows), p.asked+1
	return rows, err
}

// standsAsAllSay compares what stands after an instant with what holds of all rows.
func standsAsAllSay(t *testing.T, db *clickhouse.DB, set *rules.Set, at time.Time, over rules.Over) {
	t.Helper()
	stands := map[string]string{}
	for was, err := range db.Standing(t.Context(), at.Add(time.Millisecond), scorer.Span{Over: over}) {
		if err != nil {
			t.Fatal(err)
		}
		stands[scorer.RowName(was.Row)+" "+was.Risk] = fmt.Sprint(was.Score, was.ShadowScore, was.Level, was.Fired)
	}
	for h, err := range db.Holding(t.Context(), set, scorer.View{AsOf: at, AsSeen: true, Over: over}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, risk := range set.RisksOver(over) {
			key, says := scorer.RowName(h.Row)+" "+risk.ID, verdict(set, risk, h.Holds)
			if was := stands[key]; was != says && (was != "" || says != "0 0 none []") {
				t.Errorf("%s: %s stands at %q, the rules say %q", at, key, was, says)
			}
			delete(stands, key)
		}
	}
	for key, was := range stands {
		if was != "0 0 none []" {
			t.Errorf("%s: %s stands at %s, nothing holds of it", at, key, was)
		}
	}
}

// arriving is what the store learns at an instant.
type arriving struct {
	at   time.Time
	rows []ingest.Row
}

// changingCases are random cases 1, 2, ... in groups 1, 2, ... in the order in which
// the store learns of them: some signals known up to days after they happened, or
// stored hours later still, a fifth corrected while the instants go on.
func changingCases(t *testing.T, rng *rand.Rand, begin, end time.Time, cases, groups int) []arriving {
	t.Helper()
	upTo := func(d time.Duration) time.Duration {
		return time.Duration(rng.Int64N(int64(d))).Truncate(time.Millisecond)
	}
	var all []arriving
	for i := range cases {
		f := rulestest.Row(rng, rules.OverCase, end)
		for _, s := range slices.Concat(f.Contacts, f.Actions) {
			r := stored(t, &s, i+1, uint64(i%groups)+1)
			if rng.IntN(3) == 0 {
				r.KnownAt = r.At.Add(upTo(72 * time.Hour))
			}
			if r.StoredAt = r.KnownAt; rng.IntN(3) == 0 {
				r.StoredAt = r.KnownAt.Add(upTo(5 * time.Hour))
			}
			all = append(all, arriving{r.StoredAt, []ingest.Row{r}})
			corrected := begin.Add(upTo(end.Sub(begin)))
			if rng.IntN(5) > 0 || !corrected.After(r.StoredAt) {
				continue
			}
			closed, again := r, r
			closed.KnownUntil, closed.ClosedAt = corrected, corrected.Add(time.Minute)
			again.Version, again.Unit, again.People, again.KnownAt, again.StoredAt = 2, "改派单位", r.People*3, corrected, closed.ClosedAt
			all = append(all, arriving{again.StoredAt, []ingest.Row{closed, again}})
		}
	}
	slices.SortFunc(all, func(a, b arriving) int { return a.at.Compare(b.at) })
	return all
}

// setSeenThrough is the shipped rules with random ones whose turns are known.
func setSeenThrough(t *testing.T) *rules.Set {
	t.Helper()
	dir := shippedFiles(t)
	g := rulestest.NewGenerator(12)
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		risk := map[rules.Over]string{rules.OverCase: "repeat", rules.OverGroup: "collective"}[over]
		text := "risk: " + risk + "\nrules:\n"
		for n := 0; n < 3; {
			when := g.Rule()
			alone, err := rulestest.Load(over, []string{when})
			if err != nil {
				t.Fatal(err)
			}
			if alone.Turns(over).Always {
				continue
			}
			text += fmt.Sprintf("  - {id: %s-%d, points: 1, name: {zh: 名, en: name}, because: 因, advise: 议, when: %q}\n", risk, n, when)
			n++
		}
		dir["random-"+risk+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	set, problems := rules.Load(dir, rules.Options{MaxCost: math.MaxInt})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}
