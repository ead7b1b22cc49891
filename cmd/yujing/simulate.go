package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"yujing/internal/simulate"
)

func (a *app) simulateCommand() *cobra.Command {
	var from, to, format string
	var asJSON bool
	o := simulate.Options{}
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "write a district's complaint stream with known outcomes, in the formats of real feeds",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.To, err = instant(to, simulate.Zone()); err != nil {
				return err
			}
			if o.From, err = instant(from, simulate.Zone()); err != nil {
				return err
			}
			if from == "" {
				o.From = o.To.AddDate(0, -6, 0)
			}
			o.Format = simulate.Format(format)
			if err := simulable(o); err != nil {
				return err
			}
			bar := a.progress("simulating", 1000)
			o.Progress = func(done float64) { bar(int64(done * 1000)) }
			report, err := simulate.Run(cmd.Context(), o)
			if err != nil {
				return err
			}
			if asJSON {
				return a.json(report)
			}
			fmt.Fprintf(a.stdout, "%d matters, %d contacts, %d actions in %d files, %.1f s; came back: %d repeat, %d groups collective, %d escalated\n",
				report.Matters, report.Contacts, report.Actions, report.Files, report.Seconds, report.Repeat, report.Collective, report.Escalated)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Dir, "out", "simulated", "new directory for the feeds and, apart from them, the truth")
	f.StringVar(&from, "from", "", "begin (default six months before --to)")
	f.StringVar(&to, "to", "", "end (default now)")
	f.Uint64Var(&o.Seed, "seed", 1, "the same seed and period give the same files")
	f.IntVar(&o.Contacts, "contacts", 0, "about how many contacts in the whole period (default 100 a day)")
	f.StringVar(&format, "format", "all", "all, hotline, bureau, online, or csv (the hotline's in UTF-8, the fastest)")
	f.DurationVar(&o.Every, "every", 7*24*time.Hour, "how often the feeds export")
	f.IntVar(&o.Dirty, "dirty", 0, "records in a thousand that are broken on purpose")
	f.BoolVar(&o.Hazards, "hazards", false, "write the true hazard of every matter at each midnight too")
	f.BoolVar(&asJSON, "json", false, "JSON")
	return cmd
}

// simulable refuses what cannot be simulated as wrong usage, before anything is written.
func simulable(o simulate.Options) error {
	if err := o.Validate(); err != nil {
		return usage("%w", err)
	}
	if entries, err := os.ReadDir(o.Dir); err == nil && len(entries) > 0 {
		return usage("simulate: %s is not empty; name a new directory with --out", o.Dir)
	}
	return nil
}
