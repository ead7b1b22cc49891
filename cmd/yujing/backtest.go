package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// backtestRun is what `yujing backtest` was asked for.
type backtestRun struct {
	period period
	asJSON bool
	cases  string // file, "" = none
	page   htmlPage
	keep   bool
}

func (a *app) backtestCommand() *cobra.Command {
	var b backtestRun
	var v verification
	cmd := &cobra.Command{
		Use:   "backtest --from TIME --to TIME",
		Short: "had these rules run in the past: which matters that came back they would have caught, with how many warnings for nothing",
		Long: "backtest runs the rules over the past, each instant with what was known then, and tells what became of the\n" +
			"matters they would have warned of. Nobody is told, and nothing is stored but what --keep asks for. docs/backtest.md defines every figure.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if v.asked {
				v.from, v.to, v.asJSON = b.period.from, b.period.to, b.asJSON
				return a.verify(cmd.Context(), &v)
			}
			return a.backtest(cmd.Context(), &b)
		},
	}
	b.period.flags(cmd)
	v.flags(cmd)
	cmd.Flags().BoolVar(&b.asJSON, "json", false, "the report as one JSON object")
	cmd.Flags().StringVar(&b.cases, "cases", "", "write each row of the cohort and what became of it to this file, as CSV")
	cmd.Flags().StringVar(&b.page.path, "html", "", "write a page that explains itself to this file: plots, tables, the best and the worst cases")
	cmd.Flags().BoolVar(&b.keep, "keep", false, "keep the calibration, so that alerts of this rule set say what became of what scored alike")
	return cmd
}

// period is which past is judged, and at which level: the flags of every command
// that looks back.
type period struct {
	from, to, risk, level string
	step                  time.Duration
}

func (p *period) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&p.from, "from", "", "first contacts from this time on: 2025-01-01")
	flags.StringVar(&p.to, "to", "", "and before this one: 2026-01-01")
	flags.DurationVar(&p.step, "step", 24*time.Hour, "between the instants at which rows are scored")
	flags.StringVar(&p.risk, "risk", "", "only this risk")
	flags.StringVar(&p.level, "level", "yellow", "a row is warned of from this level on: blue, yellow, orange, red")
}

// options reads the flags as the set's zones have it.
func (p *period) options(set *rules.Set) (backtest.Options, error) {
	o := backtest.Options{Step: p.step}
	risks, err := pick(set, p.risk)
	if err != nil {
		return o, err
	}
	if p.risk != "" {
		o.Risks = []string{p.risk}
	}
	if p.step <= 0 {
		return o, usage("--step %s is no step forward; write 24h", p.step)
	}
	if o.Level, err = rules.ParseLevel(p.level); err != nil || o.Level == rules.None {
		return o, usage("--level %s: write blue, yellow, orange or red", p.level)
	}
	if o.From, err = pastInstant("--from", p.from, risks); err != nil {
		return o, err
	}
	if o.To, err = pastInstant("--to", p.to, risks); err != nil {
		return o, err
	}
	if !o.From.Before(o.To) {
		return o, usage("--from %s is not before --to %s; first contacts are looked for from the one to the other", p.from, p.to)
	}
	return o, nil
}

// pastInstant reads a time that all the risks understand alike.
func pastInstant(flag, text string, risks []*rules.Risk) (at time.Time, err error) {
	if text == "" {
		return at, usage("write %s: a date like 2025-01-01", flag)
	}
	for i, risk := range risks {
		t, err := instant(text, risk.Zone)
		if err != nil {
			return at, err
		}
		if i > 0 && !t.Equal(at) {
			return at, usage("%s %s is another instant in the zones of risks %s and %s: write it with its zone, 2025-01-01T00:00:00+08:00, or choose one with --risk",
				flag, text, risks[0].ID, risk.ID)
		}
		at = t
	}
	return at, nil
}

func (a *app) backtest(ctx context.Context, b *backtestRun) error {
	c, set, err := a.rules()
	if err != nil {
		return err
	}
	o, err := b.period.options(set)
	if err != nil {
		return err
	}
	db, err := a.existingStore(ctx, c)
	if err != nil {
		return err
	}
	o.Cases = b.page.receive()
	report, err := b.measure(ctx, db, set, o)
	if err != nil {
		return err
	}
	if err := b.page.write(ctx, db, set, report); err != nil {
		return err
	}
	if b.keep {
		if err := keepCalibration(ctx, db, set, report); err != nil {
			return err
		}
	}
	if b.asJSON {
		return a.json(report)
	}
	return report.Print(a.stdout, set)
}

// measure runs the backtest, and writes the file of cases meanwhile.
func (b *backtestRun) measure(ctx context.Context, src backtest.Source, set *rules.Set, o backtest.Options) (report *backtest.Report, err error) {
	if b.cases == "" {
		return measure(ctx, src, set, o)
	}
	err = writeFile(b.cases, func(w io.Writer) error {
		cases, err := backtest.NewCaseWriter(w)
		if err != nil {
			return err
		}
		o.Cases = each(o.Cases, cases.Write)
		if report, err = measure(ctx, src, set, o); err != nil {
			return err
		}
		return cases.Flush()
	})
	return report, err
}

// each hands a case to all who asked for it; nil did not.
func each(receivers ...func(*backtest.Case) error) func(*backtest.Case) error {
	return func(c *backtest.Case) error {
		for _, receive := range receivers {
			if receive == nil {
				continue
			}
			if err := receive(c); err != nil {
				return err
			}
		}
		return nil
	}
}

// measure runs a backtest against the clock. No data is an error of whoever asked.
func measure(ctx context.Context, src backtest.Source, set *rules.Set, o backtest.Options) (*backtest.Report, error) {
	started := time.Now()
	report, err := backtest.Measure(ctx, src, set, o)
	if errors.Is(err, backtest.ErrNoData) {
		return nil, &coded{exitUsage, err}
	}
	if err != nil {
		return nil, err
	}
	if report.Empty() {
		return nil, usage("%w: no matter has its first contact in it, and none was at risk; the latest signal is of %s, see yujing sql 'SELECT min(at) FROM signals' for the earliest",
			backtest.ErrNoData, report.DataEnd.Format(time.RFC3339))
	}
	report.Seconds = time.Since(started).Seconds()
	return report, nil
}
