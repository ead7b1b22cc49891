package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yujing/alerts"
	"yujing/internal/calendar"
	"yujing/internal/config"
	"yujing/internal/problem"
	"yujing/rules"
)

func (a *app) checkCommand() *cobra.Command {
	var asJSON bool
	var format string
	cmd := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "check the configuration, sources, rules and receivers: all problems at once, with their places",
		Long: "check without a PATH reads yujing.yaml, --sources and --rules. A PATH is a directory of rules,\n" +
			"a directory of sources, one file of these, or a configuration file.\n\n" +
			"It exits 0 if there is nothing to tell, 1 if there is, warnings too. docs/checks explains each check.",
		RunE: func(cmd *cobra.Command, paths []string) error {
			if asJSON && cmd.Flags().Changed("format") && format != "json" {
				return usage("check: --json and --format %s exclude each other", format)
			}
			if asJSON {
				format = "json"
			}
			return a.check(paths, format)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a problem: --format json")
	cmd.Flags().StringVar(&format, "format", "text", "how problems are written: "+strings.Join(problem.Formats(), ", "))
	return cmd
}

func (a *app) check(paths []string, format string) error {
	report, err := problem.Report(format)
	if err != nil {
		return usage("check: %w", err)
	}
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
	if err := report(a.stdout, problems, readSource); err != nil {
		return err
	}
	// No warning: it is no mistake in a file, and must not fail whoever checks files.
	if gap := calendar.Embedded().Gap(time.Now()); gap != "" {
		fmt.Fprintf(a.stderr, "note: %s\n", gap)
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

// checkPath tells by what it holds whether a path is rules, sources or a
// configuration. A rule file or a feed definition is read with those beside it,
// and its own problems are told.
func checkPath(path string, c config.Config) (problem.List, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, usage("check: %w", err)
	}
	if info.IsDir() {
		if holdsRules(path) {
			return checkRules(path, c), nil
		}
		return checkSources(path), nil
	}
	var all problem.List
	switch {
	case topKey(path, "risk", "risks", "rules", "tests"):
		all = checkRules(filepath.Dir(path), c)
	case topKey(path, "source"):
		all = checkSources(filepath.Dir(path))
	default:
		_, problems := config.Load(path, true)
		return problems, nil
	}
	return slices.DeleteFunc(all, func(p problem.Problem) bool { return filepath.Clean(p.File) != filepath.Clean(path) }), nil
}

// holdsRules says whether a directory is one of rules: also one whose risks.yaml is missing.
func holdsRules(dir string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "[^.]*.yaml")) // the pattern is well-formed
	return slices.ContainsFunc(files, func(f string) bool { return topKey(f, "risk", "risks") })
}

// topKey says whether a YAML file has one of these keys at its top. It need not be well-formed otherwise.
func topKey(file string, keys ...string) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		key, _, ok := strings.Cut(line, ":")
		if ok && slices.Contains(keys, key) {
			return true
		}
	}
	return false
}

// checkRules is what Load refuses and what the lints find odd. How long the name
// of a risk may be follows from the words of text messages, which are configured;
// if those leave no room, the configuration is told to be wrong, not the name.
func checkRules(dir string, c config.Config) problem.List {
	return rules.Check(os.DirFS(dir), rules.Options{Calendar: calendar.Embedded(), Deadlines: c.Deadlines, Dir: dir,
		SMSRoom: max(0, alerts.RoomForRiskName(c.Alerts))})
}

func checkSources(dir string) problem.List {
	_, problems := config.Sources(dir)
	return problems
}
