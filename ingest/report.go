package ingest

import (
	"path/filepath"

	"yujing/internal/privacy"
)

// Report is what an import did. Records are data rows read, rejected counts
// records; stored, known, corrected and flagged count signals.
type Report struct {
	Source    string  `json:"source"`
	Records   int     `json:"records"`
	Stored    int     `json:"stored"`
	Known     int     `json:"known"`
	Corrected int     `json:"corrected"`
	Rejected  int     `json:"rejected"`
	Flagged   int     `json:"flagged"`        // impossible order of times, among the stored
	Harm      int     `json:"harm,omitempty"` // texts that may speak of harm, among the stored
	Seconds   float64 `json:"seconds"`

	Files   []*FileReport `json:"-"`
	Rejects []Reject      `json:"-"` // the first few, without what is sealed
}

// shownRejects is how many rejects a Report carries for people to see.
const shownRejects = 20

// FileReport is what became of one file.
type FileReport struct {
	Path     string // as given; it may hold an identity, so it is not for logs
	Name     string // base name, masked
	Records  int
	Rejected int
	Fault    *Fault // why the rest of it could not be read; nil if it was read to its end
}

func newFileReport(path string) *FileReport {
	return &FileReport{Path: path, Name: privacy.Mask(filepath.Base(path))}
}

// Progress is how far an import is.
type Progress struct {
	File    string // masked
	Bytes   int64  // of all files read so far, as they lie on disk
	Total   int64  // of all files; 0 if unknown
	Records int    // stored, known or rejected so far
}

// add notes a reject.
func (r *Report) add(m *mapped, reject Reject) {
	r.Rejected++
	if m != nil {
		m.file.Rejected++
	}
	if len(r.Rejects) < shownRejects {
		reject.Sealed = nil
		r.Rejects = append(r.Rejects, reject)
	}
}

func (r *Report) flags(s *Signal) {
	for _, f := range s.Flags {
		switch f {
		case FlagTimes:
			r.Flagged++
		case FlagHarm:
			r.Harm++
		}
	}
}
