package ingest

import (
	"io/fs"
	"path"
	"time"

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// Source is a checked feed definition: where records come from and how they
// become signals. It is never changed after LoadSources and safe for concurrent use.
type Source struct {
	ID      string // the name under source:, part of every SOURCE:REF
	Name    Name
	Kind    string // kind of feed
	Feed    Feed
	File    string // the definition
	Version string // hash of the definition
	Zone    *time.Location
	// SilentAfter is how long the source may send nothing before that is an
	// alarm of its own; 0 = as long as it likes.
	SilentAfter time.Duration

	rests   bool
	mapping mapping
}

// mapping is a definition ready to run.
type mapping struct {
	columns  []string       // every column the definition names
	ordinal  map[string]int // column -> place in columns
	optional map[int]bool   // may be missing from the header
	ignored  map[string]bool
	identity map[int]bool // columns that name a person
	nulls    map[string]bool
	clock    clock
	record   []int
	updated  *value
	signals  []signal
	apart    bool // the ref is not part of the record id: the record needs a key of its own
}

// FeedKind makes a feed from a source's settings for it; settings is nil if
// there are none. Problems go to the decoder.
type FeedKind func(d *problem.Decoder, settings *yaml.Node) Feed

// LoadOptions is what LoadSources needs besides the files.
type LoadOptions struct {
	Kinds map[string]FeedKind // by the name under kind:
}

// LoadSources reads every *.yaml below the root of fsys, but for names that begin
// with a dot, which are an editor's, and gives the sources and every problem found.
// A source with an error is not among them.
func LoadSources(fsys fs.FS, opts LoadOptions) ([]*Source, problem.List) {
	files, err := fs.Glob(fsys, "[^.]*.yaml")
	if err != nil || len(files) == 0 {
		return nil, problem.List{{File: ".", Severity: problem.Error, Check: "sources",
			Message: "no source definition (*.yaml) here", Help: "name the directory of sources with --sources"}}
	}
	var sources []*Source
	var problems problem.List
	defined := map[string]string{}
	for _, name := range files {
		source, found := loadSource(fsys, name, opts)
		if source != nil && defined[source.ID] != "" {
			found = append(found, problem.Problem{File: name, Line: 1, Severity: problem.Error, Check: "repeated-source",
				Message: "source " + source.ID + " is defined in " + defined[source.ID] + " too", Help: "rename one of them"})
		}
		problems = append(problems, found...)
		if found.Err() == nil {
			defined[source.ID] = name
			sources = append(sources, source)
		}
	}
	problems.Sort()
	return sources, problems
}

func loadSource(fsys fs.FS, name string, opts LoadOptions) (*Source, problem.List) {
	d := &problem.Decoder{File: path.Clean(name)}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		d.Fail(nil, "read", err.Error(), "")
		return nil, d.Problems
	}
	node := d.Parse(data)
	if node == nil {
		return nil, d.Problems
	}
	c := compiler{Decoder: d, root: node, opts: opts}
	source := c.source(data)
	d.Problems.Sort()
	if d.Problems.Err() != nil {
		return nil, d.Problems
	}
	return source, d.Problems
}

// Silence says for how long the source has sent nothing that counts, and
// whether that is too long. last is its latest signal (zero: never any, since
// the given start). workday is internal/calendar's; it is asked only if the
// source rests on weekends and holidays.
func (s *Source) Silence(last, now time.Time, workday func(day time.Time) bool) (silent time.Duration, alarm bool) {
	silent = max(0, now.Sub(last))
	if s.rests && workday != nil {
		silent = workingTime(last.In(s.Zone), now.In(s.Zone), workday)
	}
	return silent, s.SilentAfter > 0 && silent > s.SilentAfter
}

// workingTime is the time between two instants without the days off. Beyond a
// year it no longer matters how much it is.
func workingTime(from, to time.Time, workday func(time.Time) bool) time.Duration {
	if from.Before(to.AddDate(-1, 0, 0)) {
		return to.Sub(from)
	}
	var sum time.Duration
	for from.Before(to) {
		midnight := time.Date(from.Year(), from.Month(), from.Day()+1, 0, 0, 0, 0, from.Location())
		if midnight.After(to) {
			midnight = to
		}
		if workday(from) {
			sum += midnight.Sub(from)
		}
		from = midnight
	}
	return sum
}
