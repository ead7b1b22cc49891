package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"yujing/internal/problem"
	"yujing/internal/schema"
)

func (a *app) schemaCommand() *cobra.Command {
	names := []string{}
	for _, kind := range schema.Kinds() {
		names = append(names, string(kind))
	}
	return &cobra.Command{
		Use:   "schema KIND",
		Short: "print the JSON Schema of a kind of file: rules, risks, tests, source or config",
		Long: "schema prints the JSON Schema (draft-07) of rules, risks, tests, source or config, for editors and\n" +
			"other tools: yujing schema rules > rules.json",
		ValidArgs: names,
		Args:      cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(names, args[0]) {
				return usage("there is no schema of %q; %s", args[0], problem.DidYouMean(args[0], names))
			}
			text, err := schema.Text(schema.Kind(args[0]))
			if err != nil {
				return fmt.Errorf("schema of %s: %w", args[0], err)
			}
			_, err = a.stdout.Write(text)
			return err
		},
	}
}
