package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"yujing/internal/calendar"
	"yujing/internal/config"
	"yujing/rules"
	"yujing/scorer/backtest"
	rulesdiff "yujing/scorer/diff"
	"yujing/scorer/tune"
)

// tuneRun is what `yujing tune` was asked for.
type tuneRun struct {
	period        period
	split, budget string
	patch         string // file, "" = none
	allowLostRed  bool
	pointsOnly    bool
	fit, write    bool
	asJSON        bool
}

func (a *app) tuneCommand() *cobra.Command {
	var t tuneRun
	cmd := &cobra.Command{
		Use:   "tune --risk RISK --from TIME --to TIME",
		Short: "look for better points and numbers on the earlier part of a period, and judge them on the later",
		Long: "tune tries other points and other numbers in the conditions of a risk on the earlier part of a period, proposes those\n" +
			"that find more for no more warnings a day as a patch to the rule files, and judges them on the later part. It also\n" +
			"fits points to history. Nothing is changed without --write. docs/tune.md says how it decides.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.tune(cmd.Context(), &t) },
	}
	t.period.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&t.split, "split", "", "the later part begins here (default after two thirds)")
	flags.StringVar(&t.budget, "budget", "", "how many warnings a day there may be: 5/day (default as many as now)")
	flags.BoolVar(&t.allowLostRed, "allow-lost-red", false, "a proposal may lose cases that stood red and came true")
	flags.BoolVar(&t.pointsOnly, "points-only", false, "leave the numbers of conditions alone; much faster on a large store")
	flags.BoolVar(&t.fit, "fit", false, "let the patch carry the fitted points instead of the changes found one by one")
	flags.StringVar(&t.patch, "patch", "", "write the patch to this file, for patch -p1 or git apply")
	flags.BoolVar(&t.write, "write", false, "change the rule files")
	flags.BoolVar(&t.asJSON, "json", false, "the report as one JSON object, the patch in it")
	return cmd
}

func (a *app) tune(ctx context.Context, t *tuneRun) error {
	c, set, err := a.rules()
	if err != nil {
		return err
	}
	o, err := t.options(set)
	if err != nil {
		return err
	}
	src, err := a.existingStore(ctx, c)
	if err != nil {
		return err
	}
	started := time.Now()
	report, err := tune.Run(ctx, src, set, o)
	var few *tune.TooFewError
	var empty *tune.EmptySplitError
	if errors.As(err, &few) || errors.As(err, &empty) || errors.Is(err, backtest.ErrNoData) {
		return &coded{exitUsage, err}
	}
	if err != nil {
		return err
	}
	report.Seconds = time.Since(started).Seconds()
	return a.tellTune(t, c, o.Risk, report)
}

// options reads the flags.
func (t *tuneRun) options(set *rules.Set) (tune.Options, error) {
	if t.period.risk == "" && len(set.Risks()) > 1 {
		var known []string
		for _, r := range set.Risks() {
			known = append(known, r.ID)
		}
		return tune.Options{}, usage("write which risk to tune: --risk %s", strings.Join(known, ", or --risk "))
	}
	p, err := t.period.options(set)
	if err != nil {
		return tune.Options{}, err
	}
	o := tune.Options{Risk: set.Risks()[0], Level: p.Level, From: p.From, To: p.To, Step: p.Step, AllowLostRed: t.allowLostRed, PointsOnly: t.pointsOnly}
	if t.period.risk != "" {
		o.Risk = set.Risk(t.period.risk)
	}
	if t.split != "" {
		if o.Split, err = instant(t.split, o.Risk.Zone); err != nil {
			return o, err
		}
	}
	if t.budget != "" {
		budget, err := rulesdiff.ParseBudget(t.budget)
		if err != nil || budget.PerUnit || budget.PerDay == 0 {
			return o, usage("--budget %s: write how many warnings a day there may be, all units together: 5/day", t.budget)
		}
		o.Budget = budget.PerDay
	}
	return o, nil
}

// tellTune prints the report, and writes what was asked for.
func (a *app) tellTune(t *tuneRun, c config.Config, risk *rules.Risk, report *tune.Report) error {
	files, err := a.amended(c, report.Amendments(t.fit))
	if err != nil {
		return err
	}
	patch := a.patchOf(files)
	if t.patch != "" {
		if err := writeFile(t.patch, func(w io.Writer) error { _, err := io.WriteString(w, patch); return err }); err != nil {
			return err
		}
	}
	if t.write {
		for _, f := range files {
			if err := writeFile(filepath.Join(a.rulesDir, f.Name), func(w io.Writer) error { _, err := w.Write(f.After); return err }); err != nil {
				return err
			}
		}
	}
	if t.asJSON {
		return a.json(struct {
			*tune.Report
			Patch string `json:"patch"`
		}{report, patch})
	}
	if err := report.Print(a.stdout, risk, t.fit); err != nil {
		return err
	}
	return a.tellPatch(t, patch)
}

// amended makes the new rule files.
func (a *app) amended(c config.Config, amendments []rules.Amendment) ([]rules.AmendedFile, error) {
	if len(amendments) == 0 {
		return nil, nil
	}
	return rules.Amend(os.DirFS(a.rulesDir), rules.Options{Calendar: calendar.Embedded(), Deadlines: c.Deadlines, Dir: a.rulesDir}, amendments)
}

// patchOf is a unified diff, its names as seen from the working directory; from
// the root of the file system if the rules lie elsewhere.
func (a *app) patchOf(files []rules.AmendedFile) string {
	dir := a.rulesDir
	if abs, err := filepath.Abs(dir); err == nil {
		dir = strings.TrimPrefix(abs, string(filepath.Separator))
		if here, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(here, abs); err == nil && filepath.IsLocal(rel) {
				dir = rel
			}
		}
	}
	var b strings.Builder
	for _, f := range files {
		name := filepath.ToSlash(filepath.Join(dir, f.Name))
		_, text, _ := strings.Cut(string(diff.Diff("a/"+name, f.Before, "b/"+name, f.After)), "\n") // its first line is that of another tool
		b.WriteString(text)
	}
	return b.String()
}

// tellPatch says what there is to do now.
func (a *app) tellPatch(t *tuneRun, patch string) error {
	var err error
	say := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(a.stdout, format, args...)
		}
	}
	switch {
	case patch == "":
	case t.write:
		say("\n已写入 %s；请运行 yujing test（预期有变时 --update）和 yujing check\nwritten to %s: run yujing test, with --update where expectations change, and yujing check\n", a.rulesDir, a.rulesDir)
	case t.patch != "":
		say("\n补丁在 %s；用 patch -p1 < %s 采用，或加 --write\nthe patch is in %s: take it with patch -p1 < %s, or with --write\n", t.patch, t.patch, t.patch, t.patch)
	default:
		say("\n补丁 patch（--patch FILE 存为文件 to keep it，--write 直接采用 to take it）\n%s", patch)
	}
	return err
}
