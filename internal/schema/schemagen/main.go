// Command schemagen writes docs/schema/*.json: what the files that people write
// may hold, from the structs that read them and the comments there. A test holds
// the two together.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"yujing/internal/schema"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: schemagen DIRECTORY, in a directory two below the module's root")
	}
	files, err := generate("../..")
	if err != nil {
		return err
	}
	for kind, text := range files {
		if err := os.WriteFile(filepath.Join(args[0], string(kind)+".json"), text, 0o644); err != nil {
			return fmt.Errorf("write the schema: %w", err)
		}
	}
	return nil
}

// generate gives the text of each schema. root is the top of the module.
func generate(root string) (map[schema.Kind][]byte, error) {
	source, err := sourceSchema(root)
	if err != nil {
		return nil, fmt.Errorf("feed definitions: %w", err)
	}
	config, err := configSchema(root)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	files := map[schema.Kind][]byte{}
	for kind, s := range map[schema.Kind]*schema.Schema{schema.Rules: rulesSchema(), schema.Risks: risksSchema(),
		schema.Tests: testsSchema(), schema.Source: source, schema.Config: config} {
		s.Draft = schema.Draft
		if files[kind], err = s.Write(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// Short ways to write schemas.

func object(description string, required []string, properties ...schema.Property) *schema.Schema {
	return &schema.Schema{Description: description, Type: schema.Types{"object"}, Required: required, Properties: properties, Additional: &schema.Additional{}}
}

func key(name string, s *schema.Schema, description string) schema.Property {
	s.Description = description
	return schema.Property{Name: name, Schema: s}
}

// text is one value that is read as a text; a number need not be quoted.
func text() *schema.Schema { return &schema.Schema{Type: schema.Types{"string", "number"}} }

// filled is a text that is not empty.
func filled() *schema.Schema {
	return &schema.Schema{Type: schema.Types{"string", "number"}, MinLength: 1}
}

func pattern(p string) *schema.Schema {
	return &schema.Schema{Type: schema.Types{"string"}, Pattern: p}
}

func oneOf(words ...string) *schema.Schema {
	s := &schema.Schema{}
	for _, w := range words {
		s.Enum = append(s.Enum, w)
	}
	return s
}

func whole(least, most int) *schema.Schema {
	return &schema.Schema{Type: schema.Types{"integer"}, Minimum: &least, Maximum: &most}
}

func truth() *schema.Schema { return &schema.Schema{Type: schema.Types{"boolean"}} }

func list(items *schema.Schema) *schema.Schema {
	return &schema.Schema{Type: schema.Types{"array"}, Items: items}
}

// table is an object with keys of the writer's own.
func table(values *schema.Schema) *schema.Schema {
	return &schema.Schema{Type: schema.Types{"object"}, Additional: &schema.Additional{Schema: values}}
}

func refer(name string) *schema.Schema {
	return &schema.Schema{AllOf: []*schema.Schema{{Ref: "#/definitions/" + name}}}
}

func as(role string, s *schema.Schema) *schema.Schema {
	s.Role = role
	return s
}
