#!/usr/bin/env bash
# Makes this clone ready, doing only what is not done yet, and says what it does.
#
#   setup.sh build   what it takes to compile: packages, npm ci, dist/
#   setup.sh demo    the same, and what it takes to run: libbpf1, iproute2, bpffs
#   setup.sh test    the same, and what the tests look with: bpftool
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh
purpose=${1:?build, demo or test}

is_root() { [ "$(id -u)" = 0 ]; }

if [ "$purpose" = demo ] && ! is_root; then
  fail NOT_PERMITTED 'the demo needs root: it loads eBPF programs and makes network namespaces and a cgroup' \
    'sudo npm run demo'
fi

# Two set-ups at once would tread on each other's node_modules.
mkdir -p dist
exec 9>dist/.setup.lock
flock -n 9 || { say 'another set-up is going on in this clone: waiting for it'; flock 9; }

bash scripts/debian-packages.sh "$purpose" 9>&-

if ! node scripts/dependencies-in-step.js; then
  say 'npm ci'
  npm ci --include=dev --include=optional --ignore-scripts --loglevel=error 9>&- >&2
fi

bash scripts/build-bpf.sh
bash scripts/build-ts.sh

[ "$purpose" = build ] || bash scripts/mount-bpffs.sh "$purpose"

if [ "$purpose" = demo ] && ! command -v redis-server >/dev/null; then
  say 'redis is not installed, so the demo runs without it (optional: apt-get install redis)'
fi
