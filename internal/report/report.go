// Package report writes a backtest as one page that explains itself: to a leader
// in a sentence, to an officer in examples, to an analyst in every figure.
//
// The page is one file. It asks for nothing: no script, no font, no image of
// another place, so it can be mailed, printed and kept.
//
// No citizen appears on it. A matter is named by its reference, which is masked
// where it is stored; of its signals the page tells times, channels, acts and
// units. What a citizen wrote, who wrote it, and whom it is about are not read.
// The only texts of the matter are those that the rules' own `because` and
// `advise` render, which is what the officer was told.
package report

import (
	_ "embed"
	"errors"
	"html/template"
	"io"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

//go:embed page.tmpl
var pageTemplate string

//go:embed page.css
var pageStyle string

// Input is what the page is made of.
type Input struct {
	Report  *backtest.Report
	Set     *rules.Set // that was tested: names of risks and rules, thresholds, zones
	Worked  []Worked   // the cases told one by one, the best and the worst first: see Picker and Work
	Made    time.Time  // when the page was made
	Command string     // with what
}

// Write writes the page.
func Write(w io.Writer, in Input) error {
	if in.Report == nil || in.Set == nil {
		return errors.New("write the report: a backtest and the rule set it was of are needed")
	}
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return err
	}
	p, err := newPage(&in)
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}
