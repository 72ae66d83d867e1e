#!/bin/busybox sh
# The first process of the guest, from its initial RAM disk. It puts together a root file system (the
# host's, read only, and above it what is written here, in memory) and hands over to run.sh.
/bin/busybox --install -s /bin
export PATH=/bin
stop() {
  echo "guest: $*"
  poweroff -f
}

mount -t proc proc /proc
mount -t devtmpfs dev /dev
# In the order in which they need each other.
while read -r module; do insmod "/modules/$module" || stop "$module cannot be loaded"; done </modules/order

mkdir -p /host /written /root
mount -t 9p -o ro,trans=virtio,version=9p2000.L,cache=loose,msize=512000 host /host || stop 'no share of the host'
mount -t tmpfs -o size=75% written /written
mkdir /written/upper /written/work
mount -t overlay -o lowerdir=/host,upperdir=/written/upper,workdir=/written/work root /root || stop 'no root'

mount -t proc proc /root/proc
mount -t sysfs sysfs /root/sys
mount -t devtmpfs dev /root/dev
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts devpts /root/dev/pts
# Others make temporary files on the host while tests run here, and look after what they leave behind.
for folder in dev/shm run tmp var/tmp; do mount -t tmpfs tmpfs "/root/$folder" && chmod 1777 "/root/$folder"; done
# For run.sh: the same files without what is mounted above them.
mkdir /root/run/root
mount --bind /root /root/run/root
mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
mount -t bpf bpf /root/sys/fs/bpf
mount -t debugfs debugfs /root/sys/kernel/debug
mkdir -p /root/run/try-kernel
mount -t 9p -o trans=virtio,version=9p2000.L results /root/run/try-kernel || stop 'no folder for the results'

cd /
exec switch_root /root /bin/bash /run/try-kernel/run.sh
