package schema

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Tree is a schema to find one's way in.
type Tree struct{ root *Schema }

// Load reads the schema of a kind of file.
func Load(kind Kind) (*Tree, error) {
	text, err := Text(kind)
	if err != nil {
		return nil, fmt.Errorf("no schema of kind %q: %w", kind, err)
	}
	root := &Schema{}
	if err := json.Unmarshal(text, root); err != nil {
		return nil, fmt.Errorf("read the schema of kind %q: %w", kind, err)
	}
	return &Tree{root}, nil
}

// Step is a step into a file: to the value of a key, or to an item of a list.
type Step struct {
	Key  string
	Item bool
}

// At gives every schema that describes the place a path leads to: several where
// a value may take several forms, none where the path is not known.
func (t *Tree) At(path []Step) []*Schema {
	at := t.forms(t.root)
	for _, step := range path {
		var next []*Schema
		for _, s := range at {
			next = append(next, t.step(s, step)...)
		}
		at = next
	}
	return at
}

func (t *Tree) step(s *Schema, step Step) []*Schema {
	switch {
	case step.Item && s.Items != nil:
		return t.forms(s.Items)
	case step.Item:
		return nil
	case s.Properties.Get(step.Key) != nil:
		return t.forms(s.Properties.Get(step.Key))
	case s.Additional != nil && s.Additional.Schema != nil:
		return t.forms(s.Additional.Schema)
	}
	return nil
}

// forms opens references and alternatives. The schema itself comes first: it has
// the description.
func (t *Tree) forms(s *Schema) []*Schema {
	list := []*Schema{s}
	if name, ok := strings.CutPrefix(s.Ref, "#/definitions/"); ok {
		if s := t.root.Definitions.Get(name); s != nil {
			list = append(list, t.forms(s)...)
		}
	}
	for _, more := range [][]*Schema{s.AllOf, s.AnyOf} {
		for _, one := range more {
			list = append(list, t.forms(one)...)
		}
	}
	return list
}

// Keys gives the keys that an object at a path may have.
func (t *Tree) Keys(path []Step) []Property {
	var list []Property
	for _, s := range t.At(path) {
		list = append(list, s.Properties...)
	}
	return list
}

// Values gives the texts that a value at a path may be, where they are a closed list.
func (t *Tree) Values(path []Step) []string {
	var list []string
	for _, s := range t.At(path) {
		for _, v := range s.Enum {
			if text := fmt.Sprint(v); text != "" {
				list = append(list, text)
			}
		}
		for _, name := range s.Type {
			if name == "boolean" {
				list = append(list, "true", "false")
			}
		}
	}
	return list
}

// Describe gives the meaning of what stands at a path, "" if nothing is said.
func (t *Tree) Describe(path []Step) string {
	for _, s := range t.At(path) {
		if s.Description != "" {
			return s.Description
		}
	}
	return ""
}

// Role gives the role of what stands at a path, "" if it has none.
func (t *Tree) Role(path []Step) string {
	for _, s := range t.At(path) {
		if s.Role != "" {
			return s.Role
		}
	}
	return ""
}

// Describe gives the meaning of a key.
func (p Property) Describe(t *Tree) string {
	for _, s := range t.forms(p.Schema) {
		if s.Description != "" {
			return s.Description
		}
	}
	return ""
}
