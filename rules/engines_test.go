package rules_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

func ids(fired []rules.Fired) []string {
	var out []string
	for _, f := range fired {
		out = append(out, f.ID)
	}
	return out
}

func TestShippedRulesInBothEngines(t *testing.T) {
	set, problems := rules.Load(os.DirFS("../rules.d"), rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	db := clickhousetest.Empty(t)
	rng := rand.New(rand.NewPCG(1, 2))
	now := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	var facts []*rules.Facts
	for i := range 1000 {
		facts = append(facts, rules.RandomFacts(rng, []rules.Over{rules.OverCase, rules.OverGroup}[i%2], now))
	}
	compare(t, db, set, facts, now, nil)
}

type store interface {
	rules.Assessor
}

func compare(t *testing.T, db store, set *rules.Set, facts []*rules.Facts, now time.Time, sources map[string]string) {
	got, err := db.Assess(t.Context(), set, facts, now)
	if err != nil {
		t.Error(strings.SplitN(err.Error(), "\n", 2)[0][:min(len(err.Error()), 1500)])
		return
	}
	e := set.NewEvaluator()
	var want []rules.Assessment
	for _, f := range facts {
		if want, err = e.EvaluateAll(f, now, want); err != nil {
			t.Fatal(err)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d and %d assessments", len(got), len(want))
	}
	bad := map[string]int{}
	for i := range want {
		w, g := want[i], got[i]
		wi, gi := ids(w.Fired), ids(g.Fired)
		for _, id := range wi {
			if !slices.Contains(gi, id) {
				bad[id]++
			}
		}
		for _, id := range gi {
			if !slices.Contains(wi, id) {
				bad[id]++
			}
		}
		if w.Score != g.Score || w.ShadowScore != g.ShadowScore || w.Level != g.Level {
			if slices.Equal(wi, gi) {
				t.Errorf("score %d %d, level %v %v, rules %v", w.Score, g.Score, w.Level, g.Level, wi)
			}
		}
	}
	for id, n := range bad {
		t.Errorf("%s differs on %d of %d: %s", id, n, len(facts), sources[id])
	}
}

func TestRandomRulesInBothEngines(t *testing.T) {
	db := clickhousetest.Empty(t)
	rng := rand.New(rand.NewPCG(11, 22))
	now := time.Date(2026, 3, 10, 1, 0, 0, 0, time.UTC)
	for round := range 20 {
		var facts []*rules.Facts
		for range 60 {
			facts = append(facts, rules.RandomFacts(rng, rules.OverCase, now))
		}
		var b strings.Builder
		b.WriteString("risk: r\nrules:\n")
		sources := map[string]string{}
		for i := range 30 {
			src := rules.RandomRule(rng, 3)
			if len(src) > 2500 {
				continue
			}
			id := fmt.Sprintf("r%d", i)
			sources[id] = src
			fmt.Fprintf(&b, "  - {id: %s, name: {zh: a, en: a}, points: 1, because: a, advise: a, when: %q}\n", id, src)
		}
		set, problems := rules.Load(fstest.MapFS{"risks.yaml": {Data: []byte(`risks:
  - {id: r, name: {zh: a, en: a}, over: case, levels: {blue: 1, yellow: 2, orange: 3, red: 4}, horizon: 1d, zone: Asia/Shanghai, outcome: it.again}`)}, "r.yaml": {Data: []byte(b.String())}}, rules.Options{})
		if set == nil {
			t.Log(problems)
			continue
		}
		compare(t, db, set, facts, now, sources)
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
}
