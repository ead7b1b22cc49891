package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"yujing/alerts"
	"yujing/internal/config"
	"yujing/internal/daemon"
)

func (a *app) runCommand() *cobra.Command {
	var noSend, demo bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "the daemon: watch the feeds, score, warn",
		Long: "run watches the feeds, scores and warns. It takes up changed rules, sources and configuration by itself,\n" +
			"or at once on SIGHUP and yujing reload; a set with mistakes leaves the one before in force.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if demo {
				return a.demo(cmd.Context(), noSend)
			}
			return a.daemon(cmd.Context(), daemon.Options{NoSend: noSend}, nil)
		},
	}
	cmd.Flags().BoolVar(&noSend, "no-send", false, "keep alerts but send no message")
	cmd.Flags().BoolVar(&demo, "demo", false, "simulate a district: its history at the first start, then its complaints as they come")
	return cmd
}

// daemon builds and runs the daemon; beside is run along with it, and may be nil.
func (a *app) daemon(ctx context.Context, o daemon.Options, beside func(context.Context, *daemon.Daemon) error) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	if err := a.ready(c); err != nil {
		return err
	}
	if _, err := a.key(c); err != nil { // here, where its creation is told to a person
		return err
	}
	level := zapcore.InfoLevel
	if a.quiet {
		level = zapcore.WarnLevel
	}
	o.Config, o.ConfigFile, o.DataDir, o.Rules, o.Sources, o.Logger = c, a.configFile(), a.dataDir, a.rulesDir, a.sourcesDir, a.logger(level)
	hangups := make(chan os.Signal, 1)
	if beside == nil { // a demonstration ends with its terminal
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
	}
	d, err := daemon.New(ctx, o)
	if err != nil {
		return err
	}
	a.closers = append(a.closers, d.Close)
	if beside == nil {
		go reloadOn(ctx, hangups, d)
		return d.Run(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	failed := make(chan error, 1)
	go func() {
		err := beside(ctx, d)
		if err != nil {
			cancel()
		}
		failed <- err
	}()
	err = d.Run(ctx)
	cancel()
	if other := <-failed; other != nil && ctx.Err() == nil {
		return other
	}
	return err
}

// reloadOn reloads at every signal, from when the daemon is ready on. What came
// of it stands in the log.
func reloadOn(ctx context.Context, hangups <-chan os.Signal, d *daemon.Daemon) {
	select {
	case <-ctx.Done():
		return
	case <-d.Ready():
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			_, _ = d.Reload(ctx, daemon.BySignal)
		}
	}
}

// configFile is where the configuration is, or would be.
func (a *app) configFile() string { return cmp.Or(a.configPath, "yujing.yaml") }

// ready checks rules and sources before anything is made in the data directory.
// What is wrong with them is wrong configuration, not a failure.
func (a *app) ready(c config.Config) error {
	_, err := a.ruleSet(c)
	if err != nil {
		return err
	}
	_, err = a.allSources()
	return err
}

// announce prints an alert as it comes; those of a digest are too many for that.
func (a *app) announce(zone *time.Location) func(alerts.Event) {
	return func(e alerts.Event) {
		if e.Detail == nil || e.Digest != "" || e.Kind != alerts.Opened && e.Kind != alerts.Raised {
			return
		}
		points := "" // a threat of harm and a silent feed have none
		if e.Score > 0 {
			points = fmt.Sprintf(" %d 分", e.Score)
		}
		what := map[alerts.Kind]string{alerts.Opened: "预警", alerts.Raised: "升级"}[e.Kind]
		fmt.Fprintf(a.stdout, "%s  %s%s  %s%s  %s\n", time.Now().In(zone).Format("15:04:05"), e.Level.Name().ZH, what, e.Detail.Name.ZH, points, e.Detail.Matter.Ref)
	}
}
