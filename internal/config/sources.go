package config

import (
	"io/fs"
	"os"
	"path/filepath"

	"yujing/ingest"
	"yujing/ingest/file"
	"yujing/internal/problem"
)

// Sources loads the feed definitions of a directory.
func Sources(dir string) ([]*ingest.Source, problem.List) {
	sources, problems := SourcesIn(os.DirFS(dir))
	for i := range problems {
		problems[i].File = filepath.Join(dir, problems[i].File)
	}
	return sources, problems
}

// SourcesIn loads the feed definitions in the root of fsys; problems name the
// files as they are called there. A new kind of feed is its package and a line here.
func SourcesIn(fsys fs.FS) ([]*ingest.Source, problem.List) {
	return ingest.LoadSources(fsys, ingest.LoadOptions{Kinds: map[string]ingest.FeedKind{"file": file.New}})
}
