package ingest

import (
	_ "embed" // for harm.txt
	"strings"
	"unicode"
)

//go:embed harm.txt
var harmText string

// harm tells whether a text may speak of harm to oneself or others. It looks
// for phrases only: it is there to bring a person, not to judge.
type harm struct{ phrases []string }

func newHarm() harm {
	var h harm
	for line := range strings.Lines(harmText) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			h.phrases = append(h.phrases, line)
		}
	}
	return h
}

func (h harm) in(text string) bool {
	if isASCII(text) {
		return false // the phrases are Chinese
	}
	if h.found(text) {
		return true
	}
	return strings.ContainsFunc(text, between) && h.found(strings.Map(dropBetween, text))
}

func (h harm) found(text string) bool {
	for _, p := range h.phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// between are the marks that may stand inside a phrase to hide it.
func between(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune("*.·-_~", r)
}

func dropBetween(r rune) rune {
	if between(r) {
		return -1
	}
	return r
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
