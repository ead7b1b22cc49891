package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"yujing/internal/daemon"
	"yujing/internal/problem"
)

func (a *app) reloadCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "have the daemon read rules, sources and configuration again, now",
		Long: "reload asks the daemon that runs on --data to read its rules, sources and configuration again, and prints what\n" +
			"changed. With mistakes in them it prints these and ends with 1: what the daemon had stays in force, whole.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.reload(cmd.Context(), asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "what became of it as one JSON object")
	return cmd
}

func (a *app) reload(ctx context.Context, asJSON bool) error {
	answer, err := daemon.Send(ctx, a.dataDir, "/reload", daemon.Order{})
	if err != nil {
		return err
	}
	r := answer.Reload
	if asJSON {
		if err := a.json(r); err != nil {
			return err
		}
	} else {
		problem.Print(a.stdout, r.Problems, func(file string) []byte { return readFrom(answer.Dir, file) })
		a.printReload(r)
	}
	switch r.Result {
	case daemon.Refused:
		fmt.Fprintf(a.stderr, "refused: %d errors; rule set %s and all else stay in force\n", r.Problems.Count(problem.Error), r.RuleSet)
		return found()
	case daemon.Failed:
		return fmt.Errorf("reload: %s; what stood before stays in force, and the daemon tries again by itself", r.Error)
	}
	return nil
}

// printReload says in lines what holds now.
func (a *app) printReload(r *daemon.Reload) {
	switch {
	case r.Result == daemon.Unchanged:
		fmt.Fprintf(a.stdout, "nothing changed: rule set %s\n", r.RuleSet)
	case r.Result == daemon.Accepted && r.Was == r.RuleSet:
		fmt.Fprintf(a.stdout, "reloaded: rule set %s as before\n", r.RuleSet)
	case r.Result == daemon.Accepted:
		fmt.Fprintf(a.stdout, "reloaded: rule set %s, before %s; every matter is being scored with it\n", r.RuleSet, r.Was)
	default:
		return
	}
	for _, of := range []struct {
		what string
		daemon.Delta
	}{{"rules", r.Rules}, {"risks", r.Risks}, {"sources", r.Sources}, {"receivers", r.Receivers}} {
		a.printNames(of.what+" added", of.Added)
		a.printNames(of.what+" removed", of.Removed)
		a.printNames(of.what+" changed", of.Changed)
	}
	a.printNames("configuration changed", r.Config)
	a.printNames("needs a restart", r.Restart)
}

func (a *app) printNames(what string, names []string) {
	if len(names) > 0 {
		fmt.Fprintf(a.stdout, "  %s: %s\n", what, strings.Join(names, ", "))
	}
}

// readFrom reads a file as a process with another working directory names it.
func readFrom(dir, file string) []byte {
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return text
}
