package lsp

import (
	"regexp"
	"strings"
)

// meant is the end of a message that names what was probably meant, in quotes or not.
var meant = regexp.MustCompile(`did you mean (?:"([^"]+)"|(\S+))\?$`)

// fixes gives an action for each problem of ours that says what was meant.
func (d *document) fixes(problems []diagnostic, e encoding) []codeAction {
	list := []codeAction{}
	for _, p := range problems {
		m := meant.FindStringSubmatch(p.Message)
		if p.Source != "yujing" || m == nil || p.Range.Start.Line != p.Range.End.Line {
			continue
		}
		old := d.covered(p.Range, e)
		text := replacement(old, m[1]+m[2])
		if text == old {
			continue
		}
		list = append(list, codeAction{Title: "write " + text, Kind: quickFix, Diagnostics: []diagnostic{p}, IsPreferred: true,
			Edit: workspaceEdit{map[string][]textEdit{d.uri: {{p.Range, text}}}}})
	}
	return list
}

// covered is the text of a range within one line.
func (d *document) covered(r span, e encoding) string {
	from, to := d.place(r.Start, e), d.place(r.End, e)
	return string([]rune(d.line(from.line))[from.column:max(from.column, to.column)])
}

// replacement writes a word as what it replaces is written: in quotes, and with a
// leading dot only if that has one.
func replacement(old, word string) string {
	if strings.HasPrefix(word, ".") && !strings.HasPrefix(old, ".") {
		word = word[1:]
	}
	if len(old) > 1 && strings.ContainsAny(old[:1], "\"'`") && old[0] == old[len(old)-1] {
		return old[:1] + word + old[:1]
	}
	return word
}
