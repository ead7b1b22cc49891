package lsp

import (
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"yujing/internal/schema"
)

// encoding is the unit in which the client counts columns.
type encoding string

const (
	utf8Units  encoding = "utf-8"
	utf16Units encoding = "utf-16" // what every client knows
	utf32Units encoding = "utf-32"
)

// units is how many units a text takes.
func (e encoding) units(text string) int {
	switch e {
	case utf8Units:
		return len(text)
	case utf32Units:
		return utf8.RuneCountInString(text)
	}
	n := 0
	for _, r := range text {
		n += utf16.RuneLen(r)
	}
	return n
}

// runes is how many whole runes of a line stand before so many units.
func (e encoding) runes(line string, units int) int {
	n := 0
	for _, r := range line {
		if units -= e.units(string(r)); units < 0 {
			break
		}
		n++
	}
	return n
}

// place is a place in a text: line from 0, column in runes from 0.
type place struct{ line, column int }

// document is a text that is open in the editor, or a file as it lies on disk.
type document struct {
	uri     string
	path    string // "" = not a file
	version *int   // nil = not open
	text    string
	lines   []string
}

func newDocument(uri, path string, version *int, text string) *document {
	return &document{uri, path, version, text, lines(text)}
}

// lines parts a text as the protocol does: at \n, \r\n and \r.
func lines(text string) []string {
	return regexp.MustCompile(`\r\n|\n|\r`).Split(text, -1)
}

// line gives a line, "" beyond the end.
func (d *document) line(n int) string {
	if n < 0 || n >= len(d.lines) {
		return ""
	}
	return d.lines[n]
}

// place reads a position of the client; one beyond a line's end is its end.
func (d *document) place(p position, e encoding) place {
	if p.Line >= len(d.lines) {
		last := len(d.lines) - 1
		return place{last, utf8.RuneCountInString(d.lines[last])}
	}
	return place{max(p.Line, 0), e.runes(d.line(p.Line), p.Character)}
}

// position writes a place for the client.
func (d *document) position(p place, e encoding) position {
	runes := []rune(d.line(p.line))
	return position{p.line, e.units(string(runes[:min(max(p.column, 0), len(runes))]))}
}

func (d *document) span(from, to place, e encoding) span {
	return span{d.position(from, e), d.position(to, e)}
}

// onLine is the span of some runes of a line.
func (d *document) onLine(line, from, to int, e encoding) span {
	return d.span(place{line, from}, place{line, to}, e)
}

// with gives the first lines of the text, one of them written anew.
func (d *document) with(line int, text string, count int) string {
	all := slices.Clone(d.lines[:count])
	all[line] = text
	return strings.Join(all, "\n")
}

// topKeys gives the keys at the left margin, in order. The text need not be well-formed.
func (d *document) topKeys() []string {
	key := regexp.MustCompile(`^([a-z_]+):(?:\s|$)`)
	var list []string
	for _, line := range d.lines {
		if m := key.FindStringSubmatch(line); m != nil {
			list = append(list, m[1])
		}
	}
	return list
}

// pathOf gives the file of a URI, "" if it is none.
func pathOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" {
		return ""
	}
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' { // file:///C:/rules.d
		path = path[1:]
	}
	return filepath.Clean(filepath.FromSlash(path))
}

// uriOf gives the URI of a file.
func uriOf(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// kindOf tells by name and content what a file is; "" if it is none of ours.
func (w *workspace) kindOf(d *document) schema.Kind {
	name := filepath.Base(d.path)
	if ext := filepath.Ext(name); d.path != "" && ext != ".yaml" && ext != ".yml" {
		return ""
	}
	keys := map[string]bool{}
	for _, key := range d.topKeys() {
		keys[key] = true
	}
	switch {
	case d.path != "" && d.path == w.config:
		return schema.Config
	case name == "risks.yaml" || keys["risks"]:
		return schema.Risks
	case strings.HasSuffix(name, "_test.yaml") || keys["tests"]:
		return schema.Tests
	case keys["rules"] || keys["risk"]:
		return schema.Rules
	case keys["source"]:
		return schema.Source
	case w.looksLikeConfig(name, keys):
		return schema.Config
	case len(keys) > 0 || d.path == "":
		return ""
	}
	return w.kindOfNeighbours(d.path)
}

func (w *workspace) looksLikeConfig(name string, keys map[string]bool) bool {
	if name == "yujing.yaml" {
		return true
	}
	tree := w.schemas[schema.Config]
	known := 0
	for key := range keys {
		if tree.At([]schema.Step{{Key: key}}) == nil {
			return false
		}
		known++
	}
	return known > 0
}

// kindOfNeighbours tells what an empty file will be by the files beside it.
func (w *workspace) kindOfNeighbours(path string) schema.Kind {
	for _, d := range w.files(filepath.Dir(path)) {
		for _, key := range d.topKeys() {
			switch {
			case d.path == path:
			case key == "risks", key == "rules":
				return schema.Rules
			case key == "source":
				return schema.Source
			}
		}
	}
	return ""
}
