package ingest

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every key of a definition is explained in docs/sources.md.
func TestEveryKeyIsExplained(t *testing.T) {
	text, err := os.ReadFile("../docs/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[definition](), reflect.TypeFor[signalDefinition](), reflect.TypeFor[valueDefinition]()} {
		for i := range of.NumField() {
			key, _, _ := strings.Cut(of.Field(i).Tag.Get("yaml"), ",")
			if key != "" && !strings.Contains(string(text), "`"+key+"`") && !strings.Contains(string(text), "{"+key+":") && !strings.Contains(string(text), ", "+key+":") {
				t.Errorf("docs/sources.md does not explain %q", key)
			}
		}
	}
	for _, words := range [][]string{channels(), purposes(), acts(), ratings(), levels()} {
		for _, w := range words {
			if !strings.Contains(string(text), w) {
				t.Errorf("docs/sources.md does not name %q", w)
			}
		}
	}
}
