#!/usr/bin/env bash
# Does what a new user would: every sh block of docs/spring-boot.md, as it stands there, in an empty directory.
# Leaves nothing in the home directory: a Maven repository of its own, seeded with what ~/.m2 has. Options go to Maven's build of Inmesh.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$root/target/getting-started
rm -rf "$work" && mkdir -p "$work/app" "$work/home"
seed=${M2_REPOSITORY:-$HOME/.m2/repository}
if [ -d "$seed" ]; then cp -al "$seed" "$work/m2" 2> /dev/null || cp -a "$seed" "$work/m2"; fi
rm -rf "$work/m2/io/inmesh"

export MAVEN_OPTS="-Dmaven.repo.local=$work/m2"
echo "Installing Inmesh into a repository of its own (log: $work/install.log) ..."
mvn -B -ntp -q -P '!checks' "$@" install -DskipTests -pl bom,spring-boot-starter -am > "$work/install.log" 2>&1 || { tail -n 30 "$work/install.log"; exit 1; }

awk '/^```sh$/ { block = 1; next } /^```$/ { block = 0 } block' docs/spring-boot.md > "$work/commands"
[ "$(grep -c 'curl' "$work/commands")" -ge 3 ] || { echo "docs/spring-boot.md has lost its commands"; exit 1; }
# HOME for the shell, user.home for the JVMs
export HOME=$work/home JAVA_TOOL_OPTIONS="-Duser.home=$work/home"
cd "$work/app"
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
if ! timeout 600 bash -e "$work/commands" > "$work/output" 2>&1; then
  cat "$work/output"
  tail -n 40 "$work/app"/*.log
  echo "docs/spring-boot.md does not do what it says"
  exit 1
fi
grep "five stars" "$work/output"
[ "$(grep -c '^They say: five stars (asked by spiffe://cluster.local/ns/default/sa/storefront)$' "$work/output")" = 2 ] ||
  { echo "docs/spring-boot.md promises another answer"; exit 1; }
echo "getting started: as docs/spring-boot.md says"
