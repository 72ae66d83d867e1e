/** Other tools' programs at the same sockets: what is attached to a cgroup, above it and below it. */
import { closeSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { listNames, MOST_NAMES } from './bounded-file.ts';
import { BPFFS } from './bpffs.ts';
import { type Cgroup, cgroupsAbove, cgroupsBelow } from './cgroup.ts';
import { KernelError } from './kernel-error.ts';
import {
  type Attached,
  attachedPrograms,
  effectivePrograms,
  mapById,
  programById,
  programInfo,
} from './kernel-objects.ts';
import { BPF_CGROUP_SOCK_OPS, BPF_SK_MSG_VERDICT, openPinned } from './libbpf.ts';
import { PIN } from './pin-directory.ts';
import { printable } from './printable.ts';

/** A SOCK_OPS program that is not this splice's. */
export interface Neighbour {
  id: number;
  /** Null without CAP_SYS_ADMIN, and for one that is pinned nowhere we look. Printable. */
  name: string | null;
  /** The directory of the cgroup that it is attached to; null for one out of sight, above this cgroup namespace. */
  cgroup: string | null;
  /** Whether it is one of a splice, and where that is pinned, if we find it. */
  isSplice: boolean;
  pin: string | null;
  /** The sockmaps that it uses whose sockets run a program for what they send: a socket can be in one such map. */
  sockmaps: { id: number; name: string }[];
}

/** include/uapi/linux/bpf.h: BPF_MAP_TYPE_SOCKMAP, BPF_MAP_TYPE_SOCKHASH */
const SOCKMAPS: readonly number[] = [15, 18];
/** A hierarchy with more is looked at as far as that. */
const MOST_CGROUPS = 10_000;
const MOST_PINS = 1000;

/**
 * The SOCK_OPS programs that see events of a cgroup's sockets, or of some of them, besides one's own. Without CAP_NET_ADMIN, none.
 * @param own the ids of one's own programs
 * @param pin one's own pin directory: other splices may be pinned beside it
 */
export function findNeighbours(cgroup: Cgroup, own: ReadonlySet<number>, pin: string): Neighbour[] {
  const pins = pinnedSplices([dirname(resolve(pin)), BPFFS]);
  const found = new Map<number, Neighbour>();
  const add = (id: number, path: string | null) => {
    if (own.has(id) || found.has(id)) return;
    const neighbour = describe(id, path, pins.get(id) ?? null);
    if (neighbour !== null) found.set(id, neighbour);
  };
  for (const path of placesOf(cgroup)) {
    for (const id of attachedTo(path, BPF_CGROUP_SOCK_OPS)?.ids ?? []) add(id, path);
  }
  // Those of cgroups above the root of a cgroup namespace have no directory here.
  for (const id of withCgroup(cgroup.path, (fd) => effectivePrograms(fd, BPF_CGROUP_SOCK_OPS)) ?? []) add(id, null);
  return [...found.values()];
}

/**
 * The program that lets no other one of its type be attached to a cgroup: it is attached there or above. Null
 * when there is none, or it cannot be asked for.
 */
export function findExclusive(
  { path }: Cgroup,
  type: number,
): { id: number; name: string | null; cgroup: string } | null {
  for (const cgroup of [...cgroupsAbove(path), path]) {
    const attached = attachedTo(cgroup, type);
    const [id] = attached?.ids ?? [];
    if (!attached?.isExclusive || id === undefined) continue;
    const name = programById(id)?.name ?? null;
    return { id, name: name && printable(name), cgroup };
  }
  return null;
}

function attachedTo(path: string, type: number): Attached | undefined {
  return withCgroup(path, (fd) => attachedPrograms(fd, type));
}

function* placesOf({ path }: Cgroup): Generator<string> {
  yield* cgroupsAbove(path);
  let left = MOST_CGROUPS;
  for (const below of cgroupsBelow(path)) {
    if (left-- === 0) return;
    yield below.path;
  }
}

/** What is known of a program; null when it is gone. */
function describe(id: number, cgroup: string | null, pin: string | null): Neighbour | null {
  const program = programById(id);
  if (program === null) return null;
  const name = program.name ?? (pin === null ? null : PIN.sockOps);
  const sockmaps = (program.mapIds ?? []).flatMap((map) => mapById(map, sockmapWithVerdict) ?? []);
  return { id, name: name && printable(name), cgroup, isSplice: name === PIN.sockOps, pin, sockmaps };
}

function sockmapWithVerdict({ id, type, name }: { id: number; type: number; name: string }, fd: number) {
  if (!SOCKMAPS.includes(type)) return [];
  try {
    return attachedPrograms(fd, BPF_SK_MSG_VERDICT).ids.length > 0 ? [{ id, name: printable(name) }] : [];
  } catch (error) {
    // An older kernel does not tell: it may have one.
    if (error instanceof KernelError) return [{ id, name: printable(name) }];
    throw error;
  }
}

/** The SOCK_OPS programs of splices that are pinned in these directories, and where. */
function pinnedSplices(parents: readonly string[]): Map<number, string> {
  const found = new Map<number, string>();
  for (const parent of new Set(parents)) {
    for (const name of listOrNone(parent).slice(0, MOST_PINS)) {
      const directory = join(parent, name);
      const id = idOfPinned(join(directory, PIN.sockOps));
      if (id !== null) found.set(id, directory);
    }
  }
  return found;
}

function idOfPinned(path: string): number | null {
  let fd: number | undefined;
  try {
    fd = openPinned(path);
    return programInfo(fd).id;
  } catch (error) {
    if (error instanceof KernelError) return null;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function listOrNone(directory: string): string[] {
  try {
    return listNames(directory, MOST_NAMES);
  } catch {
    return [];
  }
}

/** Undefined when the cgroup is gone, or the kernel does not answer. */
function withCgroup<Value>(path: string, ask: (fd: number) => Value): Value | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return ask(fd);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** `program 41 'om_ops'`, as far as that is known. */
export function nameProgram({ id, name }: Pick<Neighbour, 'id' | 'name'>): string {
  return name === null ? `program ${id}` : `program ${id} '${name}'`;
}

/** What a splice on a cgroup should know of a neighbour, in words; null when they do not mind each other. */
export function warnOfNeighbour(neighbour: Neighbour): string | null {
  const { isSplice, pin, sockmaps, cgroup } = neighbour;
  const place = cgroup === null ? 'a cgroup above this cgroup namespace' : printable(cgroup);
  if (isSplice) {
    const [which, remedy] =
      pin === null
        ? [nameProgram(neighbour), 'take one of the two down']
        : [`pinned at ${printable(pin)}`, `'splice down --pin ${printable(pin)}' removes it`];
    return `another splice, ${which}, is attached to ${place}: a connection that both see has its entry in one of them; ${remedy}`;
  }
  if (sockmaps.length === 0) return null;
  const maps = sockmaps.map(({ id, name }) => `${id} '${name}'`).join(', ');
  return `${nameProgram(neighbour)}, attached to ${place}, has a sockmap of its own (map ${maps}): a connection whose sockets it puts there first is not spliced`;
}
