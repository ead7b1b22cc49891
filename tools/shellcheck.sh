#!/bin/sh
# Checks the shell scripts given with Debian's shellcheck, which it installs if it may.
set -eu

if ! command -v shellcheck >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
	{ apt-get update && apt-get install -y --no-install-recommends shellcheck; } >/dev/null 2>&1 || true
fi
if ! command -v shellcheck >/dev/null 2>&1; then
	echo "shellcheck is not here: shell scripts are not checked (apt-get install shellcheck)" >&2
	exit 0
fi
shellcheck "$@"
