package main

import (
	"context"
	"fmt"

	"yujing/rules"
)

// explainSQL prints a rule as the store runs it: what is asked of each row's
// signals, and the condition over that. The store's own parser lays it out.
func (a *app) explainSQL(ctx context.Context, id string) error {
	c, set, err := a.rules()
	if err != nil {
		return err
	}
	risk, rule, err := ruleNamed(set, id)
	if err != nil {
		return err
	}
	db, err := a.scratchStore(ctx, c)
	if err != nil {
		return err
	}
	q := set.Query(risk.Over, rules.QueryOptions{Rules: []*rules.Rule{rule}})
	for i, layer := range q.Layers {
		title := layer.Name + ": what follows from that"
		switch i {
		case 0:
			title = fmt.Sprintf("%s: what rule %s asks of the signals of each %s", layer.Name, rule.ID, risk.Over)
		case len(q.Layers) - 1:
			title = fmt.Sprintf("%s: %s", rule.ID, rule.Name.ZH)
		}
		text, err := db.Formatted(ctx, layer.SQL)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "-- %s\n%s;\n\n", title, text)
	}
	return nil
}

// ruleNamed finds a rule and its risk.
func ruleNamed(set *rules.Set, id string) (*rules.Risk, *rules.Rule, error) {
	for _, risk := range set.Risks() {
		for _, rule := range risk.Rules {
			if rule.ID == id {
				return risk, rule, nil
			}
		}
	}
	return nil, nil, usage("explain: no rule %q; yujing check lists the files that rules stand in", id)
}
