package rules

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
)

// asked is a matter raised twice by the same complainant, rated badly in between.
func asked(now time.Time) *Facts {
	at := func(days float64) time.Time { return now.Add(-time.Duration(days * 24 * float64(time.Hour))) }
	return &Facts{Over: OverCase, Row: "00000000000000aa", Ref: "hotline-12345:GD2026",
		Contacts: []Signal{
			{ID: "c1", At: at(5), Person: 9, Case: "aa", Channel: "hotline", Purpose: "complaint", People: 1, Level: county, Competent: county},
			{ID: "c2", At: at(1), Person: 9, Case: "aa", Channel: "visit", Purpose: "complaint", People: 1, Level: city, Competent: county},
		},
		Actions: []Signal{{ID: "a1", At: at(4), Act: "transferred", Unit: "街道办", Case: "aa"}},
	}
}

func TestExplainPrints(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.Risk("repeat").Zone)
	e := set.NewEvaluator()
	var b strings.Builder
	for _, id := range []string{"repeat", "escalated"} {
		x, err := e.Explain(set.Risk(id), asked(now), now)
		if err != nil {
			t.Fatal(err)
		}
		x.RuleSet, x.Calendar = "RULESET", "CALENDAR"
		x.Print(&b, PrintOptions{})
		if _, err := json.Marshal(x); err != nil {
			t.Error(err)
		}
		b.WriteString("\n")
	}
	golden(t, "testdata/explain.golden", b.String())
}

// One set serves many evaluators at once (run by make race).
func TestSetIsSafeForConcurrentUse(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.Risk("repeat").Zone)
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			e := set.NewEvaluator()
			for range 3 {
				if _, err := e.Explain(set.Risk("repeat"), asked(now), now); err != nil {
					return err
				}
				if _, err := e.OutcomeOf(set.Risk("repeat"), asked(now)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// golden compares with a file, or writes it if YUJING_UPDATE is set.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("YUJING_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with YUJING_UPDATE=1", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); write it with YUJING_UPDATE=1\n%s", file, diff)
	}
}
