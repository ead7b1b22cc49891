package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"yujing/internal/config"
	"yujing/internal/privacy"
	"yujing/internal/problem"
)

// Cause says why the definitions were read again.
type Cause string

// What makes the daemon read its definitions again.
const (
	ByFile    Cause = "file"
	BySignal  Cause = "signal"
	ByCommand Cause = "command"
)

// Result is what a reload came to.
type Result string

// A refused set has mistakes; a failed one could not be put to use, and is
// tried again. Of both what stood before stays in force, whole.
const (
	Accepted  Result = "accepted"
	Unchanged Result = "unchanged"
	Refused   Result = "refused"
	Failed    Result = "failed"
)

// Reload is what became of reading rules, sources and configuration again.
type Reload struct {
	At        time.Time     `json:"at"`
	Cause     Cause         `json:"cause"`
	Result    Result        `json:"result"`
	Was       string        `json:"was"`      // version of the rule set before
	RuleSet   string        `json:"rule_set"` // and of the one in force now
	Rules     Delta         `json:"rules,omitzero"`
	Risks     Delta         `json:"risks,omitzero"` // thresholds, names, outcomes; not their rules
	Sources   Delta         `json:"sources,omitzero"`
	Receivers Delta         `json:"receivers,omitzero"`
	Config    []string      `json:"config,omitempty"`        // keys of yujing.yaml that changed and hold now
	Restart   []string      `json:"needs_restart,omitempty"` // keys that differ from what runs and wait for a restart
	Problems  problem.List  `json:"problems,omitempty"`      // warnings of an accepted set, too
	Error     string        `json:"error,omitempty"`         // why it failed
	Took      time.Duration `json:"took_ns"`
}

// ErrCatchingUp says that there is nothing to reload yet.
var ErrCatchingUp = errors.New("the daemon is not ready yet; it takes up what changed by itself once it is")

var errStopping = errors.New("the daemon is stopping; its next start reads everything anew")

const (
	reloadRetry  = 10 * time.Second // between a reload that failed and the next try
	unstable     = 5                // reads of files that change meanwhile, before giving up
	namesTold    = 20               // in a list of a log line
	mistakesTold = 5                // in a log line
)

// request asks for a reload; its answer comes in the channel.
type request struct {
	cause  Cause
	answer chan *Reload
}

// Reload reads rules, sources and configuration again and, if all of it is
// right, puts it in force. It returns once that is done or refused.
func (d *Daemon) Reload(ctx context.Context, cause Cause) (*Reload, error) {
	select {
	case <-d.ready:
	default:
		return nil, ErrCatchingUp
	}
	r := request{cause, make(chan *Reload, 1)}
	select {
	case d.requests <- r:
	case <-d.halted:
		return nil, errStopping
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case done := <-r.answer:
		return done, nil
	case <-ctx.Done(): // what was asked for is done nevertheless
		return nil, ctx.Err()
	}
}

// keepDefined reloads when the files change or somebody asks, one at a time.
func (d *Daemon) keepDefined(ctx context.Context) error {
	defer close(d.halted)
	select {
	case <-ctx.Done():
		return nil
	case <-d.ready:
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var seen digest
	var notBefore time.Time
	reload := func(cause Cause) *Reload {
		r, read := d.reload(ctx, cause)
		if r.Result == Failed { // tried again whatever the files hold then, be it what is in force: so that ends the failure
			d.tried, notBefore = digest{}, time.Now().Add(reloadRetry)
		} else {
			d.tried = read
		}
		return r
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-d.requests:
			r.answer <- reload(r.cause)
		case <-look.C:
			before := seen
			seen = d.files.look(time.Now())
			if seen == before && seen != d.tried && time.Now().After(notBefore) {
				reload(ByFile)
			}
		}
	}
}

// reload reads all, swaps it in if it is right, and tells what came of it. The
// digest is of what was read.
func (d *Daemon) reload(ctx context.Context, cause Cause) (*Reload, digest) {
	started := time.Now()
	was := d.live.Load()
	r := &Reload{At: started.UTC(), Cause: cause, Was: was.rules.Version(), RuleSet: was.rules.Version()}
	next, read, err := d.read(was, r)
	switch {
	case err != nil:
	case next == nil:
		r.Result = Refused
	default:
		err = d.swap(ctx, was, next, r)
	}
	if err != nil {
		r.Result, r.Error = Failed, err.Error()
	}
	r.Took = time.Since(started)
	if ctx.Err() == nil { // else we were told to stop: nothing was refused
		d.tell(r)
	}
	return r, read
}

// read builds what the files say, once they stand still; nil if they have mistakes.
func (d *Daemon) read(was *definitions, r *Reload) (*definitions, digest, error) {
	for range unstable {
		before := d.files.look(time.Now())
		next, problems := d.redefine(was, r)
		if after := d.files.look(time.Now()); after != before {
			continue
		}
		r.Problems = problems
		return next, before, nil
	}
	return nil, digest{}, errors.New("the files change while they are read")
}

func (d *Daemon) redefine(was *definitions, r *Reload) (*definitions, problem.List) {
	c, problems := d.o.configure(d.configured)
	if problems.Err() == nil {
		c, r.Restart = c.UntilRestart(d.o.Config)
	} else {
		c = was.config // so that the mistakes of rules and sources are told with its own
	}
	next, more := d.o.define(c)
	problems = append(problems, more...)
	if problems.Err() != nil {
		return nil, problems
	}
	return next, problems
}

// swap puts next in force. Only its first step can fail, and it leaves the
// alerts as they were.
func (d *Daemon) swap(ctx context.Context, was, next *definitions, r *Reload) error {
	if err := next.makeInbox(); err != nil {
		return err
	}
	if next.rewired(was) {
		if err := d.alerts.Reload(ctx, next.config.Alerts, next.channels); err != nil {
			return fmt.Errorf("alerts: %w", err)
		}
	}
	r.compare(was, next)
	if r.RuleSet == r.Was {
		next.rules = was.rules // nothing but comments and layout differ
	} else {
		d.keepRules(ctx, next)
	}
	d.live.Store(next)
	d.feeds.Use(next.sources)
	d.hand(was, next)
	d.configured = configured(d.o.ConfigFile)
	return nil
}

// hand gives the scorer what changed, so that it does not score every row for nothing.
func (d *Daemon) hand(was, next *definitions) {
	set, schedule := next.rules, next.schedule
	if set == was.rules {
		set = nil
	}
	if next.config.Scoring == was.config.Scoring {
		schedule = nil
	}
	if set != nil || schedule != nil {
		d.runner.Use(set, schedule)
	}
	wake(d.arrived)
}

// compare says what of next is new.
func (r *Reload) compare(was, next *definitions) {
	r.Result, r.RuleSet = Accepted, next.rules.Version()
	if r.RuleSet != r.Was {
		r.Rules, r.Risks = compareRules(was.rules, next.rules), compareRisks(was.rules, next.rules)
	}
	r.Sources = compareSources(was.sources, next.sources)
	r.Receivers = compareReceivers(was.config, next.config)
	r.Config = config.Changed(was.config, next.config)
	if r.RuleSet == r.Was && r.Sources.empty() && len(r.Config) == 0 {
		r.Result = Unchanged
	}
}

// tell puts a reload into the log, the metrics and /readyz.
func (d *Daemon) tell(r *Reload) {
	d.metrics.reloaded(r)
	d.health.set(func(s *Readiness) {
		s.RuleSet, s.Reload = r.RuleSet, r.brief()
		s.NeedsRestart = r.restart(s.NeedsRestart)
	})
	fields := []zap.Field{zap.String("cause", string(r.Cause)), zap.String("result", string(r.Result)), zap.String("rule_set", r.RuleSet)}
	switch r.Result {
	case Refused:
		fields = append(fields, zap.Int("problems", r.Problems.Count(problem.Error)), zap.Strings("first", r.mistakes(mistakesTold)))
		d.log.Error("reload refused, what stood before stays in force", fields...)
	case Failed:
		d.log.Error("reload failed, what stood before stays in force and it is tried again", append(fields, zap.String("error", privacy.Mask(r.Error)))...)
	case Unchanged:
		d.log.Info("reload: nothing changed", append(fields, zap.Strings("needs_restart", r.Restart))...)
	case Accepted:
		fields = append(fields, zap.String("rule_set_before", r.Was), zap.Int("warnings", len(r.Problems)), zap.Duration("took", r.Took))
		d.log.Info("reload", append(fields, r.changes()...)...)
	}
}

// changes are the fields of a log line for all that differs.
func (r *Reload) changes() []zap.Field {
	var fields []zap.Field
	names := func(key string, names []string) {
		if len(names) > namesTold {
			names = append(names[:namesTold:namesTold], fmt.Sprintf("and %d more", len(names)-namesTold))
		}
		if len(names) > 0 {
			fields = append(fields, zap.Strings(key, names))
		}
	}
	for _, of := range []struct {
		what string
		Delta
	}{{"rules", r.Rules}, {"risks", r.Risks}, {"sources", r.Sources}, {"receivers", r.Receivers}} {
		names(of.what+"_added", of.Added)
		names(of.what+"_removed", of.Removed)
		names(of.what+"_changed", of.Changed)
	}
	names("config", r.Config)
	names("needs_restart", r.Restart)
	return fields
}

// mistakes gives the first errors as they may stand in a log: masked, since a
// message may quote what was written.
func (r *Reload) mistakes(most int) []string {
	var out []string
	for _, p := range r.Problems {
		if p.Severity == problem.Error && len(out) < most {
			out = append(out, privacy.Mask(p.String()))
		}
	}
	return out
}

// restart gives the keys that wait for a restart; mistakes leave those known before.
func (r *Reload) restart(before []string) []string {
	if r.Result == Refused || r.Result == Failed {
		return before
	}
	return r.Restart
}

// brief is a reload as /readyz tells it.
func (r *Reload) brief() *LastReload {
	b := &LastReload{At: r.At, Cause: r.Cause, Result: r.Result, Problems: r.Problems.Count(problem.Error), Error: privacy.Mask(r.Error)}
	if first := r.mistakes(1); len(first) > 0 {
		b.FirstProblem = first[0]
	}
	return b
}
