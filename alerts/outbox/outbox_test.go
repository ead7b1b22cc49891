package outbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"yujing/alerts"
	"yujing/alerts/outbox"
)

func message() *alerts.Message {
	return &alerts.Message{Key: "0123456789abcdef-1.duty.file", To: ".", Subject: "【橙色预警】重复信访 72分 编号 GD1", Text: "级别:橙色\n"}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestARepeatNeverMakesASecondFile(t *testing.T) {
	dir := t.TempDir()
	ch, err := outbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 { // at once, as a crashed and a new process might
		all.Go(func() {
			if err := ch.Send(t.Context(), message()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	again := message()
	again.Text = "rendered otherwise"
	if err := ch.Send(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); len(got) != 1 || got[0] != "0123456789abcdef-1.duty.file.txt" {
		t.Fatalf("files %v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, "0123456789abcdef-1.duty.file.txt"))
	if err != nil || string(text) != "【橙色预警】重复信访 72分 编号 GD1\n\n级别:橙色\n" {
		t.Errorf("%s, %v", text, err)
	}
}

// What a crash left goes, but not before a daemon starts.
func TestHalfWrittenIsClearedAway(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".part-123", "unit/.part-9", "unit/kept.txt"} {
		_ = os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	look := func(when, want string) {
		t.Helper()
		if got := strings.Join(append(files(t, dir), files(t, filepath.Join(dir, "unit"))...), " "); got != want {
			t.Errorf("%s there is %s, want %s", when, got, want)
		}
	}
	if _, err := outbox.Open(dir); err != nil {
		t.Fatal(err)
	}
	look("beside a running daemon", ".part-123 unit .part-9 kept.txt")
	for _, d := range []string{dir, filepath.Join(dir, "none")} {
		if err := outbox.ClearParts(d); err != nil {
			t.Fatal(err)
		}
	}
	look("after a start", "unit kept.txt")
}

// A daemon writes and somebody fetches messages while some are forgotten.
func TestForgetInAnOutboxThatIsInUse(t *testing.T) {
	dir := t.TempDir()
	ch, err := outbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := alerts.NewID("repeat", "00000000000000aa", 1)
	for _, name := range []string{".part-vanished", "fetched.txt"} { // listed, but there is nothing to read
		if err := os.Symlink("nowhere", filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"tells.txt": id.String(), "other.txt": "of another", ".part-1": id.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := ch.Forget([]alerts.ID{id}); n != 1 || err != nil {
		t.Errorf("%d forgotten, %v", n, err)
	}
	if got := strings.Join(files(t, dir), " "); got != ".part-1 .part-vanished fetched.txt other.txt" {
		t.Errorf("left %s", got)
	}
}

func TestDirectoryOfAReceiver(t *testing.T) {
	dir := t.TempDir()
	ch, err := outbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := message()
	m.To = "区住建局"
	if err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := files(t, filepath.Join(dir, "区住建局")); len(got) != 1 {
		t.Errorf("files %v", got)
	}
}

func TestOutboxThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := outbox.Open(filepath.Join(file, "outbox")); err == nil {
		t.Error("opened a directory below a file")
	}
	dir := t.TempDir()
	ch, err := outbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "taken"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m := message()
	m.To = "taken"
	if err := ch.Send(t.Context(), m); err == nil || !strings.Contains(err.Error(), "outbox") {
		t.Errorf("got %v", err)
	}
}

func TestCheckAddress(t *testing.T) {
	for address, ok := range map[string]bool{".": true, "duty": true, "区住建局": true, "..": false, "a/b": false, "": false, ".part-1": false} {
		if err := outbox.CheckAddress(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
