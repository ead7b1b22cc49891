package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yujing/alerts"
	"yujing/internal/daemon"
)

func (a *app) alertsCommand() *cobra.Command {
	var asJSON bool
	var level string
	var filter alerts.Filter
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "the alerts that are open, the most urgent first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := filter.Level.UnmarshalText([]byte(level)); err != nil {
				return usage("--level: %w", err)
			}
			if terminal(a.stdout) && !asJSON && !cmd.Flags().Changed("limit") {
				filter.Limit = screenful
			}
			return a.listAlerts(cmd.Context(), filter, asJSON)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&filter.Closed, "all", false, "closed ones too")
	f.StringVar(&level, "level", "none", "at least this level: blue, yellow, orange, red")
	f.StringVar(&filter.Risk, "risk", "", "only of this risk")
	f.StringVar(&filter.Ref, "ref", "", "only of matters whose SOURCE:REF holds this")
	f.IntVar(&filter.Limit, "limit", 0, fmt.Sprintf("at most so many; 0 = all (on a terminal %d unless told)", screenful))
	f.BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}

// screenful is how many alerts a terminal shows: the most urgent ones must not scroll away.
const screenful = 30

func (a *app) listAlerts(ctx context.Context, filter alerts.Filter, asJSON bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(c.Alerts.Zone)
	if err != nil {
		return usage("alerts: zone: %w", err)
	}
	db, err := a.existingStore(ctx, c)
	if err != nil {
		return err
	}
	list, err := alerts.List(ctx, db, filter)
	if err != nil {
		return err
	}
	if asJSON {
		return alerts.PrintJSON(a.stdout, list)
	}
	if len(list) == 0 {
		fmt.Fprintln(a.stderr, "没有符合条件的预警 no alerts of this kind")
		return nil
	}
	if err := alerts.PrintTable(a.stdout, list, zone); err != nil {
		return err
	}
	if len(list) == filter.Limit {
		fmt.Fprintf(a.stderr, "the %d most urgent; --limit 0 shows all, --level orange those from orange on\n", filter.Limit)
	}
	return nil
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
		if _, err := alerts.ParseID(args[0]); err != nil {
			return usage("%w", err)
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
		cmd.Flags().StringVar(&o.Reason, "reason", alerts.Resolved, strings.Join(alerts.CloseReasons(), ", "))
		return func() error {
			if !slices.Contains(alerts.CloseReasons(), o.Reason) {
				return usage("%q is no reason to close an alert: use %s", o.Reason, strings.Join(alerts.CloseReasons(), ", "))
			}
			return nil
		}
	})
}

func (a *app) muteCommand() *cobra.Command {
	return a.act("mute ALERT", "hold an alert's messages for a while; a rise ends the mute", alerts.Muted, func(cmd *cobra.Command, o *daemon.Order) func() error {
		length := cmd.Flags().String("for", "24h", "how long: 90m, 12h, 3d")
		cmd.Flags().StringVar(&o.Reason, "note", "", "why")
		return func() error {
			d, err := span(*length)
			if err != nil {
				return err
			}
			o.Until = time.Now().Add(d)
			return nil
		}
	})
}

// span reads a length of time as people write it; time.ParseDuration knows no days.
func span(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * float64(24*time.Hour))
	}
	if err != nil || d <= 0 {
		return 0, usage("%q is no length of time: write 90m, 12h or 3d", text)
	}
	return d, nil
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
