package rules

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextMessageOverOnePart(t *testing.T) {
	dir := os.DirFS("testdata/planted-sms")
	if diff := cmp.Diff([]string{"risks.yaml:4:16 (sms-length)"}, checked(dir, 31)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, room := range []int{0, 41} { // not asked; just enough
		if found := checked(dir, room); len(found) > 0 {
			t.Errorf("room for %d: %v", room, found)
		}
	}
}
