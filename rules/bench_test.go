package rules

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"yujing/internal/calendar"
	"yujing/internal/problem"
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

// thousandRules is a set of a thousand rules of one risk, of varied conditions,
// each with its texts and its test, and no two of them the same.
func thousandRules() fstest.MapFS {
	rng := rand.New(rand.NewPCG(1, 9))
	pick := func(words ...string) string { return words[rng.IntN(len(words))] }
	acts := calendar.Actions()
	some := func(n int) string {
		list := []string{}
		for _, i := range rng.Perm(len(acts))[:n] {
			list = append(list, strconv.Quote(acts[i]))
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	words := []string{"电梯", "停暖", "欠薪", "噪声", "油烟", "占道", "漏水", "停电", "学位", "拆迁", "办证", "物业", "公交", "污水", "围挡", "收费"}
	condition := func() string {
		days := 1 + rng.IntN(180)
		switch rng.IntN(12) {
		case 0:
			return fmt.Sprintf("count(contacts, .age <= %d) >= %d", days, 2+rng.IntN(6))
		case 1:
			return fmt.Sprintf("none(actions, .act in %s)", some(1+rng.IntN(4)))
		case 2:
			return fmt.Sprintf("any(actions, .act in %s and .age <= %d)", some(1+rng.IntN(3)), days)
		case 3:
			return fmt.Sprintf("case.age > %d", days)
		case 4:
			return fmt.Sprintf("overdue(%q)", pick("accept", "reply", "hotline_reply", "register", "review"))
		case 5:
			return fmt.Sprintf("complainants(filter(group, .age <= %d)) >= %d", days, 2+rng.IntN(8))
		case 6:
			return fmt.Sprintf("any(contacts, .text matches %q)", pick(words...)+"|"+pick(words...)+"|"+pick(words...))
		case 7:
			return fmt.Sprintf("case.channel %s [%q, %q]", pick("in", "not in"), pick("hotline", "online"), pick("visit", "letter"))
		case 8:
			return fmt.Sprintf("(case.level ?? 0) >= %s", pick("county", "city", "province"))
		case 9:
			return fmt.Sprintf("any(contacts, {let c = #; c.again and none(actions, .at > c.at and .act in %s)})", some(2))
		case 10:
			return fmt.Sprintf("(last(filter(actions, .rating != nil))?.rating ?? \"\") %s [\"not\", \"basically\"]", pick("in", "not in"))
		}
		return fmt.Sprintf("(latest(filter(actions, .act == %q)) ?? case.at) < case.at", pick(acts...))
	}
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)}}
	for file := range 25 {
		var rules, tests strings.Builder
		rules.WriteString("risk: repeat\nrules:\n")
		tests.WriteString("risk: repeat\ntests:\n")
		for i := range 40 {
			id := fmt.Sprintf("r%d-%d", file, i)
			fmt.Fprintf(&rules, "  - id: %s\n    name: {zh: 规则%s, en: rule %s}\n    when: |\n      %s\n      %s %s\n    points: %d\n", id, id, id,
				condition(), pick("and", "and", "and", "or"), condition(), 1+rng.IntN(40))
			rules.WriteString("    because: {zh: '来件 {{ len(contacts) }} 次', en: '{{ len(contacts) }} contacts'}\n    advise: {zh: 请联系信访人, en: call the complainant}\n")
			fmt.Fprintf(&tests, "  - {name: t, contacts: [{at: -1d}], expect: {rules: [%s]}}\n", id)
		}
		fsys[fmt.Sprintf("f%d.yaml", file)] = &fstest.MapFile{Data: []byte(rules.String())}
		fsys[fmt.Sprintf("f%d_test.yaml", file)] = &fstest.MapFile{Data: []byte(tests.String())}
	}
	return fsys
}

// BenchmarkCheckThousandRules is what `yujing check` does with a set of a thousand rules.
func BenchmarkCheckThousandRules(b *testing.B) {
	fsys, cal := thousandRules(), calendar.Embedded()
	var problems problem.List
	before := cpuTime(b)
	for b.Loop() {
		if problems = Check(fsys, Options{Calendar: cal}); problems.Err() != nil {
			b.Fatal(problems.Err())
		}
	}
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(len(problems)), "problems")
}

// cpuTime is what this process has used of the processors: beside others that
// run, the clock tells little.
func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
