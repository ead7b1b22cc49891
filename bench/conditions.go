package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// fact is something of a case that conditions compare with numbers.
type fact struct {
	name    string // its name for expr, cel-go and OPA
	rule    string // what it is called in a rule of ours
	sql     string // the same, over the signals of a case
	against []int  // what it is compared with
}

// factList is the facts in the order of the fields of facts. In sql c is
// "a contact", ms when it was and age its days.
func factList() []fact {
	acts := func(name, act string) fact {
		return fact{name, fmt.Sprintf("count(actions, .act == %q)", act), fmt.Sprintf("countIf(NOT c AND act = '%s')", act), []int{1, 2}}
	}
	contacts := func(name string, days int) fact {
		return fact{name, fmt.Sprintf("count(contacts, .age <= %d)", days), fmt.Sprintf("countIf(c AND age <= %d)", days), []int{1, 2, 3}}
	}
	return []fact{
		{"contacts", "len(contacts)", "countIf(c)", []int{2, 3, 4}},
		contacts("contacts7", 7), contacts("contacts30", 30), contacts("contacts90", 90),
		{"actions", "len(actions)", "countIf(NOT c)", []int{6, 7, 8}},
		{"actions14", "count(actions, .age <= 14)", "countIf(NOT c AND age <= 14)", []int{1, 2, 3}},
		acts("transferred", "transferred"), acts("returned", "returned"), acts("accepted", "accepted"), acts("replied", "replied"),
		acts("closed", "closed"), acts("extended", "extended"), acts("supervised", "supervised"), acts("visited", "visited"), acts("called_back", "called_back"),
		{"unsatisfied", `count(actions, (.rating ?? "") == "not")`, "countIf(NOT c AND rating = 'not')", []int{1, 2}},
		{"satisfied", `count(actions, (.rating ?? "") == "satisfied")`, "countIf(NOT c AND rating = 'satisfied')", []int{1, 2}},
		{"complainants", "complainants(contacts)", "uniqExactIf(person, c AND person != 0)", []int{1, 2, 3}},
		{"people", "sum(map(contacts, .people))", "sumIf(people, c)", []int{3, 4, 6}},
		{"most_people", "(max(map(contacts, .people)) ?? 0)", "maxIf(people, c)", []int{2, 4, 6}},
		{"many_times", `count(contacts, .text contains "多次")`, "countIf(c AND position(text, '多次') > 0)", []int{1, 2}},
		{"unsafe", `count(contacts, .text contains "安全隐患")`, "countIf(c AND position(text, '安全隐患') > 0)", []int{1, 2}},
		{"higher", "count(contacts, (.above ?? 0) >= 1)", "countIf(c AND level != 0 AND competent != 0 AND level > competent)", []int{1, 2}},
		{"visits", `count(contacts, .channel in ["visit", "letter"])`, "countIf(c AND channel IN ('visit', 'letter'))", []int{1, 2}},
		{"age", "case.age", "({{now}} - minIf(ms, c)) / 86400000", []int{15, 30, 60, 90, 180}},
		{"quiet", "(min(map(actions, .age)) ?? 0.0)", "minOrDefaultIf(age, NOT c)", []int{7, 30, 90, 180}},
	}
}

// condition is one or two comparisons.
type condition struct {
	terms []comparison
	or    bool // one is enough
}

type comparison struct {
	fact   int
	op     string
	number int
}

// conditions makes n different ones, always the same.
func conditions(n int) []condition {
	rng := rand.New(rand.NewPCG(3, 9))
	facts := factList()
	compare := func(not int) comparison {
		i := rng.IntN(len(facts) - 1)
		if i >= not {
			i++
		}
		f := facts[i]
		return comparison{i, []string{">=", ">=", ">", "<"}[rng.IntN(4)], f.against[rng.IntN(len(f.against))]}
	}
	var out []condition
	for len(out) < n {
		c := condition{terms: []comparison{compare(len(facts))}}
		if len(out)%3 != 0 {
			c.terms = append(c.terms, compare(c.terms[0].fact))
			c.or = len(out)%6 == 1
		}
		if !slices.ContainsFunc(out, func(o condition) bool { return slices.Equal(o.terms, c.terms) }) {
			out = append(out, c)
		}
	}
	return out
}

// write writes the condition in a language in which and, or and a comparison
// look like this; decimal tells which numbers need a point.
func (c condition) write(and, or string, name func(fact) string, decimal func(fact) bool) string {
	facts := factList()
	words := make([]string, len(c.terms))
	for i, t := range c.terms {
		number := strconv.Itoa(t.number)
		if decimal(facts[t.fact]) {
			number += ".0"
		}
		words[i] = fmt.Sprintf("%s %s %s", name(facts[t.fact]), t.op, number)
	}
	if c.or {
		return strings.Join(words, or)
	}
	return strings.Join(words, and)
}

// isDecimal says that a fact is a number of days.
func isDecimal(f fact) bool { return f.name == "age" || f.name == "quiet" }
