#!/bin/sh
# Installs the servers that the tests talk to, from Debian: Kannel with its fake SMS centre (SMS gateway) and Exim (SMTP).
# The tests start them themselves, on free ports and in directories of their own; no service of the machine is touched.
set -eu

missing=
for package in kannel kannel-extras exim4-daemon-light; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "make test-servers: no apt-get here; install$missing by hand: the tests that talk to them fail without" >&2
	exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "make test-servers: run as root: apt-get install --no-install-recommends$missing" >&2
	exit 0
fi
echo "installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # one word per package
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
	cat "$log" >&2
	exit 1
fi
