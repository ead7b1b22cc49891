package schema_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yujing/internal/schema"
)

func load(t *testing.T, kind schema.Kind) *schema.Tree {
	t.Helper()
	tree, err := schema.Load(kind)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// path reads rules.*.name: * is an item of a list.
func path(steps ...string) []schema.Step {
	var list []schema.Step
	for _, s := range steps {
		list = append(list, schema.Step{Key: s, Item: s == "*"})
	}
	return list
}

func TestWritingWhatWasReadChangesNothing(t *testing.T) {
	for _, kind := range schema.Kinds() {
		text, err := schema.Text(kind)
		if err != nil {
			t.Fatal(err)
		}
		var s schema.Schema
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		again, err := s.Write()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), string(again)); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

func TestTheWayThroughASchema(t *testing.T) {
	for _, c := range []struct {
		kind schema.Kind
		path []schema.Step
		keys []string // the first of them
		role string
	}{
		{schema.Rules, nil, []string{"risk", "rules"}, ""},
		{schema.Rules, path("rules", "*"), []string{"id", "name", "when", "points"}, ""},
		{schema.Rules, path("rules", "*", "when"), nil, schema.RoleCondition},
		{schema.Rules, path("rules", "*", "because"), []string{"zh", "en"}, schema.RoleText},
		{schema.Rules, path("rules", "*", "because", "en"), nil, schema.RoleText},
		{schema.Rules, path("rules", "*", "nothing"), nil, ""},
		{schema.Rules, path("rules", "id"), nil, ""},
		{schema.Tests, path("tests", "*", "contacts", "*"), []string{"at", "act", "who"}, ""},
		{schema.Tests, path("tests", "*", "expect", "rules", "*"), nil, schema.RoleRule},
		{schema.Tests, path("tests", "*", "expect", "because"), nil, schema.RoleByRule},
		{schema.Source, path("signals", "*", "channel"), []string{"is", "of"}, schema.RoleColumn},
		{schema.Source, path("file"), []string{"format"}, ""},
		{schema.Config, path("alerts", "receivers", "*"), []string{"name", "names", "role"}, ""},
	} {
		tree := load(t, c.kind)
		var keys []string
		for _, p := range tree.Keys(c.path) {
			keys = append(keys, p.Name)
			if p.Describe(tree) == "" {
				t.Errorf("%s%v: the key %s says nothing", c.kind, c.path, p.Name)
			}
		}
		if len(keys) < len(c.keys) || !slices.Equal(keys[:len(c.keys)], c.keys) || c.keys == nil && keys != nil {
			t.Errorf("%s%v: keys %v, want %v", c.kind, c.path, keys, c.keys)
		}
		if role := tree.Role(c.path); role != c.role {
			t.Errorf("%s%v: role %q, want %q", c.kind, c.path, role, c.role)
		}
	}
}

func TestClosedListsOfValues(t *testing.T) {
	for _, c := range []struct {
		kind schema.Kind
		path []schema.Step
		want []string
	}{
		{schema.Rules, path("rules", "*", "mode"), []string{"active", "shadow"}},
		{schema.Tests, path("tests", "*", "concluded"), []string{"true", "false"}},
		{schema.Tests, path("tests", "*", "each", "rating"), []string{"satisfied", "basically", "not"}},
		{schema.Source, path("signals", "*", "rating", "map", "满意"), []string{"satisfied", "basically", "not"}},
		{schema.Rules, path("rules", "*", "when"), nil},
	} {
		if got := load(t, c.kind).Values(c.path); !slices.Equal(got, c.want) {
			t.Errorf("%s%v: %v, want %v", c.kind, c.path, got, c.want)
		}
	}
	if _, err := schema.Load("poem"); err == nil {
		t.Error("there is a schema of poems")
	}
}
