package rules

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"yujing/internal/calendar"
	"yujing/internal/problem"
)

// FuzzExpression: whatever text a rule holds, the compiler neither panics nor
// hangs, and what it accepts runs on every row without an error.
func FuzzExpression(f *testing.F) {
	set, problems := Load(os.DirFS(shippedDir), Options{})
	if set == nil {
		f.Fatal(problems)
	}
	for _, r := range set.Risks() {
		for _, rule := range r.Rules {
			f.Add(rule.When)
			f.Add(rule.Because.ZH)
		}
	}
	for _, source := range []string{"((((((", "{{{{", "any(contacts, {let x = #; x})", "1 ?? 2 ?? nil", "contacts[9223372036854775807]", "-9223372036854775808 % -1 == 0",
		"case?.text", "# ", "len(contacts", `"\xff"`, "a?.b?.[c]", "1 < 2 < 3 < 4", "true ? 1 : nil ?? 2", "contacts | map(#) | map(.age) | sum()", "let x = nil; x == nil"} {
		f.Add(source)
	}
	for _, c := range Constructs() {
		f.Add(c.Example)
	}
	s := ruleScope(deadlineKinds())
	e := set.NewEvaluator()
	now := defaultNow(set.risks[0].Zone)
	for kind := range set.deadlines {
		set.due[OverCase][kind] = true
	}
	set.group[OverCase] = true
	known := map[string]bool{}
	for _, c := range Constructs() {
		known[c.ID] = true
	}
	rows := []*Facts{usualRow(now), strangeRow(now), {Over: OverCase, Row: "one", Contacts: []Signal{{At: now}}}}
	f.Fuzz(func(t *testing.T, source string) {
		compileTemplate(source, s)
		p, _ := compile(source, s)
		if p == nil {
			return
		}
		if again, mistakes := compile(show(p.tree), s); again == nil && mistakes[0].check != "cost" { // escapes make a text longer
			t.Fatalf("%q shows as %q, which is refused: %+v", source, show(p.tree), mistakes)
		}
		for _, id := range p.constructs() {
			if !known[id] {
				t.Fatalf("%q uses %s, which is not in the table of constructs", source, id)
			}
		}
		for _, row := range rows {
			if err := e.open(row, now); err != nil {
				t.Fatal(err)
			}
			e.in(set.risks[0].Zone)
			value, err := e.vm.Run(p.code, e.env)
			if err != nil {
				t.Fatalf("%q fails: %v", source, err)
			}
			if !conforms(value, p.typ) {
				t.Fatalf("%q gives %v (%T), not %s", source, value, value, p.typ)
			}
			format(value, p.typ, e.zone, 1)
		}
	})
}

// conforms says that a value is one that the type promises: known unless it may
// be unknown, finite, and small enough to be exact.
func conforms(value any, t typ) bool {
	switch v := value.(type) {
	case nil:
		return t.opt
	case bool:
		return t.kind == kindBool
	case int:
		return t.kind == kindTime || t.number() && math.Abs(float64(v)) <= maxWhole
	case float64:
		return t.kind == kindFloat && !math.IsInf(v, 0) && !math.IsNaN(v)
	case string:
		return t.kind == kindText && utf8.ValidString(v)
	case []any:
		return t.kind == kindList && !slices.ContainsFunc(v, func(item any) bool { return !conforms(item, *t.elem) })
	}
	return t.kind == kindRecord || t.kind == kindCategory || t.kind == kindAttrs
}

// strangeRow is a row of unknown persons and levels, strange texts, stated
// deadlines, and signals of one instant.
func strangeRow(now time.Time) *Facts {
	f := &Facts{Over: OverCase, Row: "00000000000000bb", Ref: "test:2"}
	for i, text := range []string{"", "多次\n😀 it's \\ \"x\" App", "é e\u0301"} {
		f.Contacts = append(f.Contacts, Signal{ID: fmt.Sprint("c", i), At: now.Add(-time.Hour), Person: uint64(i % 2), Level: i, Text: text, People: 1,
			Due: now.Add(-time.Minute), Attrs: map[string]string{"k": text}})
		f.Actions = append(f.Actions, Signal{ID: fmt.Sprint("a", i), At: now, Act: []string{"accepted", "extended", "rated"}[i], Rating: []string{"", "", "not"}[i]})
	}
	f.Group = f.Contacts[1:]
	return f
}

// FuzzRuleFile: whatever bytes a rule file holds, loading tells problems and
// neither panics nor hangs, and every problem has a place that can be printed.
func FuzzRuleFile(f *testing.F) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	shipped, _ := filepath.Glob(shippedDir + "/*.yaml")
	for _, file := range append(files, shipped...) {
		if data, err := os.ReadFile(file); err == nil {
			f.Add(data)
		}
	}
	cal := calendar.Embedded()
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"risks.yaml", "rules.yaml"} {
			fsys := fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)}, "rules_test.yaml": {Data: data}}
			fsys[name] = &fstest.MapFile{Data: data}
			set, problems := Load(fs.FS(fsys), Options{Calendar: cal})
			if (set == nil) != (problems.Err() != nil) {
				t.Fatalf("a set in spite of errors, or none without: %v", problems)
			}
			if found := Check(fs.FS(fsys), Options{Calendar: cal, SMSRoom: 20}); len(found) < len(problems) {
				t.Fatalf("Check tells less than Load: %v, %v", found, problems)
			}
			var out bytes.Buffer
			problem.Print(&out, problems, func(string) []byte { return data })
			if set != nil {
				report, err := RunTests(t.Context(), fsys, set, TestOptions{Coverage: true})
				if err != nil {
					t.Fatal(err)
				}
				report.Print(&out)
			}
		}
	})
}
