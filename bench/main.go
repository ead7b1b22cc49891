// Command bench measures the program, on data made here, each figure beside what
// it is compared with in the same run. It prints a Markdown table;
// docs/benchmarks.md is one such run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"yujing/internal/engine"
)

func main() {
	engine.MaybeServe() // a client may have started this process to be its engine
	b := &bench{}
	flag.StringVar(&b.yujing, "yujing", "../bin/yujing", "the program")
	flag.StringVar(&b.sources, "sources", "../sources.d", "feed definitions of the simulated feeds")
	flag.StringVar(&b.rules, "rules", "../rules.d", "rules")
	flag.IntVar(&b.contacts, "contacts", 1_000_000, "simulated contacts")
	flag.IntVar(&b.cases, "cases", 1_000_000, "cases of the tick, the rules and the arrivals")
	flag.IntVar(&b.perCase, "signals-per-case", 10, "signals of each of them, at least 6")
	flag.IntVar(&b.blocks, "parts", 16, "large inserts that store them; four small ones follow")
	flag.StringVar(&b.boston, "boston", os.Getenv("BOSTON"), "boston311 export to import as well (default $BOSTON)")
	flag.StringVar(&b.bostonSources, "boston-sources", "../examples/boston311", "its definition")
	growth := flag.String("growth", "10000,100000,1000000", "sizes of the simulated districts whose import and tick are compared")
	only := flag.String("only", "", "run only these, of: "+strings.Join(names(b.families()), ","))
	temp := flag.String("temp", "", "where the data goes (default the system's directory for such)")
	out := flag.String("out", "", "also write the table to this file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := b.main(ctx, *growth, *only, *temp, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// bench is what the families of rows share.
type bench struct {
	yujing, sources, rules string
	boston, bostonSources  string
	contacts               int
	cases, perCase, blocks int
	growth                 []int
	dir                    string
	districts              map[int]*district
	filled                 *store // made when first asked for
	rows                   []row
}

// family is some rows of the table, measured together.
type family struct {
	name string
	run  func(context.Context) error
}

func (b *bench) families() []family {
	return []family{{"feeds", b.feeds}, {"boston", b.importBoston}, {"growth", b.grow}, {"tick", b.tick}, {"backtest", b.backtest}, {"facts", b.overFacts}, {"arrival", b.arrive}}
}

func names(families []family) []string {
	out := make([]string, len(families))
	for i, f := range families {
		out[i] = f.name
	}
	return out
}

// chosen gives the families that the flag names, in their order.
func (b *bench) chosen(only string) ([]family, error) {
	if only == "" {
		return b.families(), nil
	}
	wanted := map[string]bool{}
	for name := range strings.SplitSeq(only, ",") {
		wanted[name] = true
	}
	var out []family
	for _, f := range b.families() {
		if wanted[f.name] {
			out = append(out, f)
			delete(wanted, f.name)
		}
	}
	for name := range wanted {
		return nil, fmt.Errorf("-only %s: no such rows; use %s", name, strings.Join(names(b.families()), ", "))
	}
	return out, nil
}

func (b *bench) main(ctx context.Context, growth, only, temp, out string) error {
	families, err := b.chosen(only)
	if err != nil {
		return err
	}
	if b.perCase < 6 {
		return fmt.Errorf("-signals-per-case %d: use at least 6", b.perCase)
	}
	for size := range strings.SplitSeq(growth, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			return fmt.Errorf("-growth %q: write numbers with commas between", growth)
		}
		b.growth = append(b.growth, n)
	}
	for _, path := range []*string{&b.yujing, &b.sources, &b.rules, &b.bostonSources} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	if b.dir, err = os.MkdirTemp(temp, "yujing-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	defer b.closeFilled()
	for _, f := range families {
		if err := f.run(ctx); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	fmt.Print(b.table())
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(b.table()), 0o644)
}
