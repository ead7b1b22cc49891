package rules

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"yujing/internal/calendar"
	"yujing/internal/problem"
)

// Options are what a Set is built with.
type Options struct {
	Calendar  *calendar.Calendar  // nil = the embedded one
	Deadlines []calendar.Deadline // nil = the defaults of the 2022 Regulations
	Dir       string              // shown before file names in problems: rules.d
}

// risksFile declares the risks; every other *.yaml holds rules, save *_test.yaml.
const risksFile = "risks.yaml"

const testSuffix = "_test.yaml"

// Load reads the risks and rules in the root of fsys. It tells all problems of
// all files at once; the Set is nil if one of them is an error.
func Load(fsys fs.FS, opts Options) (*Set, problem.List) {
	l := &loader{fsys: fsys, dir: opts.Dir, ids: map[string]origin{}}
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
	l.load()
	l.problems.Sort()
	if l.problems.Err() != nil {
		return nil, l.problems
	}
	l.set.seal()
	return l.set, l.problems
}

// loader builds one Set.
type loader struct {
	fsys     fs.FS
	dir      string
	set      *Set
	scope    *scope
	outcomes *scope
	ids      map[string]origin // of rules, over all files
	problems problem.List
}

func (l *loader) load() {
	names, err := fs.Glob(l.fsys, "*")
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

func (l *loader) shown(name string) string { return path.Join(l.dir, name) }

// fail tells a problem of a file as a whole.
func (l *loader) fail(name, message, help string) {
	l.problems = append(l.problems, problem.Problem{File: l.shown(name), Severity: problem.Error, Message: message, Help: help, Check: "file"})
}
