package main

import (
	"path/filepath"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"yujing/internal/engine"
)

func (a *app) engineCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "engine",
		Short: "run the embedded ClickHouse engine of the data directory; other commands start it by themselves",
		Long:  "engine serves ClickHouse's HTTP interface on a socket in the data directory, and with --listen on a loopback port, so that Grafana or curl can read.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			return engine.Serve(cmd.Context(), engine.ServeOptions{Dir: filepath.Join(a.dataDir, "store"), Lib: c.ClickHouse.Embedded.Library,
				Memory: int64(c.ClickHouse.Embedded.MemoryMB) << 20, Idle: -1, Listen: listen, Logger: a.logger(zapcore.InfoLevel)})
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "also answer HTTP on this loopback address, such as 127.0.0.1:8123")
	return cmd
}
