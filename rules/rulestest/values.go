package rulestest

import "strconv"

// field prefixes a word with an element or the case.
func (g *Generator) holder(s scope) string {
	if len(s.elements) > 0 && (s.closed || g.rng.IntN(3) > 0) {
		return g.element(s)
	}
	return "case"
}

// textField is a field of an element or the case with the words it can have, ""
// where there is neither.
func (g *Generator) textField(s scope) (field string, words []string) {
	if s.closed && len(s.elements) == 0 {
		return "", nil
	}
	of := g.holder(s)
	classes := categories()
	names := []string{".channel", ".purpose", ".unit", ".place", ".subject", ".text", ".category", ".attrs"}
	if of != "case" {
		names = append(names, ".act", ".act", ".rating")
	}
	switch name := g.word("field "+kindOf(of), names...); name {
	case ".channel":
		return of + name, channels()
	case ".purpose":
		return of + name, purposes()
	case ".unit":
		return of + name, units()
	case ".place":
		return of + name, places()
	case ".subject":
		return of + name, subjects()
	case ".act":
		return of + name, acts()
	case ".rating":
		return "(" + of + `.rating ?? "")`, ratings()
	case ".category":
		i := g.word("category", "0", "1", "2")
		n, _ := strconv.Atoi(i)
		return of + name + "[" + i + "]", classes[n]
	case ".attrs":
		keys, values := attributes()
		if g.rng.IntN(3) == 0 {
			return of + ".attrs.k", values
		}
		return of + ".attrs[" + g.quote(pick(g.rng, keys)) + "]", values
	}
	return of + ".text", sayings()
}

// kindOf counts the fields of the case apart from those of elements.
func kindOf(holder string) string {
	if holder == "case" {
		return "case"
	}
	return "element"
}

// textValue writes a text that is not a literal where anything else is at hand.
func (g *Generator) textValue(s scope) string {
	field, _ := g.textField(s)
	return choose(g, []option[string]{
		{"text field", 2, field != "", func() string { return field }},
		{"text #", 1, s.value == "text", func() string { return "#" }},
		{"text variable", 1, len(s.variables["text"]) > 0, func() string { return pick(g.rng, s.variables["text"]) }},
		{"?? text", 6, !s.closed && s.depth < 2, func() string { return "((" + g.unknownText(s) + `) ?? "x")` }},
		{"choice text", 5, true, func() string { return g.choice(s, g.text) }},
		{"text literal", 1, field == "" && s.value != "text" && len(s.variables["text"]) == 0, func() string { return g.quote(pick(g.rng, sayings())) }},
	})
}

func (g *Generator) text(s scope) string {
	if g.rng.IntN(10) == 0 {
		return g.quote(pick(g.rng, append(sayings(), units()...)))
	}
	return g.textValue(s)
}

// time writes a time; where s has none to name, no one asks.
func (g *Generator) time(s scope) string {
	open, element := !s.closed, len(s.elements) > 0
	return choose(g, []option[string]{
		{"now", 1, open, func() string { return "now" }},
		{"time case", 2, open, func() string { return "case.at" }},
		{"time field", 2, element, func() string { return g.element(s) + ".at" }},
		{"time #", 1, s.value == "time", func() string { return "#" }},
		{"time variable", 1, len(s.variables["time"]) > 0, func() string { return pick(g.rng, s.variables["time"]) }},
		{"?? time", 5, s.unknowable(), func() string { return "((" + g.unknownTime(s) + ") ?? " + g.plainTime(s) + ")" }},
		{"choice time", 5, true, func() string { return g.choice(s, g.plainTime) }},
	})
}

func (g *Generator) plainTime(s scope) string {
	switch {
	case len(s.elements) > 0:
		return g.element(s) + ".at"
	case s.value == "time" && s.closed:
		return "#"
	}
	return g.word("plain time", "now", "case.at")
}

// unknown writes what may be unknown.
func (g *Generator) unknown(s scope) string {
	open := !s.closed
	return choose(g, []option[string]{
		{"unknown int", 1, true, func() string { return g.unknownInt(s) }},
		{"unknown time", 1, true, func() string { return g.unknownTime(s) }},
		{"unknown text", 1, open && s.depth < 2, func() string { return g.unknownText(s) }},
		{"unknown float", 1, true, func() string { return g.unknownFloat(s) }},
		{"unknown truth", 3, open && s.depth < 2, func() string { return g.unknownTruth(s) }},
		{"unknown element", 1, open, func() string { return g.unknownElement(s) }},
	})
}

// unknownInt stays below mostNamed.
func (g *Generator) unknownInt(s scope) string {
	open, element := !s.closed, len(s.elements) > 0
	return choose(g, []option[string]{
		{"level field", 2, element, func() string { return g.element(s) + g.word("element level", ".level", ".competent", ".above") }},
		{"level case", 2, open, func() string { return "case" + g.word("case level", ".level", ".competent", ".above") }},
		{"?. int", 3, open, func() string {
			return g.unknownElement(s) + "?" + g.word("?. int", ".level", ".competent", ".above", ".people", ".who")
		}},
		{"% unknown", 3, true, func() string { return g.int(s).below(mostNamed, 3).text + " % " + g.operand(s) }},
		{"value int", 5, open && s.depth < 2, func() string { return g.unknownValue(s, "int") }},
		{"extreme of int", 5, open && s.depth < 2, func() string {
			return g.word("extreme of", "min", "max") + "(" + g.values(s, "int", true).text + ")"
		}},
		{"choice unknown", 7, true, func() string { return g.choice(s, g.unknownInt) }},
		{"?? unknown", 7, true, func() string { return "(" + g.unknownInt(s) + ") ?? (" + g.unknownInt(s) + ")" }},
		{"unknown variable", 1, len(s.variables["unknown"]) > 0, func() string { return pick(g.rng, s.variables["unknown"]) }},
	})
}

// operand is a whole number that is no literal, so that what is divided by it may be unknown.
func (g *Generator) operand(s scope) string {
	if n := g.int(s).below(mostNamed, 3); len(n.text) > 4 && n.text[0] != '-' {
		return "(" + n.text + " - 1)"
	}
	if len(s.elements) > 0 {
		return g.element(s) + ".who"
	}
	if s.closed {
		return "(1 - 1)"
	}
	return g.word("operand", "len(actions)", "len(group)", "len(case.text)", "complainants(contacts)")
}

func (g *Generator) unknownFloat(s scope) string {
	open := !s.closed
	return choose(g, []option[string]{
		{"/ unknown", 3, true, func() string { return g.anyNumber(s).text + " / " + g.divisor(s) }},
		{"?. float", 3, open, func() string { return g.unknownElement(s) + "?.age" }},
		{"value float", 5, open && s.depth < 2, func() string { return g.unknownValue(s, "float") }},
		{"mean", 5, open && s.depth < 2, func() string {
			return "mean(" + g.values(s, g.word("mean", "int", "float"), true).text + ")"
		}},
		{"extreme of float", 5, open && s.depth < 2, func() string {
			return g.word("extreme of", "min", "max") + "(" + g.values(s, "float", true).text + ")"
		}},
		{"choice unknown float", 7, true, func() string { return g.choice(s, g.unknownFloat) }},
	})
}

// divisor is a number that is no literal.
func (g *Generator) divisor(s scope) string {
	if g.rng.IntN(2) == 0 {
		return g.operand(s)
	}
	return "(" + g.float(s).text + " - " + g.floatLiteral().text + ")"
}

func (g *Generator) unknownText(s scope) string {
	switch g.word("unknown text", "field", "category", "attrs", "value", "rating") {
	case "field":
		return g.unknownElement(s) + "?" + g.word("?. text", ".act", ".unit", ".channel", ".purpose", ".place", ".subject", ".text", ".rating")
	case "category":
		return g.unknownElement(s) + "?.category?.[" + g.word("category", "0", "1", "2") + "]"
	case "attrs":
		keys, _ := attributes()
		return g.unknownElement(s) + "?.attrs?.[" + g.quote(pick(g.rng, keys)) + "]"
	case "rating":
		if len(s.elements) > 0 {
			return g.element(s) + ".rating"
		}
	}
	return g.unknownValue(s, "text")
}

func (g *Generator) unknownTime(s scope) string {
	open, element := !s.closed, len(s.elements) > 0
	return choose(g, []option[string]{
		{"due", 2, open, g.due},
		{"due field", 2, element, func() string { return g.element(s) + ".due" }},
		{"?. time", 3, open, func() string { return g.unknownElement(s) + "?" + g.word("?. time", ".due", ".at") }},
		{"earliest", 3, open && s.depth < 2, func() string { return g.earliest(s) }},
		{"value time", 5, open && s.depth < 2, func() string { return g.unknownValue(s, "time") }},
		{"extreme of time", 5, open && s.depth < 2, func() string {
			return g.word("extreme of", "min", "max") + "(" + g.values(s, "time", true).text + ")"
		}},
	})
}

func (g *Generator) due() string { return "due(" + g.quote(g.word("due", deadlineKinds()...)) + ")" }

func (g *Generator) earliest(s scope) string {
	name := g.word("earliest", "earliest", "latest")
	return name + "(" + g.signals(s, name) + ")"
}

func (g *Generator) unknownTruth(s scope) string {
	if g.rng.IntN(2) == 0 {
		return g.unknownElement(s) + "?" + g.word("?. truth", ".again", ".mine")
	}
	return g.unknownValue(s, "truth")
}
