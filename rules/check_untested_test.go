package rules

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestUntested(t *testing.T) {
	fsys := lintSet(lintRuleText{id: "late", when: `overdue("reply")`}, lintRuleText{id: "never", when: `case.age < 0`})
	fsys["x_test.yaml"] = &fstest.MapFile{Data: []byte("risk: repeat\ntests: [{expect: {rules: [filler]}}]\n")}
	fsys["broken_test.yaml"] = &fstest.MapFile{Data: []byte("tests: [\n")}
	if diff := cmp.Diff([]string{"untested", "never-fires"}, told(t, fsys)); diff != "" {
		t.Errorf("what can never fire needs no test: -want +got:\n%s", diff)
	}
}
