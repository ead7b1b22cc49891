package config

import (
	"os"
	"path/filepath"

	"yujing/ingest"
	"yujing/ingest/file"
	"yujing/internal/problem"
)

// Sources loads the feed definitions of a directory. A new kind of feed is its
// package and a line here.
func Sources(dir string) ([]*ingest.Source, problem.List) {
	sources, problems := ingest.LoadSources(os.DirFS(dir), ingest.LoadOptions{Kinds: map[string]ingest.FeedKind{"file": file.New}})
	for i := range problems {
		problems[i].File = filepath.Join(dir, problems[i].File)
	}
	return sources, problems
}
