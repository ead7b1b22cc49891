package rules

import (
	"math"
	"strings"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"
)

// addFunctions gives expr the functions that compiled trees call. Their names
// begin with a sign that no rule can write.
func addFunctions(c *conf.Config) {
	for _, f := range []struct {
		name string
		f    func(args ...any) (any, error)
		typ  any
	}{
		{"·at", atIndex, new(func(any, int) any)},
		{"·contains any", containsAny, new(func(string, []string) bool)},
		{"·div", divide, new(func(any, any) any)},
		{"·mod", modulo, new(func(int, int) any)},
		{"·min", lowest, new(func(any) any)},
		{"·max", highest, new(func(any) any)},
		{"·min of", lowestOf, new(func(...any) any)},
		{"·max of", highestOf, new(func(...any) any)},
		{"·mean", mean, new(func(any) any)},
		{"·complainants", countComplainants, new(func(any) int)},
		{"·earliest", earliest, new(func(any) any)},
		{"·latest", latest, new(func(any) any)},
		{"·workdays", workdays, new(func(*clock, int, int) int)},
	} {
		c.Functions[f.name] = &builtin.Function{Name: f.name, Func: f.f, Types: functionTypes(f.typ)}
	}
}

// atIndex is C[i]: nil beyond the ends; a negative index counts from the last.
func atIndex(args ...any) (any, error) {
	list, i := args[0].([]any), args[1].(int)
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return nil, nil
	}
	return list[i], nil
}

func containsAny(args ...any) (any, error) {
	text := args[0].(string)
	for _, word := range args[1].([]string) {
		if strings.Contains(text, word) {
			return true, nil
		}
	}
	return false, nil
}

func toFloat(v any) float64 {
	if i, ok := v.(int); ok {
		return float64(i)
	}
	return v.(float64)
}

// divide is a / b: nil if b is zero, or so near to it that the quotient passes
// maxQuotient, since then it says nothing and could become infinite.
func divide(args ...any) (any, error) {
	q := toFloat(args[0]) / toFloat(args[1])
	if math.Abs(q) <= maxQuotient { // not so for what is no number
		return q, nil
	}
	return nil, nil
}

// modulo is a % b with the sign of a: nil if b is zero.
func modulo(args ...any) (any, error) {
	b := args[1].(int)
	if b == 0 {
		return nil, nil
	}
	return args[0].(int) % b, nil
}

func lowest(args ...any) (any, error)  { return extremeOf(args[0].([]any), -1), nil }
func highest(args ...any) (any, error) { return extremeOf(args[0].([]any), 1), nil }

func lowestOf(args ...any) (any, error)  { return extremeOf(args, -1), nil }
func highestOf(args ...any) (any, error) { return extremeOf(args, 1), nil }

// extremeOf is the least (sign -1) or greatest (sign 1) number of a list, nil if it is empty.
func extremeOf(list []any, sign float64) any {
	var best any
	for _, v := range list {
		if best == nil || sign*toFloat(v) > sign*toFloat(best) {
			best = v
		}
	}
	return best
}

// mean is nil of an empty list.
func mean(args ...any) (any, error) {
	list := args[0].([]any)
	if len(list) == 0 {
		return nil, nil
	}
	sum := 0.0
	for _, v := range list {
		sum += toFloat(v)
	}
	return sum / float64(len(list)), nil
}

// countComplainants relies on .who being numbered from 1 within the collection,
// of which list may be a part.
func countComplainants(args ...any) (any, error) {
	list := args[0].([]any)
	var small uint64 // numbers 1..64, the rule rather than the exception
	var large map[int]struct{}
	n := 0
	for i := range list {
		who := list[i].(Element).Who
		switch {
		case who == 0:
		case who <= 64:
			if bit := uint64(1) << (who - 1); small&bit == 0 {
				small |= bit
				n++
			}
		default:
			if large == nil {
				large = map[int]struct{}{}
			}
			if _, seen := large[who]; !seen {
				large[who] = struct{}{}
				n++
			}
		}
	}
	return n, nil
}

// earliest and latest do not trust the order: a filtered list keeps it, but a
// list may one day be built otherwise.
func earliest(args ...any) (any, error) { return extremeTime(args[0].([]any), true), nil }
func latest(args ...any) (any, error)   { return extremeTime(args[0].([]any), false), nil }

func extremeTime(list []any, first bool) any {
	if len(list) == 0 {
		return nil
	}
	best := list[0].(Element).At
	for _, v := range list[1:] {
		if at := v.(Element).At; (at < best) == first && at != best {
			best = at
		}
	}
	return best
}

func workdays(args ...any) (any, error) {
	return args[0].(*clock).workdays(args[1].(int), args[2].(int)), nil
}
