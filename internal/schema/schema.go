// Package schema is JSON Schema (draft-07) as far as yujing's own schemas use it:
// to write them in a fixed order, and to find one's way in them.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"

	files "yujing/docs/schema"
)

// Draft names the version of JSON Schema that every editor's YAML plugin knows.
const Draft = "http://json-schema.org/draft-07/schema#"

// Kind is a kind of file.
type Kind string

// The kinds of files that people write.
const (
	Rules  Kind = "rules"  // rules.d/*.yaml
	Risks  Kind = "risks"  // rules.d/risks.yaml
	Tests  Kind = "tests"  // rules.d/*_test.yaml
	Source Kind = "source" // sources.d/*.yaml
	Config Kind = "config" // yujing.yaml
)

// Kinds gives every kind.
func Kinds() []Kind { return []Kind{Rules, Risks, Tests, Source, Config} }

// Roles say what a text of a file is beside a text: what an editor can offer in it.
const (
	RoleCondition = "condition" // an expression over a row
	RoleOutcome   = "outcome"   // an expression over a signal and those before it
	RoleText      = "text"      // holds expressions between {{ and }}
	RoleRule      = "rule"      // names a rule of the risk
	RoleRuleID    = "rule-id"   // declares a rule
	RoleRisk      = "risk"      // names a risk
	RoleRiskID    = "risk-id"   // declares a risk
	RoleByRule    = "by-rule"   // its keys name rules of the risk
	RoleColumn    = "column"    // names a column, or is an expression over columns
	RoleTable     = "table"     // names a table of maps:
)

// Schema is a schema or a part of one.
type Schema struct {
	Draft       string      `json:"$schema,omitempty"`
	Title       string      `json:"title,omitempty"`
	Description string      `json:"description,omitempty"`
	Role        string      `json:"x-yujing,omitempty"` // one of the roles; no validator looks at it
	Ref         string      `json:"$ref,omitempty"`     // #/definitions/NAME
	AllOf       []*Schema   `json:"allOf,omitempty"`
	AnyOf       []*Schema   `json:"anyOf,omitempty"`
	Type        Types       `json:"type,omitempty"`
	Enum        []any       `json:"enum,omitempty"`
	Pattern     string      `json:"pattern,omitempty"`
	MinLength   int         `json:"minLength,omitempty"`
	Minimum     *int        `json:"minimum,omitempty"`
	Maximum     *int        `json:"maximum,omitempty"`
	Items       *Schema     `json:"items,omitempty"`
	MinItems    int         `json:"minItems,omitempty"`
	MaxItems    int         `json:"maxItems,omitempty"`
	Required    []string    `json:"required,omitempty"`
	Properties  Properties  `json:"properties,omitempty"`
	Additional  *Additional `json:"additionalProperties,omitempty"`
	MinKeys     int         `json:"minProperties,omitempty"`
	MaxKeys     int         `json:"maxProperties,omitempty"`
	If          *Schema     `json:"if,omitempty"`
	Then        *Schema     `json:"then,omitempty"`
	Definitions Properties  `json:"definitions,omitempty"`
}

// Types is one type or several: string, number, integer, boolean, array, object.
type Types []string

// MarshalJSON writes a single type without brackets.
func (t Types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// UnmarshalJSON reads one type or a list of them.
func (t *Types) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		*t = Types{""}
		return json.Unmarshal(data, &(*t)[0])
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// Properties are the keys of an object in their order.
type Properties []Property

// Property is one key.
type Property struct {
	Name   string
	Schema *Schema
}

// Get finds a key's schema, nil if there is none.
func (p Properties) Get(name string) *Schema {
	for _, one := range p {
		if one.Name == name {
			return one.Schema
		}
	}
	return nil
}

// MarshalJSON writes the keys in their order.
func (p Properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(one.Name)
		if err != nil {
			return nil, err
		}
		value, err := marshal(one.Schema)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// marshal leaves < and > as they are: people read the files.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// UnmarshalJSON reads the keys in their order.
func (p *Properties) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		one := Property{Name: fmt.Sprint(name), Schema: &Schema{}}
		if err := d.Decode(one.Schema); err != nil {
			return err
		}
		*p = append(*p, one)
	}
	return nil
}

// Additional is what an object may hold beside its properties: nothing, or
// values of a schema.
type Additional struct{ Schema *Schema }

// MarshalJSON writes false where nothing may.
func (a Additional) MarshalJSON() ([]byte, error) {
	if a.Schema == nil {
		return []byte("false"), nil
	}
	return marshal(a.Schema)
}

// UnmarshalJSON reads false or a schema.
func (a *Additional) UnmarshalJSON(data []byte) error {
	if string(data) == "false" {
		return nil
	}
	a.Schema = &Schema{}
	return json.Unmarshal(data, a.Schema)
}

// Write gives the text of a schema's file.
func (s *Schema) Write() ([]byte, error) {
	text, err := marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		return nil, fmt.Errorf("indent the schema: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// Text gives the schema of a kind of file as its file has it.
func Text(kind Kind) ([]byte, error) { return files.Files.ReadFile(string(kind) + ".json") }
