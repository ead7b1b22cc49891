package daemon

import (
	"bytes"
	"os"
	"reflect"

	"github.com/robfig/cron/v3"

	"yujing/alerts"
	"yujing/ingest"
	"yujing/internal/calendar"
	"yujing/internal/config"
	"yujing/internal/problem"
	"yujing/rules"
)

// definitions is all that a reload replaces. It is built whole before anything
// is swapped, and never changed after.
type definitions struct {
	config   config.Config
	rules    *rules.Set
	sources  []*ingest.Source
	schedule cron.Schedule
	channels map[string]alerts.Channel
}

// define builds definitions from a configuration and the files. All problems are
// told, not the first alone; with an error among them there are no definitions.
func (o Options) define(c config.Config) (*definitions, problem.List) {
	d := &definitions{config: c}
	var found, problems problem.List
	d.rules, problems = rules.Load(os.DirFS(o.Rules), rules.Options{Calendar: calendar.Embedded(), Deadlines: c.Deadlines, Dir: o.Rules})
	found = append(found, problems...)
	d.sources, problems = config.Sources(o.Sources)
	found = append(found, problems...)
	var err error
	if d.schedule, err = c.Scoring.Plan(); err != nil {
		found = append(found, o.wrong("scoring: "+err.Error()))
	}
	if d.channels, err = c.Channels(); err != nil {
		found = append(found, o.wrong(err.Error()))
	}
	if found.Err() != nil {
		return nil, found
	}
	return d, found
}

// wrong is a problem of the configuration as a whole.
func (o Options) wrong(message string) problem.Problem {
	return problem.Problem{File: o.ConfigFile, Severity: problem.Error, Message: message, Check: "config"}
}

// configure reads the configuration again. A file that has gone, or holds
// nothing, is a mistake where one stood at the start: the defaults would take
// every receiver away, and what waits for them would be given up.
func (o Options) configure(stood bool) (config.Config, problem.List) {
	if o.ConfigFile == "" {
		return o.Config, nil
	}
	c, problems := config.Load(o.ConfigFile, false)
	if stood && !configured(o.ConfigFile) {
		p := o.wrong("is gone or holds nothing, and the defaults would replace every receiver")
		p.Help = "put it back; write {} into it if the defaults are meant"
		problems = append(problems, p)
	}
	return c.In(o.DataDir), problems
}

// configured says whether a configuration file holds anything but comments.
func configured(file string) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return true
		}
	}
	return false
}

// rewired says whether receivers, routes or channels differ.
func (d *definitions) rewired(was *definitions) bool {
	a, b := &was.config, &d.config
	return a.Outbox != b.Outbox || a.Email != b.Email || a.SMS != b.SMS || !reflect.DeepEqual(a.Alerts, b.Alerts)
}

// Delta names what two lists of things differ in.
type Delta struct {
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	Changed []string `json:"changed,omitempty"`
}

func (d Delta) empty() bool { return len(d.Added)+len(d.Removed)+len(d.Changed) == 0 }

// compare finds out what became of each thing by its name, in the order in
// which the lists have them.
func compare[T any](was, is []T, name func(T) string, same func(a, b T) bool) Delta {
	var d Delta
	before := make(map[string]T, len(was))
	for _, t := range was {
		before[name(t)] = t
	}
	for _, t := range is {
		old, there := before[name(t)]
		delete(before, name(t))
		switch {
		case !there:
			d.Added = append(d.Added, name(t))
		case !same(old, t):
			d.Changed = append(d.Changed, name(t))
		}
	}
	for _, t := range was {
		if _, gone := before[name(t)]; gone {
			d.Removed = append(d.Removed, name(t))
		}
	}
	return d
}

func compareRules(was, is *rules.Set) Delta {
	return compare(rulesOf(was), rulesOf(is), func(r rules.Rule) string { return r.ID }, func(a, b rules.Rule) bool { return a == b })
}

// rulesOf gives what each rule of a set says, without where it stands.
func rulesOf(s *rules.Set) []rules.Rule {
	var all []rules.Rule
	for _, risk := range s.Risks() {
		for _, r := range risk.Rules {
			all = append(all, rules.Rule{ID: r.ID, Risk: r.Risk, Name: r.Name, When: r.When, Points: r.Points, AtLeast: r.AtLeast,
				Shadow: r.Shadow, Because: r.Because, Advise: r.Advise})
		}
	}
	return all
}

func compareRisks(was, is *rules.Set) Delta {
	return compare(was.Risks(), is.Risks(), func(r *rules.Risk) string { return r.ID }, func(a, b *rules.Risk) bool {
		return a.Name == b.Name && a.Over == b.Over && a.Levels == b.Levels && a.Horizon == b.Horizon && a.Zone.String() == b.Zone.String() && a.Outcome == b.Outcome
	})
}

func compareSources(was, is []*ingest.Source) Delta {
	return compare(was, is, func(s *ingest.Source) string { return s.ID }, func(a, b *ingest.Source) bool { return a.Version == b.Version })
}

func compareReceivers(was, is config.Config) Delta {
	return compare(was.Alerts.Receivers, is.Alerts.Receivers, func(r alerts.Receiver) string { return r.Name },
		func(a, b alerts.Receiver) bool { return reflect.DeepEqual(a, b) })
}
