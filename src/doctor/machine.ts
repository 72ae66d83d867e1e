/** What a splice needs of the machine: Node.js, libbpf, privileges, cgroup v2, bpffs, BTF. */

import { existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MOST_OF_PROC, readBytes, readText } from '../core/bounded-file.ts';
import { findCgroup2, printable } from '../core/index.ts';
import { requireWakeFunctions, WAKE_FUNCTIONS } from '../core/kernel-symbols.ts';
import { requireLibbpf } from '../core/libbpf.ts';
import { requirePrivileges } from '../core/privileges.ts';
import { type Check, tryOut } from './check.ts';

/** Where the kernel describes its own types. */
export const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
/** Kernels have 3 to 15 MB of it. */
export const MOST_OF_BTF = 1 << 28;
/** include/uapi/linux/magic.h */
const BPF_FS_MAGIC = 0xcafe4a11;
/** include/uapi/linux/btf.h */
const BTF_MAGIC = 0xeb9f;

/** @param pin where a splice would be pinned */
export function checkMachine(pin: string): Check[] {
  const group = 'machine';
  return [
    tryOut(
      { name: 'Node.js', group, meaning: 'runs these programs', remedy: 'Node.js 22.18 or newer' },
      () => `${process.versions.node}, ${process.arch}`,
    ),
    tryOut(
      { name: 'libbpf', group, meaning: 'loads the programs; without it nothing can be spliced or shown', remedy: '' },
      findLibbpf,
    ),
    tryOut(
      {
        name: 'privileges',
        group,
        meaning: 'without these capabilities nothing can be spliced or shown; keys and help work',
        remedy: 'the same as root, with sudo',
      },
      () => {
        requirePrivileges();
        return 'CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON';
      },
    ),
    tryOut(
      {
        name: 'kernel symbols',
        group,
        meaning: 'recognise readers that must not be redirected to; without them a guarded splice does not load',
        remedy: '',
      },
      () => {
        requireWakeFunctions();
        return `${WAKE_FUNCTIONS.join(', ')} in /proc/kallsyms`;
      },
    ),
    tryOut(
      { name: 'cgroup v2', group, meaning: 'says whose connections are spliced; there is no other way', remedy: '' },
      () => `mounted at ${findCgroup2()}`,
    ),
    tryOut(
      {
        name: 'bpffs',
        group,
        meaning: "keeps a splice when its makers have exited; 'splice up' mounts /sys/fs/bpf where it may",
        remedy: "'mount -t bpf bpf /sys/fs/bpf' as root, or --pin DIR inside a bpffs",
      },
      () => findBpffs(dirname(resolve(pin))),
    ),
    tryOut(
      {
        name: 'BTF',
        group,
        meaning: 'tells the loader where the fields of this kernel lie; without it our programs do not load',
        remedy: 'a kernel with CONFIG_DEBUG_INFO_BTF=y, as distributions build it',
      },
      measureBtf,
    ),
  ];
}

/** Which file it was loaded from tells its version. */
function findLibbpf(): string {
  requireLibbpf();
  const mapped = /\/\S*\/libbpf\.so\S*/.exec(readText('/proc/self/maps', MOST_OF_PROC))?.[0];
  return mapped ?? 'loaded';
}

function findBpffs(directory: string): string {
  if (!isBpffs(directory)) throw new Error(`${printable(directory)} is not in a bpffs`);
  return `${printable(directory)} is in one`;
}

/** Whether a directory is in a bpffs; false when there is no such directory. */
export function isBpffs(directory: string): boolean {
  return existsSync(directory) && statfsSync(directory).type === BPF_FS_MAGIC;
}

function measureBtf(): string {
  const btf = readBytes(KERNEL_BTF, MOST_OF_BTF);
  if (btf.readUInt16LE(0) !== BTF_MAGIC) throw new Error(`${KERNEL_BTF} is not BTF`);
  return `${KERNEL_BTF}, ${(btf.length / 2 ** 20).toFixed(1)} MiB`;
}
