package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Version is the version of the library that `make engine` fetches; tools/engine.sh pins the same.
const Version = "26.5.3"

const libraryName = "libchdb.so"

// ErrNoLibrary says that libchdb.so is nowhere to be found; its message says what to run.
var ErrNoLibrary = errors.New("the ClickHouse engine (libchdb.so) is not installed; run: make engine")

// FindLibrary returns the path of libchdb.so: explicit if not empty, else the environment variable YUJING_ENGINE_LIB,
// else the first of: beside the program, .engine/VERSION/ beside the program or in a directory above it or above the
// working directory (so that tests and binaries of a checkout find what `make engine` linked), /usr/local/lib/yujing
// (where deploy/yujing.service has it), /usr/lib/yujing, and the user's cache that `make engine` fills. A file named
// explicitly must exist.
func FindLibrary(explicit string) (string, error) {
	for _, named := range []struct{ path, by string }{{explicit, "configuration"}, {os.Getenv("YUJING_ENGINE_LIB"), "YUJING_ENGINE_LIB"}} {
		if named.path == "" {
			continue
		}
		if !isFile(named.path) {
			return "", fmt.Errorf("engine library %s, named by %s, is not there; correct it, or remove it and run: make engine", named.path, named.by)
		}
		return filepath.Abs(named.path)
	}
	for _, path := range libraryPlaces() {
		if isFile(path) {
			return path, nil
		}
	}
	return "", ErrNoLibrary
}

func libraryPlaces() []string {
	fetched := filepath.Join(".engine", Version, libraryName)
	var places []string
	if program, err := os.Executable(); err == nil {
		dir := filepath.Dir(program)
		places = append(places, filepath.Join(dir, libraryName))
		places = append(places, above(dir, fetched)...)
	}
	if dir, err := os.Getwd(); err == nil {
		places = append(places, above(dir, fetched)...)
	}
	places = append(places, filepath.Join("/usr/local/lib/yujing", libraryName), filepath.Join("/usr/lib/yujing", libraryName))
	if cache, err := os.UserCacheDir(); err == nil {
		places = append(places, filepath.Join(cache, "yujing", "engine", Version, libraryName))
	}
	return places
}

// above lists name in dir and in every directory above it.
func above(dir, name string) []string {
	places := []string{filepath.Join(dir, name)}
	for up := filepath.Dir(dir); up != dir; up = filepath.Dir(dir) {
		dir = up
		places = append(places, filepath.Join(dir, name))
	}
	return places
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
