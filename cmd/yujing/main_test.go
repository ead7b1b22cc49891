package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"yujing/internal/engine"
)

func TestMain(m *testing.M) {
	engine.MaybeServe()
	testscript.Main(m, map[string]func(){"yujing": func() { os.Exit(run()) }})
}

// TestScripts runs testdata/*.txtar against the whole program. UPDATE_SCRIPTS=1
// rewrites what they expect.
func TestScripts(t *testing.T) {
	lib, err := engine.FindLibrary("")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("YUJING_ENGINE_LIB", lib)
			e.Setenv("LIB", lib)
			e.Setenv("ROOT", root)
			e.Setenv("TZ", "UTC")
			e.Setenv("LONG", filepath.Join(e.WorkDir, strings.Repeat("a-long-name-", 10)))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "count": count, "remake": remake, "within": within},
	})
}

// exits CODE COMMAND... runs a command that must end with this code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// count N GLOB says how many files there must be.
func count(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: count N GLOB")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	found, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if len(found) != want {
		ts.Fatalf("%d files match %s, want %d: %v", len(found), args[1], want, found)
	}
}

// within DURATION COMMAND... repeats a command until it succeeds.
func within(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: within DURATION COMMAND...")
	}
	most, err := time.ParseDuration(args[0])
	ts.Check(err)
	for end := time.Now().Add(most); ; time.Sleep(100 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("not within %s: %v", most, err)
		}
	}
}
