package rulestest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Generator writes random conditions of the language, well typed by
// construction: check accepts each without a warning, but for those that cost
// too much. It prefers what it has used least, so that every construct comes up
// often, and joins clauses such that the answer depends on each of them. Not
// safe for concurrent use.
type Generator struct {
	rng     *rand.Rand
	weights map[string]float64
	used    map[string]int
	seen    map[string]bool
	left    int // roughly how many nodes the rule at hand may still take
	lets    int // names given in it
}

// NewGenerator makes a generator; equal seeds give equal rules.
func NewGenerator(seed uint64) *Generator {
	return &Generator{rng: rand.New(rand.NewPCG(seed, 0x7969)), weights: weights(), used: map[string]int{}, seen: map[string]bool{}}
}

// clauseNodes is the budget of one clause of a rule.
const clauseNodes = 45

// maxRunes is short of the longest expression that check accepts.
const maxRunes = 3000

// Rule writes a condition that it has not written before.
func (g *Generator) Rule() string {
	for {
		g.lets = 0
		source := g.rule()
		if !g.seen[source] && len([]rune(source)) < maxRunes {
			g.seen[source] = true
			return source
		}
	}
}

// rule joins a few clauses. Equality of truths hides the answer of neither side,
// so a clause that the engines read differently turns the whole.
func (g *Generator) rule() string {
	var s scope
	n := 3 + g.rng.IntN(2)
	out := g.clause(s)
	for range n - 1 {
		switch clause := g.clause(s); g.rng.IntN(8) {
		case 0:
			out = "(" + out + " " + g.word("logic", "and", "or", "&&", "||") + " " + clause + ")"
		case 1:
			out = "(" + clause + " ? " + out + " : " + g.clause(s) + ")"
		default:
			out = "(" + out + ") " + g.word("truth", "==", "!=") + " (" + clause + ")"
		}
	}
	return out
}

func (g *Generator) clause(s scope) string {
	g.left = clauseNodes
	return g.truth(s)
}

// scope is what an expression can name where it stands.
type scope struct {
	elements  []string // what stands before a field: "" is the innermost predicate's element
	value     string   // the type of #, where a predicate is over values
	closed    bool     // within a predicate over group
	depth     int      // predicates around
	variables map[string][]string
}

// with is the scope after a let.
func (s scope) with(kind, name string) scope {
	variables := map[string][]string{kind: append(s.variables[kind][:len(s.variables[kind]):len(s.variables[kind])], name)}
	for k, names := range s.variables {
		if k != kind {
			variables[k] = names
		}
	}
	s.variables = variables
	return s
}

// option is one way to write something.
type option[T any] struct {
	id    string
	cost  int  // roughly the nodes it takes beside its parts
	ok    bool // it may stand here
	write func() T
}

// choose takes an option that was used little and that the budget allows; where
// none is allowed, a cheap one. One option must always be ok.
func choose[T any](g *Generator, options []option[T]) T {
	limit := max(g.left, cheapest(options)+slack)
	var open []option[T]
	for _, o := range options {
		if o.ok && o.cost <= limit {
			open = append(open, o)
		}
	}
	best := open[g.rng.IntN(len(open))]
	for range 2 {
		if o := open[g.rng.IntN(len(open))]; g.rarity(o.id) < g.rarity(best.id) {
			best = o
		}
	}
	g.used[best.id]++
	g.left -= best.cost
	return best.write()
}

// rarity is how often something was used, by how often it should be.
func (g *Generator) rarity(id string) float64 {
	if w := g.weights[id]; w > 0 {
		return float64(g.used[id]) / w
	}
	return float64(g.used[id])
}

// slack lets an expression end in more than its one cheapest form; what holds
// expressions of its own type costs more, so that each comes to an end.
const slack = 2

// cheapest is the least cost of what may stand.
func cheapest[T any](options []option[T]) int {
	least := math.MaxInt
	for _, o := range options {
		if o.ok {
			least = min(least, o.cost)
		}
	}
	return least
}

// word takes one of some words, one that was used little.
func (g *Generator) word(topic string, words ...string) string {
	best := pick(g.rng, words)
	for range 2 {
		if w := pick(g.rng, words); g.used[topic+" "+w] < g.used[topic+" "+best] {
			best = w
		}
	}
	g.used[topic+" "+best]++
	return best
}

func (g *Generator) name(prefix string) string {
	g.lets++
	return fmt.Sprintf("%s%d", prefix, g.lets)
}

// quote writes a text as a literal, in one of the three ways.
func (g *Generator) quote(text string) string {
	switch {
	case g.rng.IntN(4) == 0 && !strings.ContainsAny(text, "`\r\u0001"):
		return "`" + text + "`"
	case g.rng.IntN(3) == 0:
		return "'" + escape(text, "'") + "'"
	}
	return `"` + escape(text, `"`) + `"`
}

func escape(text, quote string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\u0001", `\u0001`, quote, `\`+quote).Replace(text)
}

// truth writes a condition.
func (g *Generator) truth(s scope) string {
	open, element := !s.closed, len(s.elements) > 0
	return choose(g, []option[string]{
		{"overdue", 2, open, func() string { return "overdue(" + g.quote(g.word("overdue", deadlineKinds()...)) + ")" }},
		{"truth field", 2, element, func() string { return g.element(s) + g.word("field", ".again", ".mine") }},
		{"group mine", 2, element && s.closed, func() string { return g.word("mine", "", "not ") + g.element(s) + ".mine" }},
		{"truth variable", 1, len(s.variables["truth"]) > 0, func() string { return pick(g.rng, s.variables["truth"]) }},
		{"truth #", 1, s.value == "truth", func() string { return "#" }},
		{"text equal", 4, true, func() string { return g.textEqual(s) }},
		{"compare int", 3, true, func() string { return g.compare(s, "int") }},
		{"compare float", 6, true, func() string { return g.compare(s, "float") }},
		{"compare mixed", 6, true, func() string { return g.compare(s, "mixed") }},
		{"compare time", 6, s.times(), func() string {
			l, r := halves(g, func() string { return g.time(s) }, func() string { return g.time(s) })
			return l + " " + g.comparison("time") + " " + r
		}},
		{"truths equal", 8, true, func() string {
			return "(" + g.truth(s) + ") " + g.word("truth", "==", "!=") + " (" + g.truth(s) + ")"
		}},
		{"chain", 8, true, func() string {
			return "(" + g.int(s).text + " " + g.word("chain", "<", "<=") + " " + g.int(s).text + " " + g.word("chain", "<", "<=", ">") + " " + g.int(s).text + ")"
		}},
		{"logic", 8, true, func() string {
			return "(" + g.truth(s) + " " + g.word("logic", "and", "or", "&&", "||") + " " + g.truth(s) + ")"
		}},
		{"not", 8, true, func() string { return g.word("not", "not ", "!") + "(" + g.truth(s) + ")" }},
		{"choice truth", 8, true, func() string { return g.choice(s, g.truth) }},
		{"choice constant", 8, true, func() string {
			if g.rng.IntN(2) == 0 {
				return "(" + g.truth(s) + " ? " + g.word("constant", "true", "false") + " : " + g.truth(s) + ")"
			}
			return "(" + g.truth(s) + ") == " + g.word("constant", "true", "false")
		}},
		{"text search", 4, true, func() string { return g.search(s) }},
		{"matches", 4, true, func() string { return g.match(s) }},
		{"in", 6, true, func() string { return g.in(s) }},
		{"in values", 9, open && s.depth < 2, func() string { return g.inValues(s) }},
		{"nil", 5, s.unknowable(), func() string { return "(" + g.unknown(s) + ") " + g.word("nil", "==", "!=") + " nil" }},
		{"?? truth", 7, open && s.depth < 2, func() string { return "((" + g.unknownTruth(s) + ") ?? " + g.word("constant", "true", "false") + ")" }},
		{"quantifier signals", 6, open && s.depth < 2, func() string { return g.overSignals(s, g.quantifier(), g.openList(s), g.truth) }},
		{"quantifier group", 6, open && s.depth < 2, func() string { return g.overSignals(s, g.quantifierOf("group"), g.groupList(s), g.truth) }},
		{"quantifier values", 7, open && s.depth < 2, func() string { return g.overValues(s, g.quantifierOf("values"), g.truth) }},
		{"nested", 14, open && s.depth < 2, func() string { return g.nested(s) }},
		{"level compared", 5, s.unknowable(), func() string { return g.levelCompared(s) }},
		{"due compared", 5, open, func() string {
			return "((" + g.due() + ") ?? " + g.plainTime(s) + ") " + g.comparison("time") + " " + g.plainTime(s)
		}},
		{"earliest compared", 6, open && s.depth < 2, func() string {
			return "((" + g.earliest(s) + ") ?? " + g.plainTime(s) + ") " + g.comparison("time") + " " + g.plainTime(s)
		}},
		{"value compared", 7, open && s.depth < 2, func() string {
			return "((" + g.unknownValue(s, "int") + ") ?? 2) " + g.comparison("int") + " " + g.intLiteral().text
		}},
		{"extreme compared", 7, open && s.depth < 2, func() string { return g.extremeCompared(s) }},
		{"element compared", 6, open && s.depth < 2, func() string {
			return "((" + g.unknownElement(s) + "?.age) ?? 2.5) " + g.comparison("float") + " " + g.floatLiteral().text
		}},
		{"let", 6, true, func() string { return g.let(s) }},
	})
}

// times says that there is a time to name.
func (s scope) times() bool { return !s.closed || len(s.elements) > 0 || s.value == "time" }

// unknowable says that there is something to name that may be unknown.
func (s scope) unknowable() bool { return !s.closed || len(s.elements) > 0 }

func (g *Generator) element(s scope) string { return pick(g.rng, s.elements) }

// comparison is an operator; the counts of each are kept by the type it compares.
func (g *Generator) comparison(kind string) string {
	return g.word("compare "+kind, "==", "!=", "<", "<=", ">", ">=")
}

func (g *Generator) choice(s scope, write func(scope) string) string {
	return "(" + g.truth(s) + " ? " + write(s) + " : " + write(s) + ")"
}

// compare compares numbers, half of the time with a literal, which divides the rows best.
func (g *Generator) compare(s scope, kind string) string {
	op := g.comparison(kind)
	write, other, literal := g.float, g.float, g.floatLiteral
	switch kind {
	case "int":
		write, other, literal = g.int, g.int, g.intLiteral
	case "mixed":
		other = g.int
	}
	l, r := halves(g, func() number { return write(s) }, func() number {
		if kind != "mixed" && g.rng.IntN(2) == 0 {
			return literal()
		}
		return other(s)
	})
	if g.rng.IntN(2) == 0 {
		l, r = r, l
	}
	return l.text + " " + op + " " + r.text
}

// halves writes two things of half the budget each.
func halves[T any](g *Generator, first, second func() T) (T, T) {
	rest := g.left - g.left/2
	g.left /= 2
	a := first()
	g.left += rest
	return a, second()
}

// levelCompared asks for a level as rules do.
func (g *Generator) levelCompared(s scope) string {
	of := "case" + g.word("case level", ".level", ".competent", ".above")
	if len(s.elements) > 0 {
		of = g.element(s) + g.word("element level", ".level", ".competent", ".above")
	}
	return "(" + of + " ?? " + g.intLiteral().text + ") " + g.comparison("int") + " " + g.level().text
}

// extremeCompared compares the least, greatest or mean of a list.
func (g *Generator) extremeCompared(s scope) string {
	kind, name := g.word("extreme compared", "int", "float", "time"), g.word("extreme compared", "min", "max", "mean")
	if name == "mean" && kind == "time" {
		kind = "float"
	}
	list := g.values(s, kind, true).text
	switch {
	case kind == "time":
		return "(" + name + "(" + list + ") ?? now) " + g.comparison("time") + " " + g.plainTime(s)
	case kind == "float" || name == "mean":
		return "(" + name + "(" + list + ") ?? 2.5) " + g.comparison("float") + " " + g.floatLiteral().text
	}
	return "(" + name + "(" + list + ") ?? 2) " + g.comparison("int") + " " + g.intLiteral().text
}

// textEqual compares a field with a word that it can have, or two texts.
func (g *Generator) textEqual(s scope) string {
	op := g.word("text", "==", "!=")
	if field, words := g.textField(s); field != "" && g.rng.IntN(3) > 0 {
		return field + " " + op + " " + g.quote(pick(g.rng, words))
	}
	return g.textValue(s) + " " + op + " " + g.textValue(s)
}

func (g *Generator) search(s scope) string {
	what := g.quote(pick(g.rng, []string{"", "反映", "多次", "局", "330106", "re", "区", "'", `\`, "\n", "%", "App", "😀", `"`, "_"}))
	if g.rng.IntN(3) == 0 {
		what = g.text(s)
	}
	return g.text(s) + " " + g.word("search", "contains", "startsWith", "endsWith", "not contains", "not startsWith", "not endsWith") + " " + what
}

func (g *Generator) match(s scope) string {
	return g.text(s) + " " + g.word("match", "matches", "not matches") + " " + g.quote(g.pattern())
}

// pattern joins up to three patterns of forms that were used little.
func (g *Generator) pattern() string {
	first := g.onePattern()
	if first.form == "words" {
		return first.text
	}
	fold, joined := "", ""
	for i, p := range []form{first, g.onePattern(), g.onePattern()}[:1+g.rng.IntN(3)] {
		if rest, folded := strings.CutPrefix(p.text, "(?i)"); folded {
			fold, p.text = "(?i)", rest
		}
		if i > 0 {
			joined += "|"
		}
		joined += p.text
	}
	return fold + joined
}

func (g *Generator) onePattern() form {
	all := patterns()
	best := pick(g.rng, all)
	for range 3 {
		if p := pick(g.rng, all); g.rarity("pattern "+p.form) < g.rarity("pattern "+best.form) {
			best = p
		}
	}
	g.used["pattern "+best.form]++
	return best
}

func (g *Generator) in(s scope) string {
	not := g.word("in", " in ", " not in ")
	switch g.word("in", "texts", "ints", "levels") {
	case "ints":
		return g.int(s).text + not + pick(g.rng, []string{"[0, 2, 3]", "[1]", "[1, 3, 5, 7, 9, 11]", "[4, 2]"})
	case "levels":
		level := "((" + g.unknownInt(s) + ") ?? 0)"
		return level + not + pick(g.rng, []string{"[city, province]", "[village, township, county]", "[county, 1]", "[nation]"})
	}
	if field, words := g.textField(s); field != "" {
		g.rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		list := make([]string, 1+g.rng.IntN(min(3, len(words))))
		for i := range list {
			list[i] = g.quote(words[i])
		}
		return field + not + "[" + strings.Join(list, ", ") + "]"
	}
	return g.textValue(s) + not + `["x", ""]`
}

func (g *Generator) inValues(s scope) string {
	kind := g.word("in values", "text", "int", "float", "time", "truth")
	var value string
	switch kind {
	case "text":
		value = g.textValue(s)
	case "int":
		value = g.int(s).text
	case "float":
		value = g.float(s).text
	case "time":
		value = g.time(s)
	default:
		value = "(" + g.truth(s) + ")"
	}
	return value + g.word("in", " in ", " not in ") + g.values(s, kind, false).text
}

// let names a value and asks something of it.
func (g *Generator) let(s scope) string {
	kinds := []string{"int", "float", "text", "truth", "time", "unknown", "list", "element"}
	switch {
	case !s.unknowable():
		kinds = kinds[:4]
	case s.closed:
		kinds = kinds[:6]
	}
	kind := g.word("let", kinds...)
	name := g.name("v")
	inner := s.with(kind, name)
	switch kind {
	case "int":
		return fmt.Sprintf("(let %s = %s; %s)", name, g.int(s).below(mostNamed, 3).text, g.combine(inner, name+" "+g.comparison("int")+" "+g.intLiteral().text))
	case "float":
		return fmt.Sprintf("(let %s = %s; %s)", name, g.float(s).below(mostNamed, 3.5).text, g.combine(inner, name+" "+g.comparison("float")+" "+g.floatLiteral().text))
	case "text":
		return fmt.Sprintf("(let %s = %s; %s)", name, g.text(s), g.combine(inner, name+" "+g.word("text", "==", "!=")+" "+g.textValue(s)))
	case "time":
		return fmt.Sprintf("(let %s = %s; %s)", name, g.time(s), g.combine(inner, name+" "+g.comparison("time")+" "+g.time(s)))
	case "list":
		return fmt.Sprintf("(let %s = %s; %s)", name, g.open(s), g.combine(inner, "len("+name+") "+g.comparison("int")+" "+g.intLiteral().text))
	case "element":
		return fmt.Sprintf("(let %s = %s; (%s?.age ?? %s) %s %s)", name, g.unknownElement(s), name, g.floatLiteral().text, g.comparison("float"), g.floatLiteral().text)
	case "unknown":
		return fmt.Sprintf("(let %s = %s; %s != nil and (%s ?? %s) %s %s)", name, g.unknownInt(s), name, name, g.intLiteral().text, g.comparison("int"), g.int(s).text)
	}
	return fmt.Sprintf("(let %s = %s; %s)", name, g.truth(s), g.combine(s.with("truth", name), name))
}

// combine asks a second thing beside the first.
func (g *Generator) combine(s scope, first string) string {
	return "(" + first + ") " + g.word("truth", "==", "!=") + " (" + g.truth(s) + ")"
}
