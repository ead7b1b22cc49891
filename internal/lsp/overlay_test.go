package lsp

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestTheScreenLiesOverTheDisk(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"disk.yaml", "both.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("on disk"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := overlay{os.DirFS(dir), map[string][]byte{"both.yaml": []byte("on the screen"), "screen.yaml": []byte("only there")}}
	for name, want := range map[string]string{"disk.yaml": "on disk", "both.yaml": "on the screen", "screen.yaml": "only there"} {
		if got, err := fs.ReadFile(o, name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	names, err := fs.Glob(o, "*.yaml")
	if err != nil || len(names) != 3 {
		t.Errorf("%v, %v", names, err)
	}
	gone := overlay{os.DirFS(filepath.Join(dir, "nowhere")), o.texts}
	if names, _ := fs.Glob(gone, "*"); len(names) != 2 {
		t.Errorf("in a directory that is not on disk: %v", names)
	}
}
