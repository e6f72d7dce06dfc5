#!/bin/sh
# Are the jars the same bytes wherever they are built? Builds the last commit twice, in directories of different
# names and one after the other, and compares every jar. Needs a few minutes. Options go to Maven: build/reproducible.sh -o
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
commit=$(git rev-parse HEAD) # work may go on here meanwhile

jars() {
  git clone -q . "$work/$1"
  git -C "$work/$1" checkout -q "$commit"
  (
    cd "$work/$1"
    shift
    mvn -q -B -ntp package -DskipTests "$@" >&2
    find . -path '*/target/inmesh-*.jar' -not -path '*/target/lib/*' | sort | xargs sha256sum
  )
}

jars one "$@" >"$work/one.sums"
jars another-place "$@" >"$work/two.sums"
if [ ! -s "$work/one.sums" ]; then
  echo "no jar was built" >&2
  exit 1
fi
if diff "$work/one.sums" "$work/two.sums"; then
  echo "$(wc -l <"$work/one.sums") jars, byte for byte the same"
else
  echo "these jars differ between two builds of the same commit" >&2
  exit 1
fi
