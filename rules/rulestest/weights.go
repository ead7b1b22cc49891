package rulestest

// weights says how often a form is wanted beside the others of its type, where
// that is not 1: as many times as there are constructs that only it leads to.
func weights() map[string]float64 {
	return map[string]float64{
		// conditions
		"compare int": 4, "compare float": 8.5, "compare mixed": 7.5, "compare time": 5, "text equal": 1.5, "text search": 3.6, "matches": 4.8,
		"in": 3.6, "in values": 7, "overdue": 4.2, "nil": 2.5, "quantifier signals": 3, "quantifier group": 7, "quantifier values": 7, "due compared": 7, "earliest compared": 6, "value compared": 4, "extreme compared": 6, "element compared": 5, "level compared": 5, "nested": 2, "let": 13, "not": 2.2, "logic": 1.2, "group mine": 4,
		// whole numbers
		"int arithmetic": 3, "?? int": 5, "% int": 2.5, "count": 3, "sum int": 8, "level": 3, "complainants": 1, "extreme int": 2,
		"level field": 10, "level case": 6, "extreme of int": 4, "?? unknown": 5, "% unknown": 3,
		// fractions
		"float arithmetic": 3.5, "mixed arithmetic": 3.6, "/": 3.4, "?? float": 6, "extreme float": 2, "extreme mixed": 2.5, "time difference": 2, "sum float": 4,
		"/ unknown": 3, "extreme of float": 4, "mean": 5, "abs float": 1.2,
		// texts, times, elements and collections
		"?? text": 3.5, "due": 20, "earliest": 26, "?? time": 12, "extreme of time": 8, "contacts": 3, "actions": 3, "[]": 9, "pattern words": 2.5, "pattern .": 1.2, `pattern \b`: 1.2, "pattern (?i)": 1.2,
	}
}
