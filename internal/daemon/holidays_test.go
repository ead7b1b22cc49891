package daemon_test

import (
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"yujing/internal/config"
	"yujing/internal/daemon"
)

// The start ends at the key, which is a directory here: the warning comes before.
func TestMissingHolidaysAreToldAtTheStart(t *testing.T) {
	dir := t.TempDir()
	c, problems := config.Load(filepath.Join(dir, "none.yaml"), false)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	c.HTTP.Listen, c.Key = "", dir
	for year, want := range map[int]int{2024: 0, 2199: 1} {
		core, logs := observer.New(zap.WarnLevel)
		_, err := daemon.New(t.Context(), daemon.Options{Config: c.In(dir), DataDir: dir, Rules: "../../rules.d", Sources: "../../sources.d", Logger: zap.New(core),
			Now: func() time.Time { return time.Date(year, 3, 1, 0, 0, 0, 0, time.UTC) }})
		if err == nil {
			t.Fatal("started without a key")
		}
		if got := logs.FilterMessage("holidays are missing").Len(); got != want {
			t.Errorf("in %d told %d times, want %d (%v)", year, got, want, err)
		}
	}
}
