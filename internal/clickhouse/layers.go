package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"yujing/rules"
	"yujing/scorer"
)

// layers are a rule set's conditions as views of the store (see rules.Query): the
// engine's analysis of a statement ends at a view. What is visible stands in the
// views that the first layer reads, and is written into them for each instant: a
// view with parameters would be no border.
type layers struct {
	query rules.Query
	rows  []rules.Layer // the relations that the first layer reads
}

// prepare makes the views. From one instant to the next only those of what is
// visible are others.
func (db *DB) prepare(ctx context.Context, l layers) error {
	for _, view := range l.rows {
		if err := db.createView(ctx, view); err != nil {
			return err
		}
	}
	for _, layer := range l.query.Layers {
		if err := db.createView(ctx, withCalendar(layer, l.query)); err != nil {
			return err
		}
	}
	return nil
}

// createView makes a view, unless it is there already.
func (db *DB) createView(ctx context.Context, view rules.Layer) error {
	db.mu.Lock()
	there := db.views[view.Name] == view.SQL
	db.mu.Unlock()
	if there {
		return nil
	}
	if err := db.exec(asking(ctx, nil), statement("create_view", "{{view}}", view.Name, "{{select}}", view.SQL)); err != nil {
		return fmt.Errorf("prepare the view %s: %w", view.Name, err)
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.views[view.Name] = view.SQL
	return nil
}

// withCalendar puts the arrays of the calendar before a layer that counts working
// days, as scalars: a parameter would stand anew in every expression.
func withCalendar(l rules.Layer, q rules.Query) rules.Layer {
	for _, name := range slices.Sorted(maps.Keys(q.Params)) {
		if strings.Contains(l.SQL, name) {
			return rules.Layer{Name: l.Name, SQL: "WITH " + strings.TrimSuffix(named(q), ",\n") + "\n" + l.SQL}
		}
	}
	return l
}

// tickPrefix begins the names of the views at an instant.
func tickPrefix(over rules.Over) string { return "tick_" + string(over) + "s_" }

// atInstant is what rules look at in a view: the relations of its instant.
func atInstant(set *rules.Set, v scorer.View) layers {
	prefix := tickPrefix(v.Over)
	l := layers{query: set.Query(v.Over, rules.QueryOptions{Prefix: prefix})}
	slots := []string{"{now:Int64}", integer(v.AsOf), "{group_since:Int64}", integer(v.AsOf.Add(-scorer.GroupWindow)), "{as_seen:Bool}", fmt.Sprint(v.AsSeen)}
	slots = append(slots, "{{visible}}", statement("visible", slots...), "{{columns}}", statement("signal_columns"))
	slots = append(slots, keptTo(v)...)
	if l.query.Neighbours || v.Over == rules.OverGroup {
		l.rows = append(l.rows, rules.Layer{Name: prefix + "neighbours", SQL: statement("neighbours", slots...)})
	}
	l.rows = append(l.rows, rules.Layer{Name: prefix + "rows", SQL: statement("rows_of_"+string(v.Over)+"s", slots...)})
	return l
}
