package rules

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"yujing/internal/problem"
)

// TestResult is one unit test of a rule file: where it stands, and every
// difference between what it expects and what the evaluator says.
type TestResult struct {
	File  string     `json:"file"`
	Line  int        `json:"line"`
	Name  string     `json:"name"`
	Risk  string     `json:"risk"`
	Diffs []TestDiff `json:"diffs,omitempty"` // none = passed
}

// Passed says that nothing differs.
func (r *TestResult) Passed() bool { return len(r.Diffs) == 0 }

// TestDiff is one thing that came out otherwise.
type TestDiff struct {
	What string `json:"what"` // rules, score, level, because asked-again, ...
	Want string `json:"want"`
	Got  string `json:"got"`
}

// TestReport is what a run of all unit tests found.
type TestReport struct {
	Results  []TestResult `json:"results"`
	Problems problem.List `json:"problems,omitempty"` // of the test files themselves
}

// RunTests runs every *_test.yaml in the root of fsys with the production
// evaluator. A test file that cannot be read counts as one failure.
func RunTests(fsys fs.FS, set *Set, dir string) (passed, failed int, report *TestReport) {
	report = &TestReport{}
	names, _ := fs.Glob(fsys, "*"+testSuffix) // the pattern is good: no error
	for _, name := range names {
		tests, problems := readTests(fsys, name, dir, set)
		report.Problems = append(report.Problems, problems...)
		if problems.Err() != nil {
			failed++
			continue
		}
		e := set.NewEvaluator()
		for i := range tests {
			result := tests[i].run(e, set)
			if result.Passed() {
				passed++
			} else {
				failed++
			}
			report.Results = append(report.Results, result)
		}
	}
	return passed, failed, report
}

// Print writes the failures and the closing line.
func (r *TestReport) Print(w io.Writer, passed, failed int) {
	for _, p := range r.Problems {
		fmt.Fprintln(w, p)
	}
	for _, t := range r.Results {
		if t.Passed() {
			continue
		}
		fmt.Fprintf(w, "%s:%d: FAIL %s (%s)\n", t.File, t.Line, t.Name, t.Risk)
		for _, d := range t.Diffs {
			fmt.Fprintf(w, "    %s: want %s, got %s\n", d.What, d.Want, d.Got)
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed\n", passed, failed)
}

// run evaluates one test and compares.
func (t *unitTest) run(e *Evaluator, set *Set) TestResult {
	result := TestResult{File: t.file, Line: t.line, Name: t.name, Risk: t.risk.ID}
	differ := func(what, want, got string) {
		if want != got {
			result.Diffs = append(result.Diffs, TestDiff{what, want, got})
		}
	}
	a, err := e.Evaluate(t.risk, &t.facts, t.now)
	if err == nil {
		err = e.Reasons(t.risk, &t.facts, t.now, &a)
	}
	if err != nil {
		differ("error", "none", err.Error())
		return result
	}
	t.expect.compare(&a, t.risk, differ)
	if t.expect.outcome != nil {
		signal, err := e.OutcomeOf(t.risk, &t.facts)
		got := "none"
		switch {
		case err != nil:
			got = err.Error()
		case signal != nil:
			got = signal.ID
		}
		differ("outcome", *t.expect.outcome, got)
	}
	return result
}

// expectation is what a test file says should come out; nil = not said.
type expectation struct {
	rules   *[]string // exactly these fire
	score   *int
	shadow  *int
	level   *Level
	outcome *string           // id of a signal, or none
	because map[string]string // Chinese text by rule
	advise  map[string]string
}

func (x *expectation) compare(a *Assessment, r *Risk, differ func(what, want, got string)) {
	if x.rules != nil {
		got := []string{}
		for _, f := range a.Fired {
			got = append(got, f.ID)
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(*x.rules))
		differ("rules", fmt.Sprint(want), fmt.Sprint(got))
	}
	if x.score != nil {
		differ("score", fmt.Sprint(*x.score), fmt.Sprint(a.Score))
	}
	if x.shadow != nil {
		differ("shadow_score", fmt.Sprint(*x.shadow), fmt.Sprint(a.ShadowScore))
	}
	if x.level != nil {
		differ("level", x.level.String(), a.Level.String())
	}
	for _, side := range []struct {
		what string
		want map[string]string
		text func(Fired) string
	}{{"because", x.because, func(f Fired) string { return f.Because.ZH }}, {"advise", x.advise, func(f Fired) string { return f.Advise.ZH }}} {
		for _, id := range slices.Sorted(maps.Keys(side.want)) {
			want := side.want[id]
			i := slices.IndexFunc(a.Fired, func(f Fired) bool { return f.ID == id })
			got := "it did not fire"
			if i >= 0 {
				got = side.text(a.Fired[i])
			}
			differ(side.what+" of "+id, strings.TrimSpace(want), got)
		}
	}
}
