package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// sqlValue is a value of the language in SQL. A scalar is an expression, Nullable
// if it may be unknown. Records, categories and attrs are not made in SQL at all:
// they know how to name their parts.
type sqlValue struct {
	typ  typ
	sql  string
	null string                     // of a record that may be unknown: when it is
	part func(name string) sqlValue // a record's field, a category's level, the value of a key
	list *sqlListValue              // of a list
}

func scalar(t typ, format string, args ...any) sqlValue {
	return sqlValue{typ: t, sql: fmt.Sprintf(format, args...)}
}

// float is the value as Float64.
func (v sqlValue) float() string {
	if v.typ.kind == kindFloat {
		return v.sql
	}
	return "toFloat64(" + v.sql + ")"
}

// isNull says when an optional value is unknown.
func (v sqlValue) isNull() string {
	if v.null != "" {
		return v.null
	}
	return "isNull(" + v.sql + ")"
}

// choose is one plain value or the other.
func choose(cond string, a, b sqlValue) sqlValue {
	t := join(a.typ, b.typ)
	switch t.kind {
	case kindFloat:
		return scalar(t, "if(%s, %s, %s)", cond, a.float(), b.float())
	case kindBool:
		return scalar(t, "if(%s, %s, %s)", cond, a.truth(), b.truth())
	}
	return scalar(t, "if(%s, %s, %s)", cond, a.sql, b.sql)
}

// truth is a truth as Bool. A comparison is a UInt8: where the engine decides a
// choice between the two beforehand, a lambda would not have the type it was promised.
func (v sqlValue) truth() string {
	if v.typ.opt {
		return "CAST(" + v.sql + ", 'Nullable(Bool)')"
	}
	return "CAST(" + v.sql + ", 'Bool')"
}

// otherwise is a, or b where a is unknown.
func otherwise(a, b sqlValue) sqlValue {
	if !a.typ.opt {
		return a
	}
	t := a.typ
	t.opt = false
	t = join(t, b.typ)
	switch t.kind {
	case kindFloat:
		return scalar(t, "ifNull(%s, %s)", a.float(), b.float())
	case kindBool:
		return scalar(t, "ifNull(%s, %s)", a.truth(), b.truth())
	}
	return scalar(t, "ifNull(%s, %s)", a.sql, b.sql)
}

// once writes an expression that needs a value more than once, without writing
// the value out each time: nested, that would double the statement at each level.
func (q *query) once(value string, f func(name string) string) string {
	if strings.Trim(value, "abcdefghijklmnopqrstuvwxyz0123456789_.") == "" {
		return f(value)
	}
	q.onces++
	name := fmt.Sprintf("v%d", q.onces)
	return fmt.Sprintf("arrayMap(%s -> %s, [%s])[1]", name, f(name), value)
}

// quote writes a text as a literal that nothing in it can end.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// integer writes a whole number of 64 bits: a plain literal has the narrowest
// type that holds it, and arithmetic with it would overflow elsewhere than in Go.
func integer(n int) string { return "toInt64(" + strconv.Itoa(n) + ")" }

// fraction writes a float so that the same bits are read back.
func fraction(f float64) string {
	return "toFloat64(" + strconv.FormatFloat(f, 'g', -1, 64) + ")"
}
