package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sqlField is something of a signal as it is stored: the expression that reads
// it while rows are read, and its type in a gathered tuple.
type sqlField struct{ name, expr, kind string }

// stored are the columns of rows and neighbours that are more than a text.
func stored(name string) sqlField {
	kinds := map[string]string{"at": "Int64", "due": "Int64", "people": "Int64", "ord": "Int128", "person": "UInt64", "matter": "UInt64",
		"level": "UInt8", "competent": "UInt8", "text": "String", "subject": "String", "again": "Bool", "who": "Int64"}
	if kind := kinds[name]; kind != "" {
		return sqlField{name, name, kind}
	}
	return sqlField{name, name, "LowCardinality(String)"}
}

// columnOf names a field of a signal while rows are read.
func columnOf(f sqlField) string { return f.expr }

// signal is a signal of a collection: how its fields are read.
func (q *query) signal(from *sqlBase, field func(sqlField) string, mine string) sqlValue {
	return sqlValue{typ: from.elem, part: func(name string) sqlValue {
		t := from.elem.fields.fields[name]
		column := func(name string) string { return field(stored(name)) }
		switch name {
		case "age":
			return scalar(t, "((now - %s) / %d)", column("at"), dayMillis)
		case "mine":
			return scalar(t, "%s", mine)
		case "again", "who":
			return scalar(t, "%s", q.numberOf(from, name, column))
		case "level", "competent":
			return scalar(t, "nullIf(toInt64(%s), 0)", column(name))
		case "above":
			return scalar(t, "%s", aboveSQL(column("level"), column("competent")))
		case "due":
			return scalar(t, "nullIf(%s, 0)", column(name))
		case "rating":
			return scalar(t, "nullIf(%s, '')", column(name))
		case "category":
			return sqlValue{typ: t, part: func(level string) sqlValue { return scalar(typ{kind: kindText}, "%s", column("category"+level)) }}
		case "attrs":
			return sqlValue{typ: t, part: func(key string) sqlValue { return scalar(typ{kind: kindText}, "%s", field(q.attr(key))) }}
		}
		return scalar(t, "%s", column(name))
	}}
}

func aboveSQL(level, competent string) string {
	return fmt.Sprintf("if(%[1]s = 0 OR %[2]s = 0, NULL, toInt64(%[1]s) - toInt64(%[2]s))", level, competent)
}

// numberOf is .again or .who: an action has no complainant.
func (q *query) numberOf(from *sqlBase, name string, column func(string) string) string {
	switch from.name {
	case "actions":
		return map[string]string{"again": "false", "who": "toInt64(0)"}[name]
	case "group":
		q.numbered = true
	}
	return column(name)
}

// attr is a key of attrs. In a tuple it goes by a number, whatever the key is.
func (q *query) attr(key string) sqlField {
	return sqlField{"attr" + strconv.Itoa(q.keys.number(key)), "attrs[" + quote(key) + "]", "String"}
}

// caseField is a field of the case: of its first contact, save the unit.
func (q *query) caseField(name string) sqlValue {
	first := func(f sqlField) string { return q.fact(fmt.Sprintf("argMinIf(%s, ord, contact)", f.expr)) }
	switch name {
	case "at", "age":
		first = func(f sqlField) string { return q.fact("minIf(at, contact)") }
	case "unit":
		return scalar(typ{kind: kindText}, "%s", q.fact("argMaxIf(unit, ord, NOT contact AND unit != '')"))
	}
	matter := ruleScope(nil).names["case"]
	return q.signal(&sqlBase{"case", "", matter}, first, "true").part(name)
}

// numbers gives texts numbers in order of appearance.
type numbers []string

func (n *numbers) number(s string) int {
	i := slices.Index(*n, s)
	if i < 0 {
		i = len(*n)
		*n = append(*n, s)
	}
	return i
}

// sqlList is signals of each row gathered as an array of named tuples, with the
// fields that somebody asks for.
type sqlList struct {
	where  string // the condition on rows
	name   string // of the array
	fields []sqlField
}

// gather gives the list of the signals that meet a condition. Its columns are
// written when all is known that is asked of it.
func (q *query) gather(where string) *sqlList {
	for _, l := range q.lists {
		if l.where == where {
			return l
		}
	}
	n := strconv.Itoa(len(q.lists))
	l := &sqlList{where: where, name: "signals" + n, fields: []sqlField{stored("ord")}}
	q.lists = append(q.lists, l)
	return l
}

// field names a field of an element of the list.
func (l *sqlList) field(x string) func(sqlField) string {
	return func(f sqlField) string {
		l.want(f)
		if f.name == "again" || f.name == "who" {
			l.want(stored("person"))
			l.want(stored("matter"))
		}
		return tupleElement(x, f.name)
	}
}

func (l *sqlList) want(f sqlField) {
	if !slices.Contains(l.fields, f) {
		l.fields = append(l.fields, f)
	}
}

func tupleElement(x, field string) string {
	if strings.Trim(x, "abcdefghijklmnopqrstuvwxyz0123456789") == "" {
		return x + "." + field
	}
	return fmt.Sprintf("tupleElement(%s, '%s')", x, field)
}

func (l *sqlList) tuple() string {
	kinds := make([]string, len(l.fields))
	for i, f := range l.fields {
		kinds[i] = f.name + " " + f.kind
	}
	return quote("Array(Tuple(" + strings.Join(kinds, ", ") + "))")
}

// everyNeighbour is the condition of the group's list. Its complainants are
// numbered before it is gathered.
const everyNeighbour = "true"

// inOrder writes the list, oldest first.
func (l *sqlList) inOrder() string {
	exprs := make([]string, len(l.fields))
	for i, f := range l.fields {
		if exprs[i] = f.expr; l.where != everyNeighbour && (f.name == "again" || f.name == "who") {
			exprs[i] = "0" // known only in order
		}
	}
	sorted := fmt.Sprintf("arraySort(x -> x.1, groupArrayIf(tuple(%s), %s))", strings.Join(exprs, ", "), l.where)
	return fmt.Sprintf("CAST(%s, %s) AS %s", l.numbered(sorted), l.tuple(), l.name)
}

// numbered writes the list with its complainants numbered, if that is asked for:
// .who is the number of a known one in order of appearance, .again says that the
// same one spoke earlier in the same case.
func (l *sqlList) numbered(sorted string) string {
	person, matter := 1+slices.Index(l.fields, stored("person")), 1+slices.Index(l.fields, stored("matter"))
	values, asked := make([]string, len(l.fields)), false
	for i, f := range l.fields {
		switch f.name {
		case "again":
			asked, values[i] = true, fmt.Sprintf("x.%d != 0 AND time > 1", person)
		case "who":
			asked, values[i] = true, "toInt64(number) - 1" // 0 stands first below, so that the unknown is 0
		default:
			values[i] = fmt.Sprintf("x.%d", i+1)
		}
	}
	if !asked || l.where == everyNeighbour {
		return sorted
	}
	persons := fmt.Sprintf("arrayMap(x -> x.%d, %s)", person, sorted)
	matters := fmt.Sprintf("arrayMap(x -> x.%d, %s)", matter, sorted)
	return fmt.Sprintf("arrayMap((x, time, number) -> tuple(%s), %s, arrayEnumerateUniq(%[3]s, %[4]s), arraySlice(arrayEnumerateDense(arrayPushFront(%[3]s, toUInt64(0))), 2))",
		strings.Join(values, ", "), sorted, persons, matters)
}
