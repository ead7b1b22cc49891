package rules

import (
	"regexp"
	"strings"
	"testing"
)

func TestPatterns(t *testing.T) {
	for pattern, message := range map[string]string{
		`多次|再次`:             "",
		`[0-9]{2,}户|几十?户`:   "",
		`(?i)app|(?:a|b)+$`: "",
		`^第\d+次\b`:          "",
		`\{\[\\\.\-`:        "",
		`[\]\[a-z^-]`:       "",

		``:                                  "an empty alternative",
		`a|`:                                "an empty alternative",
		`|a`:                                "an empty alternative",
		`a||b`:                              "an empty alternative",
		`(a|)b`:                             "an empty alternative",
		`a()b`:                              "an empty alternative",
		`(?i)`:                              "an empty alternative",
		`a(?i)b`:                            "a flag other than (?i) at the start",
		`(?s).`:                             "a flag other than (?i) at the start",
		`(?m)^a$`:                           "a flag other than (?i) at the start",
		`(?U)a+`:                            "a flag other than (?i) at the start",
		`(?P<x>a)`:                          "a named group",
		`(?<x>a)`:                           "a named group",
		`\pN`:                               `\p`,
		`\p{Han}`:                           `\p`,
		`[\p{Han}]`:                         `\p`,
		`\Aa`:                               `\A`,
		`a\z`:                               `\z`,
		`\Ba`:                               `\B`,
		`\Qa.b\E`:                           `\Q`,
		`\x41`:                              `\x`,
		`\x{4e00}`:                          `\x`,
		`\07`:                               `\0`,
		`\a`:                                `\a`,
		`[[:alpha:]]`:                       "[ or ] within a class",
		`[]a]`:                              "[ or ] within a class",
		`a{`:                                "{ as a character",
		`a{,3}`:                             "{ as a character",
		`a{0,3}`:                            "",
		`a{0}`:                              "a repetition of zero times",
		`a{101}`:                            "a repetition of more than 100 times",
		`a{3,101}`:                          "a repetition of more than 100 times",
		`(((a{9}){9}){9}){9}`:               "invalid repeat count",
		strings.Repeat(`([^a]{99}){10}`, 5): "pattern too large",
		`a+?`:                               "a lazy repetition",
		`a{2,3}?`:                           "a lazy repetition",
		`^*a`:                               "a repeated ^, $ or",
		`\b+a`:                              "a repeated ^, $ or",
		`a(?=b)`:                            "invalid or unsupported Perl syntax",
		`(a)\1`:                             "invalid escape sequence",
		`(a`:                                "missing closing )",
		strings.Repeat("a", 1001):           "pattern longer than 1000 bytes",
	} {
		got, help := patternProblem(pattern)
		if (got == "") != (message == "") || !strings.HasPrefix(got, message) {
			t.Errorf("%.60q: %q, want %q", pattern, got, message)
		}
		if got != "" && help == "" {
			t.Errorf("%.60q: %s, and no word of what to write instead", pattern, got)
		}
	}
}

// TestEnginePattern: the pattern that ClickHouse gets means the same, and has no
// character of several bytes directly before what makes it optional.
func TestEnginePattern(t *testing.T) {
	for pattern, want := range map[string]string{
		`几十?户`:      `(?-s)几[十]?户`,
		`再*次|多次`:    `(?-s)[再]*次|多次`,
		`[多再]?次{2}`: `(?-s)[多再]?[次]{2}`,
		`\[多?`:      `(?-s)\[[多]?`,
		`[\]多?]`:    `(?-s)[\]多?]`,
		`(?i)é?`:    `(?-s)(?i)[é]?`,
		`a?多`:       `(?-s)a?多`,
	} {
		if got := enginePattern(pattern); got != want {
			t.Errorf("%s becomes %s, want %s", pattern, got, want)
		}
		if _, err := regexp.Compile(enginePattern(pattern)); err != nil {
			t.Error(err)
		}
	}
}
