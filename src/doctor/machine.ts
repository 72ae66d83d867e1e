/** What a splice needs of the machine: Node.js, libbpf, privileges, cgroup v2, bpffs, BTF. */
import { dirname, resolve } from 'node:path';
import { MOST_OF_PROC, readBytes, readText } from '../core/bounded-file.ts';
import { isBpffs } from '../core/bpffs.ts';
import { findCgroup2, printable } from '../core/index.ts';
import { requireWakeFunctions, WAKE_FUNCTIONS } from '../core/kernel-symbols.ts';
import { requireLibbpf } from '../core/libbpf.ts';
import { privileges, requirePrivileges } from '../core/privileges.ts';
import { type Check, tryOut } from './check.ts';

/** Where the kernel describes its own types. */
export const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
/** Kernels have 3 to 15 MB of it. */
export const MOST_OF_BTF = 1 << 28;
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
        remedy: 'run it again with sudo',
      },
      () => {
        requirePrivileges('load');
        return 'CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON';
      },
    ),
    checkOtherProcesses(),
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

/** What no splice needs, and some edits do. */
function checkOtherProcesses(): Check {
  const name = 'other processes';
  const [group, has] = ['machine', mayReachOthers()] as const;
  const meaning = has
    ? 'their sockets can be adopted and put, and their edge-triggered readers are told again by down and del'
    : "adopt, put and the waking of edge-triggered readers reach only this user's processes without more capabilities";
  const remedy = has ? '' : 'run it with CAP_SYS_PTRACE too, where connections of other users are to be adopted';
  return {
    name,
    group,
    result: has ? 'works' : 'deviates',
    saw: has ? 'CAP_SYS_PTRACE' : 'no CAP_SYS_PTRACE',
    meaning,
    remedy,
  };
}

function mayReachOthers(): boolean {
  const { has, inUserNamespace } = privileges();
  return has('CAP_SYS_PTRACE') && !inUserNamespace;
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

function measureBtf(): string {
  const btf = readBytes(KERNEL_BTF, MOST_OF_BTF);
  if (btf.readUInt16LE(0) !== BTF_MAGIC) throw new Error(`${KERNEL_BTF} is not BTF`);
  return `${KERNEL_BTF}, ${(btf.length / 2 ** 20).toFixed(1)} MiB`;
}
