#!/bin/sh
# Writes docs/envoy-support.md and the README's counts anew from the support ledger.
# Options go to Maven, e.g.: build/ledger.sh -o
cd "$(dirname "$0")/.." || exit 1
exec mvn -q -pl mesh-runtime/core -am test -Dtest=SupportDocumentTest \
  -Dsurefire.failIfNoSpecifiedTests=false -Dinmesh.write-documents=true "$@"
