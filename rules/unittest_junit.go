package rules

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"yujing/internal/problem"
)

// The elements of JUnit's XML that CI systems read.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Name    string       `xml:"name,attr"`
		Tests   int          `xml:"tests,attr"`
		Fails   int          `xml:"failures,attr"`
		Errors  int          `xml:"errors,attr"`
		Time    string       `xml:"time,attr"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name   string      `xml:"name,attr"`
		Tests  int         `xml:"tests,attr"`
		Fails  int         `xml:"failures,attr"`
		Errors int         `xml:"errors,attr"`
		Skips  int         `xml:"skipped,attr"` // some readers want it, though no rule test is ever skipped
		Time   string      `xml:"time,attr"`
		Cases  []junitCase `xml:"testcase"`

		seconds float64
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitMessage `xml:"failure"`
		Error   *junitMessage `xml:"error"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes the report as JUnit XML: a suite for each file of tests, a
// case for each test. A file that cannot be read is a suite of one error.
func (r *TestReport) WriteJUnit(w io.Writer) error {
	all := junitSuites{Name: "yujing test"}
	suites := map[string]*junitSuite{}
	var order []string
	suite := func(file string) *junitSuite {
		if suites[file] == nil {
			suites[file] = &junitSuite{Name: file}
			order = append(order, file)
		}
		return suites[file]
	}
	for i := range r.Results {
		suite(r.Results[i].File).result(&r.Results[i], r.Engines)
	}
	for _, p := range r.Problems {
		if p.Severity == problem.Error {
			suite(p.File).broken(p)
		}
	}
	total := 0.0
	for _, file := range order {
		s := suites[file]
		s.Time = seconds(s.seconds)
		all.Tests, all.Fails, all.Errors = all.Tests+s.Tests, all.Fails+s.Fails, all.Errors+s.Errors
		total += s.seconds
		all.Suites = append(all.Suites, *s)
	}
	all.Time = seconds(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(s float64) string { return fmt.Sprintf("%.6f", s) }

// result adds one test.
func (s *junitSuite) result(t *TestResult, engines []string) {
	c := junitCase{Name: t.Name, Class: t.Risk, File: t.File, Line: t.Line, Time: seconds(t.Seconds)}
	s.Tests++
	s.seconds += t.Seconds
	if !t.Passed() {
		s.Fails++
		c.Failure = t.junit(engines)
	}
	s.Cases = append(s.Cases, c)
}

// junit says in words what differs: the first thing as the message, all as the text.
func (r *TestResult) junit(engines []string) *junitMessage {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d\n", r.File, r.Line)
	diffs := merged(r.Diffs, engines)
	for i := range diffs {
		diffs[i].print(&b)
	}
	what, parts := diffs[0].words()
	return &junitMessage{Message: what + ": " + joined(parts), Type: "difference", Text: b.String()}
}

// broken adds a problem of the file itself; all of them are one case.
func (s *junitSuite) broken(p problem.Problem) {
	if len(s.Cases) == 0 {
		s.Tests, s.Errors = 1, 1
		s.Cases = []junitCase{{Name: s.Name, Class: "file", File: s.Name, Line: p.Line, Time: seconds(0),
			Error: &junitMessage{Message: p.Message, Type: p.Check}}}
	}
	s.Cases[0].Error.Text += p.String() + "\n"
}
