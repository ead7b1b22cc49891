package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Query is the conditions of all rules over rows of one kind as ClickHouse SQL:
// for each row and risk its score, as Evaluate gives it.
//
// Facts reads two relations that whoever runs it supplies, one line for each
// signal that is visible at the instant:
//
//	rows        row, contact (a contact, else an action), concludes (it concludes
//	            the matter), ord (its place among the row's signals: oldest first),
//	            matter, person, and the fields of the vocabulary under their names;
//	            times are whole milliseconds, and 0 or '' is what is not known
//	neighbours  the same for the contacts of the last 90 days by group_id
//
// and gives one line for each row. A row without a contact, a concluded matter,
// and a row whose last signal is not later than since have none.
//
// Says reads Facts as the relation facts. Its columns: row, risk, score, shadow,
// level, fired (ids, in the order of the files). With OnlyFired a row on which no
// rule of the risk fires has no line.
//
// Its parameters are now and since, in milliseconds, unless the options give
// them; the arrays of Params stand before it under their names.
type Query struct {
	Facts, Says string
	Neighbours  bool              // Facts reads neighbours
	Params      map[string]string // the working days that Says counts, as arrays
}

// QueryOptions choose what of a set is asked.
type QueryOptions struct {
	OnlyFired bool    // leave out rows on which no rule fires
	Rules     []*Rule // these alone; nil = all
	Now       string  // the instant as SQL, milliseconds; "" = the parameter now
	Since     string  // the beginning of the window, too; "" = the parameter since
	Facts     string  // the relation that Says reads; "" = facts
}

// Query compiles the rules over rows of one kind. Every rule that compiled for
// the VM compiles here: the language has nothing that one of the two lacks.
func (s *Set) Query(over Over, o QueryOptions) Query {
	q := &query{set: s, over: over, now: cmp.Or(o.Now, "{now:Int64}"), since: cmp.Or(o.Since, "{since:Int64}"), facts: newColumns("f"), near: newColumns("g"), own: newColumns("o"), steps: map[int]*columns{}}
	var risks []sqlRisk
	for _, r := range s.risks {
		if r.Over != over {
			continue
		}
		risk := sqlRisk{risk: r}
		for _, rule := range r.Rules {
			if o.Rules != nil && !slices.Contains(o.Rules, rule) {
				continue
			}
			risk.rules = append(risk.rules, rule)
			risk.holds = append(risk.holds, q.condition(rule.when, r))
		}
		if len(risk.rules) > 0 || o.Rules == nil {
			risks = append(risks, risk)
		}
	}
	says := q.says(risks, cmp.Or(o.Facts, "facts"), o.OnlyFired) // first: it asks for facts
	return Query{Facts: q.selectFacts(), Says: says, Neighbours: q.asksGroup(), Params: q.params()}
}

// query is one statement in the making: what it computes of each row's signals,
// of its group, and step by step from these.
type query struct {
	set   *Set
	over  Over
	now   string
	since string
	facts *columns         // aggregates over the row's signals
	near  *columns         // aggregates over its group
	own   *columns         // aggregates over its own contacts in the group
	fixes []string         // relations that tell how a group's complainants count without the row's own
	lists []*sqlList       // signals gathered as arrays
	group *sqlList         // the group's, if aggregates do not do
	steps map[int]*columns // what is computed of the row, in order

	keys     numbers // of attrs
	onces    int     // values named so far
	calendar bool    // working days are counted
	numbered bool    // .again or .who of the group is asked for
}

// Steps of the computation on a row. Each sees the columns of those before it.
const (
	stepStarts    = iota // from when deadlines count
	stepDeadlines        // when they run out
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

// says writes what is computed of the facts, from the inside out. The time that
// the engine takes to analyse it grows with each name times all that lies below:
// it is kept flat, and facts may be a view of their own.
func (q *query) says(risks []sqlRisk, facts string, onlyFired bool) string {
	if len(risks) == 0 {
		return "SELECT row, '' AS risk, 0 AS score, 0 AS shadow, 0 AS level, CAST([], 'Array(String)') AS fired FROM " + facts + " WHERE false"
	}
	text := "SELECT * FROM " + facts
	for _, n := range slices.Sorted(maps.Keys(q.steps)) {
		text = fmt.Sprintf("SELECT *,\n    %s\nFROM\n(\n%s\n)", strings.Join(q.steps[n].list(), ",\n    "), indent(text))
	}
	holds, says := []string{"row"}, make([]string, len(risks))
	for i, r := range risks {
		name := "holds" + strconv.Itoa(i)
		holds = append(holds, fmt.Sprintf("%s AS %s", r.array(), name))
		says[i] = r.says(name)
	}
	text = fmt.Sprintf("SELECT %s\nFROM\n(\n%s\n)", strings.Join(holds, ",\n    "), indent(text))
	where := ""
	if onlyFired {
		where = "\nWHERE notEmpty(said.5)"
	}
	return fmt.Sprintf("SELECT row, said.1 AS risk, said.2 AS score, said.3 AS shadow, said.4 AS level, said.5 AS fired\nFROM\n(\n"+
		"    SELECT row,\n    [\n        %s\n    ] AS says\n    FROM\n    (\n%s\n    )\n)\nARRAY JOIN says AS said%s",
		strings.Join(says, ",\n        "), indent(indent(text)), where)
}

// asksGroup says that a condition asks for the group of a case.
func (q *query) asksGroup() bool {
	return q.near.used() || q.own.used() || len(q.fixes) > 0 || q.group != nil
}

// selectFacts aggregates the signals of each row and joins what its group has.
func (q *query) selectFacts() string {
	columns := append([]string{"row"}, q.facts.list()...)
	for _, l := range q.lists {
		columns = append(columns, l.inOrder())
	}
	having := "countIf(contact) > 0"
	if q.over == OverCase {
		having += " AND NOT max(concludes) AND max(at) > " + q.since
	}
	if q.asksGroup() {
		columns = append(columns, "argMinIf(group_id, ord, contact AND group_id != 0) AS in_group")
	}
	text := fmt.Sprintf("SELECT %s\nFROM rows\nGROUP BY row\nHAVING %s", strings.Join(columns, ",\n    "), having)
	if !q.asksGroup() {
		return text
	}
	return fmt.Sprintf("SELECT *\nFROM\n(\n%s\n) AS facts%s", indent(text), q.joins())
}

// indent moves a text to the right.
func indent(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") }
