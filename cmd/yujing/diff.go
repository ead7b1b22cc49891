package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"yujing/internal/calendar"
	"yujing/internal/config"
	"yujing/rules"
	"yujing/scorer/backtest"
	"yujing/scorer/diff"
)

// diffRun is what `yujing diff` was asked for.
type diffRun struct {
	period           period
	budget, html     string
	asJSON, markdown bool
}

func (a *app) diffCommand() *cobra.Command {
	var d diffRun
	cmd := &cobra.Command{
		Use:   "diff A B --from TIME --to TIME",
		Short: "what a change of the rules changes: warnings gained, lost and moved, by name, and the load",
		Long: "diff runs two rule sets over the same past, as backtest does. A and B are directories of rules, or revisions of\n" +
			"--rules in git; a directory of that name goes before a revision. With --budget it exits with 1 where B exceeds it.",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return a.diff(cmd.Context(), args[0], args[1], &d) },
	}
	d.period.flags(cmd)
	cmd.Flags().StringVar(&d.budget, "budget", "", "exit with 1 if B comes to more warnings: 5/day, or 5/day/unit for each unit")
	cmd.Flags().BoolVar(&d.asJSON, "json", false, "the whole diff as one JSON object")
	cmd.Flags().BoolVar(&d.markdown, "markdown", false, "as Markdown, short enough for a merge request")
	cmd.Flags().StringVar(&d.html, "html", "", "write one self-contained page to this file too")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	return cmd
}

func (a *app) diff(ctx context.Context, nameA, nameB string, d *diffRun) error {
	var budget diff.Budget
	var err error
	if d.budget != "" {
		if budget, err = diff.ParseBudget(d.budget); err != nil {
			return usage("diff: %w", err)
		}
	}
	c, err := a.config()
	if err != nil {
		return err
	}
	var sides [2]diff.Side
	for i, name := range []string{nameA, nameB} {
		if sides[i], err = a.side(ctx, c, name); err != nil {
			return err
		}
	}
	o, err := d.period.optionsOfEither(sides[1].Set, sides[0].Set)
	if err != nil {
		return err
	}
	db, err := a.existingStore(ctx, c)
	if err != nil {
		return err
	}
	result, err := diff.Compare(ctx, db, sides[0], sides[1], o)
	if errors.Is(err, backtest.ErrNoData) {
		return &coded{exitUsage, err}
	}
	if err != nil {
		return err
	}
	return a.tellDiff(d, result, budget)
}

// optionsOfEither reads the flags by the first set that has the risk asked for.
func (p *period) optionsOfEither(first, second *rules.Set) (backtest.Options, error) {
	if p.risk != "" && first.Risk(p.risk) == nil && second.Risk(p.risk) != nil {
		return p.options(second)
	}
	return p.options(first)
}

// tellDiff prints the diff. Its error is found() if it is over the budget.
func (a *app) tellDiff(d *diffRun, result *diff.Diff, budget diff.Budget) (err error) {
	if d.html != "" {
		if err := writeFile(d.html, result.HTML); err != nil {
			return err
		}
	}
	switch {
	case d.asJSON:
		err = a.json(result)
	case d.markdown:
		err = result.Markdown(a.stdout)
	default:
		err = result.Print(a.stdout)
	}
	if over := budget.Exceeded(result); err == nil && over != "" {
		fmt.Fprintf(a.stderr, "yujing: over the budget: %s\n", over)
		return found()
	}
	return err
}

// side loads the rule set that a word of the command line means.
func (a *app) side(ctx context.Context, c config.Config, name string) (diff.Side, error) {
	fsys, shown := os.DirFS(name), name
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.IsDir():
		return diff.Side{}, usage("%s is a file; name a directory of rules, or a revision of %s in git", name, a.rulesDir)
	case err != nil:
		if fsys, err = a.revision(ctx, name); err != nil {
			return diff.Side{}, err
		}
		shown = name + ":" + a.rulesDir
	}
	set, problems := rules.Load(fsys, rules.Options{Calendar: calendar.Embedded(), Deadlines: c.Deadlines, Dir: shown})
	if err := problems.Err(); err != nil {
		return diff.Side{}, &coded{exitUsage, err}
	}
	return diff.Side{Name: name, Set: set}, nil
}

// revision gives the rules as they were at a revision of git.
func (a *app) revision(ctx context.Context, name string) (fs.FS, error) {
	if info, err := os.Stat(a.rulesDir); err != nil || !info.IsDir() {
		return nil, usage("%s is no directory, and as a revision it needs one in git: name that with --rules (now %s)", name, a.rulesDir)
	}
	if strings.HasPrefix(name, "-") {
		return nil, usage("%s is neither a directory nor a revision", name)
	}
	if _, err := a.git(ctx, "rev-parse", "--verify", "--quiet", name+"^{commit}"); err != nil {
		return nil, usage("%s is neither a directory nor a revision of %s in git: %w", name, a.rulesDir, err)
	}
	data, err := a.git(ctx, "archive", "--format=zip", name) // of the directory it runs in
	if err != nil {
		return nil, usage("revision %s has no rules in %s: %w", name, a.rulesDir, err)
	}
	return zip.NewReader(bytes.NewReader(data), int64(len(data)))
}

// git runs git in the directory of the rules.
func (a *app) git(ctx context.Context, args ...string) ([]byte, error) {
	dir, err := filepath.Abs(a.rulesDir)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch said := ""; {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("there is no git here; name directories")
	case errors.As(err, &exit):
		if said = strings.TrimSpace(string(exit.Stderr)); said == "" {
			said = exit.String()
		}
		return nil, fmt.Errorf("git %s: %s", args[0], said)
	}
	return out, err
}
