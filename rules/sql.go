package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Query is the conditions of all rules over rows of one kind as ClickHouse SQL:
// which of them hold of each row at each instant that it is looked at.
//
// Its layers read one another, each the one before it by its name. The first
// reads two relations that whoever runs it supplies, one line for each signal
// and instant at which it is visible:
//
//	rows        row, now (the instant), key (what is aggregated together: the row
//	            itself if there is one instant, so that the store's order serves
//	            to aggregate), contact (a contact, else an action),
//	            concludes (it concludes the matter), ord (its place among the row's
//	            signals: oldest first), matter, person, and the fields of the
//	            vocabulary under their names; times are whole milliseconds, and 0 or
//	            '' is what is not known
//	neighbours  the same for the contacts of the last 90 days by group_id
//
// The last has one line for each row and instant: row, now, last_at (when
// something happened last) and holds (see Holds). A row without a contact and a
// concluded matter have none.
//
// With Step, rows and the last tell of many instants. In rows since and until stand for now, the
// first and last instant, Step apart, at which the signals of a key are all that is
// visible of the row: they are aggregated once for all of these. A line of the last
// tells of the instants from now to until, with until.
//
// The arrays of Params stand before it under their names.
type Query struct {
	Layers     []Layer
	Neighbours bool              // the first reads neighbours
	Actions    bool              // somebody asks for actions: else rows may leave them out
	Every      bool              // of many instants every one is a line of its own
	Params     map[string]string // the working days that are counted, as arrays
}

// Layer is a relation: as a view it is a border for the engine's analysis, which
// costs for each name in a statement all that lies below it.
type Layer struct{ Name, SQL string }

// Last is the layer that says what holds.
func (q *Query) Last() Layer { return q.Layers[len(q.Layers)-1] }

// QueryOptions choose what of a set is asked.
type QueryOptions struct {
	Rules  []*Rule // these alone, numbered in the order of the set; nil = all
	Prefix string  // of the names of the relations
	Step   int64   // milliseconds between instants, 0 = there is one
	// Quiet are lengths of time: once nothing has happened for so long, another line begins.
	Quiet []time.Duration
}

// Query compiles the rules over rows of one kind. Every rule that compiled for
// the VM compiles here: the language has nothing that one of the two lacks.
func (s *Set) Query(over Over, o QueryOptions) Query {
	q := &query{set: s, over: over, prefix: o.Prefix, apart: o.Step, facts: newColumns("f"), near: newColumns("g"), own: newColumns("o"), steps: map[int]*columns{}}
	var conditions []string
	for _, r := range s.RisksOver(over) {
		for _, rule := range r.Rules {
			if o.Rules == nil || slices.Contains(o.Rules, rule) {
				conditions = append(conditions, fmt.Sprintf("%s /* %s */", q.condition(rule.when, r), rule.ID)) // an id is letters, digits, - and _: it ends no comment
			}
		}
	}
	columns, asked, every := "row, now, last_at", "", false
	if q.apart > 0 {
		columns = "row, now, until, last_at"
		asked, every = q.askedAt(o.Quiet)
		q.steps[stepMoments] = nil
	}
	layers := []Layer{{o.Prefix + "facts", q.selectFacts()}}
	below := func() string { return layers[len(layers)-1].Name }
	add := func(name, sql string) { layers = append(layers, Layer{o.Prefix + name, sql}) }
	for _, n := range slices.Sorted(maps.Keys(q.steps)) {
		if n == stepMoments {
			add("moments", q.moments(asked, below()))
			continue
		}
		add(fmt.Sprintf("step%d", n), "SELECT *,\n    "+strings.Join(q.steps[n].list(), ",\n    ")+"\nFROM "+below())
	}
	add("holds", "SELECT "+columns+",\n    "+packed(conditions)+" AS holds\nFROM "+below())
	return Query{Layers: layers, Neighbours: q.asksGroup(), Actions: q.asksActions(), Every: every, Params: q.params()}
}

// packed packs conditions into numbers of 64 bits, the first into the lowest of
// the first. Eight at a time are packed into a byte before they are widened: what
// the engine does to each row for each condition costs by the bytes it writes.
func packed(conditions []string) string {
	shifted := func(as string, by int, values []string) []string {
		for i, v := range values {
			values[i] = fmt.Sprintf("bitShiftLeft(%s(%s), %d)", as, v, by*i)
		}
		return values
	}
	var words []string
	for word := range slices.Chunk(conditions, 64) {
		var bytes []string
		for byte := range slices.Chunk(word, 8) {
			bytes = append(bytes, either(shifted("toUInt8", 1, byte)))
		}
		words = append(words, either(shifted("toUInt64", 8, bytes)))
	}
	return "CAST([" + strings.Join(words, ",\n    ") + "], 'Array(UInt64)')"
}

// either has the bits of all terms: in a tree, not in a chain, which would be as
// deep as it is long.
func either(terms []string) string {
	if len(terms) == 1 {
		return terms[0]
	}
	half := len(terms) / 2
	return "bitOr(" + either(terms[:half]) + ",\n    " + either(terms[half:]) + ")"
}

// query is one statement in the making: what it computes of each row's signals,
// of its group, and step by step from these.
type query struct {
	set    *Set
	over   Over
	prefix string           // of the names of relations
	apart  int64            // milliseconds between instants, 0 = there is one
	facts  *columns         // aggregates over the row's signals
	near   *columns         // aggregates over its group
	own    *columns         // aggregates over its own contacts in the group
	fixes  []string         // relations that tell how a group's complainants count without the row's own
	lists  []*sqlList       // signals gathered as arrays
	group  *sqlList         // the group's, if aggregates do not do
	steps  map[int]*columns // what is computed of the row, in order

	keys     numbers // of attrs
	onces    int     // values named so far
	calendar bool    // working days are counted
	numbered bool    // .again or .who of the group is asked for
}

// Steps of the computation on a row. Each sees the columns of those before it.
const (
	stepStarts    = iota // from when deadlines count
	stepDeadlines        // when they run out
	stepMoments          // of many instants, those that are asked about: until here nothing looks at the clock
	stepLets             // what let names, one step for each level of dependence
)

// columns are named expressions; an equal one has one name.
type columns struct {
	prefix string
	names  map[string]string
	exprs  []string
}

func newColumns(prefix string) *columns { return &columns{prefix: prefix, names: map[string]string{}} }

func (c *columns) used() bool { return len(c.exprs) > 0 }

// add gives the name of the column with this expression.
func (c *columns) add(expr string) string {
	if name, known := c.names[expr]; known {
		return name
	}
	name := c.prefix + strconv.Itoa(len(c.exprs))
	c.names[expr], c.exprs = name, append(c.exprs, expr)
	return name
}

// list writes the columns of a SELECT.
func (c *columns) list() []string {
	out := make([]string, len(c.exprs))
	for i, expr := range c.exprs {
		out[i] = expr + " AS " + c.names[expr]
	}
	return out
}

// step names an expression over columns of earlier steps.
func (q *query) step(n int, expr string) string {
	if q.steps[n] == nil {
		q.steps[n] = newColumns(fmt.Sprintf("s%d_", n))
	}
	return q.steps[n].add(expr)
}

// fact names an aggregate over the row's signals.
func (q *query) fact(aggregate string) string { return q.facts.add(aggregate) }

// asksGroup says that a condition asks for the group of a case.
func (q *query) asksGroup() bool {
	return q.near.used() || q.own.used() || len(q.fixes) > 0 || q.group != nil
}

// asksActions says that an aggregate looks at actions.
func (q *query) asksActions() bool {
	action := func(expr string) bool { return strings.Contains(expr, "NOT contact") }
	return slices.ContainsFunc(q.facts.exprs, action) || slices.ContainsFunc(q.lists, func(l *sqlList) bool { return action(l.where) })
}

// selectFacts aggregates the signals of each row and joins what its group has.
func (q *query) selectFacts() string {
	columns := []string{"key", "any(row) AS of_row", "any(now) AS of_now", "max(at) AS last_at"}
	if q.apart > 0 {
		columns = []string{"key", "any(row) AS of_row", "any(since) AS of_since", "any(until) AS of_until", "max(at) AS last_at"}
	}
	columns = append(columns, q.facts.list()...)
	for _, l := range q.lists {
		columns = append(columns, l.inOrder())
	}
	having := "countIf(contact) > 0"
	if q.over == OverCase {
		having += " AND NOT max(concludes)"
	}
	if q.asksGroup() {
		columns = append(columns, "argMinIf(group_id, ord, contact AND group_id != 0) AS in_group")
	}
	text := fmt.Sprintf("SELECT %s\nFROM %srows\nGROUP BY key\nHAVING %s", strings.Join(columns, ",\n    "), q.prefix, having)
	if q.apart > 0 {
		return text
	}
	return fmt.Sprintf("SELECT *, of_row AS row, of_now AS now\nFROM\n(\n%s\n) AS facts%s", indent(text), q.joins())
}

// indent moves a text to the right.
func indent(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") }
