// Command yujing warns early: it reads complaints, scores matters by rules, and
// tells the people responsible while a matter is still in its first round.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a bare container has no zones of its own, and every feed has one

	"github.com/spf13/cobra"

	"yujing/internal/clickhouse"
	"yujing/internal/engine"
	"yujing/internal/problem"
)

// Exit codes, the same for every command.
const (
	exitFine     = 0
	exitProblems = 1 // the command worked and found problems
	exitUsage    = 2 // wrong usage or configuration
	exitFailed   = 3 // failed at run time
)

func main() {
	engine.MaybeServe() // a client may have started this process to be its engine
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

// execute runs one command line. Results go to stdout, all else to stderr.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{stdout: stdout, stderr: stderr}
	defer a.close()
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return a.report(root.ExecuteContext(ctx))
}

// coded is an error that knows its exit code. Without a message it only sets
// the code: what there was to say has been said.
type coded struct {
	code int
	err  error
}

func (c *coded) Error() string {
	if c.err == nil {
		return ""
	}
	return c.err.Error()
}

func (c *coded) Unwrap() error { return c.err }

func usage(format string, args ...any) error { return &coded{exitUsage, fmt.Errorf(format, args...)} }

// found ends a command that worked but found problems.
func found() error { return &coded{code: exitProblems} }

// report prints an error once and gives its exit code.
func (a *app) report(err error) int {
	if err == nil {
		return exitFine
	}
	code := exitFailed
	var c *coded
	if errors.As(err, &c) {
		code = c.code
	}
	var otherKey *clickhouse.OtherKeyError
	if errors.As(err, &otherKey) { // found by a command or by the daemon
		code = exitUsage
	}
	var list problem.List
	switch {
	case errors.As(err, &list): // of configuration, sources or rules
		code = exitUsage
		problem.Print(a.stderr, list, readSource)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.stderr, "yujing: stopped")
	case err.Error() != "":
		fmt.Fprintln(a.stderr, "yujing:", err)
	}
	return code
}

func readSource(file string) []byte {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return text
}

// root is the command tree. A new command is a file with a constructor and a
// line here.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "yujing",
		Short:         "early warning for petition and complaint handling (信访预警)",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs, // an unknown command is for RunE below to tell
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configPath, "config", "", "configuration file (default yujing.yaml if there)")
	flags.StringVar(&a.dataDir, "data", "var", "data directory")
	flags.StringVar(&a.rulesDir, "rules", "rules.d", "directory of rule files")
	flags.StringVar(&a.sourcesDir, "sources", "sources.d", "directory of feed definitions")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "log what is done")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see 'yujing %s --help'", err, cmd.Name())
	})
	root.AddCommand(
		a.engineCommand(), a.sqlCommand(), a.backupCommand(), a.restoreCommand(), a.forgetCommand(),
		a.importCommand(), a.rejectsCommand(), a.simulateCommand(),
		a.scoreCommand(), a.backtestCommand(), a.diffCommand(), a.tuneCommand(), a.explainCommand(), a.checkCommand(), a.testCommand(),
		a.lspCommand(), a.schemaCommand(),
		a.runCommand(), a.reloadCommand(), a.alertsCommand(), a.ackCommand(), a.closeCommand(), a.muteCommand(), a.sendTestCommand(),
	)
	for _, c := range root.Commands() { // cobra's own message for a wrong number of arguments is no usage error yet
		if check := c.Args; check != nil {
			c.Args = func(cmd *cobra.Command, args []string) error {
				if err := check(cmd, args); err != nil {
					return usage("%w; usage: %s", err, cmd.UseLine())
				}
				return nil
			}
		}
	}
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("unknown command %q; see 'yujing --help'", args[0])
		}
		return cmd.Help()
	}
	return root
}
