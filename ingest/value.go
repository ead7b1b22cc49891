package ingest

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/file"
	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// stored stands for a time that the source does not tell: when we store it.
const stored = "$stored"

// value is one field of a signal, ready to run on a record.
type value struct {
	node   *yaml.Node
	field  string // the field's name, for messages
	column int    // the bare column it is; -1
	is     string // the constant it is, if neither a column nor an expression
	expr   *expression
	reads  []read

	table map[string]string // looked up in it
	of    string            // the table's name, for messages
	other *string           // what a text that is not in the table gives
	words map[string]bool   // the words it may give; nil = any text
	match *regexp.Regexp    // what a text must look like; nil = any way
}

// read is a column that a value reads, and where the definition says so.
type read struct{ column, offset, width int }

// bareColumn is the text of a field that is a column and no expression.
var bareColumn = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}\p{N}_]+)*$`)

// value compiles a field. nil if the field is absent or has problems.
func (c *compiler) value(n *yaml.Node, field string, words []string) *value {
	if n == nil {
		return nil
	}
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	v := &value{node: n, field: field, column: -1}
	for _, w := range words {
		if v.words == nil {
			v.words = map[string]bool{}
		}
		v.words[w] = true
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return c.scalarValue(v, n)
	case yaml.MappingNode:
		return c.mappedValue(v, n, words)
	default:
		c.Fail(n, "field", field+" is one value, not a list", "")
		return nil
	}
}

// scalarValue is a bare column or an expression.
func (c *compiler) scalarValue(v *value, n *yaml.Node) *value {
	text := strings.TrimSpace(n.Value)
	if text == "" {
		c.Fail(n, "field", v.field+" is empty", "name a column or leave the key out")
		return nil
	}
	if bareColumn.MatchString(text) {
		v.column = c.column(text)
		v.reads = []read{{column: v.column, width: len([]rune(text))}}
		return v
	}
	e, reads, ok := c.expression(n)
	if !ok {
		return nil
	}
	v.expr, v.reads = &e, reads
	return v
}

// valueDefinition is a field that is more than a column or an expression.
type valueDefinition struct {
	Is    *yaml.Node `yaml:"is"`    // a constant
	Of    *yaml.Node `yaml:"of"`    // a column or an expression
	Match *yaml.Node `yaml:"match"` // a regular expression that its whole text fits, unless it is empty
	Map   *yaml.Node `yaml:"map"`   // a table in which it is looked up
	Else  *yaml.Node `yaml:"else"`  // for what is not in the table
}

func (c *compiler) mappedValue(v *value, n *yaml.Node, words []string) *value {
	var def valueDefinition
	c.Decode(n, &def)
	switch {
	case def.Is != nil && (def.Of != nil || def.Match != nil || def.Map != nil || def.Else != nil), def.Is == nil && def.Of == nil:
		c.Fail(n, "field", v.field+" needs either is: or of:", "write {is: CONSTANT}, or {of: COLUMN, match: PATTERN, map: TABLE}")
		return nil
	case def.Is != nil:
		v.is = def.Is.Value
		c.word(def.Is, v.is, v.field, words)
		return v
	}
	inner := c.value(def.Of, v.field, nil)
	if inner == nil {
		return nil
	}
	v.node, v.column, v.expr, v.reads = inner.node, inner.column, inner.expr, inner.reads
	if def.Match != nil {
		v.match = c.pattern(def.Match)
	}
	if def.Map != nil {
		v.table, v.of = c.table(def.Map, v.field, words)
	}
	if def.Else != nil {
		c.word(def.Else, def.Else.Value, v.field, words)
		v.other = &def.Else.Value
	}
	if def.Map != nil {
		v.words = nil // each word of the table has been checked
	}
	return v
}

// pattern compiles what a whole text must look like.
func (c *compiler) pattern(n *yaml.Node) *regexp.Regexp {
	re, err := regexp.Compile(`^(?:` + n.Value + `)$`)
	if err != nil {
		c.Fail(n, "match", strings.TrimPrefix(err.Error(), "error parsing regexp: "), "write a regular expression of RE2")
	}
	return re
}

// table is a lookup written in place, or the name of one under maps:.
func (c *compiler) table(n *yaml.Node, field string, words []string) (map[string]string, string) {
	if n.Kind == yaml.ScalarNode {
		table, ok := c.def.Maps[n.Value]
		if !ok {
			c.Fail(n, "map", fmt.Sprintf("no table %q", n.Value), problem.DidYouMean(n.Value, sortedKeys(c.def.Maps)))
			return nil, ""
		}
		for _, text := range sortedKeys(table) {
			c.word(n, table[text], field, words)
		}
		return table, n.Value
	}
	table := map[string]string{}
	for key, to := range c.Pairs(n) {
		c.word(to, to.Value, field, words)
		table[key.Value] = to.Value
	}
	return table, field
}

// word checks that a field may have this word.
func (c *compiler) word(n *yaml.Node, word, field string, words []string) {
	if words == nil || word == "" || slices.Contains(words, word) {
		return
	}
	c.Fail(n, "word", fmt.Sprintf("%q is no %s", word, field), problem.DidYouMean(word, words))
}

// text runs a value that gives a text; "" for an absent one.
func (m *mapper) text(v *value) (string, error) {
	if v == nil {
		return "", nil
	}
	s, err := m.plain(v)
	if err != nil {
		return "", err
	}
	if v.match != nil && s != "" && !v.match.MatchString(s) {
		return "", &Fault{Reason: fmt.Sprintf("%s%s: %q does not look like %s", v.field, m.from(v), shown(s), strings.TrimSuffix(strings.TrimPrefix(v.match.String(), "^(?:"), ")$")),
			Remedy: "correct it, or match: in the source's definition"}
	}
	if v.table != nil {
		return v.lookup(s)
	}
	if v.words != nil && s != "" && !v.words[s] {
		return "", &Fault{Reason: fmt.Sprintf("%s: %q is none of %s", v.field, shown(s), strings.Join(sortedKeys(v.words), ", ")),
			Remedy: "say under map: of the field which word it means"}
	}
	return s, nil
}

// lookup gives the word for a text. An empty text needs no entry.
func (v *value) lookup(s string) (string, error) {
	if word, ok := v.table[s]; ok {
		return word, nil
	}
	if v.other != nil {
		return *v.other, nil
	}
	if s == "" {
		return "", nil
	}
	return "", &Fault{Reason: fmt.Sprintf("%s: %q is not in the table %s", v.field, shown(s), v.of),
		Remedy: "add it to the table in the source's definition, or give the field an else:"}
}

// plain is a value before its table.
func (m *mapper) plain(v *value) (string, error) {
	switch {
	case v.column >= 0:
		return m.cell(v.column), nil
	case v.expr == nil:
		return v.is, nil
	}
	result, err := m.run(v)
	if err != nil {
		return "", err
	}
	if s, ok := result.(string); ok {
		return strings.TrimSpace(s), nil
	}
	return "", &Fault{Reason: fmt.Sprintf("%s: its expression gives a %T, not a text", v.field, result),
		Remedy: "correct the expression in the source's definition, for instance with string(...)"}
}

// run evaluates an expression on the mapper's own machine.
func (m *mapper) run(v *value) (any, error) {
	for i, column := range v.expr.columns {
		m.env[v.expr.names[i]] = m.cell(column)
	}
	result, err := m.vm.Run(v.expr.program, m.env)
	if err == nil {
		return result, nil
	}
	var fault *Fault
	if errors.As(err, &fault) {
		return nil, &Fault{Reason: v.field + ": " + fault.Reason, Remedy: fault.Remedy}
	}
	reason := err.Error()
	var at *file.Error
	if errors.As(err, &at) {
		reason = at.Message
	}
	return nil, &Fault{Reason: v.field + ": " + shown(reason), Remedy: "correct the record, or the expression in the source's definition"}
}

// instant runs a value that gives a time; the zero time for nothing.
func (m *mapper) instant(v *value) (time.Time, error) {
	if v == nil {
		return time.Time{}, nil
	}
	if v.expr != nil && v.expr.kind != reflect.String {
		result, err := m.run(v)
		if t, ok := result.(time.Time); ok || err != nil {
			return t, err
		}
		if _, ok := result.(string); !ok {
			return time.Time{}, &Fault{Reason: fmt.Sprintf("%s: its expression gives a %T, not a time", v.field, result), Remedy: "correct the expression in the source's definition"}
		}
	}
	s, err := m.text(v)
	if err != nil || s == "" {
		return time.Time{}, err
	}
	t, err := m.clock.parse(s)
	if fault, ok := err.(*Fault); ok {
		return t, &Fault{Reason: v.field + m.from(v) + ": " + fault.Reason, Remedy: fault.Remedy}
	}
	return t, err
}

// from names the column of a value, for messages.
func (m *mapper) from(v *value) string {
	if v.column < 0 {
		return ""
	}
	return " (" + m.source.mapping.columns[v.column] + ")"
}

// holds runs a condition: an expression, or a column that is not empty.
func (m *mapper) holds(v *value) (bool, error) {
	if v.expr == nil {
		s, err := m.plain(v)
		return s != "", err
	}
	result, err := m.run(v)
	if err != nil {
		return false, err
	}
	if b, ok := result.(bool); ok {
		return b, nil
	}
	return false, &Fault{Reason: fmt.Sprintf("%s: its expression gives a %T, not true or false", v.field, result), Remedy: "correct the expression in the source's definition"}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
