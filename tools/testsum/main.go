// Command testsum runs `go test -json` with the arguments given and prints what
// a person wants of it: a line per package, the output of what failed, every
// skipped test with its reason, the tests that took longest, and at the end
//
//	N passed, N failed, N skipped
//
// It exits 1 if a test failed, a package did not build, no test ran, or, under
// CI=true, a test was skipped: there a skip is a test that nobody runs.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// event is a line of `go test -json` (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// summary is what the events add up to. A parent of subtests counts as one
// test, as in go test itself.
type summary struct {
	out                     io.Writer
	passed, failed, skipped int
	broken                  int                 // packages that failed though none of their tests did: build, TestMain, panic
	pending                 map[string][]string // output of tests and packages not yet decided
	failedIn                map[string]bool     // packages with a failed test
	skips                   []string
	times                   []timed
}

// timed is a test that ended and what it took.
type timed struct {
	seconds float64
	name    string
}

// slowest is how many of the tests that took longest are named, and fromSeconds from when on one is.
const slowest, fromSeconds = 10, 10

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = stderr
	events, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(stderr, "testsum: start go test:", err)
		return 3
	}
	s := summary{out: stdout, pending: map[string][]string{}, failedIn: map[string]bool{}}
	s.read(events)
	status := cmd.Wait()
	if ok := s.close(os.Getenv("CI") == "true"); !ok || status != nil {
		return 1
	}
	return 0
}

// read takes the events to their end.
func (s *summary) read(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		var e event
		if json.Unmarshal([]byte(line), &e) == nil {
			s.take(e)
		} else if strings.TrimSpace(line) != "" {
			fmt.Fprint(s.out, line) // not an event: said by a program under test, or by go itself
		}
		if err != nil {
			return
		}
	}
}

func (s *summary) take(e event) {
	id := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		s.pending[id] = append(s.pending[id], e.Output)
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.endPackage(e, s.pending[id])
		} else {
			s.endTest(e, s.pending[id])
		}
		delete(s.pending, id)
	}
}

func (s *summary) endTest(e event, output []string) {
	s.times = append(s.times, timed{e.Elapsed, e.Package + " " + e.Test})
	switch e.Action {
	case "pass":
		s.passed++
	case "skip":
		s.skipped++
		s.skips = append(s.skips, e.Package+" "+e.Test+": "+reason(output))
	case "fail":
		s.failed++
		s.failedIn[e.Package] = true
		fmt.Fprintf(s.out, "FAIL %s %s\n%s", e.Package, e.Test, strings.Join(output, ""))
	}
}

func (s *summary) endPackage(e event, output []string) {
	switch {
	case e.Action == "skip":
		fmt.Fprintf(s.out, "?    %s (no tests)\n", e.Package)
	case e.Action == "pass":
		fmt.Fprintf(s.out, "ok   %s %.1fs\n", e.Package, e.Elapsed)
	default:
		if !s.failedIn[e.Package] {
			s.broken++
			fmt.Fprint(s.out, strings.Join(output, ""))
			s.undecided(e.Package)
		}
		fmt.Fprintf(s.out, "FAIL %s %.1fs\n", e.Package, e.Elapsed)
	}
}

// undecided prints what the tests said that a panic or a timeout cut off.
func (s *summary) undecided(pkg string) {
	for id, output := range s.pending {
		if strings.HasPrefix(id, pkg+" ") && !strings.HasSuffix(id, " ") {
			fmt.Fprintf(s.out, "never ended: %s\n%s", id, strings.Join(output, ""))
		}
	}
}

// reason is what a skipped test said, in one line.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	return strings.Join(said, " ")
}

// close prints the skips and the closing line; false if this is no success.
func (s *summary) close(ci bool) bool {
	for _, skip := range s.skips {
		fmt.Fprintln(s.out, "SKIP", skip)
	}
	s.printSlowest()
	failed := s.failed + s.broken
	if ci && s.skipped > 0 {
		fmt.Fprintln(s.out, "skipped tests are failures here (CI=true): install what they need")
		failed += s.skipped
		s.skipped = 0
	}
	if s.passed+failed == 0 {
		fmt.Fprintln(s.out, "no test ran")
		failed = 1
	}
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", s.passed, failed, s.skipped)
	return failed == 0
}

// printSlowest names the tests that took longest.
func (s *summary) printSlowest() {
	slices.SortStableFunc(s.times, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	for _, t := range s.times[:min(slowest, len(s.times))] {
		if t.seconds >= fromSeconds {
			fmt.Fprintf(s.out, "slow %s %.1fs\n", t.name, t.seconds)
		}
	}
}
