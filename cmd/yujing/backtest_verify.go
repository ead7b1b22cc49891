package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yujing/internal/calendar"
	"yujing/internal/clickhouse"
	"yujing/internal/config"
	"yujing/rules"
	"yujing/scorer"
	"yujing/scorer/verify"
)

// mostAssessments bounds a verification that was not asked for all rows or for
// some: a few minutes on two cores.
const mostAssessments = 50_000_000

// verification is the flags by which the daemon's own past is replayed.
type verification struct {
	asked   bool // --verify
	sample  int
	all     bool
	rulesAt []string // VERSION=DIR

	from, to string // "" is the daemon's first instant, and now
	asJSON   bool
}

// flags adds those that only a verification has.
func (v *verification) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&v.asked, "verify", false, "replay what the daemon itself assessed, at its own instants, and explain each difference")
	f.IntVar(&v.sample, "sample", 0, "verify: only so many cases and groups, always the same ones (default all, on a large store a sample)")
	f.BoolVar(&v.all, "all", false, "verify: all rows, however long it takes")
	f.StringArrayVar(&v.rulesAt, "rules-at", nil, "verify: the files of a rule set that the store has not kept, VERSION=DIR")
}

// verify replays the daemon's past. It ends with 1 if anything is unexplained or
// could not be replayed, or if there is nothing to verify.
func (a *app) verify(ctx context.Context, v *verification) error {
	started := time.Now()
	c, set, err := a.rules()
	if err != nil {
		return err
	}
	o, err := v.options(set, c, started)
	if err != nil {
		return err
	}
	if o.InUse, err = v.namedSets(c); err != nil {
		return err
	}
	db, err := a.existingStore(ctx, c)
	if err != nil {
		return err
	}
	if err := a.keptSets(ctx, db, o.InUse); err != nil {
		return err
	}
	var bar func(int64)
	o.Progress = func(done, all int) {
		if bar == nil {
			bar = a.progress("replaying", int64(all))
		}
		bar(int64(done))
	}
	report, err := verify.Run(ctx, db, o)
	if err != nil {
		return err
	}
	report.Seconds = time.Since(started).Seconds()
	return a.verified(report, v.asJSON, set)
}

func (a *app) verified(r *verify.Report, asJSON bool, set *rules.Set) error {
	if asJSON {
		if err := a.json(r); err != nil {
			return err
		}
	} else {
		r.Print(a.stdout, verify.PrintOptions{Zone: zoneOf(set)})
	}
	if !r.Clean() {
		return found()
	}
	return nil
}

// zoneOf is the zone of the first risk, in which times are read and shown.
func zoneOf(set *rules.Set) *time.Location {
	for _, r := range set.Risks() {
		return r.Zone
	}
	return time.UTC
}

func (v *verification) options(set *rules.Set, c config.Config, now time.Time) (o verify.Options, err error) {
	if v.sample < 0 || v.sample > 0 && v.all {
		return o, usage("--sample %d: write how many cases and groups, or --all for all of them", v.sample)
	}
	o = verify.Options{Given: set, Sample: v.sample, Expired: now.AddDate(0, 0, -c.Retention.Signals)}
	if !v.all {
		o.Most = mostAssessments
	}
	if v.from != "" {
		if o.From, err = instant(v.from, zoneOf(set)); err != nil {
			return o, err
		}
	}
	if o.To, err = instant(v.to, zoneOf(set)); err != nil {
		return o, err
	}
	plan, err := c.Scoring.Plan()
	if err != nil {
		return o, &coded{exitUsage, fmt.Errorf("scoring: %w", err)}
	}
	o.Next = plan.Next
	return o, nil
}

// namedSets loads the rule sets named with --rules-at.
func (v *verification) namedSets(c config.Config) (map[string]*rules.Set, error) {
	sets := map[string]*rules.Set{}
	for _, at := range v.rulesAt {
		version, dir, ok := strings.Cut(at, "=")
		if !ok {
			return nil, usage("--rules-at %s: write VERSION=DIR, the version as the report names it", at)
		}
		if err := isDir(dir, "rule files", "--rules-at"); err != nil {
			return nil, err
		}
		set, problems := rules.Load(os.DirFS(dir), rules.Options{Calendar: calendar.Embedded(), Deadlines: c.Deadlines, Dir: dir})
		if err := problems.Err(); err != nil {
			return nil, &coded{exitUsage, err}
		}
		if set.Version() != version {
			return nil, usage("--rules-at %s: the files there are rule set %s (the deadlines of the configuration are part of it)", at, set.Version())
		}
		sets[version] = set
	}
	return sets, nil
}

// keptSets adds the rule sets whose files the store has kept. One that this
// program no longer reads as the same version is left out: the report says so.
func (a *app) keptSets(ctx context.Context, db *clickhouse.DB, sets map[string]*rules.Set) error {
	kept, err := db.KeptRules(ctx)
	if err != nil {
		return err
	}
	for _, files := range kept {
		if _, named := sets[files.Version]; named {
			continue
		}
		set, err := loadKept(files)
		if err != nil {
			return fmt.Errorf("load the kept rule set %s: %w", files.Version, err)
		}
		if set != nil && set.Version() == files.Version {
			sets[files.Version] = set
		}
	}
	return nil
}

// loadKept reads a rule set from its kept files; nil if this program finds mistakes in them.
func loadKept(f scorer.RuleFiles) (*rules.Set, error) {
	var deadlines []calendar.Deadline
	if err := json.Unmarshal([]byte(f.Deadlines), &deadlines); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "yujing-rules-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, text := range f.Files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	set, problems := rules.Load(os.DirFS(dir), rules.Options{Calendar: calendar.Embedded(), Deadlines: deadlines})
	if problems.Err() != nil {
		return nil, nil
	}
	return set, nil
}
