package lsp

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"yujing/alerts"
	"yujing/internal/config"
	"yujing/internal/schema"
	"yujing/rules"
)

// workspace is what the server knows at one moment: the texts that are open over
// the files on disk. It is never changed: a change of a text makes a new one.
type workspace struct {
	docs    map[string]*document // open, by URI
	config  string               // path of yujing.yaml
	rules   string               // the directory of rules whose risks the configuration names
	schemas map[schema.Kind]*schema.Tree
}

// with gives the workspace with a document opened, changed, or closed (nil).
func (w *workspace) with(uri string, d *document) *workspace {
	next := *w
	next.docs = maps.Clone(w.docs)
	if d == nil {
		delete(next.docs, uri)
	} else {
		next.docs[uri] = d
	}
	return &next
}

// at finds the open document of a path, nil if it is not open.
func (w *workspace) at(path string) *document {
	for _, d := range w.docs {
		if d.path == path && path != "" {
			return d
		}
	}
	return nil
}

// document gives a file as it is open, else as it lies on disk; nil if there is none.
func (w *workspace) document(path string) *document {
	if d := w.at(path); d != nil {
		return d
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return newDocument(uriOf(path), path, nil, string(text))
}

// dir is a directory with the open texts laid over it.
func (w *workspace) dir(path string) fs.FS {
	o := overlay{os.DirFS(path), map[string][]byte{}}
	for _, d := range w.docs {
		if d.path != "" && filepath.Dir(d.path) == path {
			o.texts[filepath.Base(d.path)] = []byte(d.text)
		}
	}
	return o
}

// files gives the YAML files of a directory in order.
func (w *workspace) files(dir string) []*document {
	names, _ := fs.Glob(w.dir(dir), "[^.]*.yaml") // the pattern is good: no error
	var list []*document
	for _, name := range names {
		if d := w.document(filepath.Join(dir, name)); d != nil {
			list = append(list, d)
		}
	}
	return list
}

// configuration is as it is open or lies on disk; ok is false if there is none.
// What is wrong with it is told where it is open.
func (w *workspace) configuration() (c config.Config, ok bool) {
	d := w.document(w.config)
	if d == nil {
		return config.Config{}, false
	}
	c, _ = config.Parse(w.config, []byte(d.text))
	return c, true
}

// ruleOptions are what the configuration says of rules; without one, the defaults.
func (w *workspace) ruleOptions() rules.Options {
	c, ok := w.configuration()
	if !ok {
		return rules.Options{SMSRoom: max(0, alerts.RoomForRiskName(alerts.Default()))}
	}
	return rules.Options{Deadlines: c.Deadlines, SMSRoom: max(0, alerts.RoomForRiskName(c.Alerts))}
}

func (w *workspace) language() *rules.Language { return rules.NewLanguage(w.ruleOptions().Deadlines) }

// dirs gives the directories of the open documents of some kinds, in order.
func (w *workspace) dirs(kinds ...schema.Kind) []string {
	found := map[string]bool{}
	for _, d := range w.docs {
		if d.path != "" && slices.Contains(kinds, w.kindOf(d)) {
			found[filepath.Dir(d.path)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// isTest says that a file holds unit tests of rules.
func isTest(path string) bool { return strings.HasSuffix(path, "_test.yaml") }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
