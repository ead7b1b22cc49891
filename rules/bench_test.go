package rules

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yujing/internal/calendar"
)

// usualRow is a matter of three contacts and six actions in a group of ten: what
// most rows look like that are worth a score.
func usualRow(now time.Time) *Facts {
	at := func(days float64) time.Time { return now.Add(-time.Duration(days * 24 * float64(time.Hour))) }
	f := &Facts{Over: OverCase, Row: "00000000000000aa", Ref: "hotline-12345:GD2026"}
	for i, days := range []float64{40, 12, 2} {
		f.Contacts = append(f.Contacts, Signal{ID: fmt.Sprint("c", i), At: at(days), Person: 9, Case: "aa", Channel: "hotline",
			Purpose: "complaint", People: 1, Level: county, Competent: county, Text: "小区电梯多次故障，物业推诿，一直没有修好"})
	}
	for i, act := range []string{"transferred", "accepted", "replied", "closed", "rated", "transferred"} {
		f.Actions = append(f.Actions, Signal{ID: fmt.Sprint("a", i), At: at(39 - float64(i)*6), Act: act, Unit: "街道办", Case: "aa"})
	}
	for i := range 10 {
		f.Group = append(f.Group, Signal{ID: fmt.Sprint("g", i), At: at(80 - float64(i)*7), Person: uint64(i), Case: fmt.Sprint(i), People: 1})
	}
	return f
}

// BenchmarkRule is one simple rule over an open row: what the design calls the
// price of a rule.
func BenchmarkRule(b *testing.B) {
	set := shipped(b)
	set.group[OverCase] = true
	e := set.NewEvaluator()
	now := defaultNow(set.risks[0].Zone)
	s := ruleScope([]string{"register", "objection", "accept", "reply", "hotline_reply", "review", "re_review"})
	for _, source := range []string{
		`count(contacts, .age <= 7) >= 2 and none(actions, .act == "accepted")`,
		`any(actions, .act in ["replied", "closed"])`,
		`overdue("reply")`,
		`complainants(group) >= 3`,
		`(last(filter(actions, .rating != nil))?.rating ?? "") == "not"`,
	} {
		b.Run(source, func(b *testing.B) {
			p, mistakes := compile(source, s)
			if p == nil {
				b.Fatal(mistakes)
			}
			if err := e.open(usualRow(now), now); err != nil {
				b.Fatal(err)
			}
			e.in(set.risks[0].Zone)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.vm.Run(p.code, e.env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEvaluate is a whole row: facts converted, deadlines, every shipped
// rule of both risks over matters. ns/rule is the time by rule, all included.
func BenchmarkEvaluate(b *testing.B) {
	set := shipped(b)
	e := set.NewEvaluator()
	now := defaultNow(set.risks[0].Zone)
	f := usualRow(now)
	rules := 0
	for _, r := range set.risks {
		if r.Over == OverCase {
			rules += len(r.Rules)
		}
	}
	var list []Assessment
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if list, err = e.EvaluateAll(f, now, list[:0]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rules), "ns/rule")
}

// BenchmarkLoad is a set of a thousand rules, as check reads it.
func BenchmarkLoad(b *testing.B) {
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)}}
	data, err := os.ReadFile(shippedDir + "/repeat.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for i := range 84 { // of 12 rules each
		fsys[fmt.Sprintf("r%d.yaml", i)] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(data), "- id: ", fmt.Sprintf("- id: r%d-", i)))}
	}
	cal := calendar.Embedded()
	for b.Loop() {
		if set, problems := Load(fsys, Options{Calendar: cal}); set == nil {
			b.Fatal(problems[0])
		}
	}
}
