package main

import (
	"os"

	"github.com/spf13/cobra"

	"yujing/rules"
)

func (a *app) testCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "test [DIR...]",
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

func (a *app) test(dirs []string, asJSON bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	var passed, failed int
	var all rules.TestReport
	for _, dir := range dirs {
		a.rulesDir = dir
		set, err := a.ruleSet(c)
		if err != nil {
			return err
		}
		p, f, report := rules.RunTests(os.DirFS(dir), set, dir)
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
