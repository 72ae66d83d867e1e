#!/usr/bin/env bash
# Installs the Debian packages that a purpose needs and this machine lacks. It looks for the thing,
# not for the package: a clang that came some other way is as good.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh
PATH=$PATH:/usr/sbin:/sbin

has_command() { command -v "$1" >/dev/null; }
has_library() { ldconfig -p | grep -F "$1" >/dev/null; }

missing=()
need() {
  local package=$1
  shift
  "$@" || missing+=("$package")
}

need clang has_command clang
need libbpf-dev test -e /usr/include/bpf/bpf_helpers.h
need linux-libc-dev test -e /usr/include/linux/bpf.h
if [ "$1" != build ]; then
  need libbpf1 has_library libbpf.so.1
  need iproute2 has_command ip
fi
if [ "$1" = test ]; then
  need bpftool has_command bpftool
  # Real programs whose traffic is spliced and compared, byte for byte.
  need redis-server has_command redis-server
  need nginx-light has_command nginx
  need git has_command git
  # What the bench measures with, and a browser that draws its page.
  need sockperf has_command sockperf
  need iperf3 has_command iperf3
  need redis-tools has_command redis-benchmark
  need wrk has_command wrk
  need chromium has_command chromium
fi
[ ${#missing[@]} -gt 0 ] || exit 0

if ! has_command apt-get; then
  fail TOOL_MISSING "missing here, by their Debian names: ${missing[*]}" \
    'install them with the package manager of this system, then the same again'
elif [ "$(id -u)" != 0 ]; then
  fail NOT_PERMITTED "Debian packages are missing, and installing them needs root: ${missing[*]}" \
    "sudo apt-get install ${missing[*]}, then the same again"
fi

export DEBIAN_FRONTEND=noninteractive

are_known() {
  local package
  for package in "$@"; do apt-cache show "$package" >/dev/null 2>&1 || return 1; done
}

# Unlike an installation, an update does not wait for another apt by itself.
update_lists() {
  local output tries
  say 'apt-get update'
  for tries in {1..60}; do
    if output=$(apt-get -q update 2>&1); then return; fi
    [[ $output == *'lock /var/lib/apt'* ]] || break
    [ "$tries" -gt 1 ] || say 'another apt is running: waiting for it, 5 minutes at most'
    sleep 5
  done
  printf '%s\n' "$output" >&2
  return 1
}

# Packages with a service start it, unless this file says no; we only want their programs.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  [ ! -e $policy ] || return 0
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  trap 'rm -f $policy' EXIT
}

install() {
  apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install "$@" >&2
}

forbid_services
say "installing Debian packages: ${missing[*]}"
are_known "${missing[@]}" || update_lists
# Lists can be too old for what the mirror still has.
install "${missing[@]}" || { update_lists && install "${missing[@]}"; }
