package rules

import (
	"io/fs"
	"strings"
)

// Which files of a directory are read, as globs. A name that begins with a dot is
// a file of an editor's.
const (
	ruleFiles = "[^.]*.yaml" // tests too
	testFiles = "[^.]*" + testSuffix
)

// Files gives the texts that Load reads, by name.
func Files(fsys fs.FS) (map[string]string, error) {
	names, err := fs.Glob(fsys, ruleFiles)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, testSuffix) {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		texts[name] = string(text)
	}
	return texts, nil
}
