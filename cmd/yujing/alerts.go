package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"yujing/alerts"
	"yujing/internal/daemon"
)

func (a *app) alertsCommand() *cobra.Command {
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "the alerts that are open, the most urgent first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			db, err := a.store(cmd.Context(), c)
			if err != nil {
				return err
			}
			list, err := alerts.List(cmd.Context(), db, alerts.Filter{Closed: all})
			if err != nil {
				return err
			}
			if asJSON {
				return alerts.PrintJSON(a.stdout, list)
			}
			zone, err := time.LoadLocation(c.Alerts.Zone)
			if err != nil {
				return usage("alerts: zone: %w", err)
			}
			return alerts.PrintTable(a.stdout, list, zone)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "closed ones too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// act is what ack, close and mute have in common: an order to the daemon, which alone writes alerts.
func (a *app) act(use, short string, kind alerts.Kind, more func(*cobra.Command, *daemon.Order) func() error) *cobra.Command {
	order := daemon.Order{Kind: string(kind)}
	var asJSON bool
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.ExactArgs(1)}
	ready := more(cmd, &order)
	cmd.Flags().StringVar(&order.By, "by", operator(), "who does it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := ready(); err != nil {
			return err
		}
		order.Alert = args[0]
		return a.order(cmd.Context(), "/act", order, asJSON)
	}
	return cmd
}

func (a *app) order(ctx context.Context, path string, o daemon.Order, asJSON bool) error {
	answer, err := daemon.Send(ctx, a.dataDir, path, o)
	if err != nil {
		return err
	}
	if asJSON {
		return a.json(answer)
	}
	if answer.Alert != nil {
		fmt.Fprintf(a.stdout, "%s  %s\n", answer.Alert.ID, answer.Alert.State)
	}
	if answer.Text != "" {
		fmt.Fprintln(a.stdout, answer.Text)
	}
	return nil
}

func (a *app) ackCommand() *cobra.Command {
	return a.act("ack ALERT", "take an alert on: somebody is dealing with it", alerts.Acknowledged, func(cmd *cobra.Command, o *daemon.Order) func() error {
		acted := cmd.Flags().Bool("acted", false, "something has been done: the complainant was contacted, answered, heard or helped")
		cmd.Flags().StringVar(&o.Reason, "note", "", "what was done")
		return func() error {
			if *acted {
				o.Kind = string(alerts.Acted)
			}
			return nil
		}
	})
}

func (a *app) closeCommand() *cobra.Command {
	return a.act("close ALERT", "close an alert: resolved, false_alarm or duplicate", alerts.Closed, func(cmd *cobra.Command, o *daemon.Order) func() error {
		cmd.Flags().StringVar(&o.Reason, "reason", "resolved", "resolved, false_alarm or duplicate")
		return func() error { return nil }
	})
}

func (a *app) muteCommand() *cobra.Command {
	return a.act("mute ALERT", "hold an alert's messages for a while; a rise ends the mute", alerts.Muted, func(cmd *cobra.Command, o *daemon.Order) func() error {
		length := cmd.Flags().Duration("for", 24*time.Hour, "how long")
		cmd.Flags().StringVar(&o.Reason, "note", "", "why")
		return func() error {
			o.Until = time.Now().Add(*length)
			return nil
		}
	})
}

func (a *app) sendTestCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "send-test RECEIVER",
		Short: "send a receiver a test message on every channel it has",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.sendTest(cmd.Context(), args[0], asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "JSON")
	return cmd
}

// sendTest needs no daemon: it tries the channels themselves.
func (a *app) sendTest(ctx context.Context, receiver string, asJSON bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	channels, err := c.Channels()
	if err != nil {
		return err
	}
	results, err := alerts.SendTest(ctx, &c.Alerts, channels, receiver)
	if err != nil {
		return usage("%w", err)
	}
	failed := false
	for _, r := range results {
		failed = failed || !r.OK
		if asJSON {
			if err := a.json(r); err != nil {
				return err
			}
			continue
		}
		state := "sent"
		if !r.OK {
			state = "failed: " + r.Error
		}
		fmt.Fprintf(a.stdout, "%s  %s  %s  %s\n", r.Receiver, r.Channel, r.To, state)
	}
	if failed {
		return &coded{code: exitFailed}
	}
	return nil
}
