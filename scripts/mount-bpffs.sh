#!/usr/bin/env bash
# Mounts bpffs, where links and maps are pinned, unless it is mounted. Tests can do without it:
# they say what they skip.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh
point=/sys/fs/bpf

[ "$(stat -f -c %T $point 2>/dev/null)" != bpf_fs ] || exit 0

if [ "$(id -u)" = 0 ]; then
  say "mounting bpffs at $point"
  mount -t bpf -o nosuid,nodev,noexec,mode=700 bpf $point && exit 0
fi
[ "$1" != test ] || { say "bpffs is not mounted at $point, and mounting it failed or needs root"; exit 0; }
fail NO_BPFFS "bpffs cannot be mounted at $point" "as root: mount -t bpf bpf $point"
