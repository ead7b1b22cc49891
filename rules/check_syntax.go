package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/file"
)

// badSyntax turns the parser's error into a mistake: in words, at its place, and
// with the usual slip named, since rules are written by people who write Chinese
// and other languages of conditions.
func badSyntax(source string, at *file.Error) mistake {
	runes := []rune(source)
	from := min(max(at.From, 0), len(runes))
	m := mistake{from: at.From, width: at.To - at.From, check: "syntax", message: plainSyntax(at.Message)}
	switch {
	case strings.HasPrefix(m.message, "literal not terminated"):
		return unclosed(runes)
	case strings.HasPrefix(m.message, "invalid ") && strings.Contains(m.message, " literal: "):
		m.from, m.width = lastNumber(runes[:from])
		m.check, m.message, m.help = "number", "this number is too long, or none", "write at most 15 digits"
	default:
		m.help = slip(runes, from)
	}
	return m
}

// plainSyntax says in words what the parser says in tokens.
func plainSyntax(message string) string {
	message = strings.TrimSuffix(message, "\n")
	if message == "unexpected token EOF" {
		return "the expression ends too early"
	}
	if kind, token, ok := strings.Cut(strings.TrimPrefix(message, "unexpected token "), `("`); ok && strings.Trim(kind, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == "" {
		return "unexpected " + strings.TrimSuffix(token, `")`)
	}
	return message
}

// unclosed finds the quote that is never closed, which the parser tells at the end.
func unclosed(runes []rune) mistake {
	m := mistake{from: len(runes), width: 1, check: "syntax", message: "a text is never closed"}
	var quote rune
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case quote != 0 && r == '\\':
			i++
		case quote == 0 && strings.ContainsRune("\"'`", r):
			quote, m.from = r, i
		case r == quote:
			quote = 0
		}
	}
	m.help = fmt.Sprintf("close it with %c", quote)
	for _, r := range runes[min(m.from, len(runes)):] {
		if ascii := punctuation()[r]; ascii == `"` || ascii == "'" {
			m.help = fmt.Sprintf("close it with %c instead of %c", quote, r)
		}
	}
	return m
}

// lastNumber is where the last number of a text stands.
func lastNumber(runes []rune) (from, width int) {
	of := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsDigit(r) || unicode.IsLetter(r) || r == '.' || r == '_')
	}
	end := len(runes)
	for end > 0 {
		from = end
		for from > 0 && of(runes[from-1]) {
			from--
		}
		if from < end && unicode.IsDigit(runes[from]) {
			return from, end - from
		}
		end = from - 1
	}
	return 0, 1
}

// punctuation is the Chinese signs that stand where ASCII ones should.
func punctuation() map[rune]string {
	return map[rune]string{'，': ",", '。': ".", '（': "(", '）': ")", '“': `"`, '”': `"`, '‘': "'", '’': "'", '：': ":", '？': "?",
		'≥': ">=", '≤': "<=", '≠': "!=", '＝': "==", '＞': ">", '＜': "<", '！': "!", '、': ",", '【': "[", '】': "]", '｛': "{", '｝': "}", '＋': "+", '％': "%"}
}

// otherWords are words of other languages and what the rules' language has for them.
func otherWords() map[string]string {
	same := "write condition ? this : that"
	return map[string]string{"AND": "write and", "OR": "write or", "NOT": "write not", "且": "write and", "并且": "write and", "或": "write or", "或者": "write or",
		"非": "write not", "&": "write and", "xor": "write !=", "then": same, "THEN": same, "else": same, "when": same,
		"like": "write contains, startsWith or endsWith", "LIKE": "write contains, startsWith or endsWith", "is": "write ==", "IN": "write in",
		"contain": "write contains", "CONTAINS": "write contains", "startswith": "write startsWith", "starts": "write startsWith", "endswith": "write endsWith", "ends": "write endsWith",
		"between": "compare twice: x >= 1 and x <= 5"}
}

// slip names what people usually mean by what the parser stumbled over at from.
func slip(runes []rune, from int) string {
	word, before := wordAt(runes, from), strings.TrimRight(string(runes[:from]), " \t\n")
	for _, w := range []string{word, lastWord(before)} {
		if help := otherWords()[w]; help != "" {
			return help
		}
	}
	here := rune(0)
	if from < len(runes) {
		here = runes[from]
	}
	switch {
	case here == '>' && strings.HasSuffix(before, "<"):
		return "write !="
	case here == '#' && from > 0 && unicode.IsSpace(runes[from-1]):
		return "an expression has no comments: write them on lines of their own, outside of it"
	case here == '.' && piped(before):
		return "write or; a single | hands a value to a function: contacts | len()"
	case here == '.' || here == '#':
		return dotHelp(before)
	}
	for _, r := range runes[max(from-1, 0):min(from+2, len(runes))] {
		if ascii, ok := punctuation()[r]; ok {
			return fmt.Sprintf("write %s instead of %c", ascii, r)
		}
		if r == '=' {
			if strings.HasPrefix(string(runes[from:]), "=>") {
				return "write >="
			}
			return "write == to compare"
		}
	}
	return ""
}

// dotHelp tells where the element of a predicate can stand. before is what stands
// to its left: a call that takes a list and no predicate, perhaps.
func dotHelp(before string) string {
	depth := 0
	for i := len(before) - 1; i >= 0; i-- {
		switch before[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth >= 0 {
				continue
			}
			switch name := lastWord(before[:i]); {
			case slices.Contains([]string{"min", "max", "mean"}, name):
				return fmt.Sprintf("%s takes values: %s(map(contacts, .age))", name, name)
			case slices.Contains([]string{"complainants", "earliest", "latest", "len", "first", "last"}, name):
				return fmt.Sprintf("%s takes a list: %s(filter(contacts, .again))", name, name)
			}
			depth = 0
		}
	}
	return "a leading dot stands in a predicate only; outside write case.age, or any(contacts, .age > 7)"
}

// piped says that a name stands behind a single |.
func piped(before string) bool {
	rest := strings.TrimRight(strings.TrimSuffix(before, lastWord(before)), " \t\n")
	return rest != before && strings.HasSuffix(rest, "|") && !strings.HasSuffix(rest, "||")
}

// wordAt is the word, or the one sign, that begins at a place.
func wordAt(runes []rune, from int) string {
	end := from
	for end < len(runes) && wordRune(runes[end]) {
		end++
	}
	if end == from && from < len(runes) {
		end++
	}
	return string(runes[from:end])
}

// lastWord is the word that a text ends with.
func lastWord(s string) string {
	return s[len(strings.TrimRightFunc(s, wordRune)):]
}
