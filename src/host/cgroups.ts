/** A run's own cgroup, right below the mount, and those below it in which its processes live. */

import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listDirectory, MOST_NAMES, MOST_OF_PROC, readText } from '../core/bounded-file.ts';
import { notPermitted } from '../core/errors.ts';
import { findCgroup2, SpliceError } from '../core/index.ts';

const KILL_TIMEOUT_MS = 10_000;

/** The directories of a cgroup and of its children, by the children's names. */
export type CgroupTree<Child extends string> = { path: string } & Record<Child, string>;

/**
 * Makes a cgroup with children.
 * @throws SpliceError NO_CGROUP2, NOT_PERMITTED
 */
export function makeCgroup<Child extends string>(name: string, children: readonly Child[]): CgroupTree<Child> {
  const path = join(findCgroup2(), name);
  const below = Object.fromEntries(children.map((child) => [child, join(path, child)])) as Record<Child, string>;
  try {
    for (const directory of [path, ...children.map((child) => below[child])]) mkdirSync(directory);
  } catch (cause) {
    throw notPermitted(`the cgroup ${path} could not be made`, { cause });
  }
  return { path, ...below };
}

/** Stops all processes of a cgroup where they are, or lets them go on. */
export function setFrozen(cgroup: string, frozen: boolean): void {
  writeFileSync(join(cgroup, 'cgroup.freeze'), frozen ? '1' : '0');
}

/** Ends every process in a run's cgroup, and waits until they are gone. Nothing to do is fine. */
export function killCgroup(name: string): void {
  whileThere(name, kill);
}

/** Removes a run's cgroup after its processes. Nothing to do is fine. */
export function removeCgroup(name: string): void {
  whileThere(name, (path) => {
    for (const child of listDirectories(path)) rmdirSync(join(path, child));
    rmdirSync(path);
  });
}

/** The names of the cgroups right below the mount: a run's cgroup is one of them. */
export function listCgroups(): string[] {
  return listDirectories(findCgroup2());
}

function kill(path: string): void {
  writeFileSync(join(path, 'cgroup.kill'), '1');
  for (let waited = 0; isPopulated(path); waited += 5) {
    if (waited > KILL_TIMEOUT_MS) {
      throw new SpliceError('PROCESS_FAILED', `processes in ${path} do not end`, 'the next run removes them');
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  }
}

/** Another run that starts now may remove the same leftover: what is gone needs no more work. */
function whileThere(name: string, action: (path: string) => void): void {
  const path = join(findCgroup2(), name);
  try {
    if (existsSync(path)) action(path);
  } catch (error) {
    if (existsSync(path)) throw error;
  }
}

function listDirectories(path: string): string[] {
  const entries = listDirectory(path, MOST_NAMES);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

export function isPopulated(path: string): boolean {
  return readText(join(path, 'cgroup.events'), MOST_OF_PROC).includes('populated 1');
}
