#!/usr/bin/env bash
# Compiles the eBPF objects, bpf/X.bpf.c -> dist/bpf/X.bpf.o, unless they are of these sources.
# Given a source and an object, it compiles just that.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

compile() {
  local source=$1 object=$2 multiarch
  # Where Debian keeps <asm/types.h> of this architecture.
  multiarch=$(clang -print-target-triple | sed 's/-[a-z]*-linux-/-linux-/')
  mkdir -p "$(dirname "$object")"
  # -g makes the BTF; v3 has atomic operations on 32 bits; the map keeps this machine's paths out.
  clang -O2 -g -Wall -Werror -target bpf -mcpu=v3 -ffile-prefix-map="$PWD"=. \
    -I"/usr/include/$multiarch" -c "$source" -o "$object.new"
  mv "$object.new" "$object"
}

if [ $# -eq 2 ]; then
  compile "$1" "$2"
  exit
fi

stamp=dist/bpf/.built
inputs=(bpf scripts/build-bpf.sh)
is_built $stamp "${inputs[@]}" && exit
# A build that fails half way leaves objects of different sources.
rm -f $stamp

for source in bpf/*.bpf.c; do
  say "compiling $source"
  compile "$source" "dist/bpf/$(basename "$source" .c).o"
done
checksum "${inputs[@]}" >$stamp
