package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// liar is an engine that runs the rules and then says something else, to prove
// that a difference is told.
type liar struct {
	calls []string // rows and instant of each call
	lie   func(all []Assessment) ([]Assessment, error)
}

func (l *liar) Assess(ctx context.Context, set *Set, facts []*Facts, now time.Time) ([]Assessment, error) {
	l.calls = append(l.calls, fmt.Sprintf("%d rows at %s", len(facts), now.Format("2006-01-02 15:04")))
	all, err := VM{}.Assess(ctx, set, facts, now)
	if err != nil {
		return nil, err
	}
	return l.lie(all)
}

func honest(all []Assessment) ([]Assessment, error) { return all, nil }

const engineTests = `risk: repeat
tests:
  - name: one
    contacts: [{at: -1d}]
    expect: {rules: []}
  - name: two
    contacts: [{at: -3d}, {at: -1d}]
    expect: {rules: [a], score: 30}
`

// twoRisks declares the risks repeat and other.
func twoRisks() string {
	return goodRisks + strings.Replace(strings.TrimPrefix(goodRisks, "risks:\n"), "id: repeat", "id: other", 1)
}

func enginesSet(t *testing.T) *Set {
	return load(t, rule("a", "len(contacts) > 1", "points: 30")+rule("b", "len(contacts) > 2", "points: 30", "mode: shadow"))
}

func TestEnginesMustAgree(t *testing.T) {
	for name, c := range map[string]struct {
		lie  func(all []Assessment) ([]Assessment, error)
		want []TestDiff // of the test "two"
	}{
		"the truth": {honest, nil},
		"a score that is expected": {func(all []Assessment) ([]Assessment, error) { all[1].Score = 31; return all, nil },
			[]TestDiff{{"sql", "", "score", "30", "31"}}},
		"a level that is not": {func(all []Assessment) ([]Assessment, error) { all[1].Level = Red; return all, nil },
			[]TestDiff{{"sql", "vm", "level", "blue", "red"}}},
		"a shadow score that is not": {func(all []Assessment) ([]Assessment, error) { all[1].ShadowScore = 60; return all, nil },
			[]TestDiff{{"sql", "vm", "shadow_score", "30", "60"}}},
		"another rule": {func(all []Assessment) ([]Assessment, error) { all[1].Fired = []Fired{{ID: "b"}}; return all, nil },
			[]TestDiff{{"sql", "", "rules", "[a]", "[b]"}}},
		"one answer too few": {func(all []Assessment) ([]Assessment, error) { return all[:1], nil },
			[]TestDiff{{"sql", "", "error", "none", "no answer for row 0000000000000002 in risk repeat at its place; please report this"}}},
		"an answer for another row": {func(all []Assessment) ([]Assessment, error) { all[1].Row = all[0].Row; return all, nil },
			[]TestDiff{{"sql", "", "error", "none", "no answer for row 0000000000000002 in risk repeat at its place; please report this"}}},
		"no answer": {func([]Assessment) ([]Assessment, error) { return nil, errors.New("connection refused") },
			[]TestDiff{{"sql", "", "error", "none", "connection refused"}}},
	} {
		t.Run(name, func(t *testing.T) {
			report := runAll(t, fstest.MapFS{"x_test.yaml": {Data: []byte(engineTests)}}, enginesSet(t),
				TestOptions{Engines: []NamedAssessor{{"sql", &liar{lie: c.lie}}}})
			if diff := cmp.Diff(c.want, report.Results[1].Diffs); diff != "" {
				t.Error(diff)
			}
			if !slices.Equal(report.Engines, []string{"vm", "sql"}) {
				t.Errorf("ran in %v", report.Engines)
			}
		})
	}
}

// TestRightWhereTheVMIsWrong: told once, with the engine that differs from what is expected.
func TestRightWhereTheVMIsWrong(t *testing.T) {
	lie := func(all []Assessment) ([]Assessment, error) { all[1].Score = 10; return all, nil }
	tests := strings.Replace(engineTests, "score: 30", "score: 10", 1)
	report := runAll(t, fstest.MapFS{"x_test.yaml": {Data: []byte(tests)}}, enginesSet(t), TestOptions{Engines: []NamedAssessor{{"sql", &liar{lie: lie}}}})
	if diff := cmp.Diff([]TestDiff{{"vm", "", "score", "10", "30"}}, report.Results[1].Diffs); diff != "" {
		t.Error(diff)
	}
}

// TestEnginesMustAgreeInOtherRisks: a row is judged in every risk of its kind,
// so a difference in one that the test is not about is told for nothing.
func TestEnginesMustAgreeInOtherRisks(t *testing.T) {
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(twoRisks())}, "x_test.yaml": {Data: []byte(engineTests)},
		"x.yaml": {Data: []byte("risk: repeat\nrules:\n" + rule("a", "len(contacts) > 1", "points: 30"))},
		"y.yaml": {Data: []byte("risk: other\nrules:\n" + rule("c", "true", "points: 30"))}}
	set, problems := Load(fsys, Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	lie := func(all []Assessment) ([]Assessment, error) {
		for i := range all {
			if all[i].Risk == "other" {
				all[i].Score++
			}
		}
		return all, nil
	}
	report := runAll(t, fsys, set, TestOptions{Engines: []NamedAssessor{{"sql", &liar{lie: lie}}}})
	want := []TestDiff{{"sql", "vm", "score in risk other", "30", "31"}}
	for _, r := range report.Results {
		if diff := cmp.Diff(want, r.Diffs); diff != "" {
			t.Errorf("%s: %s", r.Name, diff)
		}
	}
}

// TestOneCallForEachInstant: an engine that is a database must not be asked row by row.
func TestOneCallForEachInstant(t *testing.T) {
	later := strings.Replace(engineTests, "tests:", "now: 2026-04-01 09:00\ntests:", 1)
	fsys := fstest.MapFS{"a_test.yaml": {Data: []byte(engineTests)}, "b_test.yaml": {Data: []byte(later)},
		"c_test.yaml": {Data: []byte(engineTests)}, "d_test.yaml": {Data: []byte("risk: nonsense\n")}}
	l := &liar{lie: honest}
	report := runAll(t, fsys, enginesSet(t), TestOptions{Engines: []NamedAssessor{{"sql", l}}})
	if diff := cmp.Diff([]string{"4 rows at 2026-03-10 09:00", "2 rows at 2026-04-01 09:00"}, l.calls); diff != "" {
		t.Error(diff)
	}
	if report.Passed != 6 || report.Failed != 1 {
		t.Errorf("%d passed, %d failed, want 6 and the broken file", report.Passed, report.Failed)
	}
}

func TestPrintNamesTheEngine(t *testing.T) {
	tests := engineTests + `  - name: both differ from it
    contacts: [{at: -3d}, {at: -1d}]
    expect: {score: 10, because: {a: 信访人七日内就同一事项再次来件而且仍然没有得到任何答复因此应当尽快联系说明办理进度}}
  - name: nothing is expected
    contacts: [{at: -3d}, {at: -1d}]
    expect: {}
`
	for name, lie := range map[string]func(all []Assessment) ([]Assessment, error){
		"levels": func(all []Assessment) ([]Assessment, error) { all[1].Level = Red; return all, nil },
		"error":  func([]Assessment) ([]Assessment, error) { return nil, errors.New("code 241: memory limit exceeded") },
	} {
		report := runAll(t, fstest.MapFS{"x_test.yaml": {Data: []byte(tests)}}, enginesSet(t),
			TestOptions{Dir: "rules.d", Engines: []NamedAssessor{{"sql", &liar{lie: lie}}}})
		var b strings.Builder
		report.Print(&b)
		golden(t, "testdata/unittest_engine_"+name+".golden", b.String())
	}
}

// TestVMAnswersInOrder: the contract that every Assessor keeps.
func TestVMAnswersInOrder(t *testing.T) {
	set := shipped(t)
	now := defaultNow(time.UTC)
	over := []Over{OverCase, OverGroup, OverCase}
	facts := make([]*Facts, len(over))
	var want []string
	for i := range facts {
		facts[i] = usualRow(now)
		facts[i].Over, facts[i].Row = over[i], fmt.Sprint("row ", i)
		for _, r := range set.Risks() {
			if r.Over == over[i] {
				want = append(want, facts[i].Row+" "+r.ID)
			}
		}
	}
	all, err := VM{}.Assess(t.Context(), set, facts, now)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range all {
		got = append(got, a.Row+" "+a.Risk)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := (VM{}).Assess(t.Context(), set, []*Facts{{Over: OverCase, Row: "x"}}, now); err == nil {
		t.Error("a row without contacts gives no error")
	}
	over2, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (VM{}).Assess(over2, set, facts, now); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
	if _, err := RunTests(over2, fstest.MapFS{"x_test.yaml": {Data: []byte(engineTests)}}, enginesSet(t), TestOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("RunTests after the end of its context: %v", err)
	}
}
