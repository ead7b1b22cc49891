package rules

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/expr-lang/expr/ast"
	exprchecker "github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// program is one checked expression: the tree as written with its types, and
// the code that gives its value.
type program struct {
	source string
	tree   ast.Node
	types  map[ast.Node]typ
	typ    typ
	code   *vm.Program
	dues   map[int]bool // kinds of deadlines it asks for, by index
	group  bool         // it asks for the group
	scope  *scope
	calls  []closedCall // of a condition: its outermost collection calls
}

// compile checks an expression and compiles it. The program is nil if a mistake
// other than a warning was found.
func compile(source string, s *scope) (*program, []mistake) {
	tree, mistakes := parse(source)
	if mistakes != nil {
		return nil, mistakes
	}
	c, t := check(tree, s)
	if c.failed() {
		return nil, c.mistakes
	}
	if c.mistakes = append(c.mistakes, sizes(tree, c.types)...); c.failed() {
		return nil, c.mistakes
	}
	p := &program{source: source, tree: tree, types: c.types, typ: t, scope: s}
	r, code, err := p.rewrite(tree, nil)
	if err != nil { // the checker let something through that expr refuses: say so rather than run it
		first, _, _ := strings.Cut(err.Error(), "\n") // the rest may be a stack
		return nil, append(c.mistakes, mistake{check: "outside-language", message: "cannot be compiled: " + first,
			help: "please report this expression"})
	}
	p.code, p.dues, p.group = code, r.dues, r.group
	return p, c.mistakes
}

// compile turns a checked tree, or a part of it that mentions no element, into
// code. It changes nothing of the program, which many may read at once.
func (p *program) compile(tree ast.Node) (*vm.Program, error) {
	_, code, err := p.rewrite(tree, nil)
	return code, err
}

// rewrite compiles; probes, unless nil, are built in.
func (p *program) rewrite(tree ast.Node, probes *probes) (r *rewriter, code *vm.Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	r = &rewriter{types: p.types, kinds: p.scope.kinds, dues: map[int]bool{}, probes: probes}
	config := conf.CreateNew()
	config.Optimize = false // the optimiser stops counting early and breaks first elements of filters
	config.WithEnv(p.scope.env)
	addFunctions(config)
	probes.addFunctions(config)
	config.Check()
	t := &parser.Tree{Node: r.rewrite(tree), Source: file.NewSource(p.source)}
	if _, err := exprchecker.Check(t, config); err != nil {
		return nil, nil, err
	}
	if r.typeElements(&config.NtCache) {
		if _, err := exprchecker.Check(t, config); err != nil {
			return nil, nil, err
		}
	}
	code, err = compiler.Compile(t, config)
	return r, code, err
}

// newVM has no budget of memory: the language bounds what a rule can build, and
// a rule over a large group must not fail.
func newVM() *vm.VM { return &vm.VM{MemoryBudget: math.MaxInt} }

func functionTypes(f any) []reflect.Type { return []reflect.Type{reflect.TypeOf(f).Elem()} }
