package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap/zapcore"

	"yujing/ingest"
	"yujing/internal/config"
)

func (a *app) importCommand() *cobra.Command {
	var source string
	var asJSON bool
	var dryRun int
	cmd := &cobra.Command{
		Use:   "import --source NAME FILE...",
		Short: "read files of a feed into the store; importing again changes nothing",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			if cmd.Flags().Changed("dry-run") {
				return a.dryRun(cmd.Context(), source, files, dryRun)
			}
			return a.importFiles(cmd.Context(), source, files, asJSON)
		},
	}
	cmd.Flags().StringVar(&source, "source", "", "name of the feed definition")
	cmd.Flags().BoolVar(&asJSON, "json", false, "end with one JSON object over all files")
	cmd.Flags().IntVar(&dryRun, "dry-run", 5, "store nothing; print the first N signals as JSON (--dry-run=N)")
	cmd.Flags().Lookup("dry-run").NoOptDefVal = "5"
	return cmd
}

func (a *app) importFiles(ctx context.Context, name string, files []string, asJSON bool) error {
	if err := readable(files); err != nil {
		return err
	}
	importer, source, err := a.importer(ctx, name)
	if err != nil {
		return err
	}
	// Batches bound what is held; the rest is garbage, collected when it nears the limit.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(512 << 20))
	var bar func(int64)
	report, err := importer.Import(ctx, source, files, func(p ingest.Progress) {
		if bar == nil {
			bar = a.progress("importing", p.Total)
		}
		bar(p.Bytes)
	})
	return a.imported(report, asJSON, err)
}

// readable refuses, before anything is opened, what is no file: a misspelt name
// is wrong usage, not a reject.
func readable(files []string) error {
	for _, name := range files {
		info, err := os.Stat(name)
		switch {
		case err != nil:
			return usage("import: %w", err)
		case info.IsDir():
			return usage("import: %s is a directory; name the files in it: %s", name, filepath.Join(name, "*"))
		case !info.Mode().IsRegular():
			continue // a pipe gives what it has only once
		}
		f, err := os.Open(name)
		if err != nil {
			return usage("import: %w", err)
		}
		_ = f.Close()
	}
	return nil
}

// imported prints what an import did, and ends with 1 if something was rejected.
func (a *app) imported(report ingest.Report, asJSON bool, err error) error {
	printRejects(a.stderr, report.Rejects)
	if asJSON {
		if failed := a.json(report); failed != nil {
			return failed
		}
	} else {
		fmt.Fprintf(a.stdout, "%s: %d records, %d signals stored, %d known, %d corrected, %d records rejected, %.2f s\n",
			report.Source, report.Records, report.Stored, report.Known, report.Corrected, report.Rejected, report.Seconds)
	}
	if err == nil && report.Rejected > 0 {
		fmt.Fprintf(a.stderr, "%d records were rejected and are kept: see 'yujing rejects list --source %s'; mend the definition or the file, then 'yujing rejects retry'\n", report.Rejected, report.Source)
		return found()
	}
	return err
}

func printRejects(w io.Writer, rejects []ingest.Reject) {
	for _, r := range rejects {
		fmt.Fprintf(w, "%s: rejected: %s; %s\n", place(r), r.Reason, r.Remedy)
	}
}

// place is where a reject stands; a file that could not be read at all has no line.
func place(r ingest.Reject) string {
	if r.Line <= 0 {
		return r.File
	}
	return fmt.Sprintf("%s:%d", r.File, r.Line)
}

// importer opens what an import needs, and the source named.
func (a *app) importer(ctx context.Context, name string) (*ingest.Importer, *ingest.Source, error) {
	c, err := a.config()
	if err != nil {
		return nil, nil, err
	}
	source, err := a.source(name)
	if err != nil {
		return nil, nil, err
	}
	key, err := a.key(c)
	if err != nil {
		return nil, nil, err
	}
	db, err := a.store(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	if err := db.CheckKey(ctx, key.Name(), c.Key); err != nil {
		return nil, nil, err
	}
	return ingest.New(ingest.Options{Store: db, Key: key, Logger: a.logger(zapcore.WarnLevel)}), source, nil
}

// allSources loads and checks the feed definitions.
func (a *app) allSources() ([]*ingest.Source, error) {
	if err := isDir(a.sourcesDir, "feed definitions", "--sources"); err != nil {
		return nil, err
	}
	sources, problems := config.Sources(a.sourcesDir)
	if err := problems.Err(); err != nil {
		return nil, &coded{exitUsage, err}
	}
	return sources, nil
}

// source is the feed definition of a name; without a name the only one there is.
func (a *app) source(name string) (*ingest.Source, error) {
	sources, err := a.allSources()
	if err != nil {
		return nil, err
	}
	if name == "" && len(sources) == 1 {
		return sources[0], nil
	}
	var known []string
	for _, s := range sources {
		if s.ID == name {
			return s, nil
		}
		known = append(known, s.ID)
	}
	slices.Sort(known)
	if name == "" {
		return nil, usage("which feed? name it with --source: %s", strings.Join(known, ", "))
	}
	return nil, usage("no source %q in %s; known: %s", name, a.sourcesDir, strings.Join(known, ", "))
}
