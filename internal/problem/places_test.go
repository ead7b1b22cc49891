package problem

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// checkPlaces holds that every visible rune of a value stands in the file where
// Places says, save what the file writes as an escape.
func checkPlaces(t *testing.T, text string) {
	t.Helper()
	d := Decoder{File: "f"}
	root := d.Parse([]byte(text))
	if root == nil || root.Kind != yaml.MappingNode {
		t.Fatalf("cannot read %q: %v", text, d.Problems)
	}
	lines := strings.Split(text, "\n")
	n := root.Content[1]
	value := []rune(n.Value)
	list := d.Places(n)
	if len(list) != len(value)+1 {
		t.Fatalf("%d places for %d runes", len(list), len(value))
	}
	for i, r := range value {
		if unicode.IsSpace(r) {
			continue
		}
		p := list[i]
		if p.Line < 1 || p.Line > len(lines) || p.Column > len([]rune(lines[p.Line-1])) {
			t.Fatalf("%q: rune %d %q at %v, outside the file", text, i, r, p)
		}
		if at := []rune(lines[p.Line-1])[p.Column-1]; at != r && at != '\\' {
			t.Fatalf("%q: rune %d is %q, but %v holds %q", text, i, r, p, at)
		}
	}
}

func TestPlaces(t *testing.T) {
	for name, text := range map[string]string{
		"plain":                 "k: 来件 a\n",
		"plain over lines":      "k: 来件 a\n  and b\n\n  and c\n",
		"single":                "k: 'it''s 来件'\n",
		"single over lines":     "k: 'it''s\n   来件\n\n\n  x'\n",
		"double":                "k: \"a \\\"b\\\" \\u6765 \\t来\"\n",
		"double, escaped break": "k: \"ab\\\n   来件\"\n",
		"double over lines":     "k: \"ab\n   来件 x\"\n",
		"literal":               "k: |\n  来件\n    x\n\n  b\n",
		"literal, first blank":  "k: |\n\n  来件\n  b\n",
		"literal, indicator":    "k: |2\n    来件\n  b\n",
		"folded":                "k: >\n  来件\n  x\n\n  b\n",
		"folded, more indented": "k: >\n  来件\n    x\n  b c\n",
		"crlf":                  "k: |\r\n  来件\r\n  b\r\n",
	} {
		t.Run(name, func(t *testing.T) { checkPlaces(t, text) })
	}
}

func TestPlacesOfWhateverTheEncoderWrites(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("ab.来件'\"\\ \n\n  :#>|{}[],")
	styles := []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}
	for range 4000 {
		var b strings.Builder
		b.WriteString("x")
		for range rng.IntN(140) {
			b.WriteRune(alphabet[rng.IntN(len(alphabet))])
		}
		n := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Value: "k"},
			{Kind: yaml.ScalarNode, Tag: "!!str", Value: b.String(), Style: styles[rng.IntN(len(styles))]}}}
		text, err := yaml.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, string(text))
	}
}
