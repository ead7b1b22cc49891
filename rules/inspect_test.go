package rules

import (
	"slices"
	"strings"
	"testing"
)

// cursor splits a source at its mark.
func cursor(t *testing.T, marked string) (source string, at int) {
	t.Helper()
	before, after, ok := strings.Cut(marked, "▮")
	if !ok {
		t.Fatalf("no mark in %q", marked)
	}
	return before + after, len([]rune(before))
}

func suggested(s Suggestions) []string {
	var names []string
	for _, w := range s.Words {
		names = append(names, w.Name)
	}
	return names
}

// Each expression is as an analyst leaves it when asking what can come next.
func TestSuggest(t *testing.T) {
	for _, c := range []struct {
		slot    Slot
		marked  string
		want    []string // among the words
		without []string
		replace string // the runes that the words take the place of
	}{
		{0, "▮", []string{"case", "contacts", "count", "due", "county", "not"}, []string{".age", "it"}, ""},
		{0, "co▮", []string{"contacts", "count"}, nil, "co"},
		{0, "con▮tac", []string{"contacts"}, nil, "contac"},
		{0, "case.▮", []string{"unit", "people", "category"}, []string{"act", "case", ".age"}, ""},
		{0, "case.un▮ == \"\"", []string{"unit"}, nil, "un"},
		{0, "count(▮", []string{"contacts", "actions", "group", "filter"}, []string{".age"}, ""},
		{0, "count(contacts, ▮", []string{".age", ".again", "case", "any"}, nil, ""},
		{0, "count(contacts, .▮", []string{"age", "act", "attrs"}, []string{".age", "case"}, ""},
		{0, "count(contacts, .age <= 7 and .▮) >= 2", []string{"who"}, []string{"case"}, ""},
		{0, "count(contacts, .age <= 7) >= 2 and none(actions, .ac▮", []string{"act"}, nil, "ac"},
		{0, "any(contacts, {let c = #; any(actions, .at > ▮", []string{"c", ".at", "now"}, nil, ""},
		{0, "any(contacts, {let c = #; any(actions, .at > c.▮", []string{"at", "who"}, []string{"c"}, ""},
		{0, "let n = len(contacts); n > 3 and ▮", []string{"n", "case"}, nil, ""},
		{0, "let n = ▮", []string{"contacts"}, []string{"n"}, ""},
		{0, "case.age > 3 ? 1 : ▮", []string{"case"}, nil, ""},
		{0, "case.age > 3 ? ▮", []string{"case"}, nil, ""},
		{0, "first(contacts)?.▮", []string{"age"}, nil, ""},
		{0, "(find(contacts, .again)?.▮ ?? 0) > 1", []string{"age"}, nil, ""},
		{0, "count(group, ▮", []string{".mine", "county", "len"}, []string{"case", "contacts", "overdue"}, ""},
		{0, "contacts[0]?.▮", []string{"age"}, nil, ""},
		{0, "contacts | fil▮", []string{"filter", "len", "complainants"}, []string{"case", "workdays"}, "fil"},
		{0, "any(actions, .act == \"rep▮", []string{"replied", "closed"}, []string{"hotline"}, "rep"},
		{0, "any(actions, .act == \"rep▮lied\")", []string{"replied"}, nil, "replied"},
		{0, "any(actions, .act == '▮", []string{"replied"}, nil, ""},
		{0, "any(actions, .act in [\"replied\", \"▮", []string{"closed"}, nil, ""},
		{0, "case.channel == \"▮", []string{"hotline"}, []string{"replied"}, ""},
		{0, "any(actions, (.rating ?? \"\") == \"▮", []string{"satisfied"}, nil, ""},
		{0, "any(actions, (.rating ?? \"▮", []string{"satisfied"}, nil, ""},
		{0, "overdue(\"▮", []string{"reply", "accept"}, []string{"replied"}, ""},
		{0, "overdue(\"▮\") and case.age > 3", []string{"reply"}, nil, ""},
		{0, "case.subject ▮", []string{"contains", "matches", "and"}, []string{"case"}, ""},
		{0, "case.subject con▮", []string{"contains"}, nil, "con"},
		{0, "overdue(\"reply\") an▮", []string{"and", "or"}, []string{"case"}, "an"},
		{0, "case.text contains \"讨薪😀\" and ▮", []string{"contacts"}, nil, ""},
		{1, "▮", []string{"it", "before", "any"}, []string{"case", "contacts", "due", "overdue"}, ""},
		{1, "it.▮", []string{"who", "at"}, []string{"age", "mine"}, ""},
		{1, "any(before, .who == it.who and it.at - .▮", []string{"at"}, []string{"age"}, ""},
	} {
		source, at := cursor(t, c.marked)
		got := NewLanguage(nil).Suggest(c.slot, source, at)
		names := suggested(got)
		for _, w := range c.want {
			if !slices.Contains(names, w) {
				t.Errorf("%s: no %q among %v", c.marked, w, names)
			}
		}
		for _, w := range c.without {
			if slices.Contains(names, w) {
				t.Errorf("%s: %q must not be suggested", c.marked, w)
			}
		}
		if replaced := string([]rune(source)[got.From:got.To]); replaced != c.replace {
			t.Errorf("%s: replaces %q, want %q", c.marked, replaced, c.replace)
		}
	}
}

func TestSuggestNothingWhereNothingIsKnown(t *testing.T) {
	for _, marked := range []string{"case.age > 1▮", `case.subject == "▮`, `case.text contains "▮`, "case.age.▮", ")(▮", "nobody.▮"} {
		source, at := cursor(t, marked)
		if got := NewLanguage(nil).Suggest(SlotRule, source, at); len(got.Words) > 0 {
			t.Errorf("%s: %v", marked, suggested(got))
		}
	}
}

// The nearest come first: editors show the list in this order.
func TestSuggestTheNearestFirst(t *testing.T) {
	source, at := cursor(t, "any(contacts, {let c = #; any(actions, ▮")
	names := suggested(NewLanguage(nil).Suggest(SlotRule, source, at))
	field, variable, name := slices.Index(names, ".at"), slices.Index(names, "c"), slices.Index(names, "case")
	if field < 0 || variable < field || name < variable {
		t.Errorf(".at is at %d, c at %d, case at %d: %v", field, variable, name, names)
	}
}

func TestMeaning(t *testing.T) {
	for _, c := range []struct {
		slot                      Slot
		marked, span, name, typ   string
		doc                       string // part of it
		kind                      WordKind
		declaration, declaredName string
	}{
		{marked: "▮case.unit == \"\"", span: "case", name: "case", typ: "case", kind: WordName, doc: "The matter as a whole"},
		{marked: "case.un▮it == \"\"", span: ".unit", name: "unit", typ: "text", kind: WordField, doc: "The unit that has the matter"},
		{marked: "(case.▮level ?? 0) >= city", span: ".level", name: "level", typ: "int?", kind: WordField, doc: "登记机构级别"},
		{marked: "(case.level ?? 0) >= ci▮ty", span: "city", name: "city", typ: "int", kind: WordLevel, doc: "市, level 4"},
		{marked: "(case.level ?▮? 0) >= city", span: "??", name: "case.level ?? 0", typ: "int", kind: WordValue},
		{marked: "any(contacts, .ag▮e > 7)", span: ".age", name: "age", typ: "float", kind: WordField, doc: "Days from it to now"},
		{marked: "a▮ny(contacts, .age > 7)", span: "any", name: "any", typ: "any(C, predicate) bool", kind: WordFunction, doc: "at least one"},
		{marked: "any(contacts, .age ▮> 7)", span: ">", name: ".age > 7", typ: "bool", kind: WordValue},
		{marked: "over▮due(\"reply\")", span: "overdue", name: "overdue", typ: "overdue(kind) bool", kind: WordFunction, doc: "has passed"},
		{marked: "overdue(\"re▮ply\")", span: "\"reply\"", name: "reply", typ: "deadline", kind: WordText, doc: "60 days from accepted"},
		{marked: "any(actions, .act == \"回\" or .act == \"re▮plied\")", span: "\"replied\"", name: "replied", typ: "act", kind: WordText, doc: "What the office did"},
		{marked: "any(actions, .act in [\"clo▮sed\"])", span: "\"closed\"", name: "closed", typ: "act", kind: WordText, doc: "What the office did"},
		{marked: "any(contacts, {let c = #; any(actions, .at > ▮c.at)})", span: "c", name: "c", typ: "signal", kind: WordVariable},
		{marked: "any(contacts, {let ▮c = #; any(actions, .at > c.at)})", span: "c", name: "c", typ: "signal", kind: WordVariable, doc: "= #"},
		{marked: "first(contacts)?.▮age ?? 0", span: "?.age", name: "age", typ: "float?", kind: WordField, doc: "Days"},
		{slot: SlotOutcome, marked: "i▮t.who == 1", span: "it", name: "it", typ: "signal", kind: WordName, doc: "The signal in question"},
		{marked: "ca▮se.unit == ", span: "case", name: "case", typ: "case", kind: WordName, doc: "The matter as a whole"}, // unfinished
		{marked: "count(contacts, .a▮ge <= ", span: "age", name: "age", typ: "float", kind: WordField, doc: "Days from it to now"},
	} {
		source, at := cursor(t, c.marked)
		got, ok := NewLanguage(nil).Meaning(c.slot, source, at)
		if !ok {
			t.Errorf("%s: nothing", c.marked)
			continue
		}
		span := string([]rune(source)[got.From:got.To])
		if strings.TrimLeft(span, ".?") != strings.TrimLeft(c.span, ".?") && span != c.span || got.Name != c.name || got.Type != c.typ || got.Kind != c.kind || !strings.Contains(got.Doc, c.doc) {
			t.Errorf("%s: %q is %+v", c.marked, span, got.Word)
		}
	}
	for _, marked := range []string{"case.unit ==▮  \"\"", "▮", "case.subject == \"▮x\""} {
		source, at := cursor(t, marked)
		if got, ok := NewLanguage(nil).Meaning(SlotRule, source, at); ok {
			t.Errorf("%s: %+v", marked, got)
		}
	}
}

func TestDeclaration(t *testing.T) {
	for marked, want := range map[string]int{
		"let n = len(contacts); ▮n > 1":                              4,
		"let n = 1; let m = n; m▮ > n":                               15,
		"any(contacts, {let c = #; any(actions, .at > c▮.at)})":      19,
		"any(contacts, {let 件 = #; any(actions, .at > ▮件.at)})":      19,
		"any(contacts, {let c = #; any(actions, .at > .▮at)})":       -1,
		"count(contacts, .age > 1) > 2 and ▮case.age > 1":            -1,
		"let n = 1; n > 1 and any(contacts, {let x = n▮; .age > x})": 4,
	} {
		source, at := cursor(t, marked)
		from, to, ok := NewLanguage(nil).Declaration(SlotRule, source, at)
		if ok != (want >= 0) || ok && (from != want || to != want+1) {
			t.Errorf("%s: %d-%d %v, want %d", marked, from, to, ok, want)
		}
	}
}

func TestEmbedded(t *testing.T) {
	for marked, want := range map[string]string{
		"七天内来件 {{ cou▮nt(contacts) }} 次":     " count(contacts) ",
		"{{a}} 与 {{▮b}}":                     "b",
		"{{a▮}} 与 {{b}}":                     "a",
		"尚未写完 {{ case.▮":                     " case.",
		"{{ case.unit == \"}}▮\" ? 1 : 2 }}": " case.unit == \"}}\" ? 1 : 2 ",
		"▮{{a}}":                             "-",
		"{{a}}▮ b":                           "-",
		"没有表达式▮":                             "-",
	} {
		text, at := cursor(t, marked)
		source, from, ok := Embedded(text, at)
		if !ok {
			source = "-"
		} else if got := string([]rune(text)[from : from+len([]rune(source))]); got != source {
			t.Errorf("%s: %q does not stand at %d", marked, source, from)
		}
		if source != want {
			t.Errorf("%s: %q, want %q", marked, source, want)
		}
	}
}

// Whatever can be written is told: no word of the language is without a meaning.
func TestEveryWordHasAMeaning(t *testing.T) {
	known := append(predicates(), plainBuiltins()...)
	if len(known) != len(builtins()) {
		t.Errorf("%d builtins are described, the language has %d", len(builtins()), len(known))
	}
	for _, name := range known {
		if word, ok := functionWord(name); !ok || word.Doc == "" || !strings.HasPrefix(word.Type, name+"(") {
			t.Errorf("builtin %s: %+v", name, word)
		}
	}
	for _, source := range []string{"▮", "case.▮", "any(contacts, .▮", "any(contacts, ▮", "overdue(\"▮", "any(actions, .act == \"▮"} {
		text, at := cursor(t, source)
		for _, slot := range []Slot{SlotRule, SlotOutcome} {
			for _, w := range NewLanguage(nil).Suggest(slot, text, at).Words {
				if w.Doc == "" && w.Name != "true" && w.Name != "false" {
					t.Errorf("%s: %s says nothing", source, w.Name)
				}
			}
		}
	}
}

// What an editor shows of a word agrees with the checker: the word it suggests
// makes an expression that is checked without "unknown name".
func TestSuggestedNamesAreKnown(t *testing.T) {
	for _, source := range []string{"▮ == nil", "any(contacts, ▮ == nil)", "any(contacts, #.▮ == nil)", "count(group, #.▮ == nil) > 1", "count(group, ▮ == nil) > 1", "case.▮ == nil"} {
		text, at := cursor(t, source)
		for _, w := range NewLanguage(nil).Suggest(SlotRule, text, at).Words {
			if w.Kind == WordFunction || w.Kind == WordOperator {
				continue
			}
			_, mistakes := compile(strings.Replace(source, "▮", w.Name, 1), NewLanguage(nil).rule)
			for _, m := range mistakes {
				if m.check == "unknown-name" || m.check == "syntax" || m.check == "group-closed" {
					t.Errorf("%s with %s: %s", source, w.Name, m.message)
				}
			}
		}
	}
}

func FuzzSuggest(f *testing.F) {
	for _, seed := range []string{"any(contacts, {let c = #; any(actions, .at > c.", `.act in ["`, "a ? b : c", "((((", "x?.y??z", "\"\\", "let ", "件.😀"} {
		f.Add(seed, 3)
	}
	l := NewLanguage(nil)
	f.Fuzz(func(t *testing.T, source string, at int) {
		n := len([]rune(source))
		at = min(max(at, 0), n)
		if s := l.Suggest(SlotRule, source, at); s.From < 0 || s.To > n || s.From > s.To {
			t.Errorf("%q at %d: replaces %d to %d", source, at, s.From, s.To)
		}
		if m, ok := l.Meaning(SlotRule, source, at); ok && (m.From < 0 || m.To > n || m.From > at || m.To < at) {
			t.Errorf("%q at %d: means %d to %d", source, at, m.From, m.To)
		}
		l.Declaration(SlotOutcome, source, at)
		if inner, from, ok := Embedded(source, at); ok && (from < 2 || from+len([]rune(inner)) > n) {
			t.Errorf("%q at %d: %q at %d", source, at, inner, from)
		}
	})
}
