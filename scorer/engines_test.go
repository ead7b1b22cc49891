package scorer_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
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

// TestScheduleArrivalsAndExplainAgree scores a thousand cases in a hundred
// groups on the three ways that an assessment comes about: in the store, as a
// scheduled instant does; by the evaluator over facts read by key, as an arrival
// does; and by explain.
func TestScheduleArrivalsAndExplainAgree(t *testing.T) {
	const cases, groups = 1000, 100
	db := clickhousetest.Open(t)
	rng := rand.New(rand.NewPCG(5, 6))
	now := rulestest.Now(rng)
	storeCases(t, db, rng, now, cases, groups)
	set := setWithGroups(t)
	for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
		view := scorer.View{AsOf: now, AsSeen: true, Over: over}
		scheduled := map[string]string{}
		for h, err := range db.Holding(t.Context(), set, view) {
			if err != nil {
				t.Fatal(err)
			}
			for _, risk := range set.Risks() {
				if risk.Over == over {
					scheduled[scorer.RowName(h.Row)+" "+risk.ID] = verdict(set, risk, h.Holds)
				}
			}
		}
		n := cases
		if over == rules.OverGroup {
			n = groups
		}
		for i := range n {
			view.Rows = append(view.Rows, uint64(i)+1)
		}
		seen, silent, fired := 0, 0, map[string]bool{}
		eval := set.NewEvaluator()
		for facts, err := range db.Facts(t.Context(), view) {
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if last := slices.Concat(facts.Contacts, facts.Actions); over == rules.OverCase && !slices.ContainsFunc(last, func(s rules.Signal) bool { return s.At.After(now.Add(-scorer.CaseWindow)) }) {
				silent++ // it has left the window: the schedule says nothing of it
				continue
			}
			says, err := eval.EvaluateAll(facts, now, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range says {
				explained, err := eval.Explain(set.Risk(a.Risk), facts, now)
				if err != nil {
					t.Fatal(err)
				}
				why := []string{}
				for _, r := range explained.Rules {
					if r.Fired && !facts.Concluded {
						why = append(why, r.ID)
					}
				}
				ids := []string{}
				for _, f := range a.Fired {
					ids, fired[f.ID] = append(ids, f.ID), true
				}
				arrival := fmt.Sprint(a.Score, a.ShadowScore, a.Level, ids)
				key := a.Row + " " + a.Risk
				if explain := fmt.Sprint(explained.Score, explained.ShadowScore, explained.Level, why); explain != arrival {
					t.Errorf("%s: explain says %s, the evaluator %s", key, explain, arrival)
				}
				if got := scheduled[key]; got != arrival && (got != "" || len(ids) > 0) {
					t.Errorf("%s: the schedule says %s, an arrival %s", key, got, arrival)
				}
				delete(scheduled, key)
			}
		}
		if len(scheduled) > 0 {
			t.Errorf("the schedule says something of %d rows that are not there: %v", len(scheduled), scheduled)
		}
		if seen < n*9/10 || silent > n/10 || len(fired) < 9 {
			t.Errorf("%d of %d %ss seen, %d of them silent, rules that fired: %v", seen, n, over, silent, fired)
		}
	}
}

// verdict is what a set of rules comes to in a risk.
func verdict(set *rules.Set, risk *rules.Risk, holds rules.Holds) string {
	ids := []string{}
	fired := holds.Of(risk, set.FirstNumber(risk))
	for rule := range fired {
		ids = append(ids, rule.ID)
	}
	score, shadow, level := risk.Weigh(fired)
	return fmt.Sprint(score, shadow, level, ids)
}

// setWithGroups is the shipped rules and some that ask for the group.
func setWithGroups(t *testing.T) *rules.Set {
	t.Helper()
	dir := shippedFiles(t)
	text := "risk: repeat\nrules:\n"
	for i, when := range []string{
		`complainants(filter(group, not .mine)) >= 3`,
		`complainants(filter(group, .mine or .age <= 20)) >= 4`,
		`count(group, .again) >= 2 and any(group, not .mine and .channel == "visit")`,
		`sum(filter(group, not .mine), .people) > 10`,
		`(earliest(filter(group, .mine)) ?? now) < (earliest(filter(group, not .mine)) ?? now)`,
		`(mean(map(group, .age)) ?? 0) > 40`,
		`any(contacts, .who == 2 and .again)`,
	} {
		text += fmt.Sprintf("  - {id: g%d, points: 1, name: {zh: 名, en: name}, because: 因, advise: 议, when: '%s'}\n", i, when)
	}
	dir["groups.yaml"] = &fstest.MapFile{Data: []byte(text)}
	set, problems := rules.Load(dir, rules.Options{})
	if set == nil {
		t.Fatal(problems)
	}
	return set
}

// shippedFiles are the rule files that ship, for a test to add its own to.
func shippedFiles(t *testing.T) fstest.MapFS {
	t.Helper()
	dir := fstest.MapFS{}
	for _, name := range []string{"risks.yaml", "repeat.yaml", "escalated.yaml", "collective.yaml"} {
		data, err := os.ReadFile("../rules.d/" + name)
		if err != nil {
			t.Fatal(err)
		}
		dir[name] = &fstest.MapFile{Data: data}
	}
	return dir
}

// storeCases stores random cases 1, 2, ... whose contacts are in groups 1, 2, ...
func storeCases(t *testing.T, db *clickhouse.DB, rng *rand.Rand, now time.Time, cases, groups int) {
	t.Helper()
	var rows []ingest.Row
	for i := range cases {
		f := rulestest.Row(rng, rules.OverCase, now)
		for _, s := range slices.Concat(f.Contacts, f.Actions) {
			rows = append(rows, stored(t, &s, i+1, uint64(i%groups)+1))
		}
	}
	for chunk := range slices.Chunk(rows, 5000) {
		if err := db.Append(t.Context(), &ingest.Batch{Rows: chunk}); err != nil {
			t.Fatal(err)
		}
	}
}

func stored(t *testing.T, s *rules.Signal, matter int, group uint64) ingest.Row {
	t.Helper()
	r := ingest.Row{Case: ingest.CaseID(matter), Person: s.Person, Signal: ingest.Signal{Version: 1, Source: "test", Name: "n", Ref: fmt.Sprint(matter),
		Kind: ingest.Contact, Channel: s.Channel, Level: ingest.Level(s.Level), Competent: ingest.Level(s.Competent), Place: s.Place, Category: s.Category,
		Subject: s.Subject, Purpose: s.Purpose, Unit: s.Unit, People: s.People, Text: s.Text, Act: s.Act, Due: s.Due, Rating: s.Rating, Attrs: s.Attrs,
		Flags: []string{}, At: s.At, KnownAt: s.At, StoredAt: s.At, Group: group}}
	if s.Act != "" {
		r.Kind, r.Group = ingest.Action, 0
	}
	id, err := hex.DecodeString(s.ID)
	if err != nil {
		t.Fatal(err)
	}
	copy(r.ID[:], id)
	return r
}
