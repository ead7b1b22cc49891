package rules

import (
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"
)

// tested collects the ids that unit tests expect to fire: expect.rules of every
// *_test.yaml. Whether the tests are right is for `yujing test` to say.
func (l *loader) tested() map[string]bool {
	ids := map[string]bool{}
	names, _ := fs.Glob(l.fsys, testFiles) // the pattern is good: no error
	for _, name := range names {
		data, err := fs.ReadFile(l.fsys, name)
		var file struct {
			Tests []struct {
				Expect struct{ Rules []string }
			}
		}
		if err != nil || yaml.Unmarshal(data, &file) != nil {
			continue // yujing test tells
		}
		for _, t := range file.Tests {
			for _, id := range t.Expect.Rules {
				ids[id] = true
			}
		}
	}
	return ids
}

// untested finds a rule that no unit test fires.
func (r *lintRule) untested(tested map[string]bool) {
	if r.never || tested[r.ID] || r.keys["id"] == nil {
		return
	}
	beside := strings.TrimSuffix(r.File, ".yaml") + testSuffix
	r.warn(r.keys["id"], "untested", "write a test in "+beside+" whose expect names it under rules", "no unit test fires rule %s", r.ID)
}
