#!/usr/bin/env bash
# Runs every fuzz test of the module for the time given (default 30s), one on each core at a time.
set -euo pipefail

export time=${1:-30s}

fuzz() { # PACKAGE NAME
	echo "$2: fuzz $1 for $time"
	# Shrinking an input that is merely new can take a minute each: ten tries are enough.
	go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 10x -parallel 1 "$1" 2>&1 | sed -u "s/^/$2: /"
}
export -f fuzz

grep -roE '^func Fuzz\w*' --include='*_test.go' . | sort |
	sed -E 's|^(.*)/[^/]*:func (.*)$|\1 \2|' |
	xargs -P "$(nproc)" -L 1 bash -euo pipefail -c 'fuzz "$@"' fuzz
