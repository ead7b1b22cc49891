package daemon

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"go.uber.org/zap"

	"yujing/rules"
	"yujing/scorer"
)

// keepTime is how long a reload waits for the store to keep its rules.
const keepTime = 10 * time.Second

// ruleFiles is what a rule set was read from. Rules whose files changed since
// they were loaded are found out when they are loaded again: by their version.
func (d *definitions) ruleFiles(dir string) (scorer.RuleFiles, error) {
	texts, err := rules.Files(os.DirFS(dir))
	if err != nil {
		return scorer.RuleFiles{}, err
	}
	deadlines, err := json.Marshal(d.config.Deadlines)
	return scorer.RuleFiles{Version: d.rules.Version(), Files: texts, Deadlines: string(deadlines)}, err
}

// keepRules stores the files of a rule set, so that what is said under it can be
// replayed when other rules are in force. Scoring does not wait for it.
func (d *Daemon) keepRules(ctx context.Context, of *definitions) {
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	files, err := of.ruleFiles(d.o.Rules)
	if err == nil {
		err = d.db.KeepRules(ctx, files)
	}
	if err != nil {
		d.log.Warn("the rule files could not be kept; keep a copy of them, or what is said under them cannot be replayed later",
			zap.String("rule_set", of.rules.Version()), zap.Error(err))
	}
}
