package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"yujing/internal/problem"
	"yujing/rules"
)

func (a *app) testCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "test [PATH...]",
		Short: "run the unit tests beside the rules (*_test.yaml) with the production evaluator",
		RunE: func(_ *cobra.Command, dirs []string) error {
			if len(dirs) == 0 {
				dirs = []string{a.rulesDir}
			}
			return a.test(dirs, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the report as one JSON object")
	return cmd
}

func (a *app) test(paths []string, asJSON bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	var passed, failed int
	var all rules.TestReport
	for _, path := range paths {
		dir, only := path, ""
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			dir, only = filepath.Dir(path), testsOf(path)
			if _, err := os.Stat(only); err != nil {
				return usage("test: %s has no tests: write %s", path, only)
			}
		}
		a.rulesDir = dir
		set, err := a.ruleSet(c)
		if err != nil {
			return err
		}
		p, f, report := rules.RunTests(os.DirFS(dir), set, dir)
		if only != "" {
			p, f = keep(report, only)
		}
		passed, failed = passed+p, failed+f
		all.Results = append(all.Results, report.Results...)
		all.Problems = append(all.Problems, report.Problems...)
	}
	if asJSON {
		err = a.json(struct {
			Passed int `json:"passed"`
			Failed int `json:"failed"`
			rules.TestReport
		}{passed, failed, all})
	} else {
		all.Print(a.stdout, passed, failed)
	}
	if err == nil && failed > 0 {
		return found()
	}
	return err
}

// testsOf is the file of tests beside a rule file; a file of tests is its own.
func testsOf(path string) string {
	if strings.HasSuffix(path, "_test.yaml") {
		return filepath.Clean(path)
	}
	return strings.TrimSuffix(filepath.Clean(path), ".yaml") + "_test.yaml"
}

// keep leaves only what a report says of one file.
func keep(report *rules.TestReport, file string) (passed, failed int) {
	report.Results = slices.DeleteFunc(report.Results, func(r rules.TestResult) bool { return filepath.Clean(r.File) != file })
	report.Problems = slices.DeleteFunc(report.Problems, func(p problem.Problem) bool { return filepath.Clean(p.File) != file })
	for _, r := range report.Results {
		if r.Passed() {
			passed++
		} else {
			failed++
		}
	}
	return passed, failed + len(report.Problems)
}
