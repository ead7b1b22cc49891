package rules

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/expr-lang/expr/ast"
	"github.com/google/go-cmp/cmp"
)

// covered runs tests of one rule and gives its branches as "expr: false/true".
func covered(t *testing.T, when, tests string) (RuleCoverage, []string) {
	t.Helper()
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)},
		"x.yaml":      {Data: []byte("risk: repeat\nrules:\n" + rule("a", when, "points: 30"))},
		"x_test.yaml": {Data: []byte("risk: repeat\ntests:\n" + tests)}}
	set, problems := Load(fsys, Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report := runAll(t, fsys, set, TestOptions{Coverage: true})
	if len(report.Problems) > 0 || len(report.Coverage.Files) != 1 {
		t.Fatalf("%v, coverage of %d files", report.Problems, len(report.Coverage.Files))
	}
	r := report.Coverage.Files[0].Rules[0]
	var list []string
	for _, b := range r.Branches {
		list = append(list, fmt.Sprintf("%s: %d/%d", b.Expr, b.Ways[0].Count, b.Ways[1].Count))
	}
	return r, list
}

// oneTest is a test of contacts at these distances, each of person a.
func oneTest(contacts string) string {
	return "  - name: x\n    each: {who: a}\n    contacts: " + contacts + "\n    expect: {score: 0}\n"
}

func TestBranches(t *testing.T) {
	two := oneTest("[{at: -9d}, {at: -1d, purpose: thanks}]")
	for name, c := range map[string]struct {
		when, tests string
		want        []string
	}{
		"the whole condition is the rule's own firing": {"len(contacts) > 1", two, nil},
		"false and does not look further":              {"len(contacts) > 9 and len(actions) > 0", two, []string{"len(contacts) > 9: 1/0", "len(actions) > 0: 0/0"}},
		"true or does not look further":                {"len(contacts) > 1 or len(actions) > 0", two, []string{"len(contacts) > 1: 0/1", "len(actions) > 0: 0/0"}},
		"a chain has its operands": {"len(contacts) > 1 and len(actions) == 0 and case.age > 100", two,
			[]string{"len(contacts) > 1: 0/1", "len(actions) == 0: 0/1", "case.age > 100: 1/0"}},
		"or within and has its own": {"len(contacts) > 1 and not (case.age > 100 or len(actions) > 0)", two,
			[]string{"len(contacts) > 1: 0/1", "case.age > 100: 1/0", "len(actions) > 0: 1/0"}},
		"a predicate for each element":         {"count(contacts, .age > 5) > 0", two, []string{".age > 5: 1/1"}},
		"any stops at the first":               {"any(contacts, .age > 5)", two, []string{".age > 5: 0/1"}},
		"all stops at the first that fails":    {"all(contacts, .age < 5)", two, []string{".age < 5: 1/0"}},
		"operands in a predicate, for each":    {`count(contacts, .age < 5 and .purpose == "thanks") > 0`, two, []string{".age < 5: 1/1", `.purpose == "thanks": 0/1`}},
		"nested predicates":                    {"count(contacts, {let c = #; any(contacts, .at > c.at)}) > 0", two, []string{"any(contacts, .at > c.at): 1/1", ".at > c.at: 3/1"}},
		"no elements, no ways":                 {"any(actions, .age > 5)", two, []string{".age > 5: 0/0"}},
		"map and sum give values":              {"sum(contacts, .people) > 9", two, nil},
		"within a value of map":                {"sum(map(contacts, .again ? 1 : 0)) > 0", two, []string{".again: 1/1"}},
		"the arms of a ternary":                {"(len(contacts) > 1 ? case.age : 0) > 5", two, []string{"len(contacts) > 1: 0/1"}},
		"a ternary as an operand":              {"case.age > 5 and (len(contacts) > 1 ? case.age > 8 : case.age > 80)", two, []string{"case.age > 5: 0/1", "len(contacts) > 1 ? case.age > 8 : case.age > 80: 0/1", "len(contacts) > 1: 0/1"}},
		"a fallback":                           {`count(contacts, (.rating ?? "") == "not") > 0`, two, []string{`(.rating ?? "") == "not": 2/0`, `.rating ?? "": 0/2`}},
		"a fallback of an element":             {"(first(actions)?.age ?? 0) > 5", two, []string{"first(actions)?.age ?? 0: 0/1"}},
		"a fallback that != nil rules out":     {"let x = latest(actions); x != nil and now - (x ?? now) > 5", two, []string{"x != nil: 1/0", "now - (x ?? now) > 5: 0/0"}},
		"a fallback that == nil or rules out":  {`due("reply") == nil or now > (due("reply") ?? now)`, two, []string{`due("reply") == nil: 0/1`, `now > (due("reply") ?? now): 0/0`}},
		"a fallback that not == nil rules out": {"let x = latest(actions); not (x == nil) and now - (x ?? now) > 5", two, []string{"not (x == nil): 1/0", "now - (x ?? now) > 5: 0/0"}},
		"a fallback that == nil does not":      {"let x = latest(actions); x == nil and now - (x ?? now) > 5", two, []string{"x == nil: 0/1", "now - (x ?? now) > 5: 1/0", "x ?? now: 0/1"}},
		"a shared middle counts once": {"1 < (first(actions)?.age ?? 5) < 9", two,
			[]string{"1 < (first(actions)?.age ?? 5): 0/1", "first(actions)?.age ?? 5: 0/2", "(first(actions)?.age ?? 5) < 9: 0/1"}},
		"but not of another element": {"any(contacts, .due != nil and any(contacts, (.due ?? now) > now))", two,
			[]string{".due != nil: 2/0", "any(contacts, (.due ?? now) > now): 0/0", "(.due ?? now) > now: 0/0", ".due ?? now: 0/0"}},
		"an and that is no condition by itself":  {"(len(contacts) > 1 and case.age > 5) == true", two, []string{"len(contacts) > 1: 0/1", "case.age > 5: 0/1"}},
		"a comparison of three shares its parts": {"1 < len(contacts) < 3", two, []string{"1 < len(contacts): 0/1", "len(contacts) < 3: 0/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := covered(t, c.when, c.tests)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCoverageOfRules(t *testing.T) {
	r, _ := covered(t, "len(contacts) > 1", oneTest("[{at: -1d}]")+oneTest("[{at: -2d}]")+oneTest("[{at: -2d}, {at: -1d}]")+
		"  - name: concluded\n    concluded: true\n    contacts: [{at: -1d}]\n    expect: {score: 0}\n")
	if r.Fired != 1 || r.NotFired != 2 {
		t.Errorf("fired in %d, not in %d tests, want 1 and 2: a concluded matter is judged by no rule", r.Fired, r.NotFired)
	}
}

// TestCoverageOfOtherRisks: a test says nothing of rules of another risk.
func TestCoverageOfOtherRisks(t *testing.T) {
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(twoRisks())}, "x_test.yaml": {Data: []byte("risk: repeat\ntests:\n" + oneTest("[{at: -1d}]"))},
		"x.yaml": {Data: []byte("risk: repeat\nrules:\n" + rule("a", "true", "points: 30"))},
		"y.yaml": {Data: []byte("risk: other\nrules:\n" + rule("c", "true", "points: 30"))}}
	set, problems := Load(fsys, Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	files := runAll(t, fsys, set, TestOptions{Coverage: true}).Coverage.Files
	if a, c := files[0].Rules[0].Fired, files[1].Rules[0].Fired; a != 1 || c != 0 {
		t.Errorf("fired in %d and %d tests, want 1 of its own risk and none of another", a, c)
	}
}

// TestCoveragePrinted: places and carets in every way YAML writes a text, and
// figures that add up.
func TestCoveragePrinted(t *testing.T) {
	file := `risk: repeat
rules:
  - id: plain
    name: {zh: 名, en: name}
    because: 因
    advise: 议
    points: 10
    when: len(contacts) > 1 or any(contacts, .text contains "推诿" and .age > 3)
  - id: quoted
    name: {zh: 名, en: name}
    because: 因
    advise: 议
    points: 10
    when: 'case.subject == "某某''公司" or case.age > 3'
  - id: block
    name: {zh: 名, en: name}
    because: 因
    advise: 议
    points: 10
    when: |
      len(contacts) > 0

      and none(actions,
        .act in ["replied", "closed"])
  - id: idle
    name: {zh: 名, en: name}
    because: 因
    advise: 议
    points: 10
    when: case.age > 300
`
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)}, "x.yaml": {Data: []byte(file)},
		"x_test.yaml": {Data: []byte("risk: repeat\ntests:\n" + oneTest("[{at: -9d}, {at: -1d}]"))}}
	set, problems := Load(fsys, Options{Dir: "rules.d"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	report := runAll(t, fsys, set, TestOptions{Dir: "rules.d", Coverage: true})
	var b strings.Builder
	report.Coverage.Print(&b, func(string) []byte { return []byte(file) })
	golden(t, "testdata/coverage.golden", b.String())
	if got := report.Coverage.Percent(); got != 100*9.0/26 {
		t.Errorf("%v %% covered, want 9 of 26 ways", got)
	}
}

// TestCoverageOfOneFile: the rules beside the file of tests, or else of its risk.
func TestCoverageOfOneFile(t *testing.T) {
	tests := "risk: repeat\ntests:\n" + oneTest("[{at: -1d}]")
	fsys := fstest.MapFS{"risks.yaml": {Data: []byte(goodRisks)},
		"x.yaml": {Data: []byte("risk: repeat\nrules:\n" + rule("a", "true", "points: 30"))}, "x_test.yaml": {Data: []byte(tests)},
		"y.yaml": {Data: []byte("risk: repeat\nrules:\n" + rule("b", "true", "points: 30"))}, "z_test.yaml": {Data: []byte(tests)}}
	set, problems := Load(fsys, Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for file, want := range map[string]int{"": 2, "x_test.yaml": 1, "z_test.yaml": 2} {
		report := runAll(t, fsys, set, TestOptions{File: file, Coverage: true})
		if got := len(report.Coverage.Files); got != want {
			t.Errorf("tests of %q: coverage of %d files, want %d", file, got, want)
		}
	}
}

// TestProbesOfRandomRules: a condition with probes says what it says without
// them, and outside predicates they note what evaluating part by part shows.
func TestProbesOfRandomRules(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 23))
	set := shipped(t)
	for i := range set.deadlines { // random rules may ask for any deadline
		set.due[OverCase][i] = true
	}
	set.group[OverCase] = true
	kinds := []string{}
	for _, d := range set.deadlines {
		kinds = append(kinds, d.Kind)
	}
	s, e, zone := ruleScope(kinds), set.NewEvaluator(), set.risks[0].Zone
	now := defaultNow(zone)
	points, skipped := 0, 0
	for range 600 {
		g := &randomExpr{rng: rng}
		source := g.truth(4)
		p, _ := compile(source, s)
		if p == nil {
			continue // too long: TestRandomRulesNeverFail tells of all else
		}
		probed, err := instrument(p)
		if err != nil {
			t.Fatalf("%s\nwith probes: %v", source, err)
		}
		want := &stepwise{tracer: &tracer{e: e, p: p}, probes: probed, counts: make([][2]int, len(probed.points))}
		for range 3 {
			if err := e.open(randomFacts(rng, OverCase, now), now); err != nil {
				t.Fatal(err)
			}
			e.in(zone)
			plain, err1 := e.vm.Run(p.code, e.env)
			got, err2 := e.vm.Run(probed.code, e.env)
			if err1 != nil || err2 != nil || plain != got {
				t.Fatalf("%s\nis %v (%v), with probes %v (%v)", source, plain, err1, got, err2)
			}
			if err := want.visit(p.tree, nil); err != nil {
				t.Fatalf("%s: %v", source, err)
			}
		}
		for i, point := range probed.points {
			if want.seen(point.node) && point.counts != want.counts[i] {
				t.Fatalf("%s\nin %s\nprobes note %v, evaluated part by part %v", source, show(point.node), point.counts, want.counts[i])
			}
			if sum := point.counts[0] + point.counts[1]; sum == 0 {
				skipped++
			}
			points++
		}
	}
	if points < 1000 || skipped == 0 {
		t.Errorf("%d points, %d never reached: the generator shows nothing", points, skipped)
	}
}

// stepwise evaluates a condition part by part, each by itself, and goes where
// short-circuit goes: what the probes must note, found another way.
type stepwise struct {
	*tracer
	probes *probes
	counts [][2]int
	nodes  map[ast.Node]bool // seen outside predicates
}

func (s *stepwise) seen(n ast.Node) bool { return s.nodes[n] }

func (s *stepwise) visit(n ast.Node, lets []*ast.VariableDeclaratorNode) error {
	if s.nodes == nil {
		s.nodes = map[ast.Node]bool{}
	}
	s.nodes[n] = true
	value, err := s.run(n, lets)
	if err != nil {
		return err
	}
	if i, ok := s.probes.of[n]; ok {
		way := value == true
		if s.probes.points[i].kind == pointFallback {
			way = value == nil
		}
		if way {
			s.counts[i][1]++
		} else {
			s.counts[i][0]++
		}
	}
	next := children(n)
	switch n := n.(type) {
	case *ast.BinaryNode:
		left, err := s.run(n.Left, lets)
		if err != nil {
			return err
		}
		stop := map[string]bool{"and": left == false, "&&": left == false, "or": left == true, "||": left == true, "??": left != nil}
		if stop[n.Operator] {
			next = next[:1]
		}
		if _, list := n.Right.(*ast.ArrayNode); list || isNil(n.Right) {
			next = next[:1] // no value by itself
		}
		if isNil(n.Left) {
			next = nil
		}
	case *ast.ConditionalNode:
		held, err := s.run(n.Cond, lets)
		if err != nil {
			return err
		}
		next = []ast.Node{n.Cond, n.Exp2}
		if held == true {
			next[1] = n.Exp1
		}
	case *ast.VariableDeclaratorNode:
		if err := s.visit(n.Value, lets); err != nil {
			return err
		}
		return s.visit(n.Expr, append(lets[:len(lets):len(lets)], n))
	case *ast.CallNode:
		if _, literal := n.Arguments[0].(*ast.StringNode); literal {
			next = nil
		}
	}
	for _, part := range next {
		if err := s.visit(part, lets); err != nil {
			return err
		}
	}
	return nil
}
