// Command gendoc writes docs/rules.md from rules/vocabulary.go, where the
// comments are the reference; docs/language.md from the table of constructs; and
// a table of the same comments for the program, which shows them in editors. So
// code and documents cannot drift apart. A test holds all three.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"

	"yujing/internal/calendar"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gendoc:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("usage: gendoc RULES.md LANGUAGE.md TABLE.go, in the directory of vocabulary.go")
	}
	source, err := os.ReadFile("vocabulary.go")
	if err != nil {
		return fmt.Errorf("read the vocabulary: %w", err)
	}
	text, err := generate(source)
	if err != nil {
		return err
	}
	page, err := language()
	if err != nil {
		return err
	}
	table, err := generateTable(source)
	if err != nil {
		return err
	}
	for i, document := range [][]byte{text, page, table} {
		if err := os.WriteFile(args[i], document, 0o644); err != nil {
			return fmt.Errorf("write the reference: %w", err)
		}
	}
	return nil
}

// parse reads what the source of the vocabulary declares.
func parse(source []byte) (*document, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "vocabulary.go", source, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse the vocabulary: %w", err)
	}
	d := &document{structs: map[string]*ast.StructType{}, docs: map[string]string{}}
	for _, decl := range file.Decls {
		d.declaration(decl)
	}
	return d, nil
}

// generate renders the reference from the source of the vocabulary.
func generate(source []byte) ([]byte, error) {
	d, err := parse(source)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString(opening)
	d.table(&b, "What a condition and its texts see", "Vocabulary")
	d.table(&b, "`case`", "Case")
	d.table(&b, "The elements of `contacts`, `actions` and `group`", "Element")
	d.table(&b, "What an outcome sees (`risks.yaml`)", "Outcome")
	fmt.Fprintf(&b, "## Levels\n\n%s\n\n| word | value | |\n|---|---|---|\n", d.docs["levels"])
	for i, c := range d.constants {
		fmt.Fprintf(&b, "| `%s` | %d | %s |\n", c[0], i+1, c[1])
	}
	b.WriteString("\n## Functions\n\n| function | |\n|---|---|\n")
	for _, f := range d.functions {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f[0], f[1])
	}
	deadlines(&b)
	b.WriteString(closing)
	return b.Bytes(), nil
}

// deadlines lists the kinds that due and overdue take.
func deadlines(b *bytes.Buffer) {
	b.WriteString("\n## Kinds of deadlines\n\nThe default table; `deadlines:` in the configuration overrides it. The clock runs from the first start since the\n" +
		"deadline was last met or the matter returned. What the source itself states comes first.\n\n| kind | starts at | length | ends with | source |\n|---|---|---|---|---|\n")
	for _, d := range calendar.Deadlines() {
		length := fmt.Sprintf("%d days", d.Length)
		if d.Working {
			length = fmt.Sprintf("%d working days", d.Length)
		}
		if d.Extension > 0 {
			length += fmt.Sprintf(", %d more once extended", d.Extension)
		}
		if d.Hearing {
			length += ", days of hearings not counted"
		}
		if d.Channel != "" {
			length += ", only by " + d.Channel
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", d.Kind, strings.Join(d.Starts, ", "), length, strings.Join(d.Ends, ", "), d.Source)
	}
}

// document is what the source declares.
type document struct {
	structs   map[string]*ast.StructType
	docs      map[string]string // of structs, and "levels"
	constants [][2]string       // name, comment
	functions [][2]string       // signature, meaning
}

func (d *document) declaration(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if s, ok := spec.Type.(*ast.StructType); ok {
					d.structs[spec.Name.Name], d.docs[spec.Name.Name] = s, oneLine(decl.Doc.Text())
				}
			case *ast.ValueSpec:
				if decl.Tok == token.CONST {
					d.docs["levels"] = oneLine(decl.Doc.Text())
					d.constants = append(d.constants, [2]string{spec.Names[0].Name, oneLine(spec.Comment.Text())})
				}
			}
		}
	case *ast.FuncDecl:
		if decl.Name.Name == "functions" {
			ast.Inspect(decl.Body, d.function)
		}
	}
}

// function reads one row of the table of functions: name, signature, meaning.
func (d *document) function(n ast.Node) bool {
	row, ok := n.(*ast.CompositeLit)
	if !ok || len(row.Elts) != 3 {
		return true
	}
	var texts []string
	for _, e := range row.Elts {
		if lit, ok := e.(*ast.BasicLit); ok {
			s, err := strconv.Unquote(lit.Value)
			if err == nil {
				texts = append(texts, s)
			}
		}
	}
	if len(texts) == 3 {
		d.functions = append(d.functions, [2]string{texts[1], texts[2]})
	}
	return true
}

// oneLine is the first paragraph; what follows is about Go.
func oneLine(s string) string {
	first, _, _ := strings.Cut(s, "\n\n")
	return strings.Join(strings.Fields(first), " ")
}

// table writes the fields of a struct.
func (d *document) table(b *bytes.Buffer, title, name string) {
	fmt.Fprintf(b, "## %s\n\n%s\n\n| word | type | |\n|---|---|---|\n", title, d.docs[name])
	for _, f := range d.structs[name].Fields.List {
		if f.Tag == nil {
			continue
		}
		raw, _ := strconv.Unquote(f.Tag.Value)
		tag := reflect.StructTag(raw)
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", tag.Get("expr"), typeName(f.Type, tag), strings.ReplaceAll(oneLine(f.Doc.Text()), "|", "\\|"))
	}
	b.WriteString("\n")
}

// typeName is the type as the language calls it.
func typeName(t ast.Expr, tag reflect.StructTag) string {
	if name := tag.Get("type"); name != "" {
		if name == "contacts" || name == "actions" || name == "group" || name == "before" {
			return "list of signals"
		}
		return name
	}
	switch t := t.(type) {
	case *ast.Ident:
		return map[string]string{"string": "text", "float64": "float", "Case": "see below", "Element": "signal"}[t.Name] +
			map[string]string{"bool": "bool", "int": "int"}[t.Name]
	case *ast.ArrayType:
		return "category"
	case *ast.MapType:
		return "texts by key"
	}
	return ""
}
