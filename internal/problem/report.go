package problem

import (
	"fmt"
	"io"
	"strings"
)

// Reporter writes problems in one form. source gives a file's text, or nil if
// there is none.
type Reporter func(w io.Writer, l List, source func(file string) []byte) error

// Formats names the forms that Report knows: text for people, the others for
// machines.
func Formats() []string { return []string{"text", "json", "github", "checkstyle"} }

// Report finds the reporter of a format.
func Report(format string) (Reporter, error) {
	switch format {
	case "text":
		return reportText, nil
	case "json":
		return reportJSON, nil
	case "github":
		return reportGitHub, nil
	case "checkstyle":
		return reportCheckstyle, nil
	}
	return nil, fmt.Errorf("no format %q; write one of %s", format, strings.Join(Formats(), ", "))
}

// full is the message with its remedy.
func (p Problem) full() string {
	if p.Help == "" {
		return p.Message
	}
	return p.Message + "; " + p.Help
}
