package rules

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// Coverage is which rules the tests made fire and which not, and which ways the
// conditions went. Everything that can go two ways counts two.
type Coverage struct {
	Files []FileCoverage `json:"files"`
}

// FileCoverage is the coverage of one rule file.
type FileCoverage struct {
	File  string         `json:"file"`
	Rules []RuleCoverage `json:"rules"`
}

// RuleCoverage is the coverage of one rule: in how many tests of its risk it
// fired and did not, and the branches of its condition.
type RuleCoverage struct {
	ID       string   `json:"id"`
	Line     int      `json:"line"`
	Fired    int      `json:"fired"`
	NotFired int      `json:"not_fired"`
	Branches []Branch `json:"branches,omitempty"`
}

// Branch is one place in a condition that can go two ways, and how often it went
// which. What was not evaluated went neither: false and ... does not look further.
type Branch struct {
	Line   int    `json:"line"` // of the rule file, from 1
	Column int    `json:"column"`
	Width  int    `json:"width"` // in runes, on its first line
	Expr   string `json:"expr"`
	Ways   [2]Way `json:"ways"`

	moot bool // it stands in one that is never evaluated, which is told
}

// Way is one of the two: how it is called and how often it was gone.
type Way struct {
	Name  string `json:"name"` // false, true; known, unknown
	Count int    `json:"count"`
}

// Counted is how many ways of a kind there are and how many of them were gone.
type Counted struct {
	Covered int `json:"covered"`
	All     int `json:"all"`
}

// Percent is 100 where there is nothing to cover.
func (c Counted) Percent() float64 {
	if c.All == 0 {
		return 100
	}
	return 100 * float64(c.Covered) / float64(c.All)
}

func (c *Counted) count(times int) {
	c.All++
	if times > 0 {
		c.Covered++
	}
}

func (c Counted) plus(d Counted) Counted { return Counted{c.Covered + d.Covered, c.All + d.All} }

// Percent is how much is covered over all files: of the rules that can fire and
// not fire, and of the ways that the branches of their conditions can go.
func (c *Coverage) Percent() float64 {
	var total Counted
	for _, f := range c.Files {
		fired, not, branches := f.Counts()
		total = total.plus(fired).plus(not).plus(branches)
	}
	return total.Percent()
}

// Counts are the rules that fired, the rules that did not fire, and the ways of branches.
func (f *FileCoverage) Counts() (fired, notFired, branches Counted) {
	for _, r := range f.Rules {
		fired.count(r.Fired)
		notFired.count(r.NotFired)
		for _, b := range r.Branches {
			branches.count(b.Ways[0].Count)
			branches.count(b.Ways[1].Count)
		}
	}
	return fired, notFired, branches
}

// Uncovered tells what is missing as problems with their places.
func (c *Coverage) Uncovered() problem.List {
	var list problem.List
	for _, f := range c.Files {
		for _, r := range f.Rules {
			list = append(list, r.uncovered(f.File)...)
		}
	}
	list.Sort()
	return list
}

func (r *RuleCoverage) uncovered(file string) problem.List {
	var list problem.List
	say := func(line, column, width int, format string, args ...any) {
		list = append(list, problem.Problem{File: file, Line: line, Column: column, Width: width, Severity: problem.Warning,
			Message: fmt.Sprintf(format, args...), Check: "coverage"})
	}
	if r.Fired == 0 {
		say(r.Line, 0, 0, "no test makes %s fire", r.ID)
	}
	if r.NotFired == 0 {
		say(r.Line, 0, 0, "no test leaves %s unfired", r.ID)
	}
	for _, b := range r.Branches {
		switch missing := b.missing(); len(missing) {
		case 1:
			say(b.Line, b.Column, b.Width, "%s: never %s: %s", r.ID, missing[0], b.Expr)
		case 2:
			if !b.moot {
				say(b.Line, b.Column, b.Width, "%s: never evaluated: %s", r.ID, b.Expr)
			}
		}
	}
	return list
}

func (b *Branch) missing() []string {
	var names []string
	for _, w := range b.Ways {
		if w.Count == 0 {
			names = append(names, w.Name)
		}
	}
	return names
}

// coverage runs every test once more over conditions with probes in them.
func (r *testRun) coverage(fsys fs.FS) (*Coverage, error) {
	c := &Coverage{Files: []FileCoverage{}}
	places := conditionPlaces(fsys)
	for _, rule := range r.counted(fsys) {
		s, err := instrument(rule.when)
		if err != nil {
			return nil, fmt.Errorf("coverage of rule %s: %w; please report this", rule.ID, err)
		}
		one := RuleCoverage{ID: rule.ID, Line: rule.Line}
		if err := r.reach(rule, s, &one); err != nil {
			return nil, err
		}
		one.Branches = s.branches(rule.when.source, places[rule.ID])
		file := c.file(rule.File)
		file.Rules = append(file.Rules, one)
	}
	return c, nil
}

// file finds or adds the coverage of a rule file.
func (c *Coverage) file(name string) *FileCoverage {
	i := slices.IndexFunc(c.Files, func(f FileCoverage) bool { return f.File == name })
	if i < 0 {
		i = len(c.Files)
		c.Files = append(c.Files, FileCoverage{File: name})
	}
	return &c.Files[i]
}

// counted are the rules whose coverage is told: all; or if one file of tests
// runs, those of the rule file beside it, and where there is none, of its risk.
func (r *testRun) counted(fsys fs.FS) []*Rule {
	beside := ""
	if r.opts.File != "" {
		name := strings.TrimSuffix(r.opts.File, testSuffix) + ".yaml"
		if _, err := fs.Stat(fsys, name); err == nil {
			beside = path.Join(r.opts.Dir, name)
		}
	}
	var list []*Rule
	for _, risk := range r.set.risks {
		if r.opts.File != "" && beside == "" && !slices.ContainsFunc(r.files, func(f *testFile) bool { return f.risk == risk }) {
			continue
		}
		for _, rule := range risk.Rules {
			if beside == "" || rule.File == beside {
				list = append(list, rule)
			}
		}
	}
	return list
}

// reach runs one rule with probes over the rows of all tests of its risk. The
// answer must be that of the rule without them.
func (r *testRun) reach(rule *Rule, s *probes, c *RuleCoverage) error {
	for _, t := range r.all() {
		if t.risk.ID != rule.Risk || t.facts.Concluded {
			continue
		}
		if err := r.vm.open(&t.facts, t.now); err != nil {
			return err
		}
		r.vm.in(t.risk.Zone)
		want, err := r.vm.holds(rule)
		if err != nil {
			return err
		}
		got, err := r.vm.vm.Run(s.code, r.vm.env)
		if err != nil || got != want {
			return fmt.Errorf("coverage of rule %s in test %q: %v with probes, %v without, %w; please report this", rule.ID, t.name, got, want, err)
		}
		if want {
			c.Fired++
		} else {
			c.NotFired++
		}
	}
	return nil
}

// conditionPlaces gives the place of every rune of every condition, by id of the
// rule. It reads the files anew: a Set keeps the line of a rule alone.
func conditionPlaces(fsys fs.FS) map[string][]problem.Place {
	places := map[string][]problem.Place{}
	names, _ := fs.Glob(fsys, ruleFiles) // the pattern is good: no error
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil || strings.HasSuffix(name, testSuffix) {
			continue // a file that cannot be read any more costs the carets alone
		}
		y, root := openYAML(name, data)
		rules := valueOf(root, "rules")
		if rules == nil {
			continue
		}
		for _, rule := range rules.Content {
			if id, when := valueOf(rule, "id"), valueOf(rule, "when"); id != nil && when != nil {
				places[id.Value] = y.Places(when)
			}
		}
	}
	return places
}

// valueOf finds the value of a key of a mapping, nil if there is none.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	_, value := pair(n, key)
	return value
}

// branches tells the points and what was noted at them. places are those of the
// runes of the source.
func (s *probes) branches(source string, places []problem.Place) []Branch {
	var list []Branch
	runes := []rune(source)
	for _, p := range s.points {
		b := Branch{Expr: strings.Join(strings.Fields(show(p.node)), " ")}
		for way, name := range p.names() {
			b.Ways[way] = Way{name, p.counts[way]}
		}
		from, to := extent(p.node)
		to = closed(runes, from, to)
		if to > from && to < len(places) {
			b.Line, b.Column = places[from].Line, places[from].Column
			for _, place := range places[from:to] {
				if place.Line == b.Line {
					b.Width = place.Column - b.Column + 1
				}
			}
		}
		b.moot = p.within >= 0 && s.points[p.within].counts == [2]int{}
		list = append(list, b)
	}
	return list
}

func (p *point) names() [2]string {
	if p.kind == pointFallback {
		return [2]string{"known", "unknown"}
	}
	return [2]string{"false", "true"}
}

// closed moves the end of a part behind the brackets that it leaves open.
func closed(runes []rune, from, to int) int {
	depth, quote := 0, rune(0)
	for i := from; i < len(runes) && (i < to || depth > 0); i++ {
		switch r := runes[i]; {
		case quote != 0 && r == '\\' && quote != '`':
			i++
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'' || r == '`':
			quote = r
		case strings.ContainsRune("([{", r):
			depth++
		case strings.ContainsRune(")]}", r):
			depth--
			if i >= to {
				to = i + 1
			}
		}
	}
	return to
}

// extent is the part of the source, in runes, that a node and those below it
// stand in; brackets that only close it are left out.
func extent(n ast.Node) (from, to int) {
	from, to = n.Location().From, n.Location().To
	for _, part := range parts(n) {
		if part == nil {
			continue
		}
		f, t := extent(part)
		if t > f {
			from, to = min(from, f), max(to, t)
		}
	}
	return from, to
}
