package rules_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/rules/rulestest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

// differences lists where two engines say different things of the same rows.
func differences(t *testing.T, store *clickhouse.DB, set *rules.Set, facts []*rules.Facts, now time.Time) (list []string, said []rules.Assessment) {
	t.Helper()
	want, err := rules.VM{}.Assess(t.Context(), set, facts, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []rules.Assessor{store, clickhouse.ManyInstants{DB: store}} {
		list = append(list, compared(t, way, set, facts, now, want)...)
	}
	return list, want
}

// compared lists where the store's answers are not the VM's.
func compared(t *testing.T, store rules.Assessor, set *rules.Set, facts []*rules.Facts, now time.Time, want []rules.Assessment) (list []string) {
	t.Helper()
	got, err := store.Assess(t.Context(), set, facts, now)
	if err != nil {
		return []string{fmt.Sprintf("the store fails: %.2000s", err)}
	}
	if len(got) != len(want) {
		return []string{fmt.Sprintf("%d assessments and %d", len(want), len(got))}
	}
	for i := range want {
		w, g := &want[i], &got[i]
		if w.Row != g.Row || w.Risk != g.Risk || w.Score != g.Score || w.ShadowScore != g.ShadowScore || w.Level != g.Level || !slices.Equal(ids(w), ids(g)) {
			list = append(list, fmt.Sprintf("row %s, risk %s: VM %d %d %s %v, SQL %d %d %s %v", w.Row, w.Risk, w.Score, w.ShadowScore, w.Level, ids(w), g.Score, g.ShadowScore, g.Level, ids(g)))
		}
	}
	return list
}

func ids(a *rules.Assessment) []string {
	var out []string
	for _, f := range a.Fired {
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
	fired := map[string]bool{}
	for range 2 { // few times many rows: the engine's analysis of the statements takes longest
		now := rulestest.Now(rng)
		facts := append(rulestest.Rows(rng, 600, rules.OverCase, now), rulestest.Rows(rng, 600, rules.OverGroup, now)...)
		list, said := differences(t, db, set, facts, now)
		for _, d := range list {
			t.Error(d)
		}
		for i := range said {
			for _, id := range ids(&said[i]) {
				fired[id] = true
			}
		}
	}
	for _, risk := range set.Risks() {
		for _, rule := range risk.Rules {
			if !fired[rule.ID] {
				t.Errorf("rule %s fired on no row: nothing is shown of it", rule.ID)
			}
		}
	}
}

// TestManyRulesInBothEngines has more rules than one number has bits, and
// neighbours that seldom agree: each keeps its own bit.
func TestManyRulesInBothEngines(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 4))
	var conditions []string
	for range 150 {
		conditions = append(conditions, fmt.Sprintf("(len(contacts) * 7 + len(actions) + %d) %% 5 < %d", rng.IntN(5), 1+rng.IntN(4)))
	}
	set, err := rulestest.Load(rules.OverCase, conditions)
	if err != nil {
		t.Fatal(err)
	}
	now := rulestest.Now(rng)
	list, said := differences(t, clickhousetest.Empty(t), set, rulestest.Rows(rng, 60, rules.OverCase, now), now)
	for _, d := range list {
		t.Error(d)
	}
	times := map[string]int{}
	for i := range said {
		for _, id := range ids(&said[i]) {
			times[id]++
		}
	}
	for _, rule := range set.Risk(rulestest.Risk).Rules {
		if n := times[rule.ID]; n == 0 || n == len(said) {
			t.Errorf("rule %s (%s) holds on %d of %d rows: nothing is shown of it", rule.ID, rule.Show(), n, len(said))
		}
	}
}

// TestRandomRulesInBothEngines runs distinct random rules, of every construct of
// docs/language.md, each on rows chosen so that both answers occur, in both
// engines. An error of either is a difference. YUJING_RANDOM_RULES sets how many:
// 6500 hold every construct 500 times (rulestest's own test proves it), the
// default is what every run of the tests can afford.
func TestRandomRulesInBothEngines(t *testing.T) {
	many := 60
	if s := os.Getenv("YUJING_RANDOM_RULES"); s != "" {
		var err error
		if many, err = strconv.Atoi(s); err != nil {
			t.Fatalf("YUJING_RANDOM_RULES: %v", err)
		}
	}
	db := clickhousetest.Empty(t)
	g := rulestest.NewGenerator(1)
	conditions := make(chan string)
	go func() {
		defer close(conditions)
		for range many {
			conditions <- g.Rule()
		}
	}()
	var tested, both, assessed atomic.Int64
	var workers errgroup.Group
	for worker := range 2 * runtime.GOMAXPROCS(0) {
		rng := rand.New(rand.NewPCG(uint64(worker), 7))
		workers.Go(func() error {
			for condition := range conditions {
				rows, answers, err := differ(t, db, rng, condition)
				if err != nil {
					return err
				}
				assessed.Add(int64(rows))
				if tested.Add(1); answers == 2 {
					both.Add(1)
				}
			}
			return nil
		})
	}
	if err := workers.Wait(); err != nil {
		t.Error(err)
		for range conditions { // let the generator end
		}
	}
	t.Logf("%d rules on %d rows, %d with both answers", tested.Load(), assessed.Load(), both.Load())
	if both.Load()*10 < tested.Load()*8 {
		t.Error("too few rules have both answers: the comparison shows little")
	}
}

// differ runs one rule on 20 rows of a pool, chosen so that both answers occur
// if they do in the pool.
func differ(t *testing.T, db *clickhouse.DB, rng *rand.Rand, condition string) (rows, answers int, err error) {
	over := []rules.Over{rules.OverCase, rules.OverGroup}[rng.IntN(2)]
	set, err := rulestest.Load(over, []string{condition})
	if err != nil {
		return 0, 0, fmt.Errorf("%s\nis refused: %w", condition, err)
	}
	now := rulestest.Now(rng)
	e, risk := set.NewEvaluator(), set.Risk(rulestest.Risk)
	seen := map[bool]bool{}
	chosen := rulestest.Choose(rulestest.Rows(rng, 200, over, now), 20, func(f *rules.Facts) bool {
		a, err := e.Evaluate(risk, f, now)
		if err != nil {
			t.Error(err)
		}
		seen[len(a.Fired) > 0] = true
		return len(a.Fired) > 0
	})
	list, _ := differences(t, db, set, chosen, now)
	if len(list) > 0 {
		return 0, 0, fmt.Errorf("%s\nover %s as of %s:\n%s", condition, over, now, strings.Join(list, "\n"))
	}
	return len(chosen), len(seen), nil
}
