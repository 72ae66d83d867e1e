/** Attaching a splice to its maps and cgroups, and what it means when the kernel refuses. */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Cgroup } from './cgroup.ts';
import { SpliceError } from './errors.ts';
import { KernelError } from './kernel-error.ts';
import { programInfo } from './kernel-objects.ts';
import type { Mode } from './layout.ts';
import {
  attachProgram,
  BPF_CGROUP_INET4_CONNECT,
  BPF_CGROUP_INET6_CONNECT,
  BPF_CGROUP_SETSOCKOPT,
  BPF_CGROUP_SOCK_OPS,
  BPF_SK_MSG_VERDICT,
  createLink,
  type LoadedObject,
  openPinned,
  pin,
} from './libbpf.ts';
import { findExclusive, findNeighbours, nameProgram, warnOfNeighbour } from './neighbours.ts';
import { PIN, removeLinkPins } from './pin-directory.ts';
import type { PinnedMaps } from './pinned.ts';
import { printable } from './printable.ts';
import { outOfResources } from './resources.ts';

/** Sockmap links came with Linux 6.10; before, a program is attached to the map for its lifetime. */
export function attachVerdict(object: LoadedObject, mapName: string, path: string): void {
  const program = object.programFd(PIN.skMsg);
  const map = object.mapFd(mapName);
  try {
    pinLink(createLink(program, map, BPF_SK_MSG_VERDICT), path);
  } catch (error) {
    if (!(error instanceof KernelError) || error.errnoName !== 'EINVAL') throw error;
    attachProgram(program, map, BPF_SK_MSG_VERDICT);
  }
}

/** A program that is attached to cgroups: its name, where, and what bpftool calls that. */
type Hook = readonly [program: string, type: number, kind: string];

const SOCK_OPS: Hook = [PIN.sockOps, BPF_CGROUP_SOCK_OPS, 'sock_ops'];

/** What guarded watches besides. Attached first: nothing may happen unseen to what SOCK_OPS lets in. */
const WATCHERS: readonly Hook[] = [
  [PIN.watchOptions, BPF_CGROUP_SETSOCKOPT, 'setsockopt'],
  [PIN.watchConnect4, BPF_CGROUP_INET4_CONNECT, 'connect4'],
  [PIN.watchConnect6, BPF_CGROUP_INET6_CONNECT, 'connect6'],
];

function hooksOf(mode: Mode): readonly Hook[] {
  return mode === 'guarded' ? [...WATCHERS, SOCK_OPS] : [SOCK_OPS];
}

/** The names of the programs that a splice attaches to its cgroups. */
export function cgroupPrograms(mode: Mode): string[] {
  return hooksOf(mode).map(([program]) => program);
}

/**
 * Attaches the programs of a splice to a cgroup, and pins the links.
 * @param programFd gives their descriptors
 * @param pathOf gives the path of a pin
 * @throws SpliceError KERNEL_REFUSED, naming the program that stands in the way; KernelError
 */
export function attachToCgroup(
  programFd: (name: string) => number,
  mode: Mode,
  cgroup: Cgroup,
  pathOf: (name: string) => string,
): void {
  const directory = openSync(cgroup.path, 'r');
  try {
    for (const hook of hooksOf(mode)) {
      const [program] = hook;
      attach(programFd(program), hook, cgroup, directory, pathOf(PIN.cgroupLink(program, cgroup.id)));
    }
  } finally {
    closeSync(directory);
  }
}

function attach(program: number, hook: Hook, cgroup: Cgroup, directory: number, path: string): void {
  try {
    pinLink(createLink(program, directory, hook[1]), path);
  } catch (error) {
    if (!(error instanceof KernelError) || error.errnoName !== 'EPERM') throw error;
    throw exclusive(cgroup, hook, error);
  }
}

/** The same for a splice that is up, whose programs are pinned. What a command that was cut short left is replaced. */
export function attachPinnedTo(mode: Mode, cgroup: Cgroup, pinned: PinnedMaps): void {
  using programs = new DisposableStack();
  const pathOf = (name: string) => pinned.path(name);
  const programFd = (name: string) => programs.adopt(openPinned(pathOf(name)), closeSync);
  removeLinkPins(pinned.directory, cgroup.id);
  try {
    attachToCgroup(programFd, mode, cgroup, pathOf);
  } catch (error) {
    removeLinkPins(pinned.directory, cgroup.id);
    throw error instanceof KernelError ? refused(error) : error;
  }
}

/** What those who bring a splice up should know of other programs at the same sockets, a sentence each. */
export function neighbourWarnings(cgroups: readonly Cgroup[], pinDirectory: string): string[] {
  const own = ownProgram(pinDirectory);
  const all = cgroups.flatMap((cgroup) => findNeighbours(cgroup, own, pinDirectory));
  return [...new Set(all.map(warnOfNeighbour).filter((text) => text !== null))];
}

function ownProgram(pinDirectory: string): Set<number> {
  const program = openPinned(join(pinDirectory, PIN.sockOps));
  try {
    return new Set([programInfo(program).id]);
  } finally {
    closeSync(program);
  }
}

function pinLink(link: number, path: string): void {
  try {
    pin(link, path);
  } finally {
    closeSync(link);
  }
}

/** kernel/bpf/cgroup.c, hierarchy_allow_attach: a program without BPF_F_ALLOW_MULTI stands alone. */
function exclusive(cgroup: Cgroup, [, type, kind]: Hook, cause: KernelError): SpliceError {
  const alone = findExclusive(cgroup, type);
  const path = printable(cgroup.path);
  if (!alone) {
    return new SpliceError(
      'KERNEL_REFUSED',
      `the kernel does not let a ${kind} program be attached to ${path}: ${cause.message}`,
      FORBIDDEN,
      cause,
    );
  }
  const place = printable(alone.cgroup);
  return new SpliceError(
    'KERNEL_REFUSED',
    `${path} takes no second ${kind} program: ${nameProgram(alone)} is attached to ${place} for itself alone`,
    `detach it with 'bpftool cgroup detach ${place} ${kind} id ${alone.id}', or have its tool attach it with BPF_F_ALLOW_MULTI ('multi')`,
    cause,
  );
}

const FORBIDDEN = 'run it as root with all of its capabilities; a security module may forbid it';

/** What another refusal means. */
export function refused(error: KernelError): unknown {
  if (outOfResources(error, '') !== null) return error;
  return new SpliceError(
    'KERNEL_REFUSED',
    `the kernel refuses: ${error.message}`,
    error.errnoName === 'EPERM' ? FORBIDDEN : 'run it again with DEBUG=splice, which says more',
    error,
  );
}
