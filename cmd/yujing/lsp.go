package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"yujing/internal/lsp"
)

func (a *app) lspCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "language server for editors: rules, risks, tests, sources, configuration",
		Long: "lsp speaks the Language Server Protocol on standard input and output; an editor starts it.\n" +
			"docs/editors.md tells how. It exits with 0 if the editor shut it down, else with 1.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.lsp(cmd.Context(), cmd.InOrStdin()) },
	}
	cmd.Flags().Bool("stdio", true, "speak on standard input and output; there is no other way")
	return cmd
}

func (a *app) lsp(ctx context.Context, in io.Reader) error {
	err := lsp.Serve(ctx, in, a.stdout, lsp.Options{Config: a.configPath, Rules: a.rulesDir, Version: version(), Logger: a.logger(zapcore.WarnLevel)})
	if errors.Is(err, lsp.ErrNoShutdown) {
		return &coded{exitProblems, err}
	}
	return err
}
