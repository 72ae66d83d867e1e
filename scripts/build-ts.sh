#!/usr/bin/env bash
# Builds src/ into dist/, unless that is what is there.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

stamp=dist/.built
started=dist/.build-started
inputs=(src tsconfig.json tsconfig.build.json package-lock.json scripts/build-ts.sh scripts/bundle-tui.js)
is_built $stamp "${inputs[@]}" && exit

say 'building src/ into dist/'
mkdir -p dist
touch $started
node_modules/.bin/tsc -p tsconfig.build.json
# What this build did not write has no source any more.
find dist -path dist/bpf -prune -o -type f -name '*.[jt]s' ! -newer $started -exec rm {} +
rm $started
node scripts/bundle-tui.js
checksum "${inputs[@]}" >$stamp
