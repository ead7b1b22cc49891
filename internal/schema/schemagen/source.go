package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"yujing/ingest/file"
	"yujing/internal/calendar"
	"yujing/internal/schema"
	"yujing/rules"
)

func sourceSchema(root string) (*schema.Schema, error) {
	explained, err := explained(filepath.Join(root, "docs", "sources.md"))
	if err != nil {
		return nil, err
	}
	c := &converter{
		sources:  &sources{root, map[string]map[string]structure{}},
		lists:    oneOrMore,
		duration: pattern(`^([0-9]{1,5}d)?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))*$`),
		used:     map[string]bool{},
		explain:  explained,
	}
	c.known = map[string]*schema.Schema{
		"ingest.definition.source":         pattern(`^[a-z0-9][a-z0-9-]{0,62}$`),
		"ingest.definition.kind":           oneOf(file.Kind),
		"ingest.definition.zone":           filled(),
		"ingest.definition.record":         oneOrMore(column()),
		"ingest.definition.updated":        refer("value"),
		"ingest.definition.later":          table(oneOrMore(column())),
		"ingest.signalDefinition.name":     pattern(`^[a-z][a-z0-9_]{0,62}$`),
		"ingest.signalDefinition.kind":     oneOf("contact", "action"),
		"ingest.signalDefinition.attrs":    table(refer("value")),
		"ingest.signalDefinition.category": oneOrMore(refer("value")),
		"ingest.signalDefinition.who":      oneOrMore(refer("value")),
		"ingest.signalDefinition.key":      oneOrMore(refer("value")),
		"ingest.valueDefinition.is":        text(),
		"ingest.valueDefinition.of":        column(),
		"ingest.valueDefinition.match":     text(),
		"ingest.valueDefinition.map":       {AnyOf: []*schema.Schema{as(schema.RoleTable, text()), table(text())}},
		"ingest.valueDefinition.else":      text(),
		"file.settings.format":             oneOf("csv", "tsv", "jsonl", "xlsx", ""),
		"file.settings.quotes":             oneOf("strict", "plain", ""),
		"file.settings.encoding":           oneOf("utf-8", "gb18030", ""),
		"file.settings.delimiter":          oneOf(",", ";", "\t", ""),
	}
	for _, plain := range []string{"when", "at", "known_at", "ref", "place", "subject", "unit", "people", "text", "due", "link"} {
		c.known["ingest.signalDefinition."+plain] = refer("value")
	}
	lists := rules.Words()
	lists["act"], lists["level"], lists["competent"] = calendar.Actions(), rules.LevelWords(), rules.LevelWords()
	words := schema.Properties{}
	for _, field := range []string{"channel", "level", "competent", "purpose", "act", "rating"} {
		c.known["ingest.signalDefinition."+field] = refer(field)
		words = append(words, schema.Property{Name: field, Schema: c.valueOf(lists[field])})
	}
	s := c.object("yujing/ingest", "definition")
	s.Title, s.Description = "yujing: definition of a feed", "How the records of a feed become signals. See docs/sources.md."
	s.Required = []string{"source", "kind", "zone", "record", "signals"}
	settings := c.object("yujing/ingest/file", "settings")
	s.Properties = append(s.Properties, key(file.Kind, settings, "Settings of a feed of kind "+file.Kind+"."))
	s.Definitions = append(schema.Properties{{Name: "value", Schema: c.valueOf(nil)}, {Name: "signal", Schema: c.signal()}}, words...)
	s.Properties.Get("signals").AnyOf, s.Properties.Get("signals").Type, s.Properties.Get("signals").Items = nil, schema.Types{"array"}, refer("signal")
	s.Properties.Get("signals").MinItems = 1
	return s, c.err()
}

// signal is an entry of signals: an action says what was done.
func (c *converter) signal() *schema.Schema {
	s := c.object("yujing/ingest", "signalDefinition")
	s.Required = []string{"name", "kind", "at"}
	s.If = &schema.Schema{Properties: schema.Properties{{Name: "kind", Schema: oneOf("action")}}, Required: []string{"kind"}}
	s.Then = &schema.Schema{Required: []string{"act"}}
	return s
}

// valueOf is a field of a signal: a column, an expression, or one of the longer
// forms. words are what a constant or a table may give, nil = anything.
func (c *converter) valueOf(words []string) *schema.Schema {
	long := c.object("yujing/ingest", "valueDefinition")
	long.AnyOf = []*schema.Schema{{Required: []string{"is"}}, {Required: []string{"of"}}}
	if words != nil {
		for i, p := range long.Properties {
			replaced := *p.Schema
			switch p.Name {
			case "is", "else":
				replaced.Type, replaced.Enum = nil, oneOf(append(words, "")...).Enum
			case "map":
				replaced.AnyOf = []*schema.Schema{as(schema.RoleTable, text()), table(oneOf(append(words, "")...))}
			}
			long.Properties[i].Schema = &replaced
		}
	}
	return &schema.Schema{AnyOf: []*schema.Schema{column(), long}}
}

func column() *schema.Schema { return as(schema.RoleColumn, filled()) }

// oneOrMore is a list in which one element needs no brackets.
func oneOrMore(items *schema.Schema) *schema.Schema {
	return &schema.Schema{AnyOf: []*schema.Schema{items, list(items)}}
}

// explained reads the tables of keys in a document, by STRUCT.KEY.
func explained(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read what the keys mean: %w", err)
	}
	found := map[string]string{"Name.zh": "Chinese", "Name.en": "English, beside it"}
	sections := map[string]string{"The source": "definition", "`file:`": "settings", "A signal": "signalDefinition"}
	row := regexp.MustCompile("^\\| ((?:`[a-z_]+`(?:, )?)+) \\| (.+?) \\|")
	names := regexp.MustCompile("`([a-z_]+)`")
	owner := ""
	for line := range strings.Lines(string(text)) {
		if title := strings.TrimLeft(line, "#"); title != line {
			owner = sections[strings.TrimSpace(title)]
		}
		if m := row.FindStringSubmatch(line); m != nil && owner != "" {
			for _, name := range names.FindAllStringSubmatch(m[1], -1) {
				found[owner+"."+name[1]] = m[2]
			}
		}
	}
	return found, nil
}
