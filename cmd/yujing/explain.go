package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"yujing/alerts"
	"yujing/internal/clickhouse"
	"yujing/rules"
	"yujing/scorer"
)

func (a *app) explainCommand() *cobra.Command {
	var asOf, risk, sql string
	var how shown
	cmd := &cobra.Command{
		Use:   "explain SOURCE:REF|REF|CASE|ALERT",
		Short: "why a matter scores as it does, and what would bring it below its level",
		Args: func(cmd *cobra.Command, args []string) error {
			if sql != "" {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if sql != "" {
				return a.explainSQL(cmd.Context(), sql)
			}
			return a.explain(cmd.Context(), args[0], asOf, risk, how)
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "instant to explain (default now)")
	cmd.Flags().StringVar(&risk, "risk", "", "only this risk")
	cmd.Flags().StringVar(&sql, "sql", "", "print this rule as the store runs it, instead of a matter")
	cmd.Flags().BoolVar(&how.all, "all", false, "also the conditions of rules that did not fire, and parts that made no difference")
	cmd.Flags().BoolVar(&how.asSeen, "as-seen", false, "only what this store itself had at that instant: what the daemon saw")
	cmd.Flags().BoolVar(&how.asJSON, "json", false, "one JSON object a line, one line a risk")
	return cmd
}

// shown says which view is explained, and how it is written.
type shown struct{ all, asSeen, asJSON bool }

func (a *app) explain(ctx context.Context, what, asOf, only string, how shown) error {
	set, risks, db, err := a.judge(ctx, only)
	if err != nil {
		return err
	}
	ref, of, err := alertNamed(ctx, db, what)
	if err != nil {
		return err
	}
	if ref != "" {
		what = ref
		if risks, err = pick(set, cmp.Or(only, of)); err != nil {
			return err
		}
	}
	row, err := a.named(ctx, db, what)
	if err != nil {
		return err
	}
	eval, told := set.NewEvaluator(), 0
	for _, risk := range risks {
		at, err := instant(asOf, risk.Zone)
		if err != nil {
			return err
		}
		view, scored, err := row.in(ctx, db, scorer.View{AsOf: at, AsSeen: how.asSeen, Over: risk.Over})
		if err != nil {
			return err
		}
		if !scored {
			continue
		}
		for facts, err := range db.Facts(ctx, view) {
			if err != nil {
				return err
			}
			explanation, err := eval.Explain(risk, facts, at)
			if err != nil {
				return fmt.Errorf("explain %s: %w", what, err)
			}
			if err := a.printExplanation(explanation, how, told > 0); err != nil {
				return err
			}
			told++
		}
	}
	if told == 0 {
		fmt.Fprintf(a.stderr, "yujing: nothing of %s was known at that instant\n", what)
		return found()
	}
	return nil
}

// namedRow is what a word of the command line means: a group, or else a matter.
type namedRow struct{ group, matter uint64 }

func (a *app) named(ctx context.Context, db *clickhouse.DB, what string) (namedRow, error) {
	group, err := groupNamed(ctx, db, what)
	if err != nil || group != 0 {
		return namedRow{group: group}, err
	}
	matter, err := a.matter(ctx, db, what)
	return namedRow{matter: matter.Case}, err
}

// in restricts a view to the row: of a matter to its group where groups are
// scored. A group has no score where matters are.
func (r namedRow) in(ctx context.Context, db *clickhouse.DB, v scorer.View) (_ scorer.View, scored bool, err error) {
	row := r.group
	switch {
	case r.group != 0 && v.Over != rules.OverGroup:
		return v, false, nil
	case r.group == 0 && v.Over == rules.OverGroup:
		if row, err = db.GroupOf(ctx, r.matter, v); err != nil {
			return v, false, err
		}
	case r.group == 0:
		row = r.matter
	}
	v.Rows = []uint64{row}
	return v, true, nil
}

// printExplanation writes one explanation, apart from the one before it.
func (a *app) printExplanation(x *rules.Explanation, how shown, further bool) error {
	if how.asJSON {
		return a.json(x)
	}
	if further {
		fmt.Fprintf(a.stdout, "\n%s\n\n", strings.Repeat("─", 80))
	}
	x.Print(a.stdout, rules.PrintOptions{All: how.all, Color: terminal(a.stdout) && os.Getenv("NO_COLOR") == ""})
	return nil
}

// alertNamed gives the matter and the risk of the alert whose number a word is,
// as messages show it; "" if it is none.
func alertNamed(ctx context.Context, db *clickhouse.DB, what string) (ref, risk string, err error) {
	id, err := alerts.ParseID(what)
	if err != nil {
		return "", "", nil
	}
	events, _, err := db.History(ctx, id)
	if err != nil {
		return "", "", err
	}
	for _, e := range events {
		if e.Detail != nil { // what people do says nothing of the matter
			ref, risk = e.Detail.Matter.Ref, e.Risk
		}
	}
	return ref, risk, nil
}

// groupNamed gives the group whose id a word is, as `score` shows it for the
// risks over groups; 0 if it is none.
func groupNamed(ctx context.Context, db *clickhouse.DB, what string) (uint64, error) {
	id, err := strconv.ParseUint(what, 16, 64)
	if err != nil || len(what) != 16 {
		return 0, nil
	}
	found, err := db.FindGroup(ctx, id)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return id, nil
}

// matter finds the one matter that a word of the command line means.
func (a *app) matter(ctx context.Context, db *clickhouse.DB, what string) (clickhouse.Found, error) {
	if len(what) == 16 {
		if id, err := strconv.ParseUint(what, 16, 64); err == nil {
			refs, err := db.FindCase(ctx, id)
			if err != nil {
				return clickhouse.Found{}, err
			}
			if len(refs) > 0 {
				return refs[0], nil
			}
		}
	}
	source, ref, named := strings.Cut(what, ":")
	if !named {
		source, ref = "", what
	}
	refs, err := db.FindRef(ctx, source, ref)
	if err != nil {
		return clickhouse.Found{}, err
	}
	if len(refs) == 0 && named { // the ref itself may hold a colon
		if refs, err = db.FindRef(ctx, "", what); err != nil {
			return clickhouse.Found{}, err
		}
	}
	switch len(refs) {
	case 0:
		return clickhouse.Found{}, usage("no matter %q; write SOURCE:REF as in 'yujing alerts', or the 16 hex digits of an alert or a case", what)
	case 1:
		return refs[0], nil
	}
	var candidates strings.Builder
	for _, r := range refs {
		fmt.Fprintf(&candidates, "\n  %s:%s  case %s", r.Source, r.Ref, scorer.RowName(r.Case))
	}
	return clickhouse.Found{}, usage("%q means several matters; name one:%s", what, candidates.String())
}
