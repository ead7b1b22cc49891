package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"yujing/internal/clickhouse"
)

func (a *app) sqlCommand() *cobra.Command {
	var format string
	var write bool
	cmd := &cobra.Command{
		Use:   "sql 'SELECT ...'",
		Short: "ask the store; read-only unless --write",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(args[0]) == "" {
				return usage("the statement is empty; write one, such as 'SELECT count() FROM signals FINAL'")
			}
			c, err := a.config()
			if err != nil {
				return err
			}
			db, err := a.store(cmd.Context(), c)
			if err != nil {
				return err
			}
			if format == "" {
				format = "TabSeparatedWithNames"
				if terminal(a.stdout) {
					format = "PrettyCompact"
				}
			}
			err = db.Raw(cmd.Context(), a.stdout, clickhouse.RawQuery{SQL: args[0], Format: format, Write: write})
			if err != nil && strings.Contains(err.Error(), "readonly mode") {
				return fmt.Errorf("%w; only statements that read, such as SELECT, SHOW or DESCRIBE, go without --write", err)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "any ClickHouse format, such as JSONEachRow, CSVWithNames or Vertical (default a table on a terminal, else TabSeparatedWithNames)")
	cmd.Flags().BoolVar(&write, "write", false, "allow the statement to change data")
	return cmd
}
