package file

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"yujing/ingest"
	"yujing/internal/privacy"
)

// Importer is what a Watcher needs of the import.
type Importer interface {
	Import(ctx context.Context, source *ingest.Source, files []string, progress func(ingest.Progress)) (ingest.Report, error)
}

// WatchOptions says what a Watcher watches.
type WatchOptions struct {
	Inbox    string           // directory below which the sources' patterns look
	Sources  []*ingest.Source // those of another kind or without a pattern are passed over
	Importer Importer
	Logger   *zap.Logger                      // default: none
	Poll     time.Duration                    // default 200 ms
	Done     func(r ingest.Report, err error) // told after each import; may be nil
}

// Watcher imports files that are put into an inbox and deletes them once
// everything in them is stored: as signals, or as rejects, sealed. They hold
// identities and have no business to stay. A crash in between imports a file
// again, which changes nothing. A file that cannot be read to its end is kept
// for a person to mend: beside its place as NAME.bad, or NAME.2.bad and so on if
// there is one already, readable by its owner alone.
type Watcher struct {
	WatchOptions
	seen map[string]state

	mu sync.Mutex // guards Sources
}

// state is what tells a file that is still being written from a whole one.
type state struct {
	size    int64
	changed time.Time
	since   time.Time // seen like this first
}

// settled is how long a file must not have changed to be whole, unless it was
// moved into its place.
const settled = time.Second

// badSuffix marks a file that could not be read to its end.
const badSuffix = ".bad"

// NewWatcher gives a Watcher. It watches nothing before Run or Look.
func NewWatcher(opts WatchOptions) *Watcher {
	if opts.Logger == nil {
		opts.Logger = zap.NewNop()
	}
	if opts.Poll <= 0 {
		opts.Poll = 200 * time.Millisecond
	}
	return &Watcher{WatchOptions: opts, seen: map[string]state{}}
}

// Use has the Watcher look for the files of these sources from its next look
// on. An import under way ends with the definition it began with.
func (w *Watcher) Use(sources []*ingest.Source) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Sources = sources
}

func (w *Watcher) sources() []*ingest.Source {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Sources
}

// Run looks into the inbox until ctx ends. Its error is ctx's.
func (w *Watcher) Run(ctx context.Context) error {
	tick := time.NewTicker(w.Poll)
	defer tick.Stop()
	for {
		if err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.Logger.Error("inbox", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Look imports what is whole in the inbox now, source by source.
func (w *Watcher) Look(ctx context.Context) error {
	var errs []error
	found := map[string]bool{}
	for _, source := range w.sources() {
		feed, ok := source.Feed.(*Feed)
		if !ok || feed.Watch == "" {
			continue
		}
		files, err := w.whole(feed.Watch, found)
		errs = append(errs, err)
		if len(files) > 0 {
			errs = append(errs, w.take(ctx, source, files))
		}
	}
	for name := range w.seen {
		if !found[name] {
			delete(w.seen, name)
		}
	}
	return errors.Join(errs...)
}

// delivery is a file that is whole.
type delivery struct {
	path string
	state
}

// whole lists the files of a pattern that nobody writes to any more, oldest first.
func (w *Watcher) whole(pattern string, found map[string]bool) ([]delivery, error) {
	names, err := filepath.Glob(filepath.Join(w.Inbox, filepath.FromSlash(pattern)))
	if err != nil {
		return nil, fmt.Errorf("list inbox: %w", err)
	}
	var files []delivery
	for _, name := range names {
		info, err := os.Lstat(name)
		if err != nil || !info.Mode().IsRegular() || unfinished(filepath.Base(name)) {
			continue
		}
		found[name] = true
		now := state{size: info.Size(), changed: info.ModTime(), since: time.Now()}
		before, known := w.seen[name]
		if known && before.size == now.size && before.changed.Equal(now.changed) {
			now.since = before.since
		}
		w.seen[name] = now
		if movedIn(info) || time.Since(now.since) >= settled && time.Since(now.changed) >= settled {
			files = append(files, delivery{name, now})
		}
	}
	slices.SortStableFunc(files, func(a, b delivery) int { return a.changed.Compare(b.changed) })
	return files, nil
}

// unfinished are the names that writers give to what they have not finished,
// and that we give to what could not be read.
func unfinished(base string) bool {
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") {
		return true
	}
	for _, suffix := range []string{badSuffix, ".tmp", ".part", ".partial", ".filepart", ".crdownload", "~"} {
		if strings.HasSuffix(strings.ToLower(base), suffix) {
			return true
		}
	}
	return false
}

// take imports files of a source and removes those that are stored whole.
func (w *Watcher) take(ctx context.Context, source *ingest.Source, files []delivery) error {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.path
	}
	report, err := w.Importer.Import(ctx, source, paths, nil)
	if w.Done != nil {
		w.Done(report, err)
	}
	if err != nil {
		return fmt.Errorf("import %d files of %s: %w", len(files), source.ID, err)
	}
	var errs []error
	for i, f := range files {
		var fault *ingest.Fault
		if i < len(report.Files) {
			fault = report.Files[i].Fault
		}
		errs = append(errs, w.remove(source, f, fault))
	}
	return errors.Join(errs...)
}

// remove deletes an imported file, or puts it aside if it could not be read to
// its end. A file that changed meanwhile is imported again.
func (w *Watcher) remove(source *ingest.Source, f delivery, fault *ingest.Fault) error {
	info, err := os.Lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || info.Size() != f.size || !info.ModTime().Equal(f.changed) {
		return nameless("look at an imported file", err)
	}
	if fault == nil {
		return nameless("delete an imported file", os.Remove(f.path))
	}
	if err := os.Chmod(f.path, 0o600); err != nil {
		return nameless("protect a bad file", err)
	}
	aside, err := setAside(f.path)
	if err != nil {
		return nameless("put a bad file aside", err)
	}
	w.Logger.Warn("file cannot be read to its end and is kept", zap.String("source", source.ID), zap.String("file", privacy.Mask(filepath.Base(f.path))),
		zap.Int("line", fault.Line), zap.String("reason", fault.Reason),
		zap.String("remedy", fault.Remedy+"; then delete "+privacy.Mask(filepath.Base(aside))+": it holds identities"))
	return nil
}

// setAside gives a file the first free of the names NAME.bad, NAME.2.bad,
// NAME.3.bad: an export often has the same name every day, and each that waits
// for a person may be the only copy. The name is taken before the file moves to
// it, so that it replaces none; a link would do too, but not every share has links.
func setAside(path string) (string, error) {
	aside := path + badSuffix
	taken, err := os.OpenFile(aside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		aside = fmt.Sprintf("%s.%d%s", path, n, badSuffix)
		taken, err = os.OpenFile(aside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	}
	if err != nil {
		return "", err
	}
	if err := errors.Join(taken.Close(), os.Rename(path, aside)); err != nil {
		return "", errors.Join(err, os.Remove(aside))
	}
	return aside, nil
}

// nameless leaves the path out of an error: a file's name may hold an identity.
func nameless(what string, err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
