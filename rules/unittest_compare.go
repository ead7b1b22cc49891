package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// expectation is what a test file says should come out; nil = not said.
type expectation struct {
	rules   *[]string // exactly these fire
	score   *int
	shadow  *int
	level   *Level
	outcome *string           // id of a signal, or none
	because map[string]string // Chinese text by rule
	advise  map[string]string
}

// blank says that nothing is expected: such a test could not fail.
func (x *expectation) blank() bool {
	return x.rules == nil && x.score == nil && x.shadow == nil && x.level == nil && x.outcome == nil && len(x.because)+len(x.advise) == 0
}

// differences collects what came out otherwise.
type differences struct{ list []TestDiff }

func (d *differences) add(engine, what, want, got string) {
	d.list = append(d.list, TestDiff{Engine: engine, What: what, Want: want, Got: got})
}

func (d *differences) told(engine, what string) bool {
	return slices.ContainsFunc(d.list, func(x TestDiff) bool { return x.Engine == engine && x.What == what })
}

// expected compares what every engine says with what the test expects.
func (d *differences) expected(engine string, x *expectation, a *Assessment) {
	got := figures(a)
	for what, want := range x.figures() {
		if want != got[what] {
			d.add(engine, what, want, got[what])
		}
	}
}

// between compares an engine with the VM in every risk: what the test does not
// expect must agree, too. What was told of the test's own risk is not told twice.
func (d *differences) between(engine string, own *Risk, vm, other []Assessment) {
	for i := range vm {
		want, got := figures(&vm[i]), figures(&other[i])
		of := ""
		if vm[i].Risk != own.ID {
			of = " in risk " + vm[i].Risk
		}
		for _, what := range figureNames() {
			if want[what] == got[what] || of == "" && (d.told(engine, what) || d.told(vmName, what)) {
				continue
			}
			d.list = append(d.list, TestDiff{Engine: engine, Against: vmName, What: what + of, Want: want[what], Got: got[what]})
		}
	}
}

// texts compares what the fired rules say in Chinese.
func (d *differences) texts(x *expectation, fired []Fired) {
	for _, side := range x.sides() {
		for _, id := range slices.Sorted(maps.Keys(side.want)) {
			want, got := strings.TrimSpace(side.want[id]), "it did not fire"
			if i := slices.IndexFunc(fired, func(f Fired) bool { return f.ID == id }); i >= 0 {
				got = side.text(&fired[i])
			}
			if want != got {
				d.add(vmName, side.name+" of "+id, want, got)
			}
		}
	}
}

// expectedTexts is one kind of text that a test may expect.
type expectedTexts struct {
	name string
	want map[string]string // by rule
	text func(*Fired) string
}

func (x *expectation) sides() []expectedTexts {
	return []expectedTexts{
		{"because", x.because, func(f *Fired) string { return f.Because.ZH }},
		{"advise", x.advise, func(f *Fired) string { return f.Advise.ZH }},
	}
}

// figureNames are the keys of what every engine says, in the order of a report.
func figureNames() []string { return []string{"rules", "score", "shadow_score", "level"} }

// figures are what every engine says of a row, as a test file writes it. The
// order of rules is that of their names.
func figures(a *Assessment) map[string]string {
	ids := []string{}
	for _, f := range a.Fired {
		ids = append(ids, f.ID)
	}
	return map[string]string{"rules": listed(ids), "score": strconv.Itoa(a.Score), "shadow_score": strconv.Itoa(a.ShadowScore),
		"level": a.Level.String()}
}

// figures are the expected ones in the order of a report.
func (x *expectation) figures() func(yield func(what, want string) bool) {
	want := map[string]string{}
	if x.rules != nil {
		want["rules"] = listed(*x.rules)
	}
	if x.score != nil {
		want["score"] = strconv.Itoa(*x.score)
	}
	if x.shadow != nil {
		want["shadow_score"] = strconv.Itoa(*x.shadow)
	}
	if x.level != nil {
		want["level"] = x.level.String()
	}
	return func(yield func(what, want string) bool) {
		for _, what := range figureNames() {
			if w, said := want[what]; said && !yield(what, w) {
				return
			}
		}
	}
}

// listed writes ids in order of their names: the order of rules is no matter of a test.
func listed(ids []string) string { return fmt.Sprint(slices.Sorted(slices.Values(ids))) }
