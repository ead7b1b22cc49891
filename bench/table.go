package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// row is one line of the table.
type row struct{ what, figure, beside, hold string }

// add appends a line and tells it at once: the whole takes its time.
func (b *bench) add(what, figure, beside, hold string) {
	b.rows = append(b.rows, row{what, figure, beside, hold})
	fmt.Fprintf(os.Stderr, "%s %s: %s (%s)\n", time.Now().Format(time.TimeOnly), what, figure, beside)
}

func (b *bench) table() string {
	var t strings.Builder
	fmt.Fprintf(&t, "# Benchmarks\n\nWritten by `make bench`, that is `cd bench && %s`, on %s, %d cores, %s. Machines differ and are shared: the ratios hold, the seconds are this run's.\n\n",
		b.command(), runtime.GOARCH, runtime.NumCPU(), time.Now().Format(time.DateOnly))
	fmt.Fprintln(&t, "| what | figure | beside it, in the same run | to hold |\n|---|---|---|---|")
	for _, r := range b.rows {
		fmt.Fprintf(&t, "| %s | %s | %s | %s |\n", r.what, r.figure, r.beside, r.hold)
	}
	return t.String()
}

// command is what was run; where files lie on this machine is nobody's business.
func (b *bench) command() string {
	paths := []string{"boston", "boston-sources", "temp", "yujing", "sources", "rules"}
	words := []string{"go run ."}
	if b.boston != "" {
		words = append([]string{"BOSTON=FILE"}, words...)
	}
	flag.Visit(func(f *flag.Flag) {
		if !slices.Contains(paths, f.Name) {
			words = append(words, "-"+f.Name+" "+f.Value.String())
		}
	})
	return strings.Join(words, " ")
}
