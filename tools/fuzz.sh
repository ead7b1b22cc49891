#!/bin/sh
# Runs every fuzz test of the tree for the time given (default 30s).
set -eu
time=${1:-30s}
for package in $(go list ./...); do
	for name in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		echo "== $package $name"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$package"
	done
done
