package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"yujing/internal/schema"
)

// field is a field of a struct that YAML fills.
type field struct {
	key, option string // of its yaml tag
	doc         string
	shared      bool // the comment stands on a field above
	typ         ast.Expr
	imports     map[string]string // by the name that the file gives them
}

// structure is a struct type as the source declares it.
type structure struct {
	pkg, doc string
	fields   []field
}

// sources reads packages of the module, each once.
type sources struct {
	root     string
	packages map[string]map[string]structure // by import path, by name
}

func (s *sources) structure(pkg, name string) (structure, error) {
	if s.packages[pkg] == nil {
		if err := s.read(pkg); err != nil {
			return structure{}, err
		}
	}
	found, ok := s.packages[pkg][name]
	if !ok {
		return found, fmt.Errorf("%s declares no struct %s", pkg, name)
	}
	return found, nil
}

func (s *sources) read(pkg string) error {
	names, err := filepath.Glob(filepath.Join(s.root, strings.TrimPrefix(pkg, "yujing/"), "*.go"))
	if err != nil || len(names) == 0 {
		return fmt.Errorf("no source of %s", pkg)
	}
	s.packages[pkg] = map[string]structure{}
	files := token.NewFileSet()
	for _, name := range names {
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("parse %s: %w", name, err)
		}
		for _, decl := range file.Decls {
			s.declaration(pkg, files, file, decl)
		}
	}
	return nil
}

func (s *sources) declaration(pkg string, files *token.FileSet, file *ast.File, decl ast.Decl) {
	general, ok := decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range general.Specs {
		if named, ok := spec.(*ast.TypeSpec); ok {
			if body, ok := named.Type.(*ast.StructType); ok {
				s.packages[pkg][named.Name.Name] = structure{pkg, sentence(general.Doc.Text()), fields(files, file, body)}
			}
		}
	}
}

// fields reads the fields with a yaml tag. One comment may stand for several
// fields on the lines below it.
func fields(files *token.FileSet, file *ast.File, body *ast.StructType) []field {
	imports := map[string]string{}
	for _, i := range file.Imports {
		path, _ := strconv.Unquote(i.Path.Value)
		name := path[strings.LastIndex(path, "/")+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		imports[name] = path
	}
	var list []field
	lastDoc, lastLine := "", 0
	for _, f := range body.Fields.List {
		if f.Tag == nil {
			continue
		}
		raw, _ := strconv.Unquote(f.Tag.Value)
		key, option, _ := strings.Cut(reflect.StructTag(raw).Get("yaml"), ",")
		own := sentence(f.Doc.Text() + f.Comment.Text())
		line := files.Position(f.Pos()).Line
		one := field{key, option, own, false, f.Type, imports}
		switch {
		case own == "" && line == lastLine+1:
			one.doc, one.shared = lastDoc, true
		case f.Comment != nil:
			lastDoc = ""
		default:
			lastDoc = own
		}
		lastLine = line
		list = append(list, one)
	}
	return list
}

// sentence is the first paragraph of a comment on one line, without the Go name
// that it begins with.
func sentence(s string) string {
	first, _, _ := strings.Cut(s, "\n\n")
	s = strings.Join(strings.Fields(first), " ")
	if m := regexp.MustCompile(`^[A-Z]\w* (?:is|are) (.*)$`).FindStringSubmatch(s); m != nil {
		return strings.ToUpper(m[1][:1]) + m[1][1:]
	}
	return s
}

// converter turns structs into schemas.
type converter struct {
	sources  *sources
	lists    func(items *schema.Schema) *schema.Schema // what a list may be written as
	duration *schema.Schema
	known    map[string]*schema.Schema // by TYPE.KEY: what the Go type does not say
	used     map[string]bool
	explain  map[string]string // by STRUCT.KEY: where the code has no comment
	errs     []error
}

// object converts a struct type.
func (c *converter) object(pkg, name string) *schema.Schema {
	body, err := c.sources.structure(pkg, name)
	if err != nil {
		c.errs = append(c.errs, err)
		return &schema.Schema{}
	}
	return object(body.doc, nil, c.properties(body, pkg, name)...)
}

func (c *converter) properties(body structure, pkg, name string) []schema.Property {
	var list []schema.Property
	for _, f := range body.fields {
		switch {
		case f.option == "inline":
			inner, err := c.sources.structure(pkg, f.typ.(*ast.Ident).Name)
			c.errs = append(c.errs, err)
			list = append(list, c.properties(inner, pkg, f.typ.(*ast.Ident).Name)...)
		case f.key == "" || f.key == "-":
		default:
			list = append(list, c.property(f, pkg, name))
		}
	}
	return list
}

func (c *converter) property(f field, pkg, name string) schema.Property {
	where := pkg[strings.LastIndex(pkg, "/")+1:] + "." + name + "." + f.key
	s := c.known[where]
	c.used[where] = true
	if s == nil {
		s = c.value(f.typ, f, pkg)
	}
	copied := *s
	s = &copied
	switch {
	case s.Description != "" && (f.doc == "" || f.shared): // of the type
	case f.doc != "":
		s.Description = f.doc
	default:
		s.Description = c.explain[name+"."+f.key]
	}
	if s.Description == "" {
		c.errs = append(c.errs, fmt.Errorf("nothing says what %s means: write a comment", where))
	}
	return schema.Property{Name: f.key, Schema: s}
}

// value converts the type of a field.
func (c *converter) value(t ast.Expr, f field, pkg string) *schema.Schema {
	switch t := t.(type) {
	case *ast.StarExpr:
		return c.value(t.X, f, pkg)
	case *ast.ArrayType:
		return c.lists(c.value(t.Elt, f, pkg))
	case *ast.MapType:
		return table(c.value(t.Value, f, pkg))
	case *ast.Ident:
		switch t.Name {
		case "string":
			return text()
		case "bool":
			return truth()
		case "int":
			return &schema.Schema{Type: schema.Types{"integer"}}
		}
		return c.object(pkg, t.Name)
	case *ast.SelectorExpr:
		path := f.imports[t.X.(*ast.Ident).Name]
		switch {
		case path == "time" && t.Sel.Name == "Duration":
			return c.duration
		case strings.HasPrefix(path, "yujing/"):
			return c.object(path, t.Sel.Name)
		}
	}
	c.errs = append(c.errs, fmt.Errorf("%s: say what the key %s may hold", pkg, f.key))
	return &schema.Schema{}
}

// err tells everything that went wrong, and what is said of keys that are not there.
func (c *converter) err() error {
	for where := range c.known {
		if !c.used[where] {
			c.errs = append(c.errs, fmt.Errorf("there is no %s", where))
		}
	}
	return errors.Join(c.errs...)
}
