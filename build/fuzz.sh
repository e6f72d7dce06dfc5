#!/bin/sh
# Searches for inputs that break what parses input from outside: each Jazzer target for the time that its @FuzzTest says, or the
# first argument (10m). A finding is written under fuzz/src/test/resources, from where every test run replays it.
set -eu
cd "$(dirname "$0")/.."
export JAZZER_FUZZ=1 ${1:+JAZZER_MAX_DURATION="$1"}
log=$(mktemp); trap 'rm -f "$log"' EXIT
if ! mvn -B -ntp -q -pl fuzz -am test -Dtest='*FuzzTest' -Dsurefire.failIfNoSpecifiedTests=false -Dfuzz.search=true -Dfuzz.reuse=false >"$log" 2>&1; then
  grep -v '^INFO:\|^#[0-9]' "$log" | tail -60
  exit 1
fi
grep '^Done ' "$log" | sed 's/^Done/fuzz: searched/'
[ "$(grep -c '^Done ' "$log")" -ge 10 ] || { echo "fuzz: not every target was searched"; tail -40 "$log"; exit 1; }
