package rules

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
)

// AmendedFile is a rule file in which points or numbers stand otherwise. Nothing
// else in it is different, comments and layout included.
type AmendedFile struct {
	Name          string // in its directory
	Before, After []byte
}

// Amend makes amendments in the files of a directory, and proves that what comes
// of them is the same set but for these. It writes nothing: it gives the new
// files, in the order of their names.
func Amend(fsys fs.FS, opts Options, amendments []Amendment) ([]AmendedFile, error) {
	l := newLoader(fsys, opts)
	l.load()
	l.gather()
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	l.set.seal()
	want, err := l.set.Amended(amendments)
	if err != nil {
		return nil, err
	}
	files, err := l.amend(amendments)
	if err != nil {
		return nil, err
	}
	over := overlay{fsys, map[string][]byte{}}
	for _, f := range files {
		over.files[f.Name] = f.After
	}
	got, problems := Load(over, opts)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if got.Version() != want.Version() {
		return nil, fmt.Errorf("amend %s: %w", l.dir, errByHand)
	}
	return files, nil
}

// overlay is a directory in which some files hold something else.
type overlay struct {
	fs.FS
	files map[string][]byte
}

// ReadFile implements fs.ReadFileFS.
func (o overlay) ReadFile(name string) ([]byte, error) {
	if data, ok := o.files[name]; ok {
		return data, nil
	}
	return fs.ReadFile(o.FS, name)
}

// amend edits each file that a rule to be amended stands in.
func (l *loader) amend(amendments []Amendment) ([]AmendedFile, error) {
	edits := map[string][]edit{} // by file
	texts := map[string]*yamlText{}
	for rule, w := range l.rulesAt {
		for _, a := range amendments {
			if a.Rule != rule.ID {
				continue
			}
			name := path.Base(rule.File)
			data, err := fs.ReadFile(l.fsys, name)
			if err != nil {
				return nil, err
			}
			texts[name] = newYAMLText(w.y, data)
			more, err := texts[name].amend(w, a)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: rule %s: %w", rule.File, rule.Line, rule.ID, err)
			}
			edits[name] = append(edits[name], more...)
		}
	}
	var files []AmendedFile
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		after, err := apply(texts[name].data, edits[name])
		if err != nil {
			return nil, err
		}
		files = append(files, AmendedFile{name, texts[name].data, after})
	}
	return files, nil
}

// amend makes the edits of one rule.
func (t *yamlText) amend(w *written, a Amendment) ([]edit, error) {
	var edits []edit
	if a.Points != nil {
		if w.keys["points"] == nil {
			return nil, errByHand
		}
		e, err := t.replace(w.keys["points"], fmt.Sprint(*a.Points))
		if err != nil {
			return nil, err
		}
		edits = e
	}
	places := t.Places(w.keys["when"])
	for _, n := range a.Numbers {
		if n.To >= len(places) {
			return nil, errByHand
		}
		from := t.offset(places[n.From])
		to := from + len(n.Text) // digits and points are one byte each
		if to > len(t.data) || string(t.data[from:to]) != n.Text {
			return nil, errByHand
		}
		edits = append(edits, edit{from, to, n.New})
	}
	return edits, nil
}
