package main

import (
	"fmt"
	"os/user"

	"github.com/spf13/cobra"
)

func (a *app) forgetCommand() *cobra.Command {
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "forget SOURCE:REF",
		Short: "remove a matter everywhere; that it was removed is recorded, what it was is not",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			db, err := a.store(cmd.Context(), c)
			if err != nil {
				return err
			}
			matter, err := a.matter(cmd.Context(), db, args[0])
			if err != nil {
				return err
			}
			removed, err := db.Forget(cmd.Context(), matter.Case, operator(), reason)
			if err != nil {
				return err
			}
			if asJSON {
				return a.json(removed)
			}
			for table, n := range removed {
				fmt.Fprintf(a.stdout, "%s: %d\n", table, n)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the record")
	cmd.Flags().BoolVar(&asJSON, "json", false, "JSON")
	return cmd
}

// operator is who gives an order on the command line: the account's name.
func operator() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
