#!/bin/sh
# Runs every fuzz test of the module, one after the other, each for the time given (default 30s).
set -eu

time=${1:-30s}
grep -rlE '^func Fuzz' --include='*_test.go' . | sort | while read -r file; do
	sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file" | while read -r name; do
		echo "fuzz $(dirname "$file") $name for $time"
		# Shrinking an input that is merely new can take a minute each: ten tries are enough.
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 10x "./$(dirname "$file")"
	done
done
