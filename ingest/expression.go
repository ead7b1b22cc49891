package ingest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	"go.yaml.in/yaml/v3"
)

// expression is a mapping in the rules' expression language over one record.
// Each row["COLUMN"] has become a variable of its own, so that nothing is
// looked up by name in a record and every column is known before the first.
type expression struct {
	program *vm.Program
	columns []int    // read by it
	names   []string // of the variables, as columns
	kind    reflect.Kind
	list    bool
	instant bool
}

// rowName is the variable of a record in a mapping.
const rowName = "row"

// variable is the name of a column's variable: no identifier of the language,
// so nobody can write it but through row["COLUMN"].
func variable(column string) string { return rowName + "[" + column + "]" }

// usual are the builtins a mapping may use: those without clock and without surprise.
func usual() []string {
	return []string{
		"len", "trim", "trimPrefix", "trimSuffix", "upper", "lower", "split", "replace", "join", "indexOf", "lastIndexOf",
		"hasPrefix", "hasSuffix", "int", "float", "string", "abs", "round", "max", "min", "any", "all", "none", "filter", "map", "count",
	}
}

// expression compiles the text of a scalar node. ok is false if it has problems.
func (c *compiler) expression(n *yaml.Node) (e expression, reads []read, ok bool) {
	tree, err := parser.Parse(n.Value)
	if err != nil {
		c.expressionError(n, err)
		return e, nil, false
	}
	found := &columnFinder{}
	ast.Walk(&tree.Node, found)
	if at, message := found.misuse(); message != "" {
		c.FailInside(n, at.From, at.To-at.From, "row", message, `write row["COLUMN"] with the column's name between the quotes`)
		return e, nil, false
	}
	env := map[string]any{}
	for _, r := range found.reads {
		column := c.column(r.name)
		reads = append(reads, read{column: column, offset: r.at.From, width: r.at.To - r.at.From})
		if !slices.Contains(e.columns, column) {
			e.columns = append(e.columns, column)
			e.names = append(e.names, variable(r.name))
		}
		env[variable(r.name)] = ""
	}
	e.program, err = expr.Compile(n.Value, c.expressionOptions(env)...)
	if err != nil {
		c.expressionError(n, err)
		return e, nil, false
	}
	t := e.program.Node().Type()
	e.kind, e.list, e.instant = t.Kind(), t.Kind() == reflect.Slice, t == reflect.TypeFor[time.Time]()
	return e, reads, true
}

func (c *compiler) expressionOptions(env map[string]any) []expr.Option {
	options := []expr.Option{expr.Env(env), expr.Patch(columnPatcher{}), expr.Optimize(false), expr.DisableAllBuiltins()}
	for _, name := range usual() {
		options = append(options, expr.EnableBuiltin(name))
	}
	return append(options,
		expr.Function("part", part, new(func(string, string, int) string)),
		expr.Function("time", c.timeFunction, new(func(string) time.Time), new(func(string, string) time.Time)),
		expr.Function("lookup", c.lookup, new(func(string, string) string)),
	)
}

// part("a/b/c", "/", 1) is "b"; "" if there is no such part.
func part(args ...any) (any, error) {
	parts := strings.Split(args[0].(string), args[1].(string))
	if i := args[2].(int); i >= 0 && i < len(parts) {
		return strings.TrimSpace(parts[i]), nil
	}
	return "", nil
}

// timeFunction reads a time in the source's zone, perhaps in a layout of its own.
func (c *compiler) timeFunction(args ...any) (any, error) {
	if len(args) == 1 {
		return c.clock.parse(args[0].(string))
	}
	own := clock{zone: c.clock.zone, layouts: []string{args[1].(string)}}
	return own.parse(args[0].(string))
}

// lookup("TABLE", text) is the word that a table of maps: gives for a text.
func (c *compiler) lookup(args ...any) (any, error) {
	table, text := args[0].(string), args[1].(string)
	if word, ok := c.def.Maps[table][text]; ok {
		return word, nil
	}
	return "", &Fault{Reason: fmt.Sprintf("%q is not in the table %s", shown(text), table), Remedy: "add it under maps: in the source's definition"}
}

// expressionError puts the language's own error at its place in the file.
func (c *compiler) expressionError(n *yaml.Node, err error) {
	var at *file.Error
	if !errors.As(err, &at) {
		c.Fail(n, "expression", err.Error(), "")
		return
	}
	help := ""
	if _, name, ok := strings.Cut(at.Message, "unknown name "); ok {
		help = "write row[" + `"` + strings.Fields(name)[0] + `"] for a column; functions: part, time, lookup, ` + strings.Join(usual(), ", ")
	}
	c.FailInside(n, at.From, max(1, at.To-at.From), "expression", at.Message, help)
}

// columnFinder collects the columns of an expression, and what uses row otherwise.
type columnFinder struct {
	reads []namedRead
	rows  []file.Location // every mention of row
	bad   []file.Location // row[...] without a literal
}

type namedRead struct {
	name string
	at   file.Location
}

// Visit implements ast.Visitor.
func (f *columnFinder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == rowName {
			f.rows = append(f.rows, n.Location())
		}
	case *ast.MemberNode:
		if !isRow(n.Node) {
			return
		}
		if name, ok := n.Property.(*ast.StringNode); ok {
			f.reads = append(f.reads, namedRead{name: name.Value, at: name.Location()})
		} else {
			f.bad = append(f.bad, n.Property.Location())
		}
	}
}

// misuse tells of a column that is no literal, or of row on its own.
func (f *columnFinder) misuse() (file.Location, string) {
	switch {
	case len(f.bad) > 0:
		return f.bad[0], "the name of a column is a literal text, so that it can be compared with the header"
	case len(f.rows) > len(f.reads):
		return f.rows[len(f.rows)-1], "row on its own is no value"
	}
	return file.Location{}, ""
}

func isRow(n ast.Node) bool {
	id, ok := n.(*ast.IdentifierNode)
	return ok && id.Value == rowName
}

// columnPatcher makes each row["COLUMN"] a variable.
type columnPatcher struct{}

// Visit implements ast.Visitor.
func (columnPatcher) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.MemberNode)
	if !ok || !isRow(n.Node) {
		return
	}
	if name, ok := n.Property.(*ast.StringNode); ok {
		ast.Patch(node, &ast.IdentifierNode{Value: variable(name.Value)})
	}
}
