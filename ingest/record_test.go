package ingest

import "testing"

func TestHeadersTellColumnsApart(t *testing.T) {
	var headers Headers
	seen := map[*Header][]string{}
	for _, columns := range [][]string{{}, {""}, {"", ""}, {"a", "b"}, {"a\x00b"}, {`a" "b`}, {"a b"}, {"b", "a"}} {
		h := headers.Of(columns)
		if other, known := seen[h]; known {
			t.Errorf("%q has the header of %q", columns, other)
		}
		seen[h] = columns
	}
	if a, b := headers.Of([]string{"a", "b"}), headers.Of([]string{"b", "a"}); a == b || headers.Of([]string{"a", "b"}) != a || headers.Of([]string{"b", "a"}) != b {
		t.Error("the same columns, in turn, have several headers")
	}
}
