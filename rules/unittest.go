package rules

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"time"

	"yujing/internal/problem"
)

// TestOptions say which unit tests run, in which engines.
type TestOptions struct {
	Dir      string           // shown before file names: rules.d
	File     string           // run this file of tests alone; "" = every *_test.yaml
	Run      *regexp.Regexp   // run the tests whose names match; nil = all
	Engines  []NamedAssessor  // asked beside the VM, which always is, and first
	Coverage bool             // tell which rules and branches the tests reach
	Clock    func() time.Time // measures durations; nil = they are not measured
}

// TestResult is one unit test of a rule file: where it stands, and every
// difference between what it expects and what the engines say.
type TestResult struct {
	File    string     `json:"file"`
	Line    int        `json:"line"`
	Name    string     `json:"name"`
	Risk    string     `json:"risk"`
	Seconds float64    `json:"seconds,omitempty"` // its own part of what it ran in
	Diffs   []TestDiff `json:"diffs,omitempty"`   // none = passed
}

// Passed says that nothing differs.
func (r *TestResult) Passed() bool { return len(r.Diffs) == 0 }

// TestDiff is one thing that came out otherwise in one engine.
type TestDiff struct {
	Engine  string `json:"engine"`            // that says Got
	Against string `json:"against,omitempty"` // the engine that says Want; "" = the test expects it
	What    string `json:"what"`              // rules, score, level, because of asked-again, ...
	Want    string `json:"want"`
	Got     string `json:"got"`
}

// TestReport is what a run of unit tests found.
type TestReport struct {
	Passed   int          `json:"passed"`
	Failed   int          `json:"failed"`  // tests, and files of tests that cannot be read
	Engines  []string     `json:"engines"` // each test ran in all of them
	Results  []TestResult `json:"results"`
	Problems problem.List `json:"problems,omitempty"` // of the test files themselves
	Coverage *Coverage    `json:"coverage,omitempty"`
}

// Add joins the report of another directory.
func (r *TestReport) Add(other *TestReport) {
	r.Passed, r.Failed = r.Passed+other.Passed, r.Failed+other.Failed
	r.Engines = other.Engines
	r.Results = append(r.Results, other.Results...)
	r.Problems = append(r.Problems, other.Problems...)
	if other.Coverage != nil {
		if r.Coverage == nil {
			r.Coverage = &Coverage{}
		}
		r.Coverage.Files = append(r.Coverage.Files, other.Coverage.Files...)
	}
}

// vmName is what the production evaluator is called in reports.
const vmName = "vm"

// RunTests runs the unit tests in the root of fsys: each engine over the rows of
// all tests at once, for each instant they play at. What rules say to people,
// and outcomes, only the VM tells. The error is that ctx is over; all else is in
// the report.
func RunTests(ctx context.Context, fsys fs.FS, set *Set, opts TestOptions) (*TestReport, error) {
	r, err := runTests(ctx, fsys, set, opts)
	if err != nil {
		return nil, err
	}
	return r.report(fsys)
}

// testRun is one run of the tests of a directory.
type testRun struct {
	set     *Set
	opts    TestOptions
	engines []NamedAssessor // the VM first
	files   []*testFile
	vm      *Evaluator
}

// runTests reads the tests and asks every engine.
func runTests(ctx context.Context, fsys fs.FS, set *Set, opts TestOptions) (*testRun, error) {
	r := &testRun{set: set, opts: opts, vm: set.NewEvaluator(),
		engines: append([]NamedAssessor{{vmName, VM{}}}, opts.Engines...)}
	names, _ := fs.Glob(fsys, testFiles) // the pattern is good: no error
	rows := 0
	for _, name := range names {
		if opts.File != "" && name != opts.File {
			continue
		}
		f := readTests(fsys, name, opts.Dir, set)
		f.tests = slices.DeleteFunc(f.tests, func(t *unitTest) bool { return opts.Run != nil && !opts.Run.MatchString(t.name) })
		for _, t := range f.tests {
			rows++
			t.facts.Row = fmt.Sprintf("%016x", rows) // an engine may tell rows by it
		}
		r.files = append(r.files, f)
	}
	for _, batch := range r.batches() {
		for i := range r.engines {
			r.ask(ctx, r.engines[i], batch)
		}
	}
	return r, ctx.Err()
}

// all gives every test of the files that could be read.
func (r *testRun) all() []*unitTest {
	var list []*unitTest
	for _, f := range r.files {
		if f.broken() {
			continue
		}
		list = append(list, f.tests...)
	}
	return list
}

// batches are the tests that play at the same instant.
func (r *testRun) batches() [][]*unitTest {
	var list [][]*unitTest
	at := map[int64]int{}
	for _, t := range r.all() {
		i, known := at[t.now.UnixMilli()]
		if !known {
			i = len(list)
			at[t.now.UnixMilli()] = i
			list = append(list, nil)
		}
		list[i] = append(list[i], t)
	}
	return list
}

// answer is what one engine says of one row: an assessment for each risk over
// rows of its kind, or why it says nothing.
type answer struct {
	assessments []Assessment
	err         error
}

// of finds the assessment in one risk; a complete answer has it.
func (a *answer) of(r *Risk) *Assessment {
	i := slices.IndexFunc(a.assessments, func(one Assessment) bool { return one.Risk == r.ID })
	return &a.assessments[i]
}

// ask asks one engine of all rows of a batch.
func (r *testRun) ask(ctx context.Context, engine NamedAssessor, batch []*unitTest) {
	facts := make([]*Facts, len(batch))
	for i, t := range batch {
		facts[i] = &t.facts
	}
	began := r.clock()
	all, err := engine.Assess(ctx, r.set, facts, batch[0].now)
	share := r.clock().Sub(began) / time.Duration(len(batch))
	for _, t := range batch {
		var mine answer
		mine.assessments, all, mine.err = r.take(all, &t.facts, err)
		t.answers = append(t.answers, mine)
		t.took += share
	}
}

// take takes what is said of one row from what an engine said of all. An answer
// out of order or too short is an error of the engine.
func (r *testRun) take(all []Assessment, f *Facts, failed error) (own, rest []Assessment, err error) {
	if failed != nil {
		return nil, nil, failed
	}
	for _, risk := range r.set.RisksOver(f.Over) {
		n := len(own)
		if n >= len(all) || all[n].Row != f.Row || all[n].Risk != risk.ID {
			return nil, nil, fmt.Errorf("no answer for row %s in risk %s at its place; please report this", f.Row, risk.ID)
		}
		own = all[:n+1]
	}
	return own, all[len(own):], nil
}

func (r *testRun) clock() time.Time {
	if r.opts.Clock == nil {
		return time.Time{}
	}
	return r.opts.Clock()
}

// report compares all answers with what is expected and with each other.
func (r *testRun) report(fsys fs.FS) (*TestReport, error) {
	report := &TestReport{Results: []TestResult{}}
	for _, e := range r.engines {
		report.Engines = append(report.Engines, e.Name)
	}
	for _, f := range r.files {
		report.Problems = append(report.Problems, f.Problems...)
		if f.broken() {
			report.Failed++
			continue
		}
		for _, t := range f.tests {
			result := r.result(t)
			if result.Passed() {
				report.Passed++
			} else {
				report.Failed++
			}
			report.Results = append(report.Results, result)
		}
	}
	if !r.opts.Coverage {
		return report, nil
	}
	var err error
	report.Coverage, err = r.coverage(fsys)
	return report, err
}

// result compares one test.
func (r *testRun) result(t *unitTest) TestResult {
	began := r.clock()
	d := &differences{}
	if t.expect.blank() {
		d.add(vmName, "expect", "what should come out", "nothing is expected; yujing test --update fills it in for review")
	}
	for i, engine := range r.engines {
		if err := t.answers[i].err; err != nil {
			d.add(engine.Name, "error", "none", err.Error())
			continue
		}
		d.expected(engine.Name, &t.expect, t.answers[i].of(t.risk))
	}
	if t.answers[0].err == nil {
		if err := r.judge(t, d); err != nil {
			d.add(vmName, "error", "none", err.Error())
		}
	}
	for i := 1; i < len(r.engines); i++ {
		if t.answers[0].err == nil && t.answers[i].err == nil {
			d.between(r.engines[i].Name, t.risk, t.answers[0].assessments, t.answers[i].assessments)
		}
	}
	t.took += r.clock().Sub(began)
	return TestResult{File: t.file, Line: t.line, Name: t.name, Risk: t.risk.ID, Seconds: t.took.Seconds(), Diffs: d.list}
}

// judge compares what only the VM tells: texts and the outcome.
func (r *testRun) judge(t *unitTest, d *differences) error {
	a := *t.answers[0].of(t.risk)
	a.Fired = slices.Clone(a.Fired)
	if err := r.vm.Reasons(t.risk, &t.facts, t.now, &a); err != nil {
		return err
	}
	t.spoken = a.Fired
	d.texts(&t.expect, a.Fired)
	signal, err := r.vm.OutcomeOf(t.risk, &t.facts)
	if err != nil {
		return err
	}
	t.outcome = "none"
	if signal != nil {
		t.outcome = signal.ID
	}
	if t.expect.outcome != nil && *t.expect.outcome != t.outcome {
		d.add(vmName, "outcome", *t.expect.outcome, t.outcome)
	}
	return nil
}
