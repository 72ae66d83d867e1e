#!/usr/bin/env bash
# Compiles the eBPF objects that are out of date: bpf/X.bpf.c -> dist/bpf/X.bpf.o.
# Given a source and an object, it compiles just that.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

compile() {
  local source=$1 object=$2 multiarch
  # Where Debian keeps <asm/types.h> of this architecture.
  multiarch=$(clang -print-target-triple | sed 's/-[a-z]*-linux-/-linux-/')
  mkdir -p "$(dirname "$object")"
  # -mcpu=v3: atomic operations on flags (Linux 5.12). -g makes the BTF; the map keeps this machine's paths out of the object.
  clang -O2 -g -Wall -Werror -target bpf -mcpu=v3 -I"/usr/include/$multiarch" -ffile-prefix-map="$PWD"=. \
    -c "$source" -o "$object.new"
  mv "$object.new" "$object"
}

is_current() {
  [ -e "$1" ] && [ -z "$(find bpf/*.[ch] scripts/build-bpf.sh -newer "$1" -print -quit)" ]
}

if [ $# -eq 2 ]; then
  compile "$1" "$2"
  exit
fi

for source in bpf/*.bpf.c; do
  object=dist/bpf/$(basename "$source" .c).o
  is_current "$object" && continue
  say "compiling $source"
  compile "$source" "$object"
done
