package problem

import (
	"encoding/xml"
	"fmt"
	"io"
)

// checkstyleReport is what CI servers read (Jenkins, GitLab, reviewdog): a file
// element for each file, in order, with its errors.
type checkstyleReport struct {
	XMLName xml.Name         `xml:"checkstyle"`
	Version string           `xml:"version,attr"`
	Files   []checkstyleFile `xml:"file"`
}

type checkstyleFile struct {
	Name   string            `xml:"name,attr"`
	Errors []checkstyleError `xml:"error"`
}

type checkstyleError struct {
	Line     int    `xml:"line,attr"` // from 1; a problem of the file as a whole stands at 1
	Column   int    `xml:"column,attr,omitempty"`
	Severity string `xml:"severity,attr"`
	Message  string `xml:"message,attr"`
	Source   string `xml:"source,attr"`
}

// reportCheckstyle writes Checkstyle's XML. A list without problems is a report too.
func reportCheckstyle(w io.Writer, l List, _ func(string) []byte) error {
	r := checkstyleReport{Version: "4.3"}
	index := map[string]int{}
	for _, p := range l {
		i, seen := index[p.File]
		if !seen {
			i = len(r.Files)
			index[p.File] = i
			r.Files = append(r.Files, checkstyleFile{Name: p.File})
		}
		r.Files[i].Errors = append(r.Files[i].Errors, checkstyleError{max(1, p.Line), p.Column, string(p.Severity), p.full(), "yujing." + p.Check})
	}
	body, err := xml.MarshalIndent(r, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, body)
	}
	if err != nil {
		return fmt.Errorf("write problems: %w", err)
	}
	return nil
}
