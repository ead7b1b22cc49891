package lsp

import (
	"bytes"
	"cmp"
	"io"
	"io/fs"
	"slices"
	"time"
)

// overlay is a directory of files in which the texts of the editor stand in the
// place of what lies on disk.
type overlay struct {
	fs.FS
	texts map[string][]byte // by name
}

// Open gives the editor's text of a file, else the file.
func (o overlay) Open(name string) (fs.File, error) {
	if text, ok := o.texts[name]; ok {
		return &textFile{entry{name, int64(len(text))}, bytes.NewReader(text)}, nil
	}
	return o.FS.Open(name)
}

// ReadDir lists what is on disk and what is only in the editor. A directory that
// is not on disk holds the latter alone.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(o.FS, name)
	if name != "." {
		return list, err
	}
	list = slices.DeleteFunc(list, func(e fs.DirEntry) bool { _, open := o.texts[e.Name()]; return open })
	for name, text := range o.texts {
		list = append(list, entry{name, int64(len(text))})
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return list, nil
}

// entry describes a text.
type entry struct {
	name string
	size int64
}

func (e entry) Name() string               { return e.name }
func (e entry) Size() int64                { return e.size }
func (e entry) Mode() fs.FileMode          { return 0o444 }
func (e entry) Type() fs.FileMode          { return 0 }
func (e entry) ModTime() time.Time         { return time.Time{} }
func (e entry) IsDir() bool                { return false }
func (e entry) Sys() any                   { return nil }
func (e entry) Info() (fs.FileInfo, error) { return e, nil }

// textFile is an open text.
type textFile struct {
	entry
	io.Reader
}

func (f *textFile) Stat() (fs.FileInfo, error) { return f.entry, nil }
func (f *textFile) Close() error               { return nil }
