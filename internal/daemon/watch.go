package daemon

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// lookEvery is how often the files are looked at. What changed must look the
// same twice before it is read: an editor or a checkout writes many files in a
// burst, and some write a file in several pieces.
const lookEvery = 300 * time.Millisecond

// freshness is how long after its last change a file is read at every look: not
// every file system tells two changes within a moment apart by their time.
const freshness = 3 * time.Second

// digest stands for what the watched files hold: names and bytes, not times. A
// file that cannot be read has one, too.
type digest [sha256.Size]byte

// files looks at what defines the daemon: the configuration, rule files and
// feed definitions. It polls (docs/adr/0011-reload-by-polling.md).
type files struct {
	config         string // "" = none
	rules, sources string // directories
	known          map[string]known
}

// known is a file as it was read last.
type known struct {
	info fs.FileInfo
	sum  [sha256.Size]byte
}

func newFiles(o Options) *files {
	return &files{config: o.ConfigFile, rules: o.Rules, sources: o.Sources, known: map[string]known{}}
}

// look gives the digest of what the files hold now.
func (f *files) look(now time.Time) digest {
	names := append(definitionsIn(f.rules), definitionsIn(f.sources)...)
	if f.config != "" {
		names = append(names, f.config)
	}
	all, seen := sha256.New(), make(map[string]known, len(names))
	for _, name := range names {
		file, err := f.read(name, now)
		if err != nil {
			_, _ = all.Write([]byte(name + "\x00unreadable\x00"))
			continue
		}
		seen[name] = file
		_, _ = all.Write([]byte(name + "\x00"))
		_, _ = all.Write(file.sum[:])
	}
	f.known = seen
	return digest(all.Sum(nil))
}

// read gives a file's hash, from before if nothing speaks of a change. Links
// are followed: a mounted ConfigMap changes by where they lead.
func (f *files) read(name string, now time.Time) (known, error) {
	info, err := os.Stat(name)
	if err != nil {
		return known{}, err
	}
	before, ok := f.known[name]
	if ok && sameFile(before.info, info) && now.Sub(info.ModTime()).Abs() > freshness {
		return before, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return known{}, err
	}
	return known{info, sha256.Sum256(text)}, nil
}

func sameFile(a, b fs.FileInfo) bool {
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// definitionsIn lists what of a directory the daemon reads; a test of rules is
// not. One that cannot be listed holds nothing: reading it says why.
func definitionsIn(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if ext := filepath.Ext(name); (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, "_test.yaml") {
			names = append(names, filepath.Join(dir, name))
		}
	}
	slices.Sort(names)
	return names
}
