package main

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// named is a fact by its name in a library.
func named(f fact) string { return f.name }

// newExpr is expr with programs compiled for a struct, and one reused machine.
func newExpr(list []condition) func() (library, error) {
	return func() (library, error) {
		programs := make([]*vm.Program, len(list))
		for i, c := range list {
			var err error
			if programs[i], err = expr.Compile(c.write(" and ", " or ", named, isDecimal), expr.Env(facts{}), expr.AsBool()); err != nil {
				return nil, err
			}
		}
		machine := vm.VM{}
		return func(rows []facts, holds []int) error {
			for i := range rows {
				var env any = rows[i]
				for j, p := range programs {
					said, err := machine.Run(p, env)
					if err != nil {
						return err
					}
					if said.(bool) {
						holds[j]++
					}
				}
			}
			return nil
		}, nil
	}
}

// celRow is a case as cel-go asks for it, one that is filled anew for each: cel-go
// converts nothing, since the values are its own.
type celRow map[string]any

// ResolveName implements cel.Activation.
func (r celRow) ResolveName(name string) (any, bool) {
	v, known := r[name]
	return v, known
}

// Parent implements cel.Activation.
func (r celRow) Parent() cel.Activation { return nil }

func (r celRow) fill(f *facts) {
	fields := reflect.ValueOf(f).Elem()
	for i, fact := range factList() {
		r[fact.name] = celValue(fields.Field(i))
	}
}

func celValue(v reflect.Value) any {
	if v.CanInt() {
		return types.Int(v.Int())
	}
	return types.Double(v.Float())
}

// newCEL is cel-go with checked programs, optimised, and a reused activation.
func newCEL(list []condition) func() (library, error) {
	return func() (library, error) {
		var variables []cel.EnvOption
		for _, f := range factList() {
			kind := cel.IntType
			if isDecimal(f) {
				kind = cel.DoubleType
			}
			variables = append(variables, cel.Variable(f.name, kind))
		}
		env, err := cel.NewEnv(variables...)
		if err != nil {
			return nil, err
		}
		programs := make([]cel.Program, len(list))
		for i, c := range list {
			tree, issues := env.Compile(c.write(" && ", " || ", named, isDecimal))
			if issues.Err() != nil {
				return nil, issues.Err()
			}
			if programs[i], err = env.Program(tree, cel.EvalOptions(cel.OptOptimize)); err != nil {
				return nil, err
			}
		}
		row := celRow{}
		return func(rows []facts, holds []int) error {
			for i := range rows {
				row.fill(&rows[i])
				for j, p := range programs {
					said, _, err := p.Eval(row)
					if err != nil {
						return err
					}
					if said == types.True {
						holds[j]++
					}
				}
			}
			return nil
		}, nil
	}
}

// policy is the conditions in Rego, one set of the numbers of those that hold.
func policy(list []condition) string {
	var text strings.Builder
	text.WriteString("package bench\n")
	input := func(f fact) string { return "input." + f.name }
	for i, c := range list {
		for _, body := range strings.Split(c.write("; ", " or ", input, isDecimal), " or ") { // or is a rule of its own
			fmt.Fprintf(&text, "fired contains %d if { %s }\n", i, body)
		}
	}
	return text.String()
}

// newOPA is OPA with one prepared query for all conditions and its input already
// a value of its own. Partial evaluation has nothing to work out beforehand, since
// every condition asks for the input; with it a row takes longer.
func newOPA(ctx context.Context, list []condition) func() (library, error) {
	return func() (library, error) {
		query, err := rego.New(rego.Query("data.bench.fired"), rego.Module("bench.rego", policy(list))).PrepareForEval(ctx)
		if err != nil {
			return nil, err
		}
		return func(rows []facts, holds []int) error {
			for i := range rows {
				said, err := query.Eval(ctx, rego.EvalParsedInput(opaInput(&rows[i])))
				if err != nil {
					return err
				}
				for _, number := range said[0].Expressions[0].Value.([]any) {
					j, err := strconv.Atoi(fmt.Sprint(number))
					if err != nil {
						return err
					}
					holds[j]++
				}
			}
			return nil
		}, nil
	}
}

func opaInput(f *facts) ast.Value {
	fields := reflect.ValueOf(f).Elem()
	pairs := make([][2]*ast.Term, fields.NumField())
	for i, fact := range factList() {
		pairs[i] = [2]*ast.Term{ast.StringTerm(fact.name), opaNumber(fields.Field(i))}
	}
	return ast.NewObject(pairs...)
}

func opaNumber(v reflect.Value) *ast.Term {
	if v.CanInt() {
		return ast.IntNumberTerm(int(v.Int()))
	}
	return ast.FloatNumberTerm(v.Float())
}
