package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// named is `pkg.Name` or `(*pkg.Type).Name` as the documents write it.
var named = regexp.MustCompile("`(?:\\(\\*([a-z]+)\\.([A-Z]\\w*)\\)\\.([A-Z]\\w*)|([a-z]+)\\.([A-Z]\\w*))`")

// TestArchitectureNamesWhatExists holds docs/architecture.md to the code: each
// function and type it names is declared.
func TestArchitectureNamesWhatExists(t *testing.T) {
	declared := declarations(t)
	names := named.FindAllStringSubmatch(read(t, "docs/architecture.md"), -1)
	if len(names) < 10 {
		t.Fatalf("docs/architecture.md names %d functions: is it read right?", len(names))
	}
	for _, m := range names {
		name := m[4] + "." + m[5]
		if m[1] != "" {
			name = m[1] + "." + m[2] + "." + m[3]
		}
		if !declared[name] {
			t.Errorf("docs/architecture.md names %s, which the code does not declare", m[0])
		}
	}
}

// declarations gives every exported function, method and type of the module, as
// package.Name or package.Type.Method.
func declarations(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			declare(all, file.Name.Name, decl)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func declare(all map[string]bool, pkg string, decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		name := decl.Name.Name
		if decl.Recv != nil {
			name = receiver(decl.Recv.List[0].Type) + "." + name
		}
		all[pkg+"."+name] = true
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok {
				all[pkg+"."+spec.Name.Name] = true
			}
		}
	}
}

// receiver gives the name of a method's type.
func receiver(expr ast.Expr) string {
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if name, ok := expr.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
