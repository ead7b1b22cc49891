package simulate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// history simulates a district up to now.
func history(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "history")
	mustRun(t, Options{Seed: 21, From: time.Now().AddDate(0, 0, -90), To: time.Now(), Contacts: 6000, Dir: dir})
	return dir
}

func live(t *testing.T, dir, inbox string, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := Live(ctx, LiveOptions{History: dir, Inbox: inbox, PerSecond: 150, Every: 100 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
}

func TestLiveContinuesTheHistory(t *testing.T) {
	dir, inbox := history(t), t.TempDir()
	before, _ := reread(t, dir)
	start := time.Now().Truncate(time.Second)
	live(t, dir, inbox, 2*time.Second)
	first, _ := reread(t, both(t, dir, inbox))
	again, fresh := 0, 0
	for ref, c := range first {
		if old := before[ref]; old != nil {
			if !old.at.Equal(c.at) || old.place != c.place {
				t.Fatalf("%s changed: %v, then %v", ref, old, c)
			}
			continue
		}
		fresh++
		if c.at.Before(start) || c.at.After(time.Now()) {
			t.Fatalf("%s came at %s, the live mode ran from %s to %s", ref, c.at, start, time.Now())
		}
		for _, old := range before {
			if len(c.who) > 0 && len(old.who) > 0 && old.who[0] == c.who[0] && old.category == c.category && old.place == c.place {
				again++
				break
			}
		}
	}
	t.Logf("%d contacts in two seconds, %d of them on matters of the history", fresh, again)
	if fresh < 150 || fresh > 700 {
		t.Errorf("%d contacts, want about 300", fresh)
	}
	if again < 3 {
		t.Errorf("%d contacts came back on old matters, want some", again)
	}

	// A second session goes on after the first.
	live(t, dir, inbox, time.Second)
	second, _ := reread(t, both(t, dir, inbox))
	for ref, c := range first {
		if now := second[ref]; now == nil || !now.at.Equal(c.at) {
			t.Fatalf("%s came at %s; after the second session it is %v", ref, c.at, now)
		}
	}
	if len(second) <= len(first) {
		t.Error("the second session wrote no contact")
	}
	left, _ := filepath.Glob(filepath.Join(inbox, ".partial", "*"))
	if len(left) > 0 {
		t.Errorf("half-written files are left: %v", left)
	}
}

// both links history and inbox into one directory, as an import sees them. The
// inbox sorts last.
func both(t *testing.T, dir, inbox string) string {
	t.Helper()
	union := t.TempDir()
	for i, root := range []string{dir, inbox} {
		for _, source := range sourceNames() {
			files, _ := filepath.Glob(filepath.Join(root, source, "*"))
			into := filepath.Join(union, string(rune('a'+i))+"-"+source)
			if err := os.MkdirAll(into, 0o755); err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if err := os.Link(f, filepath.Join(into, filepath.Base(f))); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return union
}

// What was being written at a crash is written again: same names, same bytes.
func TestLiveRepeatsTheBatchInWork(t *testing.T) {
	dir, inbox := history(t), t.TempDir()
	live(t, dir, inbox, time.Second)
	all := tree(t, inbox)
	s, err := readState(dir)
	if err != nil {
		t.Fatal(err)
	}
	again := t.TempDir()
	if _, err := resume(LiveOptions{History: dir, Inbox: again}, s); err != nil {
		t.Fatal(err)
	}
	repeated := tree(t, again)
	if len(repeated) == 0 {
		t.Fatal("nothing was written again")
	}
	for name, sum := range repeated {
		if all[name] != sum {
			t.Errorf("%s is not what it was", name)
		}
	}
	if diff := cmp.Diff(s, must(readState(dir))); diff != "" {
		t.Error(diff)
	}
}

func must(s state, err error) state {
	if err != nil {
		panic(err)
	}
	return s
}

func TestLiveRefusesWhatItCannotContinue(t *testing.T) {
	if err := Live(t.Context(), LiveOptions{History: t.TempDir(), Inbox: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "yujing simulate") {
		t.Errorf("no history: %v", err)
	}
	dir := history(t)
	s := must(readState(dir))
	s.Model = "0-other"
	if err := writeState(dir, s); err != nil {
		t.Fatal(err)
	}
	if err := Live(t.Context(), LiveOptions{History: dir, Inbox: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("another model: %v", err)
	}
}
