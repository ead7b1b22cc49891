package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"go.yaml.in/yaml/v3"
)

// MaxCost is the most that one condition, or one text, may cost: see Cost. At
// about 40 ns a step on the VM it is 2 ms for one busy matter.
const MaxCost = 50_000

// Cost is how many steps the condition takes on a busy matter: 20 contacts, 40
// actions, 200 contacts in the group, no predicate ended early. A step is a node
// of the expression visited once; to search a text counts as several.
func (r *Rule) Cost() int { return r.when.cost() }

// What a busy matter has, and what is dearer than a step.
const (
	busyContacts  = 20
	busyActions   = 40
	busyGroup     = 200
	stepsWord     = 5  // to look for a word in a text
	stepsPattern  = 40 // to run a pattern over it
	stepsWorkdays = 20
)

// costly tells that an expression is over the bound.
func (y *yamlFile) costly(n *yaml.Node, what string, cost, most int) {
	y.at(n, "cost", "ask less at once: predicates within predicates multiply", "%s takes about %d steps on a busy matter, more than %d", what, cost, most)
}

func (p *program) cost() int {
	c := &coster{lets: map[string]ast.Node{}}
	return c.of(p.tree)
}

// cost of a text is that of its dearest expression.
func (t *template) cost() int {
	most := 0
	if t == nil {
		return most
	}
	for _, p := range t.parts {
		if p.program != nil {
			most = max(most, p.program.cost())
		}
	}
	return most
}

// coster adds up steps. Sums stop at a bound far above MaxCost.
type coster struct{ lets map[string]ast.Node }

func (c *coster) of(n ast.Node) int {
	if n == nil {
		return 0
	}
	total := 1
	switch n := n.(type) {
	case *ast.VariableDeclaratorNode:
		c.lets[n.Name] = n.Value
		total += c.of(n.Value) + c.of(n.Expr)
	case *ast.BuiltinNode:
		total += c.builtin(n)
	case *ast.CallNode:
		total += c.call(n)
	case *ast.BinaryNode:
		total += c.of(n.Left) + c.of(n.Right) + searchSteps(n)
	default:
		for _, part := range parts(n) {
			total += c.of(part)
		}
	}
	return min(total, 1<<40)
}

// builtin walks its list once, and runs its predicate for each element.
func (c *coster) builtin(n *ast.BuiltinNode) int {
	total, size := 0, 0
	for i, a := range n.Arguments {
		p, ok := a.(*ast.PredicateNode)
		switch {
		case ok && i > 0:
			total += c.size(n.Arguments[0]) * c.of(p.Node)
		default:
			total += c.of(a)
		}
	}
	if len(n.Arguments) == 1 && slices.Contains([]string{"sum", "min", "max", "mean"}, n.Name) {
		size = c.size(n.Arguments[0])
	}
	return total + size
}

func (c *coster) call(n *ast.CallNode) int {
	total := 0
	for _, a := range n.Arguments {
		total += c.of(a)
	}
	switch show(n.Callee) {
	case "workdays":
		return total + stepsWorkdays
	case "complainants", "earliest", "latest":
		return total + c.size(n.Arguments[0])
	}
	return total
}

// searchSteps is what looking through a text takes beside the step itself.
func searchSteps(n *ast.BinaryNode) int {
	words := anyOf(n)
	switch {
	case words != nil:
		return stepsWord * len(words)
	case n.Operator == "matches":
		return stepsPattern
	case n.Operator == "contains":
		return stepsWord
	}
	return 0
}

// size is how long a list is on a busy matter, filters letting all through.
func (c *coster) size(n ast.Node) int {
	switch n := n.(type) {
	case *ast.ChainNode:
		return c.size(n.Node)
	case *ast.IdentifierNode:
		switch n.Value {
		case "contacts":
			return busyContacts
		case "actions":
			return busyActions
		case "group":
			return busyGroup
		case "before":
			return busyContacts + busyActions
		}
		if value := c.lets[n.Value]; value != nil {
			return c.size(value)
		}
	case *ast.BuiltinNode:
		if len(n.Arguments) > 0 {
			return c.size(n.Arguments[0])
		}
	case *ast.SliceNode:
		return min(c.size(n.Node), sliceLength(n))
	case *ast.ConditionalNode:
		return max(c.size(n.Exp1), c.size(n.Exp2))
	case *ast.BinaryNode:
		return max(c.size(n.Left), c.size(n.Right))
	}
	return 1
}

// sliceLength is how many elements a slice with written bounds takes.
func sliceLength(n *ast.SliceNode) int {
	from, fromWritten := n.From.(*ast.IntegerNode)
	to, toWritten := n.To.(*ast.IntegerNode)
	if toWritten && to.Value >= 0 {
		if fromWritten && from.Value >= 0 {
			return max(0, to.Value-from.Value)
		}
		return to.Value
	}
	if u, ok := n.From.(*ast.UnaryNode); ok && n.To == nil {
		if last, ok := u.Node.(*ast.IntegerNode); ok && u.Operator == "-" {
			return last.Value
		}
	}
	return busyGroup
}
