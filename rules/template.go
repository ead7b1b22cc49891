package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// template is a text with expressions of the rules' own language between {{ and }}.
type template struct{ parts []part }

// part is literal text, or a program whose value stands there.
type part struct {
	text    string
	program *program
}

// compileTemplate compiles every expression of a text. Offsets of mistakes count
// from the beginning of the text.
func compileTemplate(text string, s *scope) (*template, []mistake) {
	if utf8.RuneCountInString(text) > maxTemplate {
		return nil, []mistake{{check: "cost", message: fmt.Sprintf("text longer than %d characters", maxTemplate), help: "say it shorter"}}
	}
	for _, wide := range []string{"｛｛", "｝｝"} {
		if i := strings.Index(text, wide); i >= 0 {
			return nil, []mistake{{from: utf8.RuneCountInString(text[:i]), width: 2, check: "template", message: wide + " is text, not an expression", help: "write {{ expression }}"}}
		}
	}
	t := &template{}
	var found []mistake
	rest, offset := text, 0
	for {
		before, after, open := strings.Cut(rest, "{{")
		if i := strings.Index(before, "}}"); i >= 0 {
			return nil, append(found, mistake{from: offset + utf8.RuneCountInString(before[:i]), width: 2, check: "template", message: "}} without {{", help: "write {{ expression }}"})
		}
		if before != "" {
			t.parts = append(t.parts, part{text: before})
		}
		if !open {
			return t, found
		}
		offset += utf8.RuneCountInString(before)
		source, length, closed := expressionEnd(after)
		if !closed {
			return nil, append(found, mistake{from: offset, width: 2, check: "template", message: "{{ is never closed", help: "write {{ expression }}"})
		}
		p, mistakes := compileValue(source, s)
		for _, m := range mistakes {
			m.from += offset + 2
			found = append(found, m)
		}
		t.parts = append(t.parts, part{program: p})
		offset += 2 + utf8.RuneCountInString(after[:length])
		rest = after[length:]
	}
}

// expressionEnd finds the }} that ends an expression, not one inside a quoted
// text of it. length includes the }}.
func expressionEnd(s string) (source string, length int, ok bool) {
	var quote byte
	for i := 0; i < len(s); i++ {
		switch {
		case quote != 0 && s[i] == '\\' && quote != '`':
			i++
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '"' || s[i] == '\'' || s[i] == '`':
			quote = s[i]
		case s[i] == '}' && i+1 < len(s) && s[i+1] == '}' && (i+2 == len(s) || s[i+2] != '}'):
			return s[:i], i + 2, true
		}
	}
	return "", 0, false
}

// compileValue compiles an expression whose value a person can read.
func compileValue(source string, s *scope) (*program, []mistake) {
	p, mistakes := compile(source, s)
	if p == nil {
		return nil, mistakes
	}
	say := func(check, message, help string) (*program, []mistake) {
		start := len([]rune(source)) - len([]rune(strings.TrimLeft(source, " \t\n")))
		return nil, append(mistakes, mistake{from: start, width: utf8.RuneCountInString(strings.TrimSpace(source)), check: check, message: message, help: help})
	}
	switch {
	case p.typ.opt:
		return say("maybe-unknown", show(p.tree)+" may be unknown", fmt.Sprintf("say what then: {{ %s }}", madeKnown(p.tree, p.typ)))
	case p.typ.kind == kindBool:
		return say("template", "a text shows numbers, times and texts", `write {{ condition ? "是" : "否" }}`)
	case !p.typ.number() && p.typ.kind != kindText && p.typ.kind != kindTime:
		return say("template", "a text shows numbers, times and texts, not a "+p.typ.String(), "count it, or name a field")
	case quotesCitizen(p.tree):
		return say("citizen-text", "a message quotes the citizen's words", "say what the matter is by category, subject or place; the words stay in the console")
	}
	return p, mistakes
}

// quotesCitizen finds a value that is, or is chosen from, the text of a contact.
// Asking something of the text (contains, matches, len) is free.
func quotesCitizen(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.MemberNode:
		s, ok := n.Property.(*ast.StringNode)
		return (ok && s.Value == "text") || quotesCitizen(n.Node)
	case *ast.ChainNode:
		return quotesCitizen(n.Node)
	case *ast.BuiltinNode:
		return n.Name != "count" && n.Name != "len" && anyQuotes(n.Arguments)
	case *ast.PredicateNode:
		return quotesCitizen(n.Node)
	case *ast.ConditionalNode:
		return quotesCitizen(n.Exp1) || quotesCitizen(n.Exp2)
	case *ast.BinaryNode:
		return n.Operator == "??" && (quotesCitizen(n.Left) || quotesCitizen(n.Right))
	case *ast.VariableDeclaratorNode:
		return quotesCitizen(n.Value) || quotesCitizen(n.Expr)
	}
	return false
}

func anyQuotes(nodes []ast.Node) bool {
	for _, n := range nodes {
		if quotesCitizen(n) {
			return true
		}
	}
	return false
}

// render fills the template. Times are civil times of the zone, to the minute;
// fractions show one decimal.
func (t *template) render(m *vm.VM, env any, zone *time.Location) (string, error) {
	if t == nil {
		return "", nil
	}
	var b strings.Builder
	for _, p := range t.parts {
		if p.program == nil {
			b.WriteString(p.text)
			continue
		}
		value, err := m.Run(p.program.code, env)
		if err != nil {
			return "", fmt.Errorf("{{%s}}: %w", p.program.source, err)
		}
		b.WriteString(format(value, p.program.typ, zone, 1))
	}
	return strings.TrimSpace(b.String()), nil
}

// format writes a value for people; decimals bounds the digits of a fraction.
func format(value any, t typ, zone *time.Location, decimals int) string {
	switch v := value.(type) {
	case nil:
		return "unknown"
	case int:
		if t.kind == kindTime {
			return time.UnixMilli(int64(v)).In(zone).Format("2006-01-02 15:04")
		}
		return strconv.Itoa(v)
	case float64:
		scale := math.Pow10(decimals)
		if math.Abs(v) < 1e15 {
			v = math.Round(v*scale) / scale
		}
		return strconv.FormatFloat(v+0, 'f', -1, 64)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			element := typ{}
			if t.elem != nil {
				element = *t.elem
			}
			items[i] = format(item, element, zone, decimals)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case Element:
		if v.Act != "" {
			return v.Act + " " + format(v.At, typ{kind: kindTime}, zone, decimals)
		}
		return "contact " + format(v.At, typ{kind: kindTime}, zone, decimals)
	case string:
		return v
	}
	return fmt.Sprint(value)
}
