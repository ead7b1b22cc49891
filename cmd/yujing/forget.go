package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"yujing/alerts"
	"yujing/alerts/outbox"
	"yujing/internal/clickhouse"
	"yujing/internal/config"
	"yujing/internal/daemon"
)

func (a *app) forgetCommand() *cobra.Command {
	var reason string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "forget SOURCE:REF",
		Short: "remove a matter everywhere; that it was removed is recorded, what it was is not",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, db, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			matter, err := a.matter(cmd.Context(), db, args[0])
			if err != nil {
				return err
			}
			removed, err := a.forget(cmd.Context(), c, db, matter.Case, reason)
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

// forget removes a matter, from the store last: it alone names the rest, so that
// the same command can complete what an error leaves half done.
func (a *app) forget(ctx context.Context, c config.Config, db *clickhouse.DB, matter uint64, reason string) (map[string]uint64, error) {
	gone, err := db.AlertsOf(ctx, matter)
	if err != nil {
		return nil, err
	}
	messages, err := a.forgetAlerts(ctx, c, gone)
	if err != nil {
		return nil, err
	}
	removed, err := db.Forget(ctx, matter, operator(), reason)
	if err != nil {
		return nil, err
	}
	removed["messages"] = messages
	return removed, nil
}

// forgetAlerts removes the messages that told of alerts, and gives their number.
// A running daemon lets go of the alerts first, so that it writes no more of them.
func (a *app) forgetAlerts(ctx context.Context, c config.Config, gone []alerts.ID) (uint64, error) {
	if len(gone) == 0 {
		return 0, nil
	}
	order := daemon.Order{}
	for _, id := range gone {
		order.Forget = append(order.Forget, id.String())
	}
	if _, err := daemon.Send(ctx, a.dataDir, "/forget", order); err != nil && !errors.Is(err, daemon.ErrNotRunning) {
		return 0, err
	}
	files, err := outbox.Open(c.Outbox)
	if err != nil {
		return 0, err
	}
	n, err := files.Forget(gone)
	return uint64(n), err
}

// operator is who gives an order on the command line: the account's name.
func operator() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "unknown"
}
