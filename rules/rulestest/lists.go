package rulestest

import (
	"fmt"
	"strconv"
)

// list is a collection: of signals, of group, or of values up to a magnitude.
type list struct {
	text  string
	group bool
	most  float64
}

// within is the scope of a predicate over a list of signals.
func (s scope) within(l list) scope {
	if l.group {
		return scope{elements: []string{""}, closed: true, depth: s.depth + 1}
	}
	inner := s
	inner.depth++
	inner.value = ""
	inner.elements = []string{""}
	for _, e := range s.elements {
		if e != "" {
			inner.elements = append(inner.elements, e)
		}
	}
	return inner
}

// withinValues is the scope of a predicate over a list of values.
func (s scope) withinValues(l list, kind string) scope {
	inner := s.within(l)
	inner.elements, inner.value = inner.elements[1:], kind
	return inner
}

// over is a builtin with a predicate, over signals, the group or values.
func (g *Generator) over(s scope, name string, body func(scope) string) string {
	switch g.word("over "+name, "signals", "group", "values") {
	case "signals":
		return g.overSignals(s, name, g.openList(s), body)
	case "group":
		return g.overSignals(s, name, g.groupList(s), body)
	}
	return g.overValues(s, name, body)
}

func (g *Generator) overValues(s scope, name string, body func(scope) string) string {
	kind := g.word("over values", "int", "float", "text", "time", "truth")
	l := g.values(s, kind, false)
	return g.call(name, l.text, body(s.withinValues(l, kind)))
}

func (g *Generator) overSignals(s scope, name string, l list, body func(scope) string) string {
	inner := s.within(l)
	if g.rng.IntN(4) > 0 {
		return g.call(name, l.text, body(inner))
	}
	element := g.name("e")
	inner.elements = append(inner.elements, element)
	return g.call(name, l.text, "{let "+element+" = #; "+body(inner)+"}")
}

// call writes f(C, p), or C | f(p).
func (g *Generator) call(name, list, body string) string {
	if g.rng.IntN(6) == 0 {
		return "(" + list + " | " + name + "(" + body + "))"
	}
	return name + "(" + list + ", " + body + ")"
}

// nested is a predicate that mentions the element of the one around it, or one
// within two others.
func (g *Generator) nested(s scope) string {
	outer, inner := g.name("e"), list{text: g.word("source", "contacts", "actions")}
	if s.depth == 0 && g.rng.IntN(2) == 0 {
		few := list{text: pick(g.rng, []string{"actions", "contacts[:9]", "contacts[-5:]"})} // three deep is a cube
		return g.overSignals(s, g.quantifier(), list{text: "actions"}, func(s scope) string {
			return g.overSignals(s, g.quantifier(), inner, func(s scope) string {
				return g.overSignals(s, g.quantifier(), few, func(s scope) string { g.left = 0; return g.compare(s, "float") })
			})
		})
	}
	relation := pick(g.rng, []string{".at %s E.at", ".age %s E.age", ".who %s E.who", ".unit != E.unit and .at %s E.at", "E.at - .at %s 1", ".people %s E.people", "workdays(E.at, .at) %s 2"})
	relation = replaceElement(fmt.Sprintf(relation, g.comparison("correlated")), outer)
	body := g.quantifier() + "(" + inner.text + ", " + relation + ")"
	return g.call(g.quantifier(), g.open(s), "{let "+outer+" = #; "+body+"}")
}

func (g *Generator) quantifier() string { return g.quantifierOf("signals") }

func (g *Generator) quantifierOf(list string) string {
	return g.word("quantifier "+list, "any", "all", "none", "one")
}

func replaceElement(text, name string) string {
	out := ""
	for _, r := range text {
		if r == 'E' {
			out += name
		} else {
			out += string(r)
		}
	}
	return out
}

// open is a list of signals that is not of the group.
func (g *Generator) open(s scope) string { return g.openList(s).text }

func (g *Generator) openList(s scope) list {
	return list{text: choose(g, []option[string]{
		{"contacts", 1, true, func() string { return "contacts" }},
		{"actions", 1, true, func() string { return "actions" }},
		{"list variable", 1, len(s.variables["list"]) > 0, func() string { return pick(g.rng, s.variables["list"]) }},
		{"filter", 5, s.depth < 2, func() string { return g.overSignals(s, "filter", g.openList(s), g.truth) }},
		{"slice", 3, true, func() string { return g.open(s) + g.slice(s) }},
	})}
}

// slice is [a:b] of every form.
func (g *Generator) slice(s scope) string {
	switch g.word("slice", "both", "from", "to", "all", "negative", "computed", "beyond") {
	case "from":
		return pick(g.rng, []string{"[1:]", "[2:]", "[0:]"})
	case "to":
		return pick(g.rng, []string{"[:1]", "[:3]", "[:0]"})
	case "all":
		return "[:]"
	case "negative":
		return pick(g.rng, []string{"[-2:]", "[:-1]", "[-3:-1]", "[1:-1]", "[-1:2]"})
	case "computed":
		return "[" + g.int(s).text + ":]"
	case "beyond":
		return pick(g.rng, []string{"[9:]", "[:90]", "[3:1]", "[-90:2]", "[-1:-90]", "[2:2]"})
	}
	return pick(g.rng, []string{"[0:2]", "[1:3]", "[1:2]"})
}

// signals is a list of signals for a function, of the group too.
func (g *Generator) signals(s scope, function string) string {
	switch g.word(function, "open", "filter", "group") {
	case "group":
		return g.groupList(s).text
	case "filter":
		return g.overSignals(s, "filter", g.openList(s), g.truth)
	}
	return g.open(s)
}

func (g *Generator) groupList(s scope) list {
	l := list{text: "group", group: true}
	if s.depth < 2 && g.rng.IntN(3) == 0 {
		l.text = g.overSignals(s, "filter", l, g.truth)
	}
	return l
}

// anyList is a list of signals or values.
func (g *Generator) anyList(s scope) string {
	if g.rng.IntN(4) == 0 {
		return g.values(s, g.word("over values", "int", "float", "text", "time", "truth"), true).text
	}
	return g.signals(s, "list")
}

// values is a list of values of a kind: what map gave, or a part of it. Of the
// group only where that may stand.
func (g *Generator) values(s scope, kind string, group bool) list {
	l := g.openList(s)
	if group && g.rng.IntN(2) == 0 {
		l = g.groupList(s)
	}
	if s.depth >= 2 {
		l = list{text: pick(g.rng, []string{"contacts", "actions"})}
	}
	l.text = g.overSignals(s, "map", l, g.body(&l, kind))
	switch g.rng.IntN(8) {
	case 0:
		l.text = g.call("filter", l.text, g.truth(s.withinValues(l, kind)))
	case 1:
		from := l
		l.text = g.call("map", l.text, g.body(&l, kind)(s.withinValues(from, kind)))
	case 2, 3:
		if !l.group {
			l.text += g.slice(s)
		}
	}
	return l
}

// body writes a value of a kind and notes how large it may be.
func (g *Generator) body(l *list, kind string) func(scope) string {
	return func(s scope) string {
		switch kind {
		case "int", "float":
			n := g.numberOf(s, kind)
			l.most = max(l.most, n.most)
			return n.text
		case "text":
			return g.textValue(s)
		case "time":
			return g.time(s)
		}
		return g.truth(s)
	}
}

// place is an index of every form.
func (g *Generator) place(s scope) string {
	switch g.word("place", "first", "later", "negative", "computed", "beyond") {
	case "first":
		return "[0]"
	case "negative":
		return "[-" + strconv.Itoa(1+g.rng.IntN(3)) + "]"
	case "computed":
		return "[" + g.int(s).text + "]"
	case "beyond":
		return pick(g.rng, []string{"[7]", "[-9]", "[100]"})
	}
	return "[" + strconv.Itoa(1+g.rng.IntN(2)) + "]"
}

// unknownElement is an element that may be unknown.
func (g *Generator) unknownElement(s scope) string {
	return choose(g, []option[string]{
		{"first", 2, true, func() string { return "first(" + g.open(s) + ")" }},
		{"last", 2, true, func() string { return "last(" + g.open(s) + ")" }},
		{"[]", 3, true, func() string { return g.open(s) + g.place(s) }},
		{"find", 4, s.depth < 2, func() string { return g.overSignals(s, "find", g.openList(s), g.truth) }},
		{"findLast", 4, s.depth < 2, func() string { return g.overSignals(s, "findLast", g.openList(s), g.truth) }},
		{"element variable", 1, len(s.variables["element"]) > 0, func() string { return pick(g.rng, s.variables["element"]) }},
	})
}

// unknownValue is a value of a list that may be unknown.
func (g *Generator) unknownValue(s scope, kind string) string {
	switch g.word("unknown value", "first", "last", "[]", "find", "findLast") {
	case "first":
		return "first(" + g.values(s, kind, false).text + ")"
	case "last":
		return "last(" + g.values(s, kind, false).text + ")"
	case "find":
		l := g.values(s, kind, false)
		return g.call("find", l.text, g.truth(s.withinValues(l, kind)))
	case "findLast":
		l := g.values(s, kind, false)
		return g.call("findLast", l.text, g.truth(s.withinValues(l, kind)))
	}
	return g.values(s, kind, false).text + g.place(s)
}
