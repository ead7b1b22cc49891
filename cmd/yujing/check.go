package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"yujing/internal/calendar"
	"yujing/internal/config"
	"yujing/internal/problem"
	"yujing/rules"
)

func (a *app) checkCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "check the configuration, sources, rules and receivers: all problems at once, with their places",
		Long: "check without a PATH reads yujing.yaml, --sources and --rules. A PATH is a directory of rules (it holds risks.yaml),\n" +
			"a directory of sources, or a configuration file.",
		RunE: func(_ *cobra.Command, paths []string) error { return a.check(paths, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a problem")
	return cmd
}

func (a *app) check(paths []string, asJSON bool) error {
	c, problems := a.checkConfig()
	if len(paths) == 0 {
		problems = append(problems, checkSources(a.sourcesDir)...)
		problems = append(problems, checkRules(a.rulesDir, c)...)
	} else {
		problems = nil
		for _, p := range paths {
			more, err := checkPath(p, c)
			if err != nil {
				return err
			}
			problems = append(problems, more...)
		}
	}
	problems.Sort()
	if asJSON {
		for _, p := range problems {
			if err := a.json(p); err != nil {
				return err
			}
		}
	} else {
		problem.Print(a.stdout, problems, readSource)
	}
	fmt.Fprintf(a.stderr, "%d errors, %d warnings\n", problems.Count(problem.Error), problems.Count(problem.Warning))
	if len(problems) > 0 {
		return found()
	}
	return nil
}

func (a *app) checkConfig() (config.Config, problem.List) {
	path, asked := a.configPath, a.configPath != ""
	if !asked {
		path = "yujing.yaml"
	}
	return config.Load(path, asked)
}

// checkPath tells by what it holds whether a path is rules, sources or a configuration.
func checkPath(path string, c config.Config) (problem.List, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, usage("check: %w", err)
	}
	if !info.IsDir() {
		_, problems := config.Load(path, true)
		return problems, nil
	}
	if _, err := os.Stat(filepath.Join(path, "risks.yaml")); err == nil {
		return checkRules(path, c), nil
	}
	return checkSources(path), nil
}

func checkRules(dir string, c config.Config) problem.List {
	_, problems := rules.Load(os.DirFS(dir), rules.Options{Calendar: calendar.Embedded(), Deadlines: c.Deadlines, Dir: dir})
	return problems
}

func checkSources(dir string) problem.List {
	_, problems := config.Sources(dir)
	return problems
}
