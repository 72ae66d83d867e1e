#!/usr/bin/env bash
# Builds src/ into dist/ when something in it is newer than the last build.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

built=dist/.built
started=dist/.build-started
inputs=(src tsconfig.json tsconfig.build.json package-lock.json scripts/build-ts.sh)

# A directory is newer when a file in it was added or removed.
[ -e "$built" ] && [ -z "$(find "${inputs[@]}" -newer "$built" -print -quit)" ] && exit 0

say 'building src/ into dist/'
mkdir -p dist
touch "$started"
node_modules/.bin/tsc -p tsconfig.build.json
# What this build did not write has no source any more.
find dist -path dist/bpf -prune -o -type f -name '*.[jt]s' ! -newer "$started" -exec rm {} +
mv "$started" "$built"
