package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"yujing/internal/config"
	"yujing/internal/problem"
	"yujing/internal/schema"
	"yujing/rules"
)

// findings are the problems of files, by path.
type findings map[string]problem.List

// problems finds everything wrong with the open documents and the files beside
// them.
func (w *workspace) problems(failed func(what string, stack []byte)) findings {
	analyses := map[string]func() findings{}
	for _, dir := range w.dirs(schema.Rules, schema.Risks, schema.Tests) {
		analyses["rules in "+dir] = func() findings { return w.ruleProblems(dir) }
	}
	for _, dir := range w.dirs(schema.Source) {
		analyses["sources in "+dir] = func() findings { return w.sourceProblems(dir) }
	}
	for _, d := range w.docs {
		if d.path != "" && w.kindOf(d) == schema.Config {
			analyses["configuration "+d.path] = func() findings {
				_, problems := config.Parse(d.path, []byte(d.text))
				return findings{d.path: problems}
			}
		}
	}
	return w.guarded(analyses, failed)
}

// guarded runs each analysis. One that panics finds nothing, and takes nothing
// away from the others.
func (w *workspace) guarded(analyses map[string]func() findings, failed func(what string, stack []byte)) findings {
	found := findings{}
	run := func(what string, analysis func() findings) {
		defer func() {
			if r := recover(); r != nil {
				failed(fmt.Sprintf("%s: %v", what, r), debug.Stack())
			}
		}()
		for path, list := range analysis() {
			found[path] = append(found[path], list...)
		}
	}
	for _, what := range sortedKeys(analyses) {
		run(what, analyses[what])
	}
	return found
}

// in gives problems by the path of their file, whose name is relative to dir.
func (f findings) in(dir string, list problem.List) {
	for _, p := range list {
		path := filepath.Join(dir, filepath.FromSlash(p.File))
		f[path] = append(f[path], p)
	}
}

// ruleProblems checks the rules of a directory, and runs their unit tests if the
// rules can be used.
func (w *workspace) ruleProblems(dir string) findings {
	found := findings{}
	fsys := w.dir(dir)
	options := w.ruleOptions()
	found.in(dir, rules.Check(fsys, options))
	set, _ := rules.Load(fsys, options) // Check tells its problems
	if set == nil {
		return found
	}
	report, err := rules.RunTests(context.Background(), fsys, set, rules.TestOptions{})
	if err != nil { // only a context that is over
		return found
	}
	found.in(dir, report.Problems)
	for _, r := range report.Results {
		if !r.Passed() {
			found.in(dir, problem.List{failure(r)})
		}
	}
	return found
}

// failure is a unit test that did not pass, as a problem where the test begins.
func failure(r rules.TestResult) problem.Problem {
	var diffs []string
	for _, d := range r.Diffs {
		diffs = append(diffs, fmt.Sprintf("%s: want %s, got %s", d.What, d.Want, d.Got))
	}
	return problem.Problem{File: r.File, Line: r.Line, Severity: problem.Warning, Check: "unit-test",
		Message: "the test fails: " + strings.Join(diffs, "; "), Help: "mend the rule, or what the test expects"}
}

func (w *workspace) sourceProblems(dir string) findings {
	found := findings{}
	_, problems := config.SourcesIn(w.dir(dir))
	found.in(dir, problems)
	return found
}

// diagnostics turns the problems of a document into what the client shows.
func (d *document) diagnostics(list problem.List, e encoding) []diagnostic {
	out := []diagnostic{} // the client wants a list, not null
	for _, p := range list {
		severity := severityError
		if p.Severity == problem.Warning {
			severity = severityWarning
		}
		message := p.Message
		if p.Help != "" {
			message += "; " + p.Help
		}
		out = append(out, diagnostic{d.problemSpan(p, e), severity, p.Check, "yujing", message})
	}
	return out
}

// problemSpan is where a problem stands: its runes, else its line, else the first line.
func (d *document) problemSpan(p problem.Problem, e encoding) span {
	line := max(p.Line-1, 0)
	text := d.line(line)
	all := utf8.RuneCountInString(text)
	if p.Line == 0 || p.Column == 0 {
		return d.onLine(line, all-utf8.RuneCountInString(strings.TrimLeft(text, " \t")), all, e)
	}
	from := p.Column - 1
	if line == 0 && strings.HasPrefix(text, "\ufeff") { // the parser did not count it
		from++
	}
	return d.onLine(line, from, min(from+max(p.Width, 1), max(all, from)), e)
}
