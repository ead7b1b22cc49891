package daemon

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Its text makes the digest of a file, not its time, its number or how it was written.
func TestDigestFollowsWhatFilesHold(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(t *testing.T, dir string)
		differ bool
	}{
		{"touched", func(t *testing.T, dir string) { touch(t, filepath.Join(dir, "rules", "a.yaml"), time.Now()) }, false},
		{"written anew with the same text", func(t *testing.T, dir string) { put(t, dir, "rules/a.yaml", "one") }, false},
		{"renamed over with the same text", func(t *testing.T, dir string) { swapIn(t, dir, "rules/a.yaml", "one") }, false},
		{"a test beside it", func(t *testing.T, dir string) { put(t, dir, "rules/a_test.yaml", "x") }, false},
		{"an editor's copy", func(t *testing.T, dir string) {
			put(t, dir, "rules/.a.yaml.swp", "x")
			put(t, dir, "rules/a.yaml~", "x")
		}, false},
		{"written over", func(t *testing.T, dir string) { put(t, dir, "rules/a.yaml", "two") }, true},
		{"appended to", func(t *testing.T, dir string) { put(t, dir, "rules/a.yaml", "one and more") }, true},
		{"renamed over", func(t *testing.T, dir string) { swapIn(t, dir, "rules/a.yaml", "two") }, true},
		{"renamed over with the same size and time", func(t *testing.T, dir string) {
			swapIn(t, dir, "rules/a.yaml", "two")
			touch(t, filepath.Join(dir, "rules", "a.yaml"), longAgo())
		}, true},
		{"gone", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "rules", "a.yaml")) }, true},
		{"one more", func(t *testing.T, dir string) { put(t, dir, "sources/b.yaml", "x") }, true},
		{"one of the wrong ending", func(t *testing.T, dir string) { put(t, dir, "rules/b.yml", "x") }, true},
		{"the configuration comes", func(t *testing.T, dir string) { put(t, dir, "yujing.yaml", "x") }, true},
		{"the directory goes", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "rules")) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "rules/a.yaml", "one")
			put(t, dir, "sources/a.yaml", "source")
			touch(t, filepath.Join(dir, "rules", "a.yaml"), longAgo())
			f := newFiles(Options{Rules: filepath.Join(dir, "rules"), Sources: filepath.Join(dir, "sources"), ConfigFile: filepath.Join(dir, "yujing.yaml")})
			before := f.look(time.Now())
			if f.look(time.Now()) != before {
				t.Fatal("the same files have two digests")
			}
			c.change(t, dir)
			if got := f.look(time.Now()) != before; got != c.differ {
				t.Errorf("differs: %v, want %v", got, c.differ)
			}
		})
	}
}

// Kubernetes mounts a ConfigMap as links by way of ..data, and swaps that.
func TestDigestFollowsAConfigMap(t *testing.T) {
	dir := t.TempDir()
	for _, version := range []string{"..1", "..2"} {
		put(t, dir, "rules/"+version+"/a.yaml", "version "+version)
		touch(t, filepath.Join(dir, "rules", version, "a.yaml"), longAgo())
	}
	link := func(to, name string) {
		if err := os.Symlink(to, filepath.Join(dir, "rules", name)); err != nil {
			t.Fatal(err)
		}
	}
	link("..1", "..data")
	link("..data/a.yaml", "a.yaml")
	f := newFiles(Options{Rules: filepath.Join(dir, "rules"), Sources: dir})
	before := f.look(time.Now())
	link("..2", "..data_tmp")
	if err := os.Rename(filepath.Join(dir, "rules", "..data_tmp"), filepath.Join(dir, "rules", "..data")); err != nil {
		t.Fatal(err)
	}
	if f.look(time.Now()) == before {
		t.Error("the swap is not seen")
	}
}

func longAgo() time.Time { return time.Now().Add(-time.Hour).Truncate(time.Second) }

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func swapIn(t *testing.T, dir, name, text string) {
	t.Helper()
	put(t, dir, name+".new", text)
	if err := os.Rename(filepath.Join(dir, name+".new"), filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func touch(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkLook(b *testing.B) {
	f := newFiles(Options{Rules: "../../rules.d", Sources: "../../sources.d", ConfigFile: "../../yujing.yaml"})
	for b.Loop() {
		f.look(time.Now())
	}
}
