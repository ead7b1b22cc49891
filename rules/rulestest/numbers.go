package rulestest

import (
	"fmt"
	"strconv"
)

// number is an expression and a bound on its magnitude: check refuses what
// could become too large to be exact.
type number struct {
	text string
	most float64
}

// Bounds as check counts them; a rule stays well below its limits.
const (
	mostSignals = 1 << 20
	mostPeople  = 1e6
	mostDays    = 1e6
	mostWhole   = 1 << 50
)

// mostNamed bounds what a let names or a list holds: what is computed from it
// must stay within bounds too.
const mostNamed = mostSignals * mostPeople

// below replaces a number that could pass a limit.
func (n number) below(limit, instead float64) number {
	if n.most > limit {
		return number{fmt.Sprint(instead), instead}
	}
	return n
}

func (g *Generator) intLiteral() number {
	n := pick(g.rng, []int{0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 10, 0x1f})
	switch g.rng.IntN(12) {
	case 0:
		return number{"-" + strconv.Itoa(n), float64(n)}
	case 1:
		return number{"0x" + strconv.FormatInt(int64(n), 16), float64(n)}
	}
	return number{strconv.Itoa(n), float64(n)}
}

func (g *Generator) floatLiteral() number {
	text := pick(g.rng, []string{"0.5", "1.0", "2.5", "3.0", "7.25", "15.0", "30.5", "60.0", "90.1", "0.1", "1e2", "365.0", "0.0"})
	most, _ := strconv.ParseFloat(text, 64)
	return number{text, most}
}

func (g *Generator) level() number {
	return number{g.word("level", "village", "township", "county", "city", "province", "nation"), 6}
}

// int writes a whole number.
func (g *Generator) int(s scope) number {
	open, element := !s.closed, len(s.elements) > 0
	n := choose(g, []option[number]{
		{"int literal", 1, true, g.intLiteral},
		{"int case", 2, open, func() number { return number{"case.people", mostPeople} }},
		{"int field", 2, element, func() number { return number{g.element(s) + g.word("field", ".people", ".who"), mostSignals} }},
		{"int variable", 1, len(s.variables["int"]) > 0, func() number { return number{pick(g.rng, s.variables["int"]), mostNamed} }},
		{"int #", 1, s.value == "int", func() number { return number{"#", mostNamed} }},
		{"level", 1, true, g.level},
		{"?? int", 4, s.unknowable(), func() number {
			return number{"((" + g.unknownInt(s) + ") ?? " + g.intLiteral().text + ")", mostNamed}
		}},
		{"int arithmetic", 4, true, func() number { return g.arithmetic(s, g.int, g.int, "int", mostWhole) }},
		{"minus int", 4, true, func() number { n := g.int(s); return number{"(-" + n.text + ")", n.most} }},
		{"abs int", 4, true, func() number { n := g.int(s); return number{"abs(" + n.text + ")", n.most} }},
		{"% int", 4, true, func() number {
			return number{"(" + g.int(s).text + " % " + g.word("modulo", "2", "3", "-4", "county", "city") + ")", 6}
		}},
		{"extreme int", 4, true, func() number {
			return g.extreme(s, g.int, g.int, g.int)
		}},
		{"choice int", 5, true, func() number { return g.chosen(s, g.int(s), g.int(s)) }},
		{"len text", 2, true, func() number { return number{"len(" + g.text(s) + ")", 1 << 30} }},
		{"len", 2, open && s.depth < 2, func() number { return number{"len(" + g.anyList(s) + ")", mostSignals} }},
		{"len pipe", 3, open && s.depth < 2, func() number { return number{"(" + g.anyList(s) + " | len())", mostSignals} }},
		{"complainants", 3, open && s.depth < 2, func() number { return number{"complainants(" + g.signals(s, "complainants") + ")", mostSignals} }},
		{"count", 6, open && s.depth < 2, func() number { return number{g.over(s, "count", g.truth), mostSignals} }},
		{"sum int", 6, open && s.depth < 2, func() number { return g.sum(s, "int") }},
		{"workdays", 5, s.times(), func() number { return number{"workdays(" + g.time(s) + ", " + g.time(s) + ")", mostDays} }},
	})
	if n.most > mostWhole {
		return g.intLiteral()
	}
	return n
}

// float writes a fraction.
func (g *Generator) float(s scope) number {
	open, element := !s.closed, len(s.elements) > 0
	n := choose(g, []option[number]{
		{"float literal", 1, true, g.floatLiteral},
		{"float case", 2, open, func() number { return number{"case.age", mostDays} }},
		{"float field", 2, element, func() number { return number{g.element(s) + ".age", mostDays} }},
		{"float variable", 1, len(s.variables["float"]) > 0, func() number { return number{pick(g.rng, s.variables["float"]), mostNamed} }},
		{"float #", 1, s.value == "float", func() number { return number{"#", mostNamed} }},
		{"time difference", 5, s.times(), func() number { return number{"(" + g.time(s) + " - " + g.time(s) + ")", mostDays} }},
		{"float arithmetic", 4, true, func() number { return g.arithmetic(s, g.float, g.float, "float", 1e100) }},
		{"mixed arithmetic", 4, true, func() number {
			if g.rng.IntN(2) == 0 {
				return g.arithmetic(s, g.int, g.float, "mixed", 1e100)
			}
			return g.arithmetic(s, g.float, g.int, "mixed", 1e100)
		}},
		{"/", 4, true, func() number {
			n := g.anyNumber(s)
			return number{"(" + n.text + " / " + g.word("divisor", "2", "-4", "0.25", "county", "city", "7.5") + ")", n.most * 4}
		}},
		{"?? float", 5, s.unknowable(), func() number {
			return number{"((" + g.unknownFloat(s) + ") ?? " + g.floatLiteral().text + ")", 1e15}
		}},
		{"minus float", 4, true, func() number { n := g.float(s); return number{"(-" + n.text + ")", n.most} }},
		{"abs float", 4, true, func() number { n := g.float(s); return number{"abs(" + n.text + ")", n.most} }},
		{"floor float", 4, true, func() number { n := g.float(s); return number{"floor(" + n.text + ")", n.most + 1} }},
		{"floor int", 4, true, func() number { n := g.int(s); return number{"floor(" + n.text + ")", n.most} }},
		{"ceil float", 4, true, func() number { n := g.float(s); return number{"ceil(" + n.text + ")", n.most + 1} }},
		{"ceil int", 4, true, func() number { n := g.int(s); return number{"ceil(" + n.text + ")", n.most} }},
		{"extreme float", 4, true, func() number { return g.extreme(s, g.float, g.float, g.float) }},
		{"extreme mixed", 4, true, func() number { return g.extreme(s, g.float, g.int, g.float) }},
		{"choice float", 5, true, func() number { return g.chosen(s, g.float(s), g.anyNumber(s)) }},
		{"sum float", 6, open && s.depth < 2, func() number { return g.sum(s, "float") }},
	})
	if n.most > 1e100 {
		return g.floatLiteral()
	}
	return n
}

func (g *Generator) anyNumber(s scope) number {
	if g.rng.IntN(2) == 0 {
		return g.int(s)
	}
	return g.float(s)
}

// arithmetic adds, subtracts or multiplies; a factor that is too large is replaced.
func (g *Generator) arithmetic(s scope, left, right func(scope) number, kind string, limit float64) number {
	l, r := halves(g, func() number { return left(s) }, func() number { return right(s) })
	op := g.word("arithmetic "+kind, "+", "-", "*")
	most := l.most + r.most
	if op == "*" {
		if l.most*r.most > limit {
			r = r.below(4, 2.5)
			if kind == "int" {
				r = number{"4", 4}
			}
		}
		most = l.most * r.most
	}
	return number{"(" + l.text + " " + op + " " + r.text + ")", most}
}

// extreme is the least or greatest of two or three numbers.
func (g *Generator) extreme(s scope, writes ...func(scope) number) number {
	out := number{g.word("extreme", "min", "max") + "(", 0}
	for i, write := range writes[:2+g.rng.IntN(2)] {
		if i > 0 {
			out.text += ", "
		}
		n := write(s)
		out.text, out.most = out.text+n.text, max(out.most, n.most)
	}
	out.text += ")"
	return out
}

func (g *Generator) chosen(s scope, a, b number) number {
	return number{"(" + g.truth(s) + " ? " + a.text + " : " + b.text + ")", max(a.most, b.most)}
}

// sum adds up a body over a collection, or a list of values.
func (g *Generator) sum(s scope, kind string) number {
	if g.rng.IntN(5) < 2 {
		l := g.values(s, kind, true)
		return number{"sum(" + l.text + ")", l.most * mostSignals}
	}
	most := 0.0
	text := g.over(s, "sum", func(inner scope) string {
		n := g.numberOf(inner, kind)
		most = n.most * mostSignals
		return n.text
	})
	return number{text, most}
}

// numberOf writes a number small enough to be added up over a collection.
func (g *Generator) numberOf(s scope, kind string) number {
	if kind == "int" {
		return g.int(s).below(mostWhole/mostSignals, 3)
	}
	return g.float(s).below(mostWhole, 3.5)
}
