package rules

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"yujing/internal/calendar"
	"yujing/internal/problem"
)

// Options are what a Set is built with.
type Options struct {
	Calendar  *calendar.Calendar  // nil = the embedded one
	Deadlines []calendar.Deadline // nil = the defaults of the 2022 Regulations
	Dir       string              // shown before file names in problems: rules.d
	MaxCost   int                 // bound of Rule.Cost, and of what a text costs; 0 = MaxCost
	SMSRoom   int                 // UTF-16 units that a text message leaves for the name of a risk; 0 = not asked
}

// risksFile declares the risks; every other *.yaml holds rules, save *_test.yaml.
const risksFile = "risks.yaml"

const testSuffix = "_test.yaml"

// Load reads the risks and rules in the root of fsys. It tells all problems of
// all files at once; the Set is nil if one of them is an error.
func Load(fsys fs.FS, opts Options) (*Set, problem.List) {
	l := newLoader(fsys, opts)
	l.load()
	l.gather()
	if l.problems.Err() != nil {
		return nil, l.problems
	}
	l.set.seal()
	return l.set, l.problems
}

// Check reads what Load reads and tells, beside its problems, what a rule file
// says that an analyst can hardly mean: a rule that can never fire, one without a
// test. docs/checks has a page for each of these.
func Check(fsys fs.FS, opts Options) problem.List {
	l := newLoader(fsys, opts)
	l.load()
	l.lint(opts)
	l.gather()
	return l.problems
}

func newLoader(fsys fs.FS, opts Options) *loader {
	l := &loader{fsys: fsys, dir: opts.Dir, ids: map[string]origin{}, rulesAt: map[*Rule]*written{}, risksAt: map[*Risk]*written{},
		maxCost: cmp.Or(opts.MaxCost, MaxCost)}
	l.set = &Set{deadlines: opts.Deadlines, calendar: opts.Calendar}
	if l.set.calendar == nil {
		l.set.calendar = calendar.Embedded()
	}
	if l.set.deadlines == nil {
		l.set.deadlines = calendar.Deadlines()
	}
	kinds := []string{}
	for _, d := range l.set.deadlines {
		kinds = append(kinds, d.Kind)
	}
	l.scope, l.outcomes = ruleScope(kinds), outcomeScope()
	return l
}

// loader builds one Set.
type loader struct {
	fsys     fs.FS
	dir      string
	maxCost  int
	set      *Set
	scope    *scope
	outcomes *scope
	ids      map[string]origin // of rules, over all files
	files    []*yamlFile       // that were read
	rulesAt  map[*Rule]*written
	risksAt  map[*Risk]*written
	problems problem.List
}

// written is how a rule or a risk stands in its file.
type written struct {
	y     *yamlFile
	node  *yaml.Node
	keys  map[string]*yaml.Node // the values of its keys
	risk  *yaml.Node            // of a rule: where its file names the risk
	whole bool                  // no error is in it
}

func (l *loader) load() {
	names, err := fs.Glob(l.fsys, "[^.]*")
	if err != nil {
		l.fail("", fmt.Sprintf("cannot list rule files: %v", err), "")
		return
	}
	slices.Sort(names)
	if !slices.Contains(names, risksFile) {
		l.fail(risksFile, "there is no "+risksFile, "declare the risks in it: id, name, over, levels, horizon, zone, outcome")
		return
	}
	l.file(risksFile, l.risks)
	for _, name := range names {
		switch {
		case name == risksFile || strings.HasSuffix(name, testSuffix):
		case strings.HasSuffix(name, ".yaml"):
			l.file(name, l.rules)
		case strings.HasSuffix(name, ".yml"):
			l.fail(name, "a rule file must end in .yaml", "rename it to "+strings.TrimSuffix(name, ".yml")+".yaml")
		}
	}
}

// gather collects the problems of all files.
func (l *loader) gather() {
	for _, y := range l.files {
		l.problems = append(l.problems, y.Problems...)
	}
	l.problems.Sort()
}

func (l *loader) shown(name string) string { return path.Join(l.dir, name) }

// fail tells a problem of a file as a whole.
func (l *loader) fail(name, message, help string) {
	l.problems = append(l.problems, problem.Problem{File: l.shown(name), Severity: problem.Error, Message: message, Help: help, Check: "file"})
}
