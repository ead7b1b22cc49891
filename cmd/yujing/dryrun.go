package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"yujing/ingest"
	"yujing/internal/config"
	"yujing/internal/privacy"
)

// dryRun prints what would be stored first. It makes nothing: no store, no key.
func (a *app) dryRun(ctx context.Context, name string, files []string, n int) error {
	if err := readable(files); err != nil {
		return err
	}
	c, err := a.config()
	if err != nil {
		return err
	}
	source, err := a.source(name)
	if err != nil {
		return err
	}
	key, err := passingKey(c)
	if err != nil {
		return err
	}
	signals, report, err := ingest.New(ingest.Options{Key: key}).DryRun(ctx, source, files, n)
	if err != nil {
		return err
	}
	for i := range signals {
		if err := a.json(previewOf(&signals[i])); err != nil {
			return err
		}
	}
	printRejects(a.stderr, report.Rejects)
	fmt.Fprintf(a.stderr, "dry run: %d records read, %d rejected, nothing stored\n", report.Records, report.Rejected)
	if report.Rejected > 0 {
		return found()
	}
	return nil
}

// passingKey is the deployment's key if there is one, else one that nobody keeps.
func passingKey(c config.Config) (*privacy.Key, error) {
	if _, err := os.Stat(c.Key); !errors.Is(err, fs.ErrNotExist) {
		key, _, err := privacy.OpenKey(c.Key)
		if err != nil {
			return nil, &coded{exitUsage, err}
		}
		return key, nil
	}
	dir, err := os.MkdirTemp("", "yujing-dry-run-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	key, _, err := privacy.OpenKey(filepath.Join(dir, "key"))
	return key, err
}

// preview is a signal as a person checks a mapping by it. Pseudonyms are only counted.
type preview struct {
	Signal     string            `json:"signal"`
	Kind       ingest.Kind       `json:"kind"`
	Ref        string            `json:"ref"`
	At         string            `json:"at"`
	KnownAt    string            `json:"known_at"`
	Channel    string            `json:"channel,omitempty"`
	Level      string            `json:"level,omitempty"`
	Competent  string            `json:"competent,omitempty"`
	Place      string            `json:"place,omitempty"`
	Category   []string          `json:"category,omitempty"`
	Subject    string            `json:"subject,omitempty"`
	Purpose    string            `json:"purpose,omitempty"`
	People     int               `json:"people,omitempty"`
	Identities int               `json:"identities"` // of the complainant; 0 = unknown, joins nothing
	Linked     bool              `json:"linked,omitempty"`
	Act        string            `json:"act,omitempty"`
	Unit       string            `json:"unit,omitempty"`
	Due        string            `json:"due,omitempty"`
	Rating     string            `json:"rating,omitempty"`
	Text       string            `json:"text,omitempty"`
	Attrs      map[string]string `json:"attrs,omitempty"`
	Flags      []string          `json:"flags,omitempty"`
}

func previewOf(s *ingest.Signal) preview {
	p := preview{
		Signal: s.Name, Kind: s.Kind, Ref: s.Source + ":" + s.Ref, At: whenStored(s.At), KnownAt: whenStored(s.KnownAt),
		Channel: s.Channel, Place: s.Place, Subject: s.Subject, Purpose: s.Purpose, People: s.People, Identities: len(s.Who), Linked: s.Link != 0,
		Act: s.Act, Unit: s.Unit, Rating: s.Rating, Text: s.Text, Attrs: s.Attrs, Flags: s.Flags,
	}
	if s.Level != 0 {
		p.Level = s.Level.String()
	}
	if s.Competent != 0 {
		p.Competent = s.Competent.String()
	}
	for _, c := range s.Category {
		if c != "" {
			p.Category = append(p.Category, c)
		}
	}
	if !s.Due.IsZero() {
		p.Due = s.Due.Format(time.RFC3339)
	}
	return p
}

// whenStored writes a time; one that a record does not tell is that of storing.
func whenStored(t time.Time) string {
	if t.IsZero() {
		return "when stored"
	}
	return t.Format(time.RFC3339Nano)
}
