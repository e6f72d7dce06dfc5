#!/bin/sh
# Formats every module as the checks want it (JDK 21 or newer). Options go to Maven, e.g.: build/format.sh -o
cd "$(dirname "$0")/.." || exit 1
exec mvn -q spotless:apply -pl '!bom' "$@"
