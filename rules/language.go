package rules

// The language is closed: what stands in these tables is in it, and nothing
// else. Both engines (the expr VM and ClickHouse SQL) give each of these the
// same meaning; what only one of them has is refused with its nearest equivalent.

// Bounds on one expression. They keep every rule's cost small and the parser's
// recursion shallow; no rule a person writes comes near.
const (
	maxSource   = 4000 // runes
	maxNodes    = 600
	maxNesting  = 3 // predicates within predicates
	maxTemplate = 4000
)

// predicates are the builtins that take a collection and a predicate.
func predicates() []string {
	return []string{"count", "any", "all", "none", "one", "filter", "map", "sum", "find", "findLast"}
}

// plainBuiltins are the builtins that take values.
func plainBuiltins() []string {
	return []string{"len", "first", "last", "min", "max", "mean", "abs", "floor", "ceil"}
}

// equivalent names what to write instead of a word that expr has and the language has not.
func equivalent(word string) string {
	if help := equivalents()[word]; help != "" {
		return help
	}
	return "docs/language.md lists what the language has"
}

// equivalents is the table of what is not in the language.
func equivalents() map[string]string {
	return map[string]string{
		"..":            "compare instead: x >= 1 and x <= 5",
		"**":            "multiply",
		"^":             "multiply",
		"+":             "leave the sign out",
		"if":            "write condition ? this : that",
		"now":           "write now, without brackets",
		"date":          "compare ages or differences in days: .age <= 7, now - case.at > 30",
		"duration":      "times differ in days: now - case.at > 7, and 0.5 is twelve hours",
		"timezone":      "the zone is the risk's, in risks.yaml",
		"reduce":        "use sum, count, min, max or mean",
		"groupBy":       "use complainants(...), or count within count",
		"sortBy":        "use earliest(...), latest(...), min or max",
		"sort":          "use min or max",
		"reverse":       "signals stand oldest first: last(contacts), contacts[-2]",
		"uniq":          "use complainants(...)",
		"findIndex":     "use find",
		"findLastIndex": "use findLast",
		"median":        "use mean",
		"round":         "use floor(x + 0.5)",
		"int":           "use floor(x)",
		"float":         "use x * 1.0",
		"string":        "texts are compared as they are; a message formats numbers and times itself",
		"lower":         `use matches "(?i)..."`,
		"upper":         `use matches "(?i)..."`,
		"trim":          "use contains or matches",
		"trimPrefix":    "use startsWith or matches",
		"trimSuffix":    "use endsWith or matches",
		"split":         "use contains or matches",
		"replace":       "use contains or matches",
		"indexOf":       "use contains",
		"lastIndexOf":   "use contains",
		"hasPrefix":     "use startsWith",
		"hasSuffix":     "use endsWith",
		"get":           `use .attrs["key"], or contacts[0]`,
		"keys":          `use .attrs["key"]`,
		"values":        `use .attrs["key"]`,
		"take":          "use a slice: contacts[0:2]",
		"concat":        "use one collection at a time",
		"flatten":       "use count within count",
		"type":          "each value has one type, which this page tells",
		"splitAfter":    "use contains or matches",
		"join":          "a message joins its parts itself: {{ ... }}",
		"toJSON":        "name the fields",
		"fromJSON":      `let the source map the column: .attrs["key"]`,
		"toBase64":      "compare the text itself",
		"fromBase64":    "let the source decode the column",
		"toPairs":       `use .attrs["key"]`,
		"fromPairs":     `use .attrs["key"]`,
		"bitand":        "use and, %, or in [...]",
		"bitor":         "use or, or in [...]",
		"bitxor":        "use !=",
		"bitnand":       "use not and and",
		"bitnot":        "use not",
		"bitshl":        "multiply",
		"bitshr":        "divide, and floor",
		"bitushr":       "divide, and floor",
	}
}
