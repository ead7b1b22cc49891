package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"yujing/rules"
)

//go:embed language.md.tmpl
var languagePage string

// language renders docs/language.md: prose from the template, tables from the
// constructs that the checker and the tests know.
func language() ([]byte, error) {
	told := map[string]bool{}
	section := func(topic, prose string) (string, error) {
		told[topic] = true
		return topicSection(topic, prose)
	}
	page, err := template.New("language").Funcs(template.FuncMap{
		"section": section, "bounds": rules.Bounds, "refusals": refusals,
		"fields": func() (string, error) {
			return section("Fields", "The words of [what a rule can say](rules.md): of the case, and of a signal in a predicate.")
		},
	}).Parse(languagePage)
	if err != nil {
		return nil, fmt.Errorf("parse the page of the language: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, nil); err != nil {
		return nil, fmt.Errorf("write the page of the language: %w", err)
	}
	for _, c := range rules.Constructs() {
		if !told[c.Topic] {
			return nil, fmt.Errorf("construct %q is of the topic %q, which the page leaves out; add it to language.md.tmpl", c.ID, c.Topic)
		}
	}
	return b.Bytes(), nil
}

// line is one line of a table: constructs of one meaning.
type line struct {
	forms            []string
	meaning, example string
}

// topicSection is the heading, the prose and the table of a topic.
func topicSection(topic, prose string) (string, error) {
	var lines []*line
	var words []string
	for _, c := range rules.Constructs() {
		switch {
		case c.Topic != topic:
		case c.Meaning == "" && topic == "Fields":
			words = append(words, c.Form)
		default:
			lines = join(lines, c)
		}
	}
	if len(lines) == 0 {
		return "", fmt.Errorf("no construct is of the topic %q", topic)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", topic)
	if prose != "" {
		b.WriteString(prose + "\n\n")
	}
	if len(words) > 0 {
		b.WriteString(strings.Join(words, " ") + "\n\n")
	}
	b.WriteString("| form | meaning | for example |\n|---|---|---|\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(strings.Join(l.forms, ", ")), cell(l.meaning), cell(code(l.example)))
	}
	return b.String(), nil
}

// join adds a construct to the line before it if the two mean the same.
func join(lines []*line, c rules.Construct) []*line {
	if n := len(lines); n > 0 && lines[n-1].meaning == c.Meaning && c.Meaning != "" {
		if last := lines[n-1]; !slices.Contains(last.forms, c.Form) {
			last.forms = append(last.forms, c.Form)
		}
		return lines
	}
	return append(lines, &line{[]string{c.Form}, c.Meaning, c.Example})
}

// code puts a text between backquotes, more of them if it holds one.
func code(s string) string {
	s = strings.ReplaceAll(s, "\n", `\n`)
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

// cell escapes what would end a cell of a table.
func cell(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, `\|`, "|"), "|", `\|`) }

func refusals() []rules.Refusal {
	list := rules.Refusals()
	for i := range list {
		list[i].Instead = cell(list[i].Instead)
	}
	return list
}
