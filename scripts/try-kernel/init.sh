#!/bin/busybox sh
# The first process of the guest that scripts/try-kernel.sh boots.
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp NO_COLOR=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t cgroup2 none /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
ip link set lo up
cd /app && node scripts/try-kernel/checks.ts >/dev/console 2>&1 </dev/null
poweroff -f
