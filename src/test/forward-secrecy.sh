#!/usr/bin/env bash
#
# Records real traffic, steals the ticket keys, and prints of how many connections the requests can be decrypted:
#   TLS 1.2, mode cache, forgotten, the ticket keys in hand: decrypted 0 of 6
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! CI=true mvn -B -ntp verify -Dit.test=ForwardSecrecyIT -DskipUnitTests "$@" >"$log" 2>&1; then
  tail -n 60 "$log" >&2
  exit 1
fi
grep ': decrypted ' "$log"
