package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yujing/ingest"
)

func (a *app) rejectsCommand() *cobra.Command {
	var source string
	var asJSON bool
	cmd := &cobra.Command{Use: "rejects", Short: "records that could not be mapped: list, show, retry, drop"}
	cmd.PersistentFlags().StringVar(&source, "source", "", "only this source")
	cmd.PersistentFlags().BoolVar(&asJSON, "json", false, "JSON")
	list := func(cmd *cobra.Command, _ []string) error { return a.listRejects(cmd.Context(), source, asJSON) }
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usage("rejects: unknown word %q; use list, show, retry or drop", args[0])
		}
		return list(cmd, args)
	}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "what waits, oldest first", Args: cobra.NoArgs, RunE: list},
		&cobra.Command{Use: "show ID", Short: "one reject, masked", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
			return a.showReject(cmd.Context(), args[0], asJSON)
		}},
		&cobra.Command{Use: "retry [ID...]", Short: "map again, after the definition was mended", RunE: func(cmd *cobra.Command, ids []string) error {
			return a.retryRejects(cmd.Context(), source, ids, asJSON)
		}},
		&cobra.Command{Use: "drop ID...", Short: "give records up and erase them", Args: cobra.MinimumNArgs(1), RunE: func(cmd *cobra.Command, ids []string) error {
			return a.dropRejects(cmd.Context(), ids)
		}},
	)
	return cmd
}

// rejectLine is a reject as JSON shows it. What is sealed stays sealed.
type rejectLine struct {
	ID         string `json:"id"`
	Source     string `json:"source"`
	File       string `json:"file"`
	Line       int    `json:"line"`
	Reason     string `json:"reason"`
	Remedy     string `json:"remedy"`
	Masked     string `json:"masked,omitempty"`
	RejectedAt string `json:"rejected_at"`
	Waits      bool   `json:"waits"`
}

func lineOf(r ingest.Reject) rejectLine {
	return rejectLine{ID: r.ID.String(), Source: r.Source, File: r.File, Line: r.Line, Reason: r.Reason, Remedy: r.Remedy, Masked: r.Masked,
		RejectedAt: r.At.UTC().Format(time.RFC3339), Waits: r.Waits}
}

func (a *app) listRejects(ctx context.Context, source string, asJSON bool) error {
	_, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	n := 0
	for r, err := range db.Rejects(ctx, ingest.RejectQuery{Source: source, Brief: true}) {
		if err != nil {
			return err
		}
		n++
		if asJSON {
			err = a.json(lineOf(r))
		} else {
			_, err = fmt.Fprintf(a.stdout, "%s  %s  %s  %s; %s\n", r.ID, r.Source, place(r), r.Reason, r.Remedy)
		}
		if err != nil {
			return err
		}
	}
	if n > 0 {
		return found()
	}
	return nil
}

func (a *app) showReject(ctx context.Context, id string, asJSON bool) error {
	_, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	for r, err := range db.Rejects(ctx, ingest.RejectQuery{}) {
		if err != nil {
			return err
		}
		if !strings.HasPrefix(r.ID.String(), id) {
			continue
		}
		if asJSON {
			return a.json(lineOf(r))
		}
		_, err = fmt.Fprintf(a.stdout, "%s  %s  %s  %s\n%s; %s\n%s\n", r.ID, r.Source, place(r), r.At.Format(time.RFC3339), r.Reason, r.Remedy, r.Masked)
		return err
	}
	return usage("no reject %q; see 'yujing rejects list'", id)
}

// retryRejects maps again, source by source.
func (a *app) retryRejects(ctx context.Context, only string, words []string, asJSON bool) error {
	ids, err := parseIDs(words)
	if err != nil {
		return err
	}
	_, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	var sources []string
	seen := map[string]bool{}
	for r, err := range db.Rejects(ctx, ingest.RejectQuery{Source: only, Brief: true}) {
		if err != nil {
			return err
		}
		if !seen[r.Source] {
			seen[r.Source] = true
			sources = append(sources, r.Source)
		}
	}
	left := false
	for _, name := range sources {
		importer, source, err := a.importer(ctx, name)
		if err != nil {
			return err
		}
		report, failed := importer.Retry(ctx, source, ids...)
		err = a.imported(report, asJSON, failed)
		var problems *coded // that records were rejected; not that the retry, or telling of it, failed
		switch {
		case errors.As(err, &problems) && failed == nil:
			left = true
		case err != nil:
			return err
		}
	}
	if left {
		return found()
	}
	return nil
}

func (a *app) dropRejects(ctx context.Context, words []string) error {
	ids, err := parseIDs(words)
	if err != nil {
		return err
	}
	_, db, err := a.open(ctx)
	if err != nil {
		return err
	}
	return db.Append(ctx, &ingest.Batch{Settled: ids})
}

func parseIDs(words []string) ([]ingest.ID, error) {
	var out []ingest.ID
	for _, w := range words {
		b, err := hex.DecodeString(w)
		if err != nil || len(b) != len(ingest.ID{}) {
			return nil, usage("%q is not the id of a reject: 32 hex digits, as in 'yujing rejects list'", w)
		}
		out = append(out, ingest.ID(b))
	}
	return out, nil
}
