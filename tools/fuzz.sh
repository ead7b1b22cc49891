#!/usr/bin/env bash
# Runs every fuzz test of the module for the time given (default 30s), one on each core at a time.
set -euo pipefail

export time=${1:-30s}

fuzz() { # PACKAGE NAME
	echo "$2: fuzz $1 for $time"
	# Shrinking an input that is merely new can take a minute each: ten tries are enough.
	local said status=0
	said=$(mktemp)
	go test -run '^$' -fuzz "^$2\$" -fuzztime "$time" -fuzzminimizetime 10x -parallel 1 "$1" 2>&1 | tee "$said" | sed -u "s/^/$2: /" || status=$?
	if [ $status != 0 ] && outlived "$said"; then
		echo "$2: no input failed: go test itself passed the end of its time (golang/go#75804)"
		status=0
	fi
	rm "$said"
	return $status
}

# Go before 1.27 may call a run failed that ends at its time. Then this is all it says of the failure.
outlived() { # OUTPUT
	[ "$(grep -A1 -e '--- FAIL' "$1" | sed -E 's/^--- FAIL: Fuzz.*/fail/' | tr -s '\n ' ' ')" = "fail context deadline exceeded " ] && ! grep -q 'Failing input' "$1"
}
export -f fuzz outlived

grep -roE '^func Fuzz\w*' --include='*_test.go' . | sort |
	sed -E 's|^(.*)/[^/]*:func (.*)$|\1 \2|' |
	xargs -P "$(nproc)" -L 1 bash -euo pipefail -c 'fuzz "$@"' fuzz
