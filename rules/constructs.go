package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"yujing/internal/calendar"
)

// Construct is one thing that the language has, with the one meaning that both
// engines give it. docs/language.md is made of these.
type Construct struct {
	ID      string // stable, for coverage: "< int"
	Topic   string // the section of docs/language.md that it stands in
	Form    string // as it is written: a < b
	Meaning string
	Example string // a whole condition that uses it
}

// Refusal is a word that expr has and the language has not, and what to write instead.
type Refusal struct{ Word, Instead string }

// Bound is a limit on what an expression may be.
type Bound struct {
	What  string
	Limit string
}

// Constructs is all that a condition can be made of, by topic.
func Constructs() []Construct {
	var c constructTable
	return slices.Concat(c.literals(), c.logic(), c.names(), c.comparisons(), c.arithmetic(), c.extremes(), c.texts(), c.patterns(), c.membership(),
		c.unknowns(), c.times(), c.predicates(), c.lists(), c.positions(), c.groups(), c.fields())
}

// Refusals lists what is not in the language, by word.
func Refusals() []Refusal {
	table := equivalents()
	var list []Refusal
	for _, word := range slices.Sorted(maps.Keys(table)) {
		list = append(list, Refusal{word, table[word]})
	}
	return list
}

// constructTable holds the parts of the table, one function for each topic.
type constructTable struct{}

// row is one construct of a topic.
func row(topic, id, form, meaning, example string) Construct {
	return Construct{ID: id, Topic: topic, Form: form, Meaning: meaning, Example: example}
}

func (constructTable) literals() []Construct {
	const topic = "Literals"
	return []Construct{
		row(topic, "int", "`3`, `0x1f`, `1_000`", "A whole number, up to 10^15.", `len(contacts) > 3`),
		row(topic, "float", "`2.5`, `1e3`", "A fraction: the nearest IEEE 754 double. 0, or from 10^-9 to 10^15.", `case.age > 2.5`),
		row(topic, "text", "`\"...\"`, `'...'`, `` `...` ``", "A text of Unicode characters, compared byte by byte: no folding of case or width, no normal form.", `case.channel == "visit"`),
		row(topic, "text escaped", "`\"a\\\"b\\\\c\\n\"`", "Escapes as in Go: `\\\\ \\\" \\' \\n \\t \\u4e00`; none within backquotes. The character NUL and invalid UTF-8 are refused.", `case.text contains "\n\"急\""`),
		row(topic, "text empty", "`\"\"`", "The empty text. Every text contains, starts and ends with it.", `case.unit == ""`),
		row(topic, "true", "`true`", "A truth.", `case.age > 7 ? true : any(contacts, .again)`),
		row(topic, "false", "`false`", "A truth.", `case.age > 7 ? false : any(contacts, .again)`),
		row(topic, "now", "`now`", "The instant as of which the row is scored, whole milliseconds UTC.", `now - case.at > 7`),
		row(topic, "village", "`village`", "The whole number 1 (村、社区).", `(case.level ?? 0) == village`),
		row(topic, "township", "`township`", "The whole number 2 (乡镇、街道).", `(case.level ?? 0) == township`),
		row(topic, "county", "`county`", "The whole number 3 (县区).", `(case.level ?? 0) >= county`),
		row(topic, "city", "`city`", "The whole number 4 (市).", `(case.level ?? 0) >= city`),
		row(topic, "province", "`province`", "The whole number 5 (省).", `(case.level ?? 0) >= province`),
		row(topic, "nation", "`nation`", "The whole number 6 (国家).", `(case.level ?? 0) == nation`),
	}
}

func (constructTable) logic() []Construct {
	const logic = "Logic and choice"
	const and, or, no = "Both hold.", "One holds, or both.", "It does not hold."
	list := []Construct{
		row(logic, "and", "`a and b`", and, `case.age > 7 and any(contacts, .again)`),
		row(logic, "&&", "`a && b`", and, `case.age > 7 && any(contacts, .again)`),
		row(logic, "or", "`a or b`", or, `case.age > 7 or any(contacts, .again)`),
		row(logic, "||", "`a || b`", or, `case.age > 7 || any(contacts, .again)`),
		row(logic, "not", "`not a`", no, `not (case.age > 7)`),
		row(logic, "!", "`!a`", no, `!(case.age > 7)`),
	}
	const choice = "b where the condition holds, else c. Both are of one type, numbers, texts, times or truths; a choice between a whole number and a fraction is a fraction; it may be unknown if one side may."
	for _, v := range []struct{ class, example string }{
		{"truth", `case.age > 7 ? overdue("reply") : any(contacts, .again)`}, {"int", `(case.age > 7 ? 2 : 3) < len(contacts)`},
		{"float", `(case.channel == "visit" ? case.age : 2.5) > 1`}, {"text", `(case.age > 7 ? case.unit : case.subject) == ""`},
		{"time", `(case.age > 7 ? case.at : now) < now`}, {"unknown", `((case.age > 7 ? case.level : case.competent) ?? 0) > 2`},
	} {
		list = append(list, row(logic, "choice "+v.class, "`a ? b : c`", choice, v.example))
	}
	return list
}

func (constructTable) names() []Construct {
	const names = "Names and pipes"
	var list []Construct
	const let = "A name for a value, in what follows the semicolon. No name hides another, nor a word of the language."
	for _, v := range []struct{ class, example string }{
		{"truth", `let late = overdue("reply"); late or case.age > 90`}, {"int", `let n = len(contacts); n > 1 and n < 5`},
		{"float", `let d = case.age / 2; d > 3`}, {"text", `let u = case.unit; any(actions, .unit != u)`},
		{"time", `let t = case.at; any(actions, .at - t > 3)`}, {"list", `let late = filter(actions, .age > 3); len(late) > 1`},
		{"element", `any(contacts, {let c = #; c.age > 3})`}, {"unknown", `let d = due("reply"); d != nil and (d ?? now) < now`},
	} {
		list = append(list, row(names, "let "+v.class, "`let x = a; b`", let, v.example))
	}
	return append(list,
		row(names, "let in predicate", "`any(C, {let c = #; p})`", "A predicate in braces may name its element, so that a predicate within can mention it.", `any(contacts, {let c = #; any(actions, .at > c.at)})`),
		row(names, "#", "`#`", "The element of the innermost predicate; of a list of values it is the value.", `any(map(contacts, .age), # > 3)`),
		row(names, "pipe", "`C | f(x)`", "f(C, x).", `contacts | filter(.again) | len() > 1`),
		row(names, "contacts", "`contacts`", "The row's own contacts, oldest first; of the same instant, the lower id first. There is at least one.", `len(contacts) > 1`),
		row(names, "actions", "`actions`", "The row's own actions, in the same order. There may be none.", `len(actions) == 0`),
		row(names, "group", "`group`", "The contacts of the last 90 days in the row's group, in the same order. There may be none.", `len(group) > 5`),
	)
}

func (constructTable) comparisons() []Construct {
	const topic = "Comparison"
	kinds := []struct{ class, what, left, right string }{
		{"int", "Of whole numbers: exact.", "len(contacts)", "2"},
		{"float", "Of fractions: exact, so 0.1 + 0.2 is not 0.3; -0.0 equals 0.0.", "case.age", "2.5"},
		{"mixed", "Of a whole number with a fraction: the whole number as a fraction, which is exact.", "case.age", "2"},
		{"time", "Of times: by the millisecond.", "case.at", "now"},
		{"text", "Of texts: the same characters, byte by byte. Texts have no order.", "case.unit", `case.subject`},
		{"truth", "Of truths.", `overdue("reply")`, `any(contacts, .again)`},
	}
	var list []Construct
	for _, k := range kinds {
		for _, op := range []string{"==", "!=", "<", "<=", ">", ">="} {
			if equality := op == "==" || op == "!="; equality || (k.class != "text" && k.class != "truth") {
				list = append(list, row(topic, op+" "+k.class, "`a "+op+" b`", k.what, k.left+" "+op+" "+k.right))
			}
		}
	}
	return append(list, row(topic, "chain", "`a < b < c`", "a < b and b < c.", `1 < len(contacts) <= 5`))
}

func (constructTable) arithmetic() []Construct {
	const topic = "Numbers"
	var list []Construct
	for _, k := range []struct{ class, what, left, right string }{
		{"int", "Of whole numbers: exact. What could pass 2^53 is refused when the rule is read, so nothing wraps around.", "len(contacts)", "len(actions)"},
		{"float", "Of fractions: IEEE 754 doubles, each operation rounded to nearest, in the order written. What could pass 10^300 is refused, so nothing is infinite and nothing is not a number.", "case.age", "0.5"},
		{"mixed", "Of a whole number and a fraction: a fraction.", "case.age", "2"},
	} {
		for _, op := range []string{"+", "-", "*"} {
			list = append(list, row(topic, op+" "+k.class, "`a "+op+" b`", k.what, "("+k.left+" "+op+" "+k.right+") > 3"))
		}
	}
	const division = "A fraction, also of two whole numbers: 7 / 2 is 3.5."
	const remainder = "What is left of a whole number, with the sign of the dividend: -7 % 3 is -1."
	list = append(list,
		row(topic, "/", "`a / 2`", division, `case.age / 2 > 3`),
		row(topic, "/ level", "`a / city`", division, `case.age / county > 3`),
		row(topic, "/ unknown", "`a / b`", "By what is not a literal: unknown if b is 0, or if the quotient passes 10^15.", `((len(actions) / len(group)) ?? 0) > 1`),
		row(topic, "%", "`a % 7`", remainder, `len(contacts) % 2 == 1`),
		row(topic, "% level", "`a % city`", remainder, `len(contacts) % county == 1`),
		row(topic, "% unknown", "`a % b`", "By what is not a literal: unknown if b is 0.", `((len(contacts) % len(actions)) ?? 0) == 1`),
		row(topic, "minus int", "`-a`", "The number with the other sign.", `-len(contacts) < -2`),
		row(topic, "minus float", "`-a`", "The number with the other sign.", `-case.age < -2.5`),
		row(topic, "abs int", "`abs(a)`", "The number without its sign, of the same type.", `abs(len(contacts) - len(actions)) > 2`),
		row(topic, "abs float", "`abs(a)`", "The number without its sign, of the same type.", `abs(case.age - 7.5) < 1`),
	)
	const floor, ceil = "The greatest whole value not above it, as a fraction: floor(-0.5) is -1.0.", "The least whole value not below it, as a fraction."
	list = append(list,
		row(topic, "floor float", "`floor(a)`", floor, `floor(case.age) == 3`),
		row(topic, "floor int", "`floor(a)`", floor, `floor(len(contacts)) == 3`),
		row(topic, "ceil float", "`ceil(a)`", ceil, `ceil(case.age) == 3`),
		row(topic, "ceil int", "`ceil(a)`", ceil, `ceil(len(contacts)) == 3`),
	)
	return list
}

func (constructTable) extremes() []Construct {
	const topic = "Numbers"
	var list []Construct
	for _, name := range []string{"min", "max"} {
		meaning := map[string]string{"min": "The least", "max": "The greatest"}[name] + " of two or more numbers; a fraction if one of them is."
		list = append(list,
			row(topic, name+" int", "`"+name+"(a, b)`", meaning, name+`(len(contacts), 3) == 3`),
			row(topic, name+" float", "`"+name+"(a, b)`", meaning, name+`(case.age, 2.5) > 2.4`),
			row(topic, name+" mixed", "`"+name+"(a, b)`", meaning, name+`(case.age, 3) > 2.5`),
			row(topic, name+" three", "`"+name+"(a, b, c)`", meaning, name+`(case.age, 2.5, 7) > 2.4`))
	}
	return list
}

func (constructTable) texts() []Construct {
	const topic = "Texts"
	return []Construct{
		row(topic, "contains", "`a contains b`", "b stands somewhere in a, byte by byte.", `case.text contains "停水"`),
		row(topic, "not contains", "`a not contains b`", "b does not stand in a.", `case.text not contains "停水"`),
		row(topic, "startsWith", "`a startsWith b`", "a begins with b.", `case.place startsWith "330106"`),
		row(topic, "not startsWith", "`a not startsWith b`", "a does not begin with b.", `case.place not startsWith "330106"`),
		row(topic, "endsWith", "`a endsWith b`", "a ends with b.", `case.unit endsWith "局"`),
		row(topic, "not endsWith", "`a not endsWith b`", "a does not end with b.", `case.unit not endsWith "局"`),
		row(topic, "len text", "`len(a)`", "How many characters: Unicode code points, neither bytes nor what the eye takes for one (an emoji may be several).", `len(case.text) > 20`),
		row(topic, "matches", "`a matches \"p\"`", "The pattern is found somewhere in the text. It is a literal of the forms below.", `case.text matches "第[0-9]+次"`),
		row(topic, "not matches", "`a not matches \"p\"`", "The pattern is not found in the text.", `case.text not matches "第[0-9]+次"`),
	}
}

func (constructTable) patterns() []Construct {
	const topic = "Patterns"
	pattern := func(id, form, meaning, example string) Construct {
		return row(topic, "pattern "+id, form, meaning, "case.text matches '"+strings.ReplaceAll(example, `\`, `\\`)+"'")
	}
	return []Construct{
		pattern("words", "`多次\\|再次`", "One of the words; what stands literally, byte by byte.", "多次|再次"),
		pattern("|", "`ab+\\|c`", "One of the alternatives. None is empty.", "ab+|c"),
		pattern("(", "`(ab\\|c)`, `(?:ab\\|c)`", "A group.", "(再|多)次"),
		pattern(".", "`.`", "Any character but a newline.", "反.映"),
		pattern("[", "`[0-9a-z]`", "A character of the class: characters, ranges of code points, `\\d \\s \\w`.", "[0-9一二三]户"),
		pattern("[^", "`[^0-9]`", "A character not of the class; a newline is one.", "[^0-9]户"),
		pattern("*", "`a*`", "Any number of times.", "再*次"),
		pattern("+", "`a+`", "Once or more.", "[0-9]+户"),
		pattern("?", "`a?`", "Once or not at all.", "几十?户"),
		pattern("{", "`a{2,5}`, `a{2}`, `a{2,}`", "So many times, at most 100.", "[0-9]{2,}户"),
		pattern("^", "`^`", "The beginning of the text (not of a line).", "^我们"),
		pattern("$", "`$`", "The end of the text (not of a line, nor before a last newline).", "处理$"),
		pattern("\\b", "`\\b`", "A border of a word; words are of ASCII letters, digits and _.", `\bAI\b`),
		pattern("escape", "`\\d \\D \\s \\S \\w \\W \\n \\t \\r \\.`", "ASCII digits, white space, word characters and their opposites; a sign that stands for itself.", `\d+\.\d`),
		pattern("(?i)", "`(?i)` at the start", "Case does not count: Unicode's simple folding, one character for one, the same in every country (i is not ı).", "(?i)app"),
	}
}

func (constructTable) membership() []Construct {
	const topic = "Membership"
	const literal, values = "The value is one of a list of literals, all of its own type.", "The value equals one that map gave, of its own type. Nothing is in an empty list."
	return []Construct{
		row(topic, "in texts", "`a in [\"x\", \"y\"]`", literal, `any(actions, .act in ["replied", "closed"])`),
		row(topic, "in ints", "`a in [1, 2]`", literal, `len(contacts) in [2, 3]`),
		row(topic, "in levels", "`a in [city, province]`", literal, `(case.level ?? 0) in [city, province]`),
		row(topic, "in values text", "`a in map(C, ...)`", values, `case.unit in map(actions, .unit)`),
		row(topic, "in values int", "`a in map(C, ...)`", values, `case.people in map(contacts, .who)`),
		row(topic, "in values float", "`a in map(C, ...)`", values, `7.0 in map(contacts, floor(.age))`),
		row(topic, "in values time", "`a in map(C, ...)`", values, `case.at in map(actions, .at)`),
		row(topic, "in values truth", "`a in map(C, ...)`", values, `overdue("reply") in map(contacts, .again)`),
		row(topic, "not in", "`a not in b`", "The value is not one of them.", `case.channel not in ["visit", "letter"]`),
	}
}

func (constructTable) unknowns() []Construct {
	const topic = "Unknown values"
	list := []Construct{
		row(topic, "== nil", "`a == nil`", "The value is unknown.", `due("reply") == nil`),
		row(topic, "!= nil", "`a != nil`", "The value is known.", `due("reply") != nil`),
	}
	const standIn = "a, or b where a is unknown. It binds tighter than every other operator."
	for _, v := range []struct{ class, example string }{
		{"int", `(case.level ?? 0) > 3`}, {"float", `(mean(map(contacts, .people)) ?? 0.5) > 1`}, {"time", `(due("reply") ?? now) < now`},
		{"text", `(first(actions)?.rating ?? "") == "not"`}, {"truth", `last(contacts)?.again ?? false`},
		{"unknown", `((case.level ?? case.competent) ?? 0) > 3`},
	} {
		list = append(list, row(topic, "?? "+v.class, "`a ?? b`", standIn, v.example))
	}
	return append(list,
		row(topic, "?.", "`a?.field`", "The field of an element that may be unknown; unknown where the element is.", `(last(actions)?.age ?? 99) > 30`),
		row(topic, "?.[]", "`a?.category?.[0]`, `a?.attrs?.[\"k\"]`", "The same of a category or an attribute.", `(last(contacts)?.category?.[1] ?? "") == "物业"`))
}

func (constructTable) times() []Construct {
	const topic = "Times"
	list := []Construct{
		row(topic, "- time", "`a - b`", "The days from b to a, a fraction: milliseconds divided by 86,400,000. A day is 24 hours whatever the zone. Negative if a is before b.", `now - case.at > 7`),
		row(topic, "workdays", "`workdays(a, b)`", "Whole working days after a's day up to and including b's, in the risk's time zone, with make-up workdays (调休); negative if b's day is before a's; 0 on the same day.", `workdays(case.at, now) > 5`),
	}
	for _, d := range calendar.Deadlines() {
		list = append(list,
			row(topic, "due "+d.Kind, "`due(\"kind\")`", "When the deadline runs out, the last millisecond of its last day in the risk's zone unless the source states another time. Unknown if nothing has started it.", `due("`+d.Kind+`") == nil`),
			row(topic, "overdue "+d.Kind, "`overdue(\"kind\")`", "The deadline is known, lies before now, and has not been met.", `overdue("`+d.Kind+`")`))
	}
	slices.SortStableFunc(list, func(a, b Construct) int { return strings.Compare(a.Meaning, b.Meaning) })
	for _, name := range []string{"earliest", "latest"} {
		meaning := "The time of the " + name + " signal of the collection. Unknown if there is none."
		list = append(list, row(topic, name+" signals", "`"+name+"(C)`", meaning, name+"(actions) != nil"),
			row(topic, name+" filter", "`"+name+"(filter(C, p))`", meaning, name+`(filter(actions, .act == "replied")) != nil`))
	}
	return list
}

func (constructTable) predicates() []Construct {
	const topic = "Collections"
	var list []Construct
	for _, b := range []struct{ word, form, meaning, signals, values string }{
		{"count", "`count(C, p)`", "For how many elements p holds. 0 of nothing.", `count(contacts, .age <= 7) > 1`, `count(map(contacts, .age), # <= 7) > 1`},
		{"any", "`any(C, p)`", "p holds for an element. False of nothing.", `any(contacts, .again)`, `any(map(contacts, .age), # > 7)`},
		{"all", "`all(C, p)`", "p holds for every element. True of nothing.", `all(contacts, .again)`, `all(map(contacts, .age), # > 7)`},
		{"none", "`none(C, p)`", "p holds for no element. True of nothing.", `none(contacts, .again)`, `none(map(contacts, .age), # > 7)`},
		{"one", "`one(C, p)`", "p holds for exactly one element. False of nothing.", `one(contacts, .again)`, `one(map(contacts, .age), # > 7)`},
		{"filter", "`filter(C, p)`", "The elements for which p holds, in their order.", `len(filter(contacts, .again)) > 1`, `len(filter(map(contacts, .age), # > 7)) > 1`},
		{"map", "`map(C, f)`", "f of each element, in their order: numbers, texts, times or truths.", `sum(map(contacts, .people)) > 9`, `sum(map(map(contacts, .people), # + 1)) > 9`},
		{"sum", "`sum(C, f)`", "f of the elements added up, oldest first. 0 of nothing.", `sum(contacts, .people) > 9`, `sum(map(contacts, .people), # - 1) > 9`},
		{"find", "`find(C, p)`", "The first element for which p holds. Unknown if there is none.", `find(contacts, .again) != nil`, `(find(map(contacts, .age), # < 7) ?? 9.5) < 3`},
		{"findLast", "`findLast(C, p)`", "The last element for which p holds. Unknown if there is none.", `findLast(contacts, .again) != nil`, `(findLast(map(contacts, .age), # > 7) ?? 9.5) < 3`},
	} {
		list = append(list, row(topic, b.word+" signals", b.form, b.meaning, b.signals), row(topic, b.word+" values", b.form, b.meaning, b.values))
	}
	return append(list,
		row(topic, "nested", "`any(C, any(D, p))`", "A predicate within a predicate; `.x` is of the inner element.", `any(contacts, any(actions, .age < 3))`),
		row(topic, "nested twice", "`any(C, any(D, any(E, p)))`", "At most three deep.", `any(contacts, any(actions, any(contacts, .age < 3)))`),
		row(topic, "correlated", "`any(C, {let c = #; any(D, .at > c.at)})`", "The inner predicate mentions the outer element by its name.", `any(contacts, {let c = #; none(actions, .at > c.at)})`))
}

func (constructTable) lists() []Construct {
	const topic = "Collections"
	var list []Construct
	for _, b := range []struct{ word, meaning, signals, values string }{
		{"len", "How many elements.", `len(contacts) > 1`, `len(map(contacts, .age)) > 1`},
		{"first", "The first element. Unknown of nothing.", `first(actions) != nil`, `(first(map(contacts, .age)) ?? 9.5) > 3`},
		{"last", "The last element. Unknown of nothing.", `last(actions) != nil`, `(last(map(contacts, .age)) ?? 9.5) > 3`},
	} {
		list = append(list, row(topic, b.word+" of signals", "`"+b.word+"(C)`", b.meaning, b.signals), row(topic, b.word+" of values", "`"+b.word+"(C)`", b.meaning, b.values))
	}
	const extreme = "Of a list of numbers or times. Unknown of nothing."
	list = append(list, row(topic, "sum of values", "`sum(L)`", "The numbers of a list added up, first to last: of whole numbers exact, of fractions rounded at each step. 0 of nothing.", `sum(map(contacts, .people)) > 9`),
		row(topic, "mean of values", "`mean(L)`", "The sum of the numbers, as fractions added first to last, divided by how many. Unknown of nothing.", `(mean(map(contacts, .age)) ?? 0.5) > 9`))
	for _, name := range []string{"min", "max"} {
		for _, v := range []struct{ class, example string }{{"int", `(NAME(map(contacts, .people)) ?? 0) > 3`}, {"float", `(NAME(map(contacts, .age)) ?? 0.5) > 3`}, {"time", `(NAME(map(actions, .at)) ?? now) > case.at`}} {
			list = append(list, row(topic, name+" of "+v.class, "`"+name+"(L)`", extreme, strings.Replace(v.example, "NAME", name, 1)))
		}
	}
	return append(list,
		row(topic, "complainants signals", "`complainants(C)`", "How many different known complainants: distinct .who above 0. Unknown ones count for nothing.", `complainants(contacts) > 1`),
		row(topic, "complainants filter", "`complainants(C)`", "How many different known complainants: distinct .who above 0. Unknown ones count for nothing.", `complainants(filter(contacts, .age < 30)) > 1`))
}

func (constructTable) positions() []Construct {
	const topic = "Positions"
	const index, slice = "The element at a place counted from 0. Unknown beyond the end.", "The elements from place a up to but not including b; what lies beyond an end is left out, and there are none where a is not before b. Without a bound it reaches to the end on that side."
	return []Construct{
		row(topic, "[0]", "`C[0]`", index, `actions[0] != nil`),
		row(topic, "[1]", "`C[2]`", index, `(contacts[2]?.age ?? 99) < 7`),
		row(topic, "[-1]", "`C[-1]`", "Counted from the end: -1 is the last. Unknown beyond the beginning.", `(contacts[-2]?.age ?? 99) < 7`),
		row(topic, "[computed]", "`C[n]`", "The place may be computed, and be negative.", `(contacts[len(actions)]?.age ?? 99) < 7`),
		row(topic, "[] values", "`map(C, ...)[0]`", "The same of a list of values.", `(map(contacts, .age)[1] ?? 99) < 7`),
		row(topic, "[a:b]", "`C[1:3]`", slice, `len(contacts[1:3]) > 1`),
		row(topic, "[a:]", "`C[1:]`", slice, `len(contacts[1:]) > 1`),
		row(topic, "[:b]", "`C[:2]`", slice, `any(contacts[:2], .again)`),
		row(topic, "[:]", "`C[:]`", slice, `len(contacts[:]) > 1`),
		row(topic, "slice negative", "`C[-2:]`", "A negative bound counts from the end.", `any(actions[-2:], .act == "replied")`),
		row(topic, "slice computed", "`C[a:n]`", "A bound may be computed.", `any(actions[:len(contacts)], .act == "replied")`),
		row(topic, "slice values", "`map(C, ...)[1:]`", "The same of a list of values.", `sum(map(contacts, .age)[1:]) > 7`),
	}
}

func (constructTable) groups() []Construct {
	const topic = "Groups"
	const closed = "The same over the group. Its predicate mentions nothing but the element: no other name of the rule, no other collection."
	var list []Construct
	for _, example := range []string{`count(group, .age <= 7) > 3`, `any(group, .people > 3)`, `all(group, .age < 30)`, `none(group, .again)`, `one(group, .again)`,
		`len(filter(group, .age < 7)) > 3`, `sum(map(group, .people)) > 9`, `sum(group, .people) > 9`, `len(group) > 3`} {
		word, _, _ := strings.Cut(example, "(")
		id, argument := word+" group", ", ..."
		switch {
		case word == "len" && strings.Contains(example, "filter"):
			word, id = "filter", "filter group"
		case word == "len":
			id, argument = "len of group", ""
		case strings.Contains(example, "map"):
			word, id = "map", "map group"
		}
		list = append(list, row(topic, id, "`"+word+"(group"+argument+")`", closed, example))
	}
	return append(list,
		row(topic, "sum of group", "`sum(map(group, f))`", closed, `sum(map(group, .people)) > 9`),
		row(topic, "mean of group", "`mean(map(group, f))`", closed, `(mean(map(group, .people)) ?? 0.5) > 3`),
		row(topic, "min of group", "`min(map(group, f))`", closed, `(min(map(group, .age)) ?? 99) < 3`),
		row(topic, "max of group", "`max(map(group, f))`", closed, `(max(map(group, .people)) ?? 0) > 3`),
		row(topic, "complainants group", "`complainants(group)`", closed, `complainants(group) >= 5`),
		row(topic, "earliest group", "`earliest(group)`", closed, `(earliest(group) ?? now) < case.at`),
		row(topic, "latest group", "`latest(group)`", closed, `(latest(group) ?? now) > case.at`),
		row(topic, "group .mine", "`count(group, not .mine)`", ".mine tells the contacts of the row's own case from the others of its group; in a risk over groups all are.", `count(group, not .mine and .age < 7) > 3`))
}

// fields are the words of the vocabulary and the places of category and attrs.
func (constructTable) fields() []Construct {
	const topic = "Fields"
	const level, key = "One of the three levels of the content class, 0, 1 or 2; \"\" where not classified.", "The value of a further column; \"\" if it is not there. The key is a literal."
	list := []Construct{
		row(topic, "category[0]", "`.category[0]`", level, `case.category[0] == "城乡建设"`),
		row(topic, "category[1]", "`.category[1]`", level, `case.category[1] == "物业"`),
		row(topic, "category[2]", "`.category[2]`", level, `case.category[2] == ""`),
		row(topic, "attrs[]", "`.attrs[\"k\"]`, `.attrs.k`", key, `case.attrs["窗口"] == "1"`),
	}
	scope := ruleScope(nil)
	for _, record := range []struct {
		typ    typ
		before string
	}{{scope.names["case"], "case"}, {*scope.names["contacts"].elem, ""}} {
		for _, word := range slices.Sorted(maps.Keys(record.typ.fields.fields)) {
			form := record.before + "." + word
			list = append(list, row(topic, record.typ.fields.name+"."+word, "`"+form+"`", "", fieldExample(form, record.typ.fields.fields[word])))
		}
	}
	return list
}

// fieldExample is a condition that asks for a field.
func fieldExample(form string, t typ) string {
	condition := ""
	switch t.kind {
	case kindBool:
		condition = form
	case kindCategory:
		condition = form + `[0] == ""`
	case kindAttrs:
		condition = form + `["k"] == ""`
	case kindTime:
		condition = form + " < now"
	case kindText:
		condition = form + ` == ""`
	default:
		condition = form + " > 1"
	}
	if t.opt {
		condition = form + " == nil"
	}
	if strings.HasPrefix(form, ".") {
		return "any(contacts, " + condition + ")"
	}
	return condition
}

// Bounds are the limits on one expression, and how large facts are taken to be.
func Bounds() []Bound {
	return []Bound{
		{"characters of an expression", fmt.Sprint(maxSource)},
		{"parts (nodes) of an expression", fmt.Sprint(maxNodes)},
		{"predicates within predicates", fmt.Sprint(maxNesting)},
		{"bytes of a pattern", fmt.Sprint(maxPattern)},
		{"repetitions in a pattern, `{n,m}`", fmt.Sprint(maxRepeat)},
		{"instructions that a pattern compiles to", fmt.Sprint(maxPatternSize)},
		{"a number that a rule writes", "10^15; a fraction other than 0 at least 10^-9"},
		{"a whole number that a rule computes", "2^53"},
		{"a fraction that a rule computes", "10^300"},
		{"a quotient by what is not a literal", "10^15, else it is unknown"},
		{"signals of a row, for what a count or a sum could come to", "2^20"},
		{"people of a signal (ingest refuses more)", fmt.Sprint(mostPeople)},
		{"days and working days between two times", fmt.Sprint(mostDays)},
		{"characters of a text of the facts", "2^30"},
	}
}
