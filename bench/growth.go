package main

import (
	"context"
	"fmt"
	"time"

	"yujing/rules"
)

// grow imports and scores districts of several sizes: what a matter costs should
// not depend on how many there are.
func (b *bench) grow(ctx context.Context) error {
	set, err := b.ruleSet()
	if err != nil {
		return err
	}
	var smallest *grown
	for _, size := range b.growth {
		d, err := b.district(ctx, size)
		if err != nil {
			return err
		}
		g, err := scoreDistrict(ctx, set, d)
		if err != nil {
			return err
		}
		if smallest == nil {
			smallest = g
		}
		b.add(fmt.Sprintf("growth, %d contacts", size), g.String(), g.against(smallest), "the same for each case, whatever the size")
	}
	return nil
}

// grown is what a district of one size took.
type grown struct {
	imported      report
	cases         int
	first, steady measured
}

// scoreDistrict scores a district as if for the first time, and an hour later.
func scoreDistrict(ctx context.Context, set *rules.Set, d *district) (*grown, error) {
	s, err := openStore(ctx, d.data)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for _, table := range []string{"assessments", "ticks"} { // of a daemon that was measured on it
		if err := s.write(ctx, "TRUNCATE TABLE "+table); err != nil {
			return nil, err
		}
	}
	g := &grown{imported: d.imported}
	now := time.Now().UTC().Truncate(time.Second)
	if err := s.numbers(ctx, "SELECT uniqExact(case_id) FROM signals", &g.cases); err != nil {
		return nil, err
	}
	if g.first, err = s.score(ctx, set, now); err != nil {
		return nil, err
	}
	g.steady, err = s.score(ctx, set, now.Add(time.Hour))
	return g, err
}

func (g *grown) String() string {
	return fmt.Sprintf("%d cases, %d signals: import %.1f s, first tick %.1f s, an hour later %.2f s", g.cases, g.imported.Stored, g.imported.Seconds, g.first.took.Seconds(), g.steady.took.Seconds())
}

// perCase is the time for a stored case.
func (g *grown) perCase(seconds float64) float64 { return seconds * 1e6 / float64(g.cases) }

// against gives the time for each case, and beside the one of another size.
func (g *grown) against(other *grown) string {
	imported, first, steady := g.perCase(g.imported.Seconds), g.perCase(g.first.took.Seconds()), g.perCase(g.steady.took.Seconds())
	return fmt.Sprintf("for each case import %.0f µs, first tick %.0f µs, an hour later %.1f µs: %.2f, %.2f and %.2f times those of %d cases",
		imported, first, steady, imported/other.perCase(other.imported.Seconds), first/other.perCase(other.first.took.Seconds()), steady/other.perCase(other.steady.took.Seconds()), other.cases)
}
