/** cgroup v2: where it is mounted, and which directory is which cgroup. */
import { realpathSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listDirectory } from './bounded-file.ts';
import { IN_MOUNTS_OF_INIT } from './bpffs.ts';
import { SpliceError } from './errors.ts';
import { listMounts, otherMountsOfInit } from './mounts.ts';
import { printable } from './printable.ts';

/** include/uapi/linux/magic.h */
const CGROUP2_SUPER_MAGIC = 0x63677270;

/** As many are looked at: a second's work. */
const MOST_CGROUPS = 1 << 15;

/**
 * Where cgroup v2 is mounted: `/sys/fs/cgroup`, or `/sys/fs/cgroup/unified` in a hybrid layout.
 * @throws SpliceError NO_CGROUP2
 */
export function findCgroup2(mounts = listMounts()): string {
  const found = mounts.filter((mount) => mount.type === 'cgroup2');
  const whole = found.find((mount) => mount.root === '/') ?? found[0];
  if (!whole) {
    throw new SpliceError(
      'NO_CGROUP2',
      'no cgroup v2 is mounted, and SOCK_OPS programs attach to nothing else',
      Array.isArray(otherMountsOfInit())
        ? IN_MOUNTS_OF_INIT
        : "'mount -t cgroup2 none /sys/fs/cgroup/unified' (make the directory first), or boot with systemd.unified_cgroup_hierarchy=1",
    );
  }
  return whole.point;
}

/** A cgroup's directory and its id, which is the directory's inode number. */
export interface Cgroup {
  path: string;
  id: bigint;
}

/**
 * Checks that a path is a cgroup v2 directory.
 * @throws SpliceError NO_SUCH_CGROUP
 */
export function openCgroup(path: string): Cgroup {
  const root = findCgroup2();
  const remedy = `a directory below ${root}, or make it: mkdir ${printable(join(root, 'NAME'))}`;
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new SpliceError('NO_SUCH_CGROUP', `there is no cgroup '${printable(path)}'`, remedy, cause);
  }
  if (statfsSync(real).type !== CGROUP2_SUPER_MAGIC || !statSync(real).isDirectory()) {
    throw new SpliceError('NO_SUCH_CGROUP', `'${printable(path)}' is not a directory of cgroup v2`, remedy);
  }
  return { path: real, id: idOf(real) };
}

/** The directory of the cgroup with an id; null when it is gone or out of sight. Walks the hierarchy. */
function findCgroupById(id: bigint): string | null {
  for (const cgroup of walk(findCgroup2())) if (cgroup.id === id) return cgroup.path;
  return null;
}

/** The ids of these cgroups and of all below them. */
export function descendantIds(ids: readonly bigint[]): Set<bigint> {
  const found = new Set<bigint>();
  for (const id of ids) {
    const path = findCgroupById(id);
    if (path !== null) for (const below of walk(path)) found.add(below.id);
  }
  return found;
}

/** The cgroups from the root that this process sees down to a directory, this one not included. */
export function cgroupsAbove(path: string): string[] {
  const root = findCgroup2();
  // Another mount of the same hierarchy has other paths.
  if (path !== root && !path.startsWith(join(root, '/'))) return [];
  const names = path
    .slice(root.length)
    .split('/')
    .filter((name) => name !== '');
  return names.map((_, depth) => join(root, ...names.slice(0, depth)));
}

/** A cgroup and all below it. */
export function cgroupsBelow(path: string): Iterable<Cgroup> {
  return walk(path);
}

/** The id of the root of the whole hierarchy: its directory is the first of its file system. */
const MACHINE_ROOT = 1n;

/** Whether the root that this process sees is the machine's; in a cgroup namespace it is the namespace's. */
export function seesMachineRoot(): boolean {
  return idOf(findCgroup2()) === MACHINE_ROOT;
}

/**
 * A cgroup and those below it, the upper ones first: a user who fills a cgroup with others, which may be
 * done without privileges, hides only what lies deeper.
 */
function* walk(root: string): Generator<Cgroup> {
  const found = [root];
  for (const path of found) {
    try {
      yield { path, id: idOf(path) };
      for (const entry of listDirectory(path, MOST_CGROUPS)) {
        if (entry.isDirectory() && found.length < MOST_CGROUPS) found.push(join(path, entry.name));
      }
    } catch {
      // Removed while we walked, or with more in it than is looked at.
    }
  }
}

/** Where cgroups are, remembered: to find one by its id the hierarchy is walked. */
export class CgroupPaths {
  #known: Cgroup[] = [];
  /** No cgroup gets the id of another one. */
  readonly #removed = new Set<bigint>();

  /** The directory of the cgroup with an id, or a text that says why it has none here. */
  pathOf(id: bigint): string {
    if (this.isRemoved(id)) return `(removed cgroup ${id})`;
    return this.find(id) ?? `(cgroup ${id}, outside of this cgroup namespace)`;
  }

  /** Whether the cgroup with an id was removed; one that is out of sight is taken for one that is there. */
  isRemoved(id: bigint): boolean {
    if (this.#removed.has(id)) return true;
    if (this.find(id) !== null || !seesMachineRoot()) return false;
    this.#removed.add(id);
    return true;
  }

  /** The directory of the cgroup with an id; null when it was removed, or is out of sight. */
  find(id: bigint): string | null {
    const known = this.#known.find((cgroup) => cgroup.id === id);
    if (known && isCgroup(known.path, id)) return known.path;
    this.#known = this.#known.filter((cgroup) => cgroup !== known);
    const path = findCgroupById(id);
    if (path !== null) this.#known.push({ path, id });
    return path;
  }
}

/** The names of cgroups: their paths from the root of the hierarchy, printable. */
export class CgroupNames {
  /** Null: gone. A cgroup's id is never given to another one. */
  readonly #known = new Map<number, string | null>();
  #mayWalk = true;

  /** Lets the next one that is not known be looked for; the hierarchy is walked for all at once. */
  lookAgain(): void {
    this.#mayWalk = true;
  }

  /** The name of the cgroup with an id; null when it was removed before it was looked for. */
  nameOf(id: number): string | null {
    if (!this.#known.has(id) && this.#mayWalk) {
      this.#mayWalk = false;
      const root = findCgroup2();
      for (const cgroup of walk(root)) {
        this.#known.set(Number(cgroup.id), printable(cgroup.path.slice(root.length) || '/'));
      }
      if (!this.#known.has(id)) this.#known.set(id, null);
    }
    return this.#known.get(id) ?? null;
  }
}

/** Whether a path is still the directory of the cgroup with this id. */
function isCgroup(path: string, id: bigint): boolean {
  try {
    return idOf(path) === id;
  } catch {
    return false;
  }
}

function idOf(path: string): bigint {
  return statSync(path, { bigint: true }).ino;
}
