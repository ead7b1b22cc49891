package rules

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

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
	s := ruleScope([]string{"register", "objection", "accept", "reply", "hotline_reply", "review", "re_review"})
	e := set.NewEvaluator()
	rng := rand.New(rand.NewPCG(1, 1))
	now := defaultNow(set.risks[0].Zone)
	for kind := range set.deadlines {
		set.due[OverCase][kind] = true
	}
	set.group[OverCase] = true
	rows := []*Facts{randomFacts(rng, OverCase, now), randomFacts(rng, OverCase, now), {Over: OverCase, Row: "one", Contacts: []Signal{{At: now}}}}
	f.Fuzz(func(t *testing.T, source string) {
		compileTemplate(source, s)
		p, _ := compile(source, s)
		if p == nil {
			return
		}
		if again, mistakes := compile(show(p.tree), s); again == nil && mistakes[0].check != "cost" { // escapes make a text longer
			t.Fatalf("%q shows as %q, which is refused: %+v", source, show(p.tree), mistakes)
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
			format(value, p.typ, e.zone, 1)
		}
	})
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
