package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"go.uber.org/zap"
)

// ClickHouse notes the deduplication token of an INSERT before it publishes the part with the rows. Killed between the
// two it has a token without rows, and drops the INSERT silently when the client repeats it with the same token. So
// before the data is opened, tokens whose part is not there are struck out of the logs of all tables.
//
// A log is data/store/XXX/UUID/deduplication_logs/deduplication_log_N.txt with lines "1 TAB part TAB token" (2 for a
// token that was dropped). The parts are directories beside it, PARTITION_MIN_MAX_LEVEL[_MUTATION]; a part that was
// merged is covered by one of the same partition whose span of block numbers holds its own.

// forgetLostTokens strikes them out in all tables below data and returns how many there were.
func forgetLostTokens(data string, logger *zap.Logger) (int, error) {
	logs, err := filepath.Glob(filepath.Join(data, "store", "*", "*", "deduplication_logs", "deduplication_log_*.txt"))
	if err != nil {
		return 0, err
	}
	lost := 0
	for _, path := range logs {
		n, err := forgetIn(path)
		if err != nil {
			return lost, fmt.Errorf("deduplication log %s: %w", path, err)
		}
		if n > 0 {
			logger.Warn("struck out tokens of inserts that were not stored", zap.String("log", path), zap.Int("tokens", n))
		}
		lost += n
	}
	return lost, nil
}

func forgetIn(path string) (lost int, err error) {
	log, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	parts, err := partsOf(filepath.Dir(filepath.Dir(path)))
	if err != nil {
		return 0, err
	}
	kept := make([]byte, 0, len(log))
	for line := range bytes.Lines(log) {
		if keep(line, parts) {
			kept = append(kept, line...)
		} else {
			lost++
		}
	}
	if lost == 0 {
		return 0, nil
	}
	return lost, replaceFile(path, kept)
}

// keep reports whether a line of a log stands for something: a whole line, of a part that is there. What it does not
// understand it keeps.
func keep(line []byte, parts map[string][]span) bool {
	if !bytes.HasSuffix(line, []byte("\n")) {
		return false // torn by a kill; the next one would be written behind it
	}
	fields := bytes.Split(line, []byte("\t"))
	if len(fields) != 3 || string(fields[0]) != "1" {
		return true
	}
	partition, wanted, ok := parsePart(string(fields[1]))
	if !ok {
		return true
	}
	for _, part := range parts[partition] {
		if part.min <= wanted.min && wanted.max <= part.max {
			return true
		}
	}
	return false
}

// span are the block numbers of a part.
type span struct{ min, max uint64 }

var partName = regexp.MustCompile(`^([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?$`)

func parsePart(name string) (partition string, blocks span, ok bool) {
	found := partName.FindStringSubmatch(name)
	if found == nil {
		return "", span{}, false
	}
	low, errLow := strconv.ParseUint(found[2], 10, 64)
	high, errHigh := strconv.ParseUint(found[3], 10, 64)
	return found[1], span{low, high}, errLow == nil && errHigh == nil
}

func partsOf(table string) (map[string][]span, error) {
	entries, err := os.ReadDir(table)
	if err != nil {
		return nil, err
	}
	parts := map[string][]span{}
	for _, entry := range entries {
		if partition, blocks, ok := parsePart(entry.Name()); ok && entry.IsDir() {
			parts[partition] = append(parts[partition], blocks)
		}
	}
	return parts, nil
}

// replaceFile gives path new content in one step.
func replaceFile(path string, content []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	// Not beside it: the engine takes every file there for a log.
	fresh := filepath.Join(filepath.Dir(filepath.Dir(path)), "tmp_"+filepath.Base(path))
	if err := os.WriteFile(fresh, content, info.Mode().Perm()); err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(fresh)))
	}
	return os.Rename(fresh, path)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
