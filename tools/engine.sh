#!/bin/sh
# Fetches the embedded ClickHouse engine (libchdb.so) once per user and links it where the program looks for it.
#
#   tools/engine.sh           fetch if need be, verify, link .engine/VERSION/libchdb.so; prints the library's path
#
# The package comes from the npm registry through the npm client, so a mirror or proxy set up for npm is honoured. Its
# sha512 is pinned below: a package that differs is refused. The unpacked library (about 560 MB) lies in
# ${XDG_CACHE_HOME:-~/.cache}/yujing/engine/VERSION and is shared by all checkouts of this user.
# YUJING_ENGINE_LIB=/path/to/libchdb.so uses a library of your own; then nothing is fetched.
set -eu

version=26.5.3

fail() {
	echo "make engine: $*" >&2
	exit 1
}

if [ -n "${YUJING_ENGINE_LIB:-}" ]; then
	[ -f "$YUJING_ENGINE_LIB" ] || fail "YUJING_ENGINE_LIB names $YUJING_ENGINE_LIB, which is not a file; correct or unset it"
	echo "$YUJING_ENGINE_LIB"
	exit 0
fi

# The registry carries version 26.5.3 for this one platform (npm view, 2026). To add one: its package name and the
# sha512 of its tarball in hexadecimal (npm view PACKAGE@VERSION dist.integrity, decoded from base64).
case "$(uname -s)-$(uname -m)" in
Linux-x86_64)
	package=@chdb/lib-linux-x64-gnu
	sha512=7cfacb991b79328a2bf721b3e266b36eb3637b8b7b5fd281da64c6917156471441b3688acbcca1ea3c75d71b1ad10af788314c53fc87a9df9b55d6095eedd069
	;;
*)
	fail "no package of the engine $version is known for $(uname -s) $(uname -m); set YUJING_ENGINE_LIB to a libchdb of your own, or use a ClickHouse server (clickhouse: {addr: [...]} in yujing.yaml)"
	;;
esac

root=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/yujing/engine/$version
library=$cache/libchdb.so

digest() {
	if command -v sha512sum >/dev/null 2>&1; then
		sha512sum "$1"
	else
		shasum -a 512 "$1"
	fi | cut -d' ' -f1
}

# The library gets its final name only after the package was verified and unpacked whole, so its presence means that it
# is good, also when this script was interrupted or runs twice at once.
fetch() {
	command -v npm >/dev/null 2>&1 || fail "npm is needed to fetch $package; install Node.js, or set YUJING_ENGINE_LIB"
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	echo "fetching $package@$version (167 MB)" >&2
	(cd "$work" && npm pack --silent "$package@$version" >/dev/null) ||
		fail "npm could not fetch $package@$version; is the registry reachable? (npm ping)"
	set -- "$work"/*.tgz
	got=$(digest "$1")
	[ "$got" = "$sha512" ] || fail "$package@$version has sha512 $got, not the pinned $sha512; nothing was installed"
	tar -xzf "$1" -C "$work" package/libchdb.so || fail "the package could not be unpacked; is there 1 GB of room in $cache?"
	chmod 755 "$work/package/libchdb.so"
	mv -f "$work/package/libchdb.so" "$library"
	rm -rf "$work"
	trap - EXIT HUP INT TERM
}

[ -f "$library" ] || fetch
mkdir -p "$root/.engine/$version"
ln -sfn "$library" "$root/.engine/$version/libchdb.so"
echo "$root/.engine/$version/libchdb.so"
