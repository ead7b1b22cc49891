package problem

import "testing"

func TestNearestDoesNotDependOnOrder(t *testing.T) {
	for name, want := range map[string]string{"akt": "act", "channle": "channel", "placee": "place", "xyz": "", "rol": "rod"} {
		for _, candidates := range [][]string{{"at", "act", "channel", "place", "row", "rod"}, {"rod", "row", "place", "channel", "act", "at"}} {
			if got := Nearest(name, candidates); got != want {
				t.Errorf("Nearest(%q, %q) = %q, want %q", name, candidates, got, want)
			}
		}
	}
}
