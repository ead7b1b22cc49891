package engine

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// A person who runs a command as the service's user has not the unit's environment.
func TestTheServicesLibraryIsFound(t *testing.T) {
	unit, err := os.ReadFile("../../deploy/yujing.service")
	if err != nil {
		t.Fatal(err)
	}
	installed := regexp.MustCompile(`(?m)^#\s+install .* (\S+/libchdb\.so)$`).FindSubmatch(unit)
	if installed == nil {
		t.Fatal("the unit does not say where the library is installed")
	}
	if path := string(installed[1]); !slices.Contains(libraryPlaces(), path) {
		t.Errorf("the unit installs %s, which is not looked for: %v", path, libraryPlaces())
	}
}
